/**
 * The data types that pass between stages. No code: every stage may import this file.
 *
 * Times are whole seconds since 1970 (may be negative) and nanoseconds, in two numbers: one double could not hold both. Addresses are
 * four signed 32-bit words in network order; IPv4 is in word 3 (others zero), `ipVersion` distinguishes the two.
 */
import type { Instant, Outside } from './instant.ts'
import type { Certainty } from './rule-types.ts'

export type { Instant, Outside, TimeSpan } from './instant.ts'
export type { Certainty, LabelRule, PoolRule, RuleSet, Site, SiteServer } from './rule-types.ts'

// ---------------------------------------------------------------- capture

/** A run of packets over one byte buffer; column i describes packet i. Borrowed: valid until the next `next()`. */
export interface PacketBatch {
  bytes: Uint8Array
  count: number
  /** Frame number of packet 0, 1-based in its source. */
  firstFrame: number
  /** Offset of the packet's first byte in `bytes`. */
  start: Uint32Array
  capturedLength: Uint32Array
  /** Length on the wire as the capture states it; never less than `capturedLength`. */
  originalLength: Uint32Array
  timeSec: Float64Array
  timeNsec: Uint32Array
  /** LINKTYPE_ value of the packet's interface, without FCS bits. */
  linkType: Uint16Array
  /** Bit set of the BATCH_ constants in bytes.ts. */
  flags: Uint8Array
}

export interface CaptureInfo {
  /** Name as the user gave it, or "-" for standard input. */
  source: string
  format: 'pcap' | 'pcapng' | 'live'
  compression?: 'gzip' | 'zstd' | 'lz4'
  /** LINKTYPE_ values of the interfaces declared before the first packet. */
  linkTypes: number[]
  /** Finest resolution among those interfaces: "milliseconds", "microseconds", "nanoseconds", "10^-12 s", "2^-20 s". */
  timestampPrecision: string
  /** An interface differs from the first in link type or snapshot length, which libpcap refuses; final at the end. */
  mixedInterfaces?: true
}

/** One place where an input was cut short or damaged. */
export interface Damage {
  source: string
  offset: number
  reason: string
  code: string
}

export interface PacketSource {
  readonly info: CaptureInfo
  /** Grows while reading; complete once `next()` has returned undefined. */
  readonly damage: readonly Damage[]
  /** Packets lost before the capture was written, from interface statistics; absent when unknown. */
  readonly dropped: { kernel?: number; interface?: number }
  /** Of a source that is cut to a stretch of time: what it leaves out; grows while reading. */
  readonly outside?: Outside
  /** The next batch, or undefined at the end. Never throws for damaged bytes: see `damage`. */
  next(): Promise<PacketBatch | undefined>
  close(): Promise<void>
}

// ---------------------------------------------------------------- decode

/** One decoded packet. The decoder fills it, the caller owns and reuses it. Created by decode/packet.ts. */
export interface Packet {
  frame: number
  timeSec: number
  timeNsec: number
  /** Original frame length. */
  wireBytes: number
  /** Bit set of the PACKET_ constants in bytes.ts. */
  flags: number
  /** EtherType of the last tag or link header, for counting what is not IP; -1 where the link has none. */
  etherType: number

  ipVersion: number
  src0: number
  src1: number
  src2: number
  src3: number
  dst0: number
  dst1: number
  dst2: number
  dst3: number
  /** IANA protocol number of the innermost decoded header (after IPv6 extension headers). */
  protocol: number
  /** Length of the IP datagram by its header; the frame's remaining length where that field is 0. */
  ipBytes: number
  /** Port of TCP, UDP, UDP-Lite, SCTP, DCCP; for ICMP type and counterpart type (or code), as Community ID pairs them; else 0. */
  srcPort: number
  dstPort: number
  icmpType: number
  icmpCode: number
  /** ICMP echo (and timestamp, …) identifier; 0 otherwise. */
  icmpIdentifier: number

  /** Offset of the transport payload in the batch's bytes. */
  payloadStart: number
  /** One past the last captured payload byte; equals payloadStart when none is captured. */
  payloadEnd: number
  /** Payload length by the headers, whatever was captured. */
  payloadBytes: number

  /** TCP header fields; flags as on the wire with ECE, CWR (8 bits). 0 for other protocols. */
  tcpFlags: number
  /** Signed words: compare with `| 0`. */
  tcpSequence: number
  tcpAcknowledgement: number
  tcpWindow: number

  /** Encapsulation, outermost first: layerKind[i] is a LAYER_ constant, layerId[i] its VLAN id, VNI, label, key, … (-1: none). */
  layerCount: number
  layerKind: Uint8Array
  layerId: Int32Array
  /** The encapsulation as two key words, see decode/encapsulation.ts; 0, 0 for none. */
  encapsulation0: number
  encapsulation1: number

  /** For an ICMP error: the quoted packet's tuple (its addresses and ports, in its own direction). Valid with PACKET_QUOTE. */
  quotedProtocol: number
  quotedSrc0: number
  quotedSrc1: number
  quotedSrc2: number
  quotedSrc3: number
  quotedDst0: number
  quotedDst1: number
  quotedDst2: number
  quotedDst3: number
  quotedSrcPort: number
  quotedDstPort: number
  quotedIcmpIdentifier: number
}

// ---------------------------------------------------------------- label

export type EvidenceSource = 'payload' | 'site' | 'rule' | 'context' | 'pool' | 'registry'

export interface Evidence {
  source: EvidenceSource
  /** One sentence for a person. */
  says: string
  /** The label it speaks for (or, with a negative weight, against). */
  for: string
  /** -100..100 */
  weight: number
}

export interface Registry {
  status: 'registered' | 'reserved' | 'unassigned' | 'not_listed'
  name?: string
  description?: string
}

/** Payload fields of a flow, one group for each protocol: { tls: { sni, alpn, … }, dns: { … } }. Values are already safe strings. */
export type Extras = Record<string, Record<string, string | number | boolean | string[] | number[]>>

/** Extras as text, and back. */
export interface ExtrasText {
  of(extras: Extras): string
  read(text: string): Extras
}

export interface Verdict {
  label: string
  certainty: Certainty
  category?: string
  evidence: Evidence[]
  candidates?: { label: string; certainty: Certainty; weight: number }[]
  registry?: Registry
  /** The same object is used for all flows with an equal verdict: results computed from it may be cached. */
  shared?: boolean
}

// ---------------------------------------------------------------- flow

export type EndReason = 'idle' | 'active' | 'fin' | 'rst' | 'capture_end' | 'evicted' | 'shutdown'

export interface SideCounters {
  packets: number
  wireBytes: number
  ipBytes: number
  payloadBytes: number
  tcpFlags: number
  retransmissions: number
}

/** A flow as the report sees it: src is the client side; ids are two words. One object is reused for every flow. */
export interface ClosedFlow {
  idHigh: number
  idLow: number
  continuesHigh: number
  continuesLow: number
  firstFrame: number
  startSec: number
  startNsec: number
  endSec: number
  endNsec: number
  closeSec: number
  closeNsec: number
  ipVersion: number
  protocol: number
  src0: number
  src1: number
  src2: number
  src3: number
  dst0: number
  dst1: number
  dst2: number
  dst3: number
  /** -1 where the protocol has no ports (or the flow is made of orphan fragments), and unless ICMP. */
  srcPort: number
  dstPort: number
  icmpType: number
  icmpCode: number
  orientation: 'syn' | 'payload' | 'pool' | 'registry' | 'first_packet'
  /** The server, dst, sent the first packet. */
  reversed: boolean
  src: SideCounters
  dst: SideCounters
  /** Outermost first, of the first packet: "vlan:12". */
  encapsulation: readonly string[]
  /** Seconds and nanoseconds of the handshake's round trip; sec -1 when not seen. */
  handshakeSec: number
  handshakeNsec: number
  /** '' for protocols without. */
  connState: string
  history: string
  endReason: EndReason
  anomalies: readonly string[]
  verdict: Verdict
  hostname?: string
  hostnameSource?: string
  process?: { pid: number; name: string; user?: string }
  extras?: Extras
  /** In place of `extras`: what the sink's `extrasText` made of them. */
  extrasText?: string
}

// ---------------------------------------------------------------- pool

export type RejectReason =
  | 'probe'
  | 'scan'
  | 'one_way'
  | 'client_port'
  | 'both_in_range'
  | 'multicast'
  | 'other_protocol'
  | 'other_pool'

export interface Session {
  sessionId: string
  pool: string
  serverIp: string
  transport: 'tcp' | 'udp'
  slot: number
  slotIndex: number
  clients: { ip: string; port: number }[]
  clientsTotal: number
  startSec: number
  startNsec: number
  endSec: number
  endNsec: number
  closeSec: number
  closeNsec: number
  packets: number
  ipBytes: number
  /** Seconds. */
  longestGap: number
  certainty: Certainty
  endReason: 'idle' | 'start_marker' | 'client_changed' | 'fin' | 'rst' | 'capture_end'
  openAtStart: boolean
  openAtEnd: boolean
  process?: { pid: number; name: string; user?: string }
  flowIds: string[]
  flowIdsTotal: number
}

/** What the pools say of a flow whose ports touch one: evidence for its label and its orientation. */
export interface PoolClaim {
  pool: string
  label: string
  slot: number
  slotIndex: number
  slots: number
  /** The port of the server's end: of an even/odd pair it may be the odd one. */
  serverPort: number
  /** The slot is on the side that sent the conversation's first packet. */
  serverIsFirst: boolean
  /** The site file says that this server runs the pool. */
  site: boolean
  /** A label that was confirmed by payload at the same server and supports the pool's, '' for none. */
  supporter: string
  supporterSameClient: boolean
  /** The pool fills lowest slots first, and lower ones were never used. */
  lonely: boolean
  /** From this time on the pool's traffic gets a note. */
  retired: { sinceSec: number; says: string } | undefined
  /** Why the port does not count as a slot: the pool port is the client's, or both ends are in range. */
  refused: '' | 'client_port' | 'both_in_range'
}

/** A session that is under way, up to its last packet so far. */
export type OpenSession = Omit<
  Session,
  'closeSec' | 'closeNsec' | 'longestGap' | 'endReason' | 'openAtStart' | 'openAtEnd' | 'process'
>

/** One pool on one server, or over all servers (no serverIp). Times as [sec, nsec]. */
export interface PoolReport {
  pool: string
  serverIp?: string
  slots: number
  sessions: number
  peak: number
  peakAt?: Instant
  peakDuration: number
  peakTotalSeconds: number
  peakSessionIds: string[]
  peakSessionIdsTotal: number
  mean: number
  p50: number
  p95: number
  slotsUsed: number
  highestSlot?: number
  saturatedSeconds: number
  windowStart: Instant
  windowEnd: Instant
  idleTimeout: number
  sensitivity: { idleTimeout: number; sessions: number; peak: number }[]
  certainty: Certainty
  rejected: { reason: RejectReason; label: string; flows: number }[]
}

export interface Concurrency {
  pool: string
  serverIp: string
  at: Instant
  sessions: number
}

export interface Notice {
  notice: string
  says: string
  at: Instant
  /** What it is about, already in record spelling (pool, server_ip, slot, session_id, src_ip, …). */
  about: Record<string, string | number | string[] | number[]>
}

// ---------------------------------------------------------------- report

export interface Summary {
  packets: number
  wireBytes: number
  flows: number
  sessions: number
  firstPacketAt?: Instant
  lastPacketAt?: Instant
  nonIp: Map<string, number>
  undecoded: Map<string, number>
  linkTypesUndecoded: Map<string, number>
  timeBackwards: number
  evictedFlows: number
  /** Where only a stretch of time was asked for. */
  outside?: Outside
  skippedInputs: string[]
  damaged: Damage[]
  dropped: { kernel?: number; interface?: number }
  recordsLost?: number
  extrasLeftOut?: number
}

/** Receives the results of the pipeline, in the fixed order of records. */
export interface RecordSink {
  capture(info: CaptureInfo): void
  /** `flow` is borrowed: read it before returning. */
  flow(flow: ClosedFlow): void
  /** Converts extras to text, which takes less memory, and back. Absent: flows have extras as objects. */
  extrasText?: ExtrasText
  session(session: Session): void
  pool(report: PoolReport): void
  concurrency(change: Concurrency): void
  notice(notice: Notice): void
  summary(summary: Summary): void
  /** A promise while the output is behind; the pipeline waits for it before it goes on. */
  drained?(): Promise<void> | undefined
}
