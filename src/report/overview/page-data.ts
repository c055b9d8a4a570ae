/**
 * The data of the HTML page, as the JSON that is embedded in it (`report`) or sent to it (`serve`). Types only: the
 * browser's code imports them, too. Every time is in seconds after `base`; bytes are bytes on the wire, except for
 * sessions, where they are IP bytes. Lists are bounded, and a total gives the full number.
 */
import type { Certainty, EvidenceSource } from '../../types.ts'

export interface PageData {
  /** A dashboard that is updated, rather than a report that is finished. */
  live: boolean
  title: string
  sources: { name: string; detail: string }[]
  sourcesTotal: number
  /** Whole seconds since 1970. */
  base: number
  from: number
  to: number
  /** The question answered: one sentence a pool, the surest first. */
  answers: { sentence: string; certainty: Certainty | '' }[]
  totals: { packets: number; bytes: number; flows: number; sessions: number }
  /** What is open now; only of live sources. */
  now?: { flows: number; sessions: number; at: number }
  /** How many sessions were open at each stats record; only of live sources. */
  open?: PoolData
  /** Addresses that sessions and pools name by index. */
  servers: string[]
  pools: PoolData[]
  sessions: SessionColumns
  evidence: { sentences: Sentence[]; sets: number[][] }
  labels: LabelData[]
  labelsRest: { labels: number; flows: number; bytes: number }
  hosts: HostData[]
  hostsTotal: number
  /** Less active hosts were discarded to bound the memory: counts may be too low. */
  hostsApproximate: boolean
  flows: FlowData[]
  notices: { at: number; name: string; says: string }[]
  noticesTotal: number
  /** Packets that are in no flow, and why. */
  unseen: { what: string; reason: string; packets: number }[]
  /** How the data were measured: pairs of a name and a sentence. */
  method: [name: string, says: string][]
}

/** One pool at one server, or over all of them (no `server`). */
export interface PoolData {
  pool: string
  server?: number
  /** 0: not known. */
  slots: number
  /** Those that are open among them. */
  sessions: number
  open: number
  peak: number
  peakAt?: number
  peakSeconds: number
  peakTotalSeconds: number
  mean: number
  p50?: number
  p95?: number
  slotsUsed: number
  highestSlot?: number
  /** Absent: not known. */
  saturatedSeconds?: number
  idleTimeout?: number
  sensitivity: { idleTimeout: number; sessions: number; peak: number }[]
  certainty: Certainty
  rejected: { reason: string; label: string; flows: number }[]
  curve?: ConcurrencyCurve
}

/** How many sessions there were at once, over time. */
export interface ConcurrencyCurve {
  /** Seconds that one value covers; 0: every change is listed. */
  binSeconds: number
  at: number[]
  /** From `at` on; of a bin the greatest number. */
  most: number[]
  /** The least number of a bin; empty if every change is listed. */
  least: number[]
}

/** One array a field; place i is session i, in the order of their records, those that are still open last. */
export interface SessionColumns {
  /** Number of ended sessions; the arrays hold the last of them. */
  total: number
  id: string[]
  /** Place in `poolNames`. */
  pool: number[]
  poolNames: string[]
  server: number[]
  slot: number[]
  slotIndex: number[]
  start: number[]
  /** Of an open session the instant of its open_session record. */
  end: number[]
  packets: number[]
  bytes: number[]
  certainty: Certainty[]
  /** '' while it is open. */
  endReason: string[]
  /** 1: open at the start, 2: open at the end, 3: both. */
  open: number[]
  client: string[]
  /** Clients beyond the first. */
  moreClients: number[]
  flows: string[]
  /** Place in evidence.sets, -1 for none. */
  evidence: number[]
  /** Time of the last packet so far of each open session; these are the last `openLastPacket.length` sessions. */
  openLastPacket: number[]
}

export interface Sentence {
  source: EvidenceSource
  says: string
  for: string
  weight: number
}

/** Confirmed, likely, possible, unknown. */
export type ByCertainty = [confirmed: number, likely: number, possible: number, unknown: number]

export interface LabelData {
  label: string
  category: string
  flows: ByCertainty
  bytes: ByCertainty
}

export interface HostData {
  ip: string
  bytes: number
  packets: number
  flowsAsClient: number
  flowsAsServer: number
}

export interface FlowData {
  id: string
  client: string
  server: string
  transport: string
  label: string
  certainty: Certainty
  hostname: string
  start: number
  seconds: number
  packets: number
  bytes: number
  evidence: number
}
