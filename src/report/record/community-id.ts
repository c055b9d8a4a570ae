/**
 * Community ID version 1: "1:" and the base64 of the SHA-1 over seed, addresses, protocol and ports, the smaller
 * (address, port) first. The hashed text always fits one SHA-1 block (FIPS 180-4), which is written as words
 * directly from the flow's words; the two-byte seed shifts everything by half a word.
 *
 *   word 0     seed, source address (high half)    …    last half of destination, protocol, 0    ports, if any
 */
import type { ClosedFlow } from '../../types.ts'
import { BASE64_PAIRS } from './digits.ts'
import { createPen, type Pen, penText, putHexWord } from './pen.ts'

export type CommunityIdTuple = Pick<
  ClosedFlow,
  | 'ipVersion'
  | 'protocol'
  | 'src0'
  | 'src1'
  | 'src2'
  | 'src3'
  | 'dst0'
  | 'dst1'
  | 'dst2'
  | 'dst3'
  | 'srcPort'
  | 'dstPort'
  | 'icmpType'
  | 'icmpCode'
>

export interface CommunityIdOptions {
  /** 0..65535, default 0. */
  seed?: number
  /** Default true; false gives the digest in hexadecimal. */
  base64?: boolean
}

/** Bytes that putCommunityId writes, without "1:". */
const COMMUNITY_ID_BYTES = 28

const ICMP = 1
const TCP = 6
const UDP = 17
const ICMPV6 = 58
const SCTP = 132
const END_OF_TEXT = 0x8000_0000 | 0
const NO_PORTS = -1

const NO_PEER = 255
/** Counterparts of ICMP types, both ways; NO_PEER where there is none. */
const ICMP_PEERS = pairs([8, 0], [13, 14], [15, 16], [10, 9], [17, 18])
const ICMPV6_PEERS = pairs([128, 129], [130, 131], [133, 134], [135, 136], [139, 140], [144, 145])

const schedule = new Int32Array(80)
const digest = new Int32Array(5)
const scratch = createPen(64)

export function communityId(tuple: CommunityIdTuple, options: CommunityIdOptions = {}): string {
  scratch.at = 0
  if (options.base64 ?? true) putCommunityId(scratch, tuple, options.seed ?? 0)
  else {
    hashTuple(tuple, options.seed ?? 0)
    for (let i = 0; i < digest.length; i++) putHexWord(scratch, digest[i])
  }
  return `1:${penText(scratch)}`
}

/** Writes the base64 part, COMMUNITY_ID_BYTES long. */
export function putCommunityId(pen: Pen, tuple: CommunityIdTuple, seed: number): void {
  hashTuple(tuple, seed)
  const a = digest[0]
  const b = digest[1]
  const c = digest[2]
  const d = digest[3]
  const e = digest[4]
  const { view, at } = pen
  view.setUint16(at, BASE64_PAIRS[a >>> 20], true)
  view.setUint16(at + 2, BASE64_PAIRS[(a >>> 8) & 0xfff], true)
  view.setUint16(at + 4, BASE64_PAIRS[((a & 0xff) << 4) | (b >>> 28)], true)
  view.setUint16(at + 6, BASE64_PAIRS[(b >>> 16) & 0xfff], true)
  view.setUint16(at + 8, BASE64_PAIRS[(b >>> 4) & 0xfff], true)
  view.setUint16(at + 10, BASE64_PAIRS[((b & 0xf) << 8) | (c >>> 24)], true)
  view.setUint16(at + 12, BASE64_PAIRS[(c >>> 12) & 0xfff], true)
  view.setUint16(at + 14, BASE64_PAIRS[c & 0xfff], true)
  view.setUint16(at + 16, BASE64_PAIRS[d >>> 20], true)
  view.setUint16(at + 18, BASE64_PAIRS[(d >>> 8) & 0xfff], true)
  view.setUint16(at + 20, BASE64_PAIRS[((d & 0xff) << 4) | (e >>> 28)], true)
  view.setUint16(at + 22, BASE64_PAIRS[(e >>> 16) & 0xfff], true)
  view.setUint16(at + 24, BASE64_PAIRS[(e >>> 4) & 0xfff], true)
  view.setUint16(at + 26, BASE64_PAIRS[(e & 0xf) << 8], true)
  pen.bytes[at + 27] = 0x3d
  pen.at = at + COMMUNITY_ID_BYTES
}

/** Fills `digest`. */
function hashTuple(tuple: CommunityIdTuple, seed: number): void {
  const { protocol } = tuple
  let srcPort = tuple.srcPort
  let dstPort = tuple.dstPort
  let directed = false
  if (protocol === ICMP || protocol === ICMPV6) {
    const peer =
      tuple.icmpType < 0 ? NO_PEER : (protocol === ICMP ? ICMP_PEERS : ICMPV6_PEERS)[tuple.icmpType]
    srcPort = tuple.icmpType
    dstPort = peer === NO_PEER ? tuple.icmpCode : peer
    // Later fragments have no ICMP type: their ends are ordered as for protocols without ports.
    directed = peer === NO_PEER && tuple.icmpType >= 0
  } else if (protocol !== TCP && protocol !== UDP && protocol !== SCTP) srcPort = NO_PORTS
  const ordered = directed || inOrder(tuple, srcPort, dstPort)
  const ports =
    srcPort < 0 ? NO_PORTS : ordered ? ((srcPort << 16) | dstPort) >>> 0 : ((dstPort << 16) | srcPort) >>> 0
  if (tuple.ipVersion === 4) fillIpv4(tuple, ordered, ports, seed)
  else fillIpv6(tuple, ordered, ports, seed)
  sha1Block()
}

function inOrder(tuple: CommunityIdTuple, srcPort: number, dstPort: number): boolean {
  if (tuple.src0 !== tuple.dst0) return tuple.src0 >>> 0 < tuple.dst0 >>> 0
  if (tuple.src1 !== tuple.dst1) return tuple.src1 >>> 0 < tuple.dst1 >>> 0
  if (tuple.src2 !== tuple.dst2) return tuple.src2 >>> 0 < tuple.dst2 >>> 0
  if (tuple.src3 !== tuple.dst3) return tuple.src3 >>> 0 < tuple.dst3 >>> 0
  return srcPort <= dstPort
}

function fillIpv4(tuple: CommunityIdTuple, ordered: boolean, ports: number, seed: number): void {
  const first = ordered ? tuple.src3 : tuple.dst3
  const second = ordered ? tuple.dst3 : tuple.src3
  clearText()
  schedule[0] = (seed << 16) | (first >>> 16)
  schedule[1] = (first << 16) | (second >>> 16)
  schedule[2] = (second << 16) | (tuple.protocol << 8)
  closeText(3, ports)
}

function fillIpv6(tuple: CommunityIdTuple, ordered: boolean, ports: number, seed: number): void {
  clearText()
  const w = schedule
  w[1] = ordered ? tuple.src0 : tuple.dst0
  w[2] = ordered ? tuple.src1 : tuple.dst1
  w[3] = ordered ? tuple.src2 : tuple.dst2
  w[4] = ordered ? tuple.src3 : tuple.dst3
  w[5] = ordered ? tuple.dst0 : tuple.src0
  w[6] = ordered ? tuple.dst1 : tuple.src1
  w[7] = ordered ? tuple.dst2 : tuple.src2
  w[8] = ordered ? tuple.dst3 : tuple.src3
  w[0] = (seed << 16) | (w[1] >>> 16)
  for (let i = 1; i < 8; i++) w[i] = (w[i] << 16) | (w[i + 1] >>> 16)
  w[8] = (w[8] << 16) | (tuple.protocol << 8)
  closeText(9, ports)
}

function clearText(): void {
  for (let i = 0; i < 16; i++) schedule[i] = 0
}

/** Ports, the end mark and the length in bits (FIPS 180-4 section 5.1.1). */
function closeText(word: number, ports: number): void {
  let at = word
  if (ports !== NO_PORTS) schedule[at++] = ports
  schedule[at] = END_OF_TEXT
  schedule[15] = at * 32
}

/**
 * FIPS 180-4 section 6.1.2 over the one block in `schedule`. Five rounds a turn, so that the five words change
 * their parts in the text instead of being moved.
 */
function sha1Block(): void {
  const w = schedule
  for (let i = 16; i < 80; i++) {
    const mixed = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]
    w[i] = (mixed << 1) | (mixed >>> 31)
  }
  let a = 0x67452301
  let b = 0xefcdab89 | 0
  let c = 0x98badcfe | 0
  let d = 0x10325476
  let e = 0xc3d2e1f0 | 0
  for (let i = 0; i < 20; i += 5) {
    e = (((a << 5) | (a >>> 27)) + ((b & (c ^ d)) ^ d) + e + 0x5a827999 + w[i]) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + ((a & (b ^ c)) ^ c) + d + 0x5a827999 + w[i + 1]) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + ((e & (a ^ b)) ^ b) + c + 0x5a827999 + w[i + 2]) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + ((d & (e ^ a)) ^ a) + b + 0x5a827999 + w[i + 3]) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + ((c & (d ^ e)) ^ e) + a + 0x5a827999 + w[i + 4]) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 20; i < 40; i += 5) {
    e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + w[i]) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + d + 0x6ed9eba1 + w[i + 1]) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + c + 0x6ed9eba1 + w[i + 2]) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + b + 0x6ed9eba1 + w[i + 3]) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + a + 0x6ed9eba1 + w[i + 4]) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 40; i < 60; i += 5) {
    e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + -0x70e44324 + w[i]) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + d + -0x70e44324 + w[i + 1]) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + c + -0x70e44324 + w[i + 2]) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + b + -0x70e44324 + w[i + 3]) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + a + -0x70e44324 + w[i + 4]) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 60; i < 80; i += 5) {
    e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + -0x359d3e2a + w[i]) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + d + -0x359d3e2a + w[i + 1]) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + c + -0x359d3e2a + w[i + 2]) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + b + -0x359d3e2a + w[i + 3]) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + a + -0x359d3e2a + w[i + 4]) | 0
    c = (c << 30) | (c >>> 2)
  }
  digest[0] = (0x67452301 + a) | 0
  digest[1] = ((0xefcdab89 | 0) + b) | 0
  digest[2] = ((0x98badcfe | 0) + c) | 0
  digest[3] = (0x10325476 + d) | 0
  digest[4] = ((0xc3d2e1f0 | 0) + e) | 0
}

function pairs(...counterparts: [number, number][]): Uint8Array {
  const table = new Uint8Array(256).fill(NO_PEER)
  for (const [a, b] of counterparts) {
    table[a] = b
    table[b] = a
  }
  return table
}
