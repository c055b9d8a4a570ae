/** The records as the library hands them out: what the lines of NDJSON hold, typed. The schema says the same. */
import type { ProtocolFields } from '../../protocol-fields.ts'
import type { Certainty, EndReason, Evidence, Registry, RejectReason, Session } from '../../types.ts'

/** RFC 3339 with nine digits, or a number of seconds with `time: 'epoch'`. */
export type Time = string | number

export interface CaptureRecord {
  type: 'capture'
  v: 1
  source: string
  format: 'pcap' | 'pcapng' | 'live'
  compression?: 'gzip' | 'zstd' | 'lz4'
  /** LINKTYPE_ values. */
  link_types: number[]
  link_types_total?: number
  timestamp_precision: string
}

export interface FlowRecord extends ProtocolFields {
  type: 'flow'
  v: 1
  flow_id: string
  continues?: string
  community_id: string
  first_frame: number
  start: Time
  end: Time
  /** Seconds. */
  duration: number
  transport: string
  ip_proto: number
  src_ip: string
  src_port?: number
  dst_ip: string
  dst_port?: number
  orientation: 'syn' | 'payload' | 'pool' | 'registry' | 'first_packet'
  src_packets: number
  src_wire_bytes: number
  src_ip_bytes: number
  src_payload_bytes: number
  dst_packets: number
  dst_wire_bytes: number
  dst_ip_bytes: number
  dst_payload_bytes: number
  encapsulation?: string[]
  encapsulation_total?: number
  icmp_type?: number
  icmp_code?: number
  src_tcp_flags?: string
  dst_tcp_flags?: string
  handshake_rtt_ms?: number
  src_retransmissions?: number
  dst_retransmissions?: number
  conn_state?: string
  history?: string
  end_reason: EndReason
  anomalies?: string[]
  anomalies_total?: number
  label: string
  certainty: Certainty
  category?: string
  evidence: Evidence[]
  evidence_total?: number
  candidates?: { label: string; certainty: Certainty; weight: number }[]
  candidates_total?: number
  registry?: Registry
  hostname?: string
  hostname_source?: string
  process?: { pid: number; name: string; user?: string }
  /** Payload fields, a group for each protocol: flow.tls, flow.dns, … See docs/fields.md. */
  [protocol: string]: unknown
}

export interface SessionRecord {
  type: 'session'
  v: 1
  session_id: string
  pool: string
  server_ip: string
  transport: 'tcp' | 'udp'
  slot: number
  slot_index: number
  clients: { ip: string; port: number }[]
  clients_total?: number
  start: Time
  end: Time
  duration: number
  packets: number
  ip_bytes: number
  longest_gap: number
  certainty: Certainty
  end_reason: Session['endReason']
  open_at_start: boolean
  open_at_end: boolean
  process?: { pid: number; name: string; user?: string }
  flow_ids: string[]
  flow_ids_total?: number
}

/** Of a live run: a session that is open at the instant of a snapshot. */
export interface OpenSessionRecord
  extends Omit<
    SessionRecord,
    'type' | 'end' | 'duration' | 'longest_gap' | 'end_reason' | 'open_at_start' | 'open_at_end' | 'process'
  > {
  type: 'open_session'
  /** The instant of the snapshot, and `end` of the stats record that follows. */
  at: Time
  last_packet_at: Time
}

export interface PoolRecord {
  type: 'pool'
  v: 1
  pool: string
  server_ip?: string
  slots: number
  sessions: number
  peak: number
  peak_at?: Time
  peak_duration: number
  peak_total_seconds: number
  peak_session_ids: string[]
  peak_session_ids_total?: number
  mean: number
  p50: number
  p95: number
  slots_used: number
  highest_slot?: number
  saturated_seconds: number
  window_start: Time
  window_end: Time
  idle_timeout: number
  sensitivity: { idle_timeout: number; sessions: number; peak: number }[]
  certainty: Certainty
  rejected: { reason: RejectReason; label: string; flows: number }[]
  rejected_total?: number
}

export interface ConcurrencyRecord {
  type: 'concurrency'
  v: 1
  pool: string
  server_ip: string
  at: Time
  sessions: number
}

export interface NoticeRecord {
  type: 'notice'
  v: 1
  notice: string
  says: string
  at: Time
  /** What it is about: pool, server_ip, slot, session_id, … */
  [about: string]: string | number | string[] | number[]
}

export interface StatsRecord {
  type: 'stats'
  v: 1
  start: Time
  end: Time
  packets: number
  wire_bytes: number
  dropped?: { kernel?: number; interface?: number }
  flows: number
  sessions: number
  evicted_flows: number
  live_flows: number
  live_sessions: number
  records_lost?: number
}

export interface SummaryRecord {
  type: 'summary'
  v: 1
  packets: number
  non_ip: Record<string, number>
  undecoded: Record<string, number>
  wire_bytes: number
  flows: number
  sessions: number
  first_packet_at?: Time
  last_packet_at?: Time
  link_types_undecoded: Record<string, number>
  time_backwards: number
  evicted_flows: number
  packets_outside?: number
  extras_left_out?: number
  skipped_inputs: string[]
  skipped_inputs_total?: number
  damaged: { source: string; offset: number; reason: string; code: string }[]
  damaged_total?: number
  dropped?: { kernel?: number; interface?: number }
  records_lost?: number
}

/** Of `flowhawk diff`: what is new, gone or changed. */
export interface ChangeRecord {
  type: 'change'
  v: 1
  change: 'new' | 'gone' | 'changed'
  of: 'flow' | 'session' | 'pool' | 'service'
  before_id?: string
  after_id?: string
  /** Of what changed only the fields that differ; null where one of the two had none. */
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  /** What it is about: transport, src_ip, …; pool, server_ip, slot, …; server_ip, server_port */
  [about: string]: unknown
}

export interface DiffCounts {
  same: number
  changed: number
  new: number
  gone: number
}

/** Of `flowhawk diff`: the last record. */
export interface DiffRecord {
  type: 'diff'
  v: 1
  /** Names of the two inputs. */
  before: string
  after: string
  flows: DiffCounts & { label_changes: number }
  sessions: DiffCounts
  pools: DiffCounts & { peak_changes: number }
  /** Where services were compared. */
  services?: DiffCounts & { label_changes: number }
}

export type FlowhawkRecord =
  | CaptureRecord
  | FlowRecord
  | SessionRecord
  | OpenSessionRecord
  | PoolRecord
  | ConcurrencyRecord
  | NoticeRecord
  | StatsRecord
  | SummaryRecord
