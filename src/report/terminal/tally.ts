/**
 * A sink that keeps what the summary for a person needs, in bounded memory: labels with their shares, pools, the
 * changes of their concurrency, the sessions that may be shown at a peak, notices, and the summary.
 */
import { endpoint } from '../../address.ts'
import type {
  CaptureInfo,
  Certainty,
  ClosedFlow,
  Concurrency,
  Notice,
  PoolReport,
  Session,
  Summary,
} from '../../types.ts'
import { createGreatest, type Greatest } from '../overview/busiest.ts'
import { factsOf } from '../overview/flow.ts'
import { joinWindows } from '../read/windows.ts'
import type { OutputSink } from '../sink.ts'
import { Failures } from './failures.ts'

const MAX_CAPTURES = 10
const MAX_LABELS = 20_000
const MAX_FLOWS = 8
const MAX_SESSIONS = 50_000
const MAX_POOLS = 10_000
const MAX_NOTICES = 100
/** Changes of concurrency of one pool that are kept for its curve. */
const MAX_CHANGES = 500_000

export interface LabelTally {
  flows: number
  wireBytes: number
  certainties: Record<Certainty, number>
}

/** A flow as a list shows it. */
export interface ListedFlow {
  flowId: string
  /** "tcp 10.0.0.1:50123 > 192.0.2.1:443" */
  ends: string
  wireBytes: number
  label: string
  certainty: Certainty
  hostname?: string
}

/** When the number of sessions changed, over all servers of a pool, not yet in order of time. */
export interface LevelChanges {
  times: number[]
  steps: number[]
  /** Later changes were not kept. */
  cut: boolean
}

export interface Tally extends OutputSink {
  readonly captures: CaptureInfo[]
  readonly captureCount: number
  readonly labels: Map<string, LabelTally>
  /** Those with the most bytes. */
  readonly busiestFlows: Pick<Greatest<ListedFlow>, 'list'>
  readonly failures: Failures
  readonly sessionsById: Map<string, Session>
  readonly sessionCount: number
  readonly pools: PoolReport[]
  readonly levelChanges: Map<string, LevelChanges>
  readonly notices: Notice[]
  readonly noticeCount: number
  readonly summaryValue: Summary | undefined
}

export function createTally(): Tally {
  const levels = new Map<string, number>()
  /** By pool and server: where its report is, which are made of several, and how many sessions there were. */
  const places = new Map<string, number>()
  const joined = new Set<number>()
  const sessions = new Map<string, number>()
  const busiestFlows = createGreatest(MAX_FLOWS, compareListed, ({ wireBytes }: ListedFlow) => wireBytes)
  const tally = {
    captures: [] as CaptureInfo[],
    captureCount: 0,
    labels: new Map<string, LabelTally>(),
    busiestFlows,
    failures: new Failures(),
    sessionsById: new Map<string, Session>(),
    sessionCount: 0,
    pools: [] as PoolReport[],
    levelChanges: new Map<string, LevelChanges>(),
    notices: [] as Notice[],
    noticeCount: 0,
    summaryValue: undefined as Summary | undefined,

    capture(info: CaptureInfo): void {
      tally.captureCount++
      if (tally.captures.length < MAX_CAPTURES) tally.captures.push(info)
    },
    flow(flow: ClosedFlow): void {
      addFlow(tally.labels, flow)
      tally.failures.add(flow)
      if (busiestFlows.wants(flow.src.wireBytes + flow.dst.wireBytes)) busiestFlows.add(listedFlow(flow))
    },
    session(session: Session): void {
      tally.sessionCount++
      for (const key of [placeOf(session.pool, session.serverIp), placeOf(session.pool)])
        if (sessions.has(key) || sessions.size < MAX_POOLS) sessions.set(key, (sessions.get(key) ?? 0) + 1)
      if (tally.sessionsById.size < MAX_SESSIONS) tally.sessionsById.set(session.sessionId, session)
    },
    pool(report: PoolReport): void {
      const key = placeOf(report.pool, report.serverIp)
      const known = places.get(key)
      // A live run reports window by window.
      if (known !== undefined) {
        tally.pools[known] = joinWindows(tally.pools[known], report)
        joined.add(known)
      } else if (tally.pools.length < MAX_POOLS) places.set(key, tally.pools.push(report) - 1)
    },
    concurrency: (change: Concurrency) => addChange(tally.levelChanges, levels, change),
    notice(notice: Notice): void {
      tally.noticeCount++
      if (tally.notices.length < MAX_NOTICES) tally.notices.push(notice)
    },
    openSession: () => undefined,
    stats: () => undefined,
    summary(summary: Summary): void {
      for (const place of joined) {
        const report = tally.pools[place]
        const ended = sessions.get(placeOf(report.pool, report.serverIp))
        tally.pools[place] = { ...report, sessions: ended ?? report.sessions }
      }
      tally.summaryValue = summary
    },
    drained: () => undefined,
    end: async () => undefined,
  }
  return tally
}

function placeOf(pool: string, serverIp = ''): string {
  return `${pool} ${serverIp}`
}

function addFlow(labels: Map<string, LabelTally>, flow: ClosedFlow): void {
  const { label, certainty } = flow.verdict
  let entry = labels.get(label)
  if (entry === undefined) {
    if (labels.size >= MAX_LABELS) return
    entry = { flows: 0, wireBytes: 0, certainties: { confirmed: 0, likely: 0, possible: 0, unknown: 0 } }
    labels.set(label, entry)
  }
  entry.flows++
  entry.wireBytes += flow.src.wireBytes + flow.dst.wireBytes
  entry.certainties[certainty]++
}

function listedFlow(flow: ClosedFlow): ListedFlow {
  const facts = factsOf(flow)
  const src = endpoint(facts.src_ip, facts.src_port)
  const dst = endpoint(facts.dst_ip, facts.dst_port)
  return {
    flowId: facts.flow_id,
    ends: `${facts.transport} ${src} > ${dst}`,
    wireBytes: facts.src_wire_bytes + facts.dst_wire_bytes,
    label: facts.label,
    certainty: facts.certainty,
    hostname: facts.hostname,
  }
}

function compareListed(a: ListedFlow, b: ListedFlow): number {
  return b.wireBytes - a.wireBytes || (a.flowId < b.flowId ? -1 : 1)
}

function addChange(
  levelChanges: Map<string, LevelChanges>,
  levels: Map<string, number>,
  change: Concurrency,
): void {
  let changes = levelChanges.get(change.pool)
  if (changes === undefined) {
    changes = { times: [], steps: [], cut: false }
    levelChanges.set(change.pool, changes)
  }
  const server = `${change.pool} ${change.serverIp}`
  if (changes.times.length >= MAX_CHANGES || levels.size > MAX_POOLS) {
    changes.cut = true
    return
  }
  changes.times.push(change.at[0] + change.at[1] / 1e9)
  changes.steps.push(change.sessions - (levels.get(server) ?? 0))
  levels.set(server, change.sessions)
}
