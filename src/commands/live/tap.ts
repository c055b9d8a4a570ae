/** A sink that adds the owning process to flows and sessions, and counts sessions for the metrics. */
import type { OutputSink } from '../../report/sink.ts'
import type { Metrics } from '../../service/metrics.ts'
import type { Processes } from '../../service/process.ts'

export function tapSink(sink: OutputSink, taps: { processes?: Processes; metrics?: Metrics }): OutputSink {
  const { processes, metrics } = taps
  return {
    ...sink,
    flow(flow) {
      flow.process = processes?.ofFlow(flow)
      sink.flow(flow)
    },
    session(session) {
      session.process = processes?.ofSession(session)
      metrics?.countSession(session.pool, session.serverIp)
      sink.session(session)
    },
  }
}
