/** The pools of the terminal summary: a sparkline, the peak, the sessions at the peak, what was rejected. */
import { endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import type { Instant, PoolReport, RejectReason, Session } from '../../types.ts'
import { readableTime } from '../record/time.ts'
import {
  counted,
  displayWidth,
  durationText,
  grouped,
  levelsOverTime,
  padEnd,
  padStart,
  sparkline,
} from './layout.ts'
import type { Paint } from './paint.ts'
import type { Tally } from './tally.ts'

const MAX_PROOF = 8
const MAX_POOLS = 12
const MAX_SERVERS = 12
const MAX_SESSIONS = 200
const MAX_SPARK_COLUMNS = 60
/** Lengths of "2021-03-04" and of "2021-03-04 05:06:07". */
const DATE = 10
const DATE_TIME = 19
const REJECTED: Record<RejectReason, string> = {
  probe: 'only probed',
  scan: 'part of a scan',
  one_way: 'never answered',
  client_port: 'client side of another service',
  both_in_range: 'both ends in the range',
  multicast: 'multicast or broadcast',
  other_protocol: 'another protocol by its payload',
  other_pool: 'belongs to another pool',
}

/** One block a pool: over all its servers, and a line for each where several have sessions. */
export function poolSection(tally: Tally, paint: Paint, columns: number): string[] {
  const totals = tally.pools.filter(({ serverIp }) => serverIp === undefined)
  if (totals.length === 0) return []
  const reports = [
    ...totals.filter(({ sessions }) => sessions > 0),
    ...totals.filter(({ sessions }) => sessions === 0),
  ]
  const lines = reports.slice(0, MAX_POOLS).flatMap((report) => poolLines(report, tally, paint, columns))
  if (reports.length > MAX_POOLS) {
    lines.push(`  and ${counted(reports.length - MAX_POOLS, 'more pool')}; the pool records have them all`)
  }
  return [paint.strong('Pools'), ...lines]
}

/** The servers of a pool that had sessions. */
export function busyServers(tally: Tally, name: string): PoolReport[] {
  return tally.pools.filter(
    ({ pool, serverIp, sessions }) => pool === name && serverIp !== undefined && sessions > 0,
  )
}

function poolLines(report: PoolReport, tally: Tally, paint: Paint, columns: number): string[] {
  const name = paint.accent(safeText(report.pool))
  if (report.sessions === 0) return [`  ${name}: no session`, ...rejectedLines(report, paint)]
  const servers = busyServers(tally, report.pool)
  const where = servers.length === 1 ? servers[0].serverIp : counted(servers.length, 'server')
  const lines = [`  ${name} on ${where}: ${countsText(report)}`]
  const curve = sparklineOf(report, tally, Math.min(MAX_SPARK_COLUMNS, columns - 6))
  if (curve !== '') lines.push(`    ${paint.accent(curve)}`)
  if (report.peakAt !== undefined) lines.push(...peakLines(report, tally, paint))
  if (report.saturatedSeconds > 0) {
    lines.push(`    ${paint.warn('full')} for ${durationText(report.saturatedSeconds)}: no slot was free`)
  }
  if (servers.length > 1) {
    lines.push(...servers.slice(0, MAX_SERVERS).map((each) => `    on ${each.serverIp}: ${countsText(each)}`))
  }
  if (servers.length > MAX_SERVERS) {
    lines.push(
      `    and ${counted(servers.length - MAX_SERVERS, 'more server')}; the pool records have them all`,
    )
  }
  return [...lines, ...rejectedLines(report, paint)]
}

function countsText({ sessions, peak, slots, mean, certainty }: PoolReport): string {
  const most = `peak ${grouped(peak)} of ${counted(slots, 'slot')}`
  return `${counted(sessions, 'session')}, ${most}, mean ${decimal(mean)}, ${certainty}`
}

function sparklineOf(report: PoolReport, tally: Tally, columns: number): string {
  const changes = tally.levelChanges.get(report.pool)
  if (changes === undefined || changes.cut) return ''
  const from = report.windowStart[0] + report.windowStart[1] / 1e9
  const to = report.windowEnd[0] + report.windowEnd[1] / 1e9
  return sparkline(levelsOverTime(changes, from, to, columns))
}

function peakLines(report: PoolReport, tally: Tally, paint: Paint): string[] {
  const at = readableTime(report.peakAt as Instant, 3)
  const lines = [`    peak at ${at} for ${durationText(report.peakDuration)}, proved by`]
  const { peakSessionIds, peakSessionIdsTotal } = report
  // A line that says "and 1 more" has room for that one.
  const ids = peakSessionIds.slice(0, peakSessionIdsTotal === MAX_PROOF + 1 ? MAX_PROOF + 1 : MAX_PROOF)
  const known = ids.flatMap((id) => tally.sessionsById.get(id) ?? [])
  const width = clientWidth(known)
  const several = new Set(known.map(({ serverIp }) => serverIp)).size > 1
  for (const id of ids) {
    const session = tally.sessionsById.get(id)
    const where = several && session !== undefined ? ` on ${session.serverIp}` : ''
    const says =
      session === undefined
        ? `session ${id}`
        : `slot ${sessionText(session, dateOf(report.peakAt), width)}${where}`
    lines.push(`      ${says}`)
  }
  const more = peakSessionIdsTotal - ids.length
  if (more > 0) lines.push(paint.faint(`      and ${grouped(more)} more`))
  return lines
}

function rejectedLines(report: PoolReport, paint: Paint): string[] {
  return report.rejected.map(({ reason, label, flows }) => {
    const as = label === '' || label === 'unknown' ? '' : ` (${safeText(label)})`
    return paint.faint(`    not counted: ${counted(flows, 'flow')}, ${REJECTED[reason]}${as}`)
  })
}

/** Every session, for `flowhawk sessions`: server by server, as a slot is one of a server. */
export function sessionSection(tally: Tally, paint: Paint): string[] {
  const sessions = [...tally.sessionsById.values()].slice(0, MAX_SESSIONS)
  if (sessions.length === 0) return []
  const date = dateOf(tally.summaryValue?.firstPacketAt)
  const groups = new Map<string, Session[]>()
  for (const session of sessions) {
    const title = `${safeText(session.pool)} on ${session.serverIp}, ${session.certainty}`
    const group = groups.get(title)
    if (group === undefined) groups.set(title, [session])
    else group.push(session)
  }
  const width = clientWidth(sessions)
  const lines = [...groups].flatMap(([title, group]) => [
    `  ${title}`,
    ...group.map((session) => `    ${sessionText(session, date, width)}${openText(session)}`),
  ])
  const more = tally.sessionCount - sessions.length
  if (more > 0) lines.push(`  and ${grouped(more)} more; the session records have them all`)
  return [paint.strong('Sessions: slot, client, first packet to last'), ...lines]
}

/** Where a session begins on `date`, only its times are shown. */
function sessionText(session: Session, date: string, width: number): string {
  const span = spanText([session.startSec, session.startNsec], [session.endSec, session.endNsec], date)
  return `${padStart(String(session.slot), 5)}  ${padEnd(clientText(session), width)}  ${span}`
}

function clientText({ clients: [client], clientsTotal }: Session): string {
  const others = clientsTotal > 1 ? ` and ${clientsTotal - 1} more` : ''
  return client === undefined ? '' : `${endpoint(client.ip, client.port)}${others}`
}

function clientWidth(sessions: readonly Session[]): number {
  return Math.max(0, ...sessions.map((session) => displayWidth(clientText(session))))
}

/** Both instants in UTC, without dates that were already shown. */
function spanText(from: Instant, to: Instant, date: string): string {
  const seconds = Math.max(0, to[0] - from[0] + (to[1] - from[1]) / 1e9)
  return `${timeAfter(from, date)} to ${timeAfter(to, dateOf(from))} (${durationText(seconds)})`
}

function dateOf(instant: Instant | undefined): string {
  return instant === undefined ? '' : readableTime(instant).slice(0, DATE)
}

function timeAfter(instant: Instant, date: string): string {
  return readableTime(instant).slice(dateOf(instant) === date ? DATE + 1 : 0, DATE_TIME)
}

function openText({ openAtStart, openAtEnd }: Session): string {
  if (openAtStart && openAtEnd) return '  open at both'
  return openAtStart ? '  open at start' : openAtEnd ? '  open at end' : ''
}

function decimal(value: number): string {
  return String(Number(value.toFixed(2)))
}
