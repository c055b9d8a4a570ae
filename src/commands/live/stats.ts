/** The counts of a live run, and its stats records: each contains what was counted since the one before. */
import type { LiveSource } from '../../capture/live/live-types.ts'
import type { Pipeline } from '../../pipeline.ts'
import type { OutputSink } from '../../report/sink.ts'
import { countsBetween, NOTHING_COUNTED, type RunCounts } from '../../service/counts.ts'
import { safeText } from '../../text.ts'
import { instantOf, type LiveOutputs } from './output.ts'

export interface Counted {
  source: LiveSource
  pipeline: Pipeline
  outputs: LiveOutputs
}

export function countsOf({ source, pipeline, outputs }: Counted): RunCounts {
  const { packets, wireBytes, flows, sessions } = pipeline.summary
  return {
    packets,
    wireBytes,
    dropped: { ...source.dropped },
    flows,
    sessions,
    evictedFlows: pipeline.flows.evicted,
    recordsLost: outputs.lost,
    liveFlows: pipeline.liveFlows,
    liveSessions: pipeline.liveSessions,
  }
}

/** One line for a person. */
export function countsText(name: string, seconds: number, counts: RunCounts): string {
  const { kernel, interface: device } = counts.dropped
  const dropped = kernel === undefined && device === undefined ? 'unknown' : (kernel ?? 0) + (device ?? 0)
  const says = [
    `${safeText(name)}: ${Math.round(seconds)} s`,
    `${counts.packets} packets`,
    `${counts.wireBytes} bytes`,
    `dropped ${dropped}`,
    `${counts.flows} flows ended`,
    `${counts.liveFlows} alive`,
    `${counts.sessions} sessions ended`,
    `${counts.liveSessions} alive`,
    `${counts.recordsLost} records lost`,
  ]
  return says.join(', ')
}

/** Open sessions of one pool that get records; further ones are only counted. */
const MAX_OPEN_SESSIONS = 2000

/** What was counted since the last stats record. */
export class StatsWindow {
  startMs = Date.now()
  readonly #counted: Counted
  readonly #sink: OutputSink
  readonly #writesOpenSessions: boolean
  #before = NOTHING_COUNTED

  /** `writesOpenSessions`: an open_session record of each open session precedes the stats record. */
  constructor(counted: Counted, sink: OutputSink, writesOpenSessions: boolean) {
    this.#counted = counted
    this.#sink = sink
    this.#writesOpenSessions = writesOpenSessions
  }

  /** Writes the record and begins the next window. */
  write(): void {
    const counts = countsOf(this.#counted)
    const between = countsBetween(this.#before, counts)
    const endMs = Math.max(this.startMs, Date.now())
    const end = instantOf(endMs)
    if (this.#writesOpenSessions) {
      const open = this.#counted.pipeline.pools.openSessions(MAX_OPEN_SESSIONS)
      for (const session of open) this.#sink.openSession(session, end)
    }
    this.#sink.stats({
      ...between,
      start: instantOf(this.startMs),
      end,
      recordsLost: between.recordsLost || undefined,
    })
    this.startMs = endMs
    this.#before = counts
  }
}
