/**
 * One flow is one row in a page; pages are never moved, so growth copies nothing. A row is two to four lines of the
 * cache, 16 words (64 bytes) each, as its flow needs them. A page holds rows of one length.
 *
 *   words  0..15  key of IPv4 (addresses, ports, protocol, encapsulation, ICMP identifier), state, handles, last time
 *   words 16..31  counters of both sides, start, first frame (its low 32 bits), flow id, continued flow id
 *   words 32..47  TCP and ICMP: sequence numbers, retransmissions, history, handshake and FIN instants, gap, ICMP code
 *   words 48..63  IPv6: upper address words
 *
 * Side a is the sender of the flow's first packet. Doubles (F_) are indices into the page's Float64Array, which
 * views the same bytes. Unsigned fields are read with `>>> 0`.
 */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from '../bytes.ts'
import type { Packet } from '../types.ts'

/** Row numbers count in lines: a row's is that of its first one. */
const LINE_SHIFT = 4
export const LINE_WORDS = 1 << LINE_SHIFT
export const PAGE_SHIFT = 12
export const PAGE_LINES = 1 << PAGE_SHIFT
/** Lines of the shortest row and of the longest. */
export const LEAST_LINES = 2
export const MOST_LINES = 4

/** Last address word of each side: all of it for IPv4. */
export const A3 = 0
export const B3 = 1
/** Port of a << 16 | port of b. */
export const PORTS = 2
/** Protocol | IP version << 8 | KIND_ bits. */
export const KIND = 3
export const ENCAPSULATION0 = 4
export const ENCAPSULATION1 = 5
export const ICMP_IDENTIFIER = 6
/** STATE_ bits, TCP flags of a << 16, of b << 24. */
export const STATE = 7
export const LABEL_HANDLE = 8
export const POOL_HANDLE = 9
/** Seconds (rounded up) by which the last packet's time was behind the packet clock. */
export const LAG_SEC = 10
export const END_NSEC = 11
export const F_END_SEC = 6
/** ANOMALY_ bits | what FIRST_FRAME has beyond 32 bits << FRAME_HIGH_SHIFT. */
export const ANOMALIES = 14
/** Creation number: breaks ties in time, and distinguishes a reused row from its predecessor. */
export const SERIAL = 15

/** Counters of side a; side b follows SIDE_WORDS later. What bytes have beyond 32 bits is in pages.ts. */
export const PACKETS = 16
export const WIRE_BYTES = 17
export const IP_BYTES = 18
export const PAYLOAD_BYTES = 19
export const SIDE_WORDS = 4
export const F_START_SEC = 12
export const START_NSEC = 26
export const FIRST_FRAME = 27
const FRAME_HIGH_SHIFT = 16
const NSEC_PER_SEC = 1e9
export const BEYOND_WORD = 0x1_0000_0000
export const ID_HIGH = 28
export const ID_LOW = 29
export const CONTINUES_HIGH = 30
export const CONTINUES_LOW = 31

/** TCP. */
export const NEXT_SEQUENCE_A = 32
export const NEXT_SEQUENCE_B = 33
export const RETRANSMISSIONS_A = 34
export const RETRANSMISSIONS_B = 35
/** Three words of six 5-bit letters, see history.ts. */
export const HISTORY = 36
export const HISTORY_LENGTH = 39
/** Nanoseconds from the flow's start to the SYN while STATE_SYN_TIMED, the round trip once STATE_HANDSHAKE. */
export const F_HANDSHAKE = 20
/** Nanoseconds from the flow's start to the second FIN or the RST. */
export const F_CLOSING = 21
/**
 * Sequence numbers that segments of one side have overtaken, see sequence.ts: the first, the one behind the last, and
 * 1 + nanoseconds from the flow's start to the overtaking, negative for side b; 0 for no gap.
 */
export const GAP_START = 44
export const GAP_END = 45
export const F_GAP = 23
/** ICMP: code of the first packet. */
export const ICMP_CODE = 32

/** IPv6: upper address words, the first of three. */
export const A0 = 48
export const B0 = 51

/** KIND bits above protocol and version. */
export const KIND_DIRECTED = 1 << 16
export const KIND_ORPHAN_FRAGMENT = 1 << 17

/** STATE bits. */
export const STATE_SYN_A = 1
export const STATE_SYN_B = 2
export const STATE_SYNACK_A = 4
export const STATE_SYNACK_B = 8
export const STATE_FIN_A = 16
export const STATE_FIN_B = 32
export const STATE_RST_A = 64
export const STATE_RST_B = 128
export const STATE_SYN_TIMED = 256
export const STATE_HANDSHAKE = 512
/** The sequence numbers of a side are known. */
export const STATE_SEQUENCE_A = 1024
export const STATE_SEQUENCE_B = 2048
/** The flow's record is written; the row waits for a packet that continues it. */
export const STATE_DORMANT = 4096
/** RST or both FINs seen: closes F_CLOSING plus the linger. */
export const STATE_CLOSING = 8192
/** Continues another flow, so the missing SYN says nothing. */
export const STATE_CONTINUED = 16384
/** Due, and waiting to be handed out. */
export const STATE_QUEUED = 32768
export const STATE_FLAGS_A_SHIFT = 16
export const STATE_FLAGS_B_SHIFT = 24
/** Not TCP: side b sent the first packet, as it may where the flow continues another. */
export const STATE_B_FIRST = 1 << STATE_FLAGS_A_SHIFT

/** ANOMALIES bits and their names in records. */
export const ANOMALY_BITS = 0xffff
export const ANOMALY_SNAPLEN_CUT = 1
export const ANOMALY_TIME_BACKWARDS = 2
export const ANOMALY_FRAGMENTS = 4
export const ANOMALY_MIDSTREAM = 8
export const ANOMALY_SYN_IN_FLOW = 16
export const ANOMALY_ICMP_UNREACHABLE = 32
export const ANOMALY_RESYNCHRONISED = 64
export const ANOMALY_ORPHAN_FRAGMENTS = 128
export const ANOMALY_OUT_OF_ORDER = 256

export const ANOMALY_NAMES: readonly string[] = [
  'snaplen_cut',
  'time_backwards',
  'fragments',
  'midstream',
  'syn_in_flow',
  'icmp_unreachable',
  'resynchronised',
  'orphan_fragments',
  'out_of_order',
]

/** The lines that the row of a flow of this KIND takes. */
export function linesOf(kind: number): number {
  if (isVersion6(kind)) return MOST_LINES
  const protocol = kind & 0xff
  return protocol === PROTOCOL_TCP || protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6
    ? LEAST_LINES + 1
    : LEAST_LINES
}

export function isVersion6(kind: number): boolean {
  return (kind & 0xff00) === 0x600
}

export function isTcp(kind: number): boolean {
  return (kind & 0xff) === PROTOCOL_TCP
}

export function pageOf(row: number): number {
  return row >> PAGE_SHIFT
}

/** First word of the row in its page; halve it for the doubles. */
export function offsetOf(row: number): number {
  return (row & (PAGE_LINES - 1)) << LINE_SHIFT
}

/** Nanoseconds from the flow's start to the packet. */
export function sinceStart(words: Int32Array, doubles: Float64Array, at: number, packet: Packet): number {
  const sec = packet.timeSec - doubles[(at >> 1) + F_START_SEC]
  return sec * NSEC_PER_SEC + packet.timeNsec - (words[at + START_NSEC] >>> 0)
}

/** The number of the flow's first frame: a run of months sees more than 32 bits can count. */
export function firstFrameOf(words: Int32Array, at: number): number {
  return (words[at + ANOMALIES] >>> FRAME_HIGH_SHIFT) * BEYOND_WORD + (words[at + FIRST_FRAME] >>> 0)
}

export function setFirstFrame(words: Int32Array, at: number, frame: number): void {
  const high = Math.floor(frame / BEYOND_WORD)
  words[at + FIRST_FRAME] = frame
  words[at + ANOMALIES] = (words[at + ANOMALIES] & ANOMALY_BITS) | (high << FRAME_HIGH_SHIFT)
}
