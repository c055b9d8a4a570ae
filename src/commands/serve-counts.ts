/**
 * Counts of the run that wrote the records which a dashboard reads. Stats records, flows and summaries each count what
 * was analysed, and each is incomplete in its own way: the current window, open flows and the end are still missing. So
 * every sum is a lower bound, and the greatest is the closest.
 */
import type { FlowhawkRecord, StatsRecord, SummaryRecord } from '../report/record/record-types.ts'
import { NOTHING_COUNTED, type RunCounts } from '../service/counts.ts'

type Sum = Omit<RunCounts, 'liveFlows' | 'liveSessions'>

const newSum = (): Sum => ({ ...NOTHING_COUNTED, dropped: {} })

export class RecordCounts {
  readonly #stats = newSum()
  readonly #summaries = newSum()
  readonly #ended = newSum()
  #liveFlows = 0
  #liveSessions = 0

  add(record: FlowhawkRecord): void {
    if (record.type === 'flow') {
      this.#ended.flows++
      this.#ended.packets += record.src_packets + record.dst_packets
      this.#ended.wireBytes += record.src_wire_bytes + record.dst_wire_bytes
    } else if (record.type === 'session') this.#ended.sessions++
    else if (record.type === 'summary') addTo(this.#summaries, record)
    else if (record.type === 'stats') {
      addTo(this.#stats, record)
      this.#liveFlows = record.live_flows
      this.#liveSessions = record.live_sessions
    }
  }

  get now(): RunCounts {
    const sums = [this.#stats, this.#summaries, this.#ended]
    const greatest = (count: (sum: Sum) => number) => Math.max(...sums.map(count))
    return {
      packets: greatest(({ packets }) => packets),
      wireBytes: greatest(({ wireBytes }) => wireBytes),
      dropped: {
        kernel: greatestKnown(sums.map(({ dropped }) => dropped.kernel)),
        interface: greatestKnown(sums.map(({ dropped }) => dropped.interface)),
      },
      flows: greatest(({ flows }) => flows),
      sessions: greatest(({ sessions }) => sessions),
      evictedFlows: greatest(({ evictedFlows }) => evictedFlows),
      recordsLost: greatest(({ recordsLost }) => recordsLost),
      liveFlows: this.#liveFlows,
      liveSessions: this.#liveSessions,
    }
  }
}

function addTo(sum: Sum, record: StatsRecord | SummaryRecord): void {
  sum.packets += record.packets
  sum.wireBytes += record.wire_bytes
  sum.flows += record.flows
  sum.sessions += record.sessions
  sum.evictedFlows += record.evicted_flows
  sum.recordsLost += record.records_lost ?? 0
  for (const where of ['kernel', 'interface'] as const) {
    const dropped = record.dropped?.[where]
    if (dropped !== undefined) sum.dropped[where] = (sum.dropped[where] ?? 0) + dropped
  }
}

/** Undefined where it is unknown. */
function greatestKnown(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}
