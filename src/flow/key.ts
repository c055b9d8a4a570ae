/**
 * The flow key: innermost 5-tuple, encapsulation words and ICMP identifier, without direction (DOMAIN.md: directed
 * for ICMP types that have no counterpart). The hash is seeded, so that nobody can prepare colliding packets;
 * nothing that is reported depends on it.
 */
import { hashOn, PACKET_DIRECTED, PACKET_ORPHAN_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../bytes.ts'
import type { Packet } from '../types.ts'
import * as row from './layout.ts'

const ICMP_REDIRECT = 5
const MIX_1 = 0x85ebca6b | 0
const MIX_2 = 0xc2b2ae35 | 0
const MIX_3 = 0x9e3779b1 | 0
const MIX_4 = 0x27d4eb2f | 0

/** Protocol, IP version and key bits in one word, as layout.ts's KIND. */
export function kindOf(packet: Packet): number {
  const directed = (packet.flags & PACKET_DIRECTED) !== 0 ? row.KIND_DIRECTED : 0
  const orphan = (packet.flags & PACKET_ORPHAN_FRAGMENT) !== 0 ? row.KIND_ORPHAN_FRAGMENT : 0
  return packet.protocol | (packet.ipVersion << 8) | directed | orphan
}

export function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6
}

/** Equal for both directions: the ends are mixed apart and then added. Signed 32 bits. */
export function hashOf(packet: Packet, seed: number): number {
  let src = Math.imul(packet.src3 ^ seed, MIX_1) ^ Math.imul(packet.srcPort + seed, MIX_3)
  let dst = Math.imul(packet.dst3 ^ seed, MIX_1) ^ Math.imul(packet.dstPort + seed, MIX_3)
  if (packet.ipVersion === 6) {
    src = hashOn(hashOn(hashOn(src, packet.src0, seed), packet.src1, seed), packet.src2, seed)
    dst = hashOn(hashOn(hashOn(dst, packet.dst0, seed), packet.dst1, seed), packet.dst2, seed)
  }
  src = Math.imul(src ^ (src >>> 15), MIX_2)
  dst = Math.imul(dst ^ (dst >>> 15), MIX_2)
  let hash = (src ^ (src >>> 13)) + (dst ^ (dst >>> 13))
  hash = Math.imul(hash ^ (packet.protocol + (packet.icmpIdentifier << 8)), MIX_3)
  // Each word meets what the seed has gone through: words that only met each other could be chosen to cancel out.
  if ((packet.encapsulation0 | packet.encapsulation1) !== 0)
    hash = hashOn(hashOn(hash, packet.encapsulation0, seed), packet.encapsulation1, seed)
  hash = Math.imul(hash ^ (hash >>> 16), MIX_1)
  hash = Math.imul(hash ^ (hash >>> 13), MIX_2)
  return hash ^ (hash >>> 16)
}

/** 0: the packet runs from a to b; 1: from b to a; -1: another flow. */
export function directionIn(words: Int32Array, at: number, packet: Packet, kind: number): number {
  if (words[at + row.KIND] !== kind) return -1
  const ports = words[at + row.PORTS]
  const forward = (packet.srcPort << 16) | packet.dstPort
  let direction = -1
  if (ports === forward && words[at + row.A3] === packet.src3 && words[at + row.B3] === packet.dst3)
    direction = 0
  else if (
    ports === ((packet.dstPort << 16) | packet.srcPort) &&
    words[at + row.A3] === packet.dst3 &&
    words[at + row.B3] === packet.src3 &&
    (kind & row.KIND_DIRECTED) === 0
  )
    direction = 1
  if (direction < 0) return -1
  if (packet.ipVersion === 6 && !sameUpperWords(words, at, packet, direction)) {
    // Both ends may share the last word and the ports: then the other direction is still possible.
    if (direction === 1 || !symmetric(words, at, packet)) return -1
    if ((kind & row.KIND_DIRECTED) !== 0 || !sameUpperWords(words, at, packet, 1)) return -1
    direction = 1
  }
  if (words[at + row.ENCAPSULATION0] !== packet.encapsulation0) return -1
  if (words[at + row.ENCAPSULATION1] !== packet.encapsulation1) return -1
  return words[at + row.ICMP_IDENTIFIER] === packet.icmpIdentifier ? direction : -1
}

function symmetric(words: Int32Array, at: number, packet: Packet): boolean {
  return packet.srcPort === packet.dstPort && words[at + row.A3] === words[at + row.B3]
}

function sameUpperWords(words: Int32Array, at: number, packet: Packet, direction: number): boolean {
  const src = at + (direction === 0 ? row.A0 : row.B0)
  const dst = at + (direction === 0 ? row.B0 : row.A0)
  return (
    words[src] === packet.src0 &&
    words[src + 1] === packet.src1 &&
    words[src + 2] === packet.src2 &&
    words[dst] === packet.dst0 &&
    words[dst + 1] === packet.dst1 &&
    words[dst + 2] === packet.dst2
  )
}

export function writeKey(words: Int32Array, at: number, packet: Packet, kind: number): void {
  if (row.isVersion6(kind)) writeUpperWords(words, at, packet)
  words[at + row.A3] = packet.src3
  words[at + row.B3] = packet.dst3
  words[at + row.PORTS] = (packet.srcPort << 16) | packet.dstPort
  words[at + row.KIND] = kind
  words[at + row.ENCAPSULATION0] = packet.encapsulation0
  words[at + row.ENCAPSULATION1] = packet.encapsulation1
  words[at + row.ICMP_IDENTIFIER] = packet.icmpIdentifier
}

function writeUpperWords(words: Int32Array, at: number, packet: Packet): void {
  words[at + row.A0] = packet.src0
  words[at + row.A0 + 1] = packet.src1
  words[at + row.A0 + 2] = packet.src2
  words[at + row.B0] = packet.dst0
  words[at + row.B0 + 1] = packet.dst1
  words[at + row.B0 + 2] = packet.dst2
}

/** The hash of a stored key, for removing its row from the index. `scratch` is any packet the caller can spare. */
export function readKey(words: Int32Array, at: number, scratch: Packet): void {
  const upper = row.isVersion6(words[at + row.KIND])
  scratch.src0 = upper ? words[at + row.A0] : 0
  scratch.src1 = upper ? words[at + row.A0 + 1] : 0
  scratch.src2 = upper ? words[at + row.A0 + 2] : 0
  scratch.src3 = words[at + row.A3]
  scratch.dst0 = upper ? words[at + row.B0] : 0
  scratch.dst1 = upper ? words[at + row.B0 + 1] : 0
  scratch.dst2 = upper ? words[at + row.B0 + 2] : 0
  scratch.dst3 = words[at + row.B3]
  scratch.srcPort = words[at + row.PORTS] >>> 16
  scratch.dstPort = words[at + row.PORTS] & 0xffff
  scratch.protocol = words[at + row.KIND] & 0xff
  scratch.ipVersion = (words[at + row.KIND] >>> 8) & 0xff
  scratch.encapsulation0 = words[at + row.ENCAPSULATION0]
  scratch.encapsulation1 = words[at + row.ENCAPSULATION1]
  scratch.icmpIdentifier = words[at + row.ICMP_IDENTIFIER]
}

/** A redirect quotes a packet that was sent on all the same (RFC 792). */
export function quotesLost(packet: Packet): boolean {
  return packet.icmpType !== ICMP_REDIRECT
}

/** The key of the flow that an ICMP error quotes, as a packet of that flow. */
export function readQuote(packet: Packet, quoted: Packet): void {
  quoted.flags = 0
  quoted.ipVersion = packet.ipVersion
  quoted.protocol = packet.quotedProtocol
  quoted.src0 = packet.quotedSrc0
  quoted.src1 = packet.quotedSrc1
  quoted.src2 = packet.quotedSrc2
  quoted.src3 = packet.quotedSrc3
  quoted.dst0 = packet.quotedDst0
  quoted.dst1 = packet.quotedDst1
  quoted.dst2 = packet.quotedDst2
  quoted.dst3 = packet.quotedDst3
  quoted.srcPort = packet.quotedSrcPort
  quoted.dstPort = packet.quotedDstPort
  quoted.encapsulation0 = packet.encapsulation0
  quoted.encapsulation1 = packet.encapsulation1
  quoted.icmpIdentifier = packet.quotedIcmpIdentifier
}

/** A SYN after a reset may have the time and the sequence number of the SYN before it. */
export function beganWith(words: Int32Array, doubles: Float64Array, at: number, packet: Packet): boolean {
  const sec = doubles[(at >> 1) + row.F_START_SEC]
  return sec === packet.timeSec && words[at + row.START_NSEC] === packet.timeNsec
}

/**
 * A 64-bit content hash of key, first packet and the id of the previous flow (zeros: none): the same packets give the
 * same id anywhere, and which end sent first does not matter but where the key has a direction.
 */
export function writeId(words: Int32Array, at: number, first: Packet, previous: Int32Array): void {
  const a = endDigest(words, at, false)
  // Without this an ICMP error whose code is its type, and the same one the other way, would share an id.
  const directed = (words[at + row.KIND] & row.KIND_DIRECTED) !== 0 && samePorts(words[at + row.PORTS])
  const b = endDigest(words, at, true) ^ (directed ? MIX_2 : 0)
  let high = (a + b) | 0
  let low = a ^ b ^ MIX_4
  const more = [
    words[at + row.KIND],
    words[at + row.ENCAPSULATION0],
    words[at + row.ENCAPSULATION1],
    words[at + row.ICMP_IDENTIFIER],
    first.timeSec | 0,
    Math.floor(first.timeSec / 0x1_0000_0000) | 0,
    first.timeNsec | 0,
    first.tcpSequence | 0,
    previous[0],
    previous[1],
  ]
  for (let i = 0; i < more.length; i++) {
    high = avalanche(high ^ more[i]) + low
    low = avalanche(low + Math.imul(more[i], MIX_3)) ^ (high >>> 7)
  }
  words[at + row.ID_HIGH] = avalanche(high ^ (low >>> 3))
  words[at + row.ID_LOW] = avalanche(low + high)
}

function samePorts(ports: number): boolean {
  return ports >>> 16 === (ports & 0xffff)
}

function endDigest(words: Int32Array, at: number, isB: boolean): number {
  const upper = at + (isB ? row.B0 : row.A0)
  const version6 = row.isVersion6(words[at + row.KIND])
  let digest = avalanche(version6 ? words[upper] ^ MIX_1 : MIX_1)
  digest = avalanche(version6 ? digest ^ words[upper + 1] : digest)
  digest = avalanche(version6 ? digest ^ words[upper + 2] : digest)
  digest = avalanche(digest ^ words[at + (isB ? row.B3 : row.A3)])
  const ports = words[at + row.PORTS]
  const port = isB ? ports & 0xffff : ports >>> 16
  return avalanche(digest ^ Math.imul(port + 1, MIX_3))
}

function avalanche(value: number): number {
  value = Math.imul(value ^ (value >>> 16), MIX_1)
  value = Math.imul(value ^ (value >>> 13), MIX_2)
  return value ^ (value >>> 16)
}
