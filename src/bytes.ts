/** Constants and helpers on bytes that every stage shares. */

/** PacketBatch.flags */
export const BATCH_RESYNCHRONISED = 1
/** Seen leaving this host (live capture, pcapng epb_flags). */
export const BATCH_OUTGOING = 2

/** Packet.flags */
export const PACKET_SNAPLEN_CUT = 1
export const PACKET_FRAGMENT = 2
/** A later fragment whose first fragment is not known: no ports. */
export const PACKET_ORPHAN_FRAGMENT = 4
export const PACKET_RESYNCHRONISED = 8
/** The flow key keeps the direction (ICMP types without a counterpart). */
export const PACKET_DIRECTED = 16
/** The quoted… fields are filled (ICMP error). */
export const PACKET_QUOTE = 32
/** A fragment that was held: its frame number belongs to an earlier input. */
export const PACKET_EARLIER_INPUT = 64

export const PROTOCOL_ICMP = 1
export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17
export const PROTOCOL_DCCP = 33
export const PROTOCOL_ICMPV6 = 58
export const PROTOCOL_SCTP = 132
export const PROTOCOL_UDPLITE = 136

export function hasPorts(protocol: number): boolean {
  return (
    protocol === PROTOCOL_UDP ||
    protocol === PROTOCOL_TCP ||
    protocol === PROTOCOL_SCTP ||
    protocol === PROTOCOL_DCCP ||
    protocol === PROTOCOL_UDPLITE
  )
}

export const TCP_FIN = 1
export const TCP_SYN = 2
export const TCP_RST = 4
export const TCP_PSH = 8
export const TCP_ACK = 16

/** Packet.layerKind. Those up to LAYER_KEYED_LAST are part of the flow key. */
export const LAYER_VLAN = 1
export const LAYER_VXLAN = 2
export const LAYER_GENEVE = 3
export const LAYER_IPIP = 4
export const LAYER_6IN4 = 5
export const LAYER_GRE = 6
export const LAYER_ERSPAN = 7
export const LAYER_GTPU = 8
export const LAYER_TEREDO = 9
export const LAYER_CAPWAP = 10
export const LAYER_TZSP = 11
export const LAYER_L2TP = 12
export const LAYER_PPPOE = 13
export const LAYER_PPTP = 14
export const LAYER_KEYED_LAST = 15
export const LAYER_MPLS = 16
export const LAYER_NSH = 17

/** The longest string taken from a packet, in bytes, before escaping. */
export const MAX_PACKET_STRING = 1024

/** Lists in records hold at most this many elements; where more were found, a total is beside the list. */
export const MAX_LIST = 100

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1]
}

/** Signed: compare with `|0` constants or use `>>> 0`. */
export function readI32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

export function readU32(bytes: Uint8Array, at: number): number {
  return readI32(bytes, at) >>> 0
}

export function readU16LE(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8)
}

export function readU32LE(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** True when `text` (Latin-1) stands at `at` and ends before `end`. */
export function startsWith(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

const HASH_FACTOR = 0x9e3779b1
const HASH_SECRET = 0x2545f491

/**
 * Mixes a word into a seeded hash. With publicly known factors alone, an attacker could predict the difference that a
 * chosen word leaves in the highest bits, and cancel it with the next one: so one factor depends on the seed.
 */
export function hashOn(hash: number, word: number, seed: number): number {
  const secret = (seed ^ HASH_SECRET) | 1
  return Math.imul(Math.imul(hash ^ (hash >>> 15), secret) ^ word, HASH_FACTOR)
}

/** The byte order of this machine's typed arrays. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/**
 * Offset of views on an `alignedBuffer`. glibc puts large buffers 16 bytes behind the start of a memory page, after their
 * size: without this offset, rows of 64 bytes would lie across two cache lines.
 */
export const ALIGNED = 48

export function alignedBuffer(bytes: number): ArrayBuffer {
  return new ArrayBuffer(ALIGNED + bytes)
}
