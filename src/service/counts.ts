/** The counts of a run so far: for stats records, metrics, the live view and the line that SIGUSR1 prints. */
export interface RunCounts {
  packets: number
  wireBytes: number
  /** Absent where the backend does not know. */
  dropped: { kernel?: number; interface?: number }
  /** Ended so far. */
  flows: number
  sessions: number
  evictedFlows: number
  /** Lines that were dropped because the output was full. */
  recordsLost: number
  /** At this moment. */
  liveFlows: number
  liveSessions: number
}

/** The differences of the counters; the gauges are those of `now`. */
export function countsBetween(before: RunCounts, now: RunCounts): RunCounts {
  return {
    packets: now.packets - before.packets,
    wireBytes: now.wireBytes - before.wireBytes,
    dropped: {
      kernel: difference(before.dropped.kernel, now.dropped.kernel),
      interface: difference(before.dropped.interface, now.dropped.interface),
    },
    flows: now.flows - before.flows,
    sessions: now.sessions - before.sessions,
    evictedFlows: now.evictedFlows - before.evictedFlows,
    recordsLost: now.recordsLost - before.recordsLost,
    liveFlows: now.liveFlows,
    liveSessions: now.liveSessions,
  }
}

export const NOTHING_COUNTED: RunCounts = {
  packets: 0,
  wireBytes: 0,
  dropped: {},
  flows: 0,
  sessions: 0,
  evictedFlows: 0,
  recordsLost: 0,
  liveFlows: 0,
  liveSessions: 0,
}

function difference(before: number | undefined, now: number | undefined): number | undefined {
  return now === undefined ? undefined : now - (before ?? 0)
}
