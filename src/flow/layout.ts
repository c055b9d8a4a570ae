/**
 * One flow is one row of 64 words (256 bytes) in a page; pages are never moved, so growth copies nothing. What every
 * packet touches stands in the first two cache lines, what only TCP or IPv6 touches in the third.
 *
 *   words  0..15  key of IPv4 (addresses, ports, protocol, encapsulation, ICMP identifier), state, handles, last time
 *   words 16..31  counters of both sides, start (nanoseconds), first frame
 *   words 32..47  upper address words of IPv6, start (seconds), sequence numbers, retransmissions, history
 *   words 48..63  handshake and FIN instants, flow id, continued flow id, ICMP type
 *
 * Side a is the sender of the flow's first packet. Doubles (F_) are indices into the page's Float64Array, which
 * views the same bytes. Unsigned fields are read with `>>> 0`.
 */
export const ROW_SHIFT = 6
export const ROW_WORDS = 1 << ROW_SHIFT
const PAGE_SHIFT = 10
export const PAGE_ROWS = 1 << PAGE_SHIFT

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
export const ANOMALIES = 14
/** Creation number: breaks ties in time, and tells a reused row from its predecessor. */
export const SERIAL = 15

/** Counters of side a; side b follows SIDE_DOUBLES (or SIDE_WORDS) later. */
export const F_WIRE_BYTES = 8
export const F_IP_BYTES = 9
export const F_PAYLOAD_BYTES = 10
export const SIDE_DOUBLES = 3
export const PACKETS = 28
export const SIDE_WORDS = 1
export const START_NSEC = 30
export const FIRST_FRAME = 31

/** Upper address words, the first of three. */
export const A0 = 32
export const B0 = 35
export const UPPER_WORDS = 3
export const F_START_SEC = 19
export const NEXT_SEQUENCE_A = 40
export const NEXT_SEQUENCE_B = 41
export const RETRANSMISSIONS_A = 42
export const RETRANSMISSIONS_B = 43
/** Three words of six 5-bit letters, see history.ts. */
export const HISTORY = 44
export const HISTORY_LENGTH = 47

/** Nanoseconds from the flow's start to the SYN while STATE_SYN_TIMED, the round trip once STATE_HANDSHAKE. */
export const F_HANDSHAKE = 24
/** Nanoseconds from the flow's start to the second FIN or the RST. */
export const F_CLOSING = 25
export const ID_HIGH = 52
export const ID_LOW = 53
export const CONTINUES_HIGH = 54
export const CONTINUES_LOW = 55
/** ICMP type << 8 | code of the first packet. */
export const ICMP_TYPE_CODE = 56

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

/** ANOMALIES bits and their names in records. */
export const ANOMALY_SNAPLEN_CUT = 1
export const ANOMALY_TIME_BACKWARDS = 2
export const ANOMALY_FRAGMENTS = 4
export const ANOMALY_MIDSTREAM = 8
export const ANOMALY_SYN_IN_FLOW = 16
export const ANOMALY_ICMP_UNREACHABLE = 32
export const ANOMALY_RESYNCHRONISED = 64
export const ANOMALY_ORPHAN_FRAGMENTS = 128

export const ANOMALY_NAMES: readonly string[] = [
  'snaplen_cut',
  'time_backwards',
  'fragments',
  'midstream',
  'syn_in_flow',
  'icmp_unreachable',
  'resynchronised',
  'orphan_fragments',
]

/** Rows in pages, with a free list. `words[page(row)]` and `row offset` give the row. */
export class RowPages {
  readonly words: Int32Array[] = []
  readonly doubles: Float64Array[] = []
  private free: number[] = []
  private used = 0

  /** A row number; its words hold whatever was there before. */
  allocate(): number {
    const reused = this.free.pop()
    if (reused !== undefined) return reused
    if (this.used === this.words.length << PAGE_SHIFT) {
      const buffer = new ArrayBuffer(PAGE_ROWS * ROW_WORDS * Int32Array.BYTES_PER_ELEMENT)
      this.words.push(new Int32Array(buffer))
      this.doubles.push(new Float64Array(buffer))
    }
    return this.used++
  }

  release(row: number): void {
    this.free.push(row)
  }

  get rows(): number {
    return this.used
  }
}

/** Empties all of a row but its key. */
export function clearRow(words: Int32Array, at: number): void {
  // Loops: for so few words a call of fill() costs more.
  for (let word = at + STATE; word < at + A0; word++) words[word] = 0
  for (let word = at + B0 + UPPER_WORDS; word < at + ROW_WORDS; word++) words[word] = 0
}

export function pageOf(row: number): number {
  return row >> PAGE_SHIFT
}

/** First word of the row in its page; halve it for the doubles. */
export function offsetOf(row: number): number {
  return (row & (PAGE_ROWS - 1)) << ROW_SHIFT
}
