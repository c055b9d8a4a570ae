/**
 * Reports of a running pipeline. In: a pipeline between two batches, about once a second; out: windows of pools that are
 * over and notices, into the sink; the slots in use and the busiest flows, for display. No memory grows with the length
 * of the run.
 */
import * as row from './flow/layout.ts'
import { createClosedFlow } from './flow/view.ts'
import type { Pipeline } from './pipeline.ts'
import { type Alert, PoolWatch, type Watched } from './pool/counting/watch.ts'
import type { PoolLevel } from './pool/session/open.ts'
import type { ClosedFlow, RecordSink } from './types.ts'

export type { Alert, PoolLevel, Watched }

export interface WatchOptions {
  /** Seconds that one pool record covers. */
  poolWindowSec: number
  alerts: readonly Alert[]
}

export class PipelineWatch {
  private readonly pipeline: Pipeline
  private readonly pools: PoolWatch
  private present: readonly PoolLevel[] = []

  /** Make it before the first packet. */
  constructor(pipeline: Pipeline, options: WatchOptions) {
    this.pipeline = pipeline
    this.pools = new PoolWatch(options.alerts)
    pipeline.pools.cutWindows(options.poolWindowSec)
  }

  /** Writes the windows that are over and new notices. */
  update(sink: RecordSink): void {
    const { clock, pools } = this.pipeline
    this.present = pools.levels
    const crossings = this.pools.update(this.present)
    const reports = pools.takeReports([clock.sec, clock.nsec])
    for (const change of reports.concurrency) sink.concurrency(change)
    for (const report of reports.pools) sink.pool(report)
    for (const notice of [...reports.notices, ...crossings]) sink.notice(notice)
  }

  /** Slots in use at the last update. */
  get levels(): readonly PoolLevel[] {
    return this.present
  }

  /** These and recently used ones, with their peaks. */
  get watched(): readonly Watched[] {
    return this.pools.watched
  }

  /** Flows that began since the start. */
  get begun(): number {
    return this.pipeline.liveFlows + this.pipeline.summary.flows
  }
}

/** `sessions`: flows on slots of pools come first. */
export const FLOW_ORDERS = ['bytes', 'packets', 'sessions'] as const
export type FlowOrder = (typeof FLOW_ORDERS)[number]

/** A live flow and its rates since the last sample. */
export interface BusyFlow {
  flow: ClosedFlow
  bytesPerSec: number
  packetsPerSec: number
}

/** The live flows with most traffic between two samples. */
export class BusyFlows {
  private readonly pipeline: Pipeline
  /** By row: the flow's serial number, and its counters at the last sample. */
  private serials = new Int32Array(0)
  private bytes = new Float64Array(0)
  private packets = new Float64Array(0)
  private sampledMs: number | undefined

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline
  }

  /** Reads every live flow: call it once a second at most. Returns the first `limit` flows in each order. */
  sample(nowMs: number, limit: number): Record<FlowOrder, BusyFlow[]> {
    const { flows } = this.pipeline
    const seconds = Math.max(0.001, (nowMs - (this.sampledMs ?? nowMs - 1000)) / 1000)
    this.sampledMs = nowMs
    const best = { bytes: [], packets: [], sessions: [] }
    for (const each of flows.liveRows()) this.consider(each, best, limit)
    const described = new Map<number, BusyFlow>()
    const busy = ({ row: each, bytes, packets }: Candidate) => {
      const known = described.get(each)
      if (known !== undefined) return known
      const made = {
        flow: this.describe(each),
        bytesPerSec: bytes / seconds,
        packetsPerSec: packets / seconds,
      }
      described.set(each, made)
      return made
    }
    return {
      bytes: best.bytes.map(busy),
      packets: best.packets.map(busy),
      sessions: best.sessions.map(busy),
    }
  }

  private consider(each: number, best: Record<FlowOrder, Candidate[]>, limit: number): void {
    const { pages } = this.pipeline.flows
    const words = pages.words[row.pageOf(each)]
    const at = row.offsetOf(each)
    const bytes = pages.total(each, row.WIRE_BYTES) + pages.total(each, row.WIRE_BYTES + row.SIDE_WORDS)
    const packets = (words[at + row.PACKETS] >>> 0) + (words[at + row.PACKETS + row.SIDE_WORDS] >>> 0)
    if (each >= this.serials.length) this.grow(each)
    const known = this.serials[each] === words[at + row.SERIAL]
    const newBytes = known ? bytes - this.bytes[each] : bytes
    const newPackets = known ? packets - this.packets[each] : packets
    this.serials[each] = words[at + row.SERIAL]
    this.bytes[each] = bytes
    this.packets[each] = packets
    const onSlot = words[at + row.POOL_HANDLE] >= 0 ? ON_SLOT : 0
    const weights = { bytes: newBytes, packets: newPackets, sessions: newBytes + onSlot }
    for (const order of FLOW_ORDERS) {
      const list = best[order]
      const weight = weights[order]
      if (list.length < limit || weight > list[limit - 1].weight)
        place(list, { row: each, bytes: newBytes, packets: newPackets, weight }, limit)
    }
  }

  private grow(least: number): void {
    const length = Math.max(1024, 2 ** Math.ceil(Math.log2(least + 1)))
    const { serials, bytes, packets } = this
    this.serials = new Int32Array(length).fill(-1)
    this.serials.set(serials)
    this.bytes = new Float64Array(length)
    this.bytes.set(bytes)
    this.packets = new Float64Array(length)
    this.packets.set(packets)
  }

  private describe(each: number): ClosedFlow {
    const flow = createClosedFlow()
    this.pipeline.classifier.describe(this.pipeline.flows.pages, each, flow)
    return flow
  }
}

/** More than any flow can send between two samples. */
const ON_SLOT = 2 ** 50

interface Candidate {
  row: number
  bytes: number
  packets: number
  weight: number
}

/** Keeps the list at `limit`, greatest weight first, the older flow first among equals. */
function place(best: Candidate[], candidate: Candidate, limit: number): void {
  let at = best.length
  while (at > 0 && best[at - 1].weight < candidate.weight) at--
  best.splice(at, 0, candidate)
  if (best.length > limit) best.pop()
}
