/** The pools of the terminal summary: their course, their peak, the sessions that prove it, what was rejected. */
import { safeText } from '../text.ts'
import type { Instant, PoolReport, RejectReason, Session } from '../types.ts'
import { counted, durationText, grouped, levelsOverTime, padEnd, padStart, sparkline } from './layout.ts'
import type { Tally } from './tally.ts'
import type { Paint } from './terminal.ts'
import { readableTime } from './time.ts'

const MAX_PROOF = 8
const MAX_REPORTS = 12
const MAX_SESSIONS = 200
const MAX_SPARK_COLUMNS = 60
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

export function poolSection(tally: Tally, paint: Paint, columns: number): string[] {
  const reports = tally.pools.filter((report) => isWorthShowing(report, tally))
  if (reports.length === 0) return []
  const lines = reports.slice(0, MAX_REPORTS).flatMap((report) => poolLines(report, tally, paint, columns))
  if (reports.length > MAX_REPORTS) {
    lines.push(
      `  and ${counted(reports.length - MAX_REPORTS, 'more server')}; the pool records have them all`,
    )
  }
  return [paint.strong('Pools'), ...lines]
}

/** Where a pool has one server only, its own report says it all. */
function isWorthShowing({ pool, serverIp }: PoolReport, tally: Tally): boolean {
  const servers = tally.pools.filter((each) => each.pool === pool && each.serverIp !== undefined).length
  return serverIp !== undefined || servers !== 1
}

function poolLines(report: PoolReport, tally: Tally, paint: Paint, columns: number): string[] {
  const where = report.serverIp === undefined ? 'over all servers' : `on ${report.serverIp}`
  const name = paint.accent(safeText(report.pool))
  if (report.sessions === 0) return [`  ${name} ${where}: no session`, ...rejectedLines(report)]
  const slots = `${grouped(report.peak)} of ${counted(report.slots, 'slot')} at the peak`
  const lines = [
    `  ${name} ${where}: ${counted(report.sessions, 'session')}, ${slots}, mean ${decimal(report.mean)}, ${report.certainty}`,
  ]
  const curve = courseLine(report, tally, Math.min(MAX_SPARK_COLUMNS, columns - 6))
  if (curve !== '') lines.push(`    ${paint.accent(curve)}`)
  if (report.peakAt !== undefined) lines.push(...peakLines(report, tally, paint))
  if (report.saturatedSeconds > 0) {
    lines.push(`    ${paint.warn('full')} for ${durationText(report.saturatedSeconds)}: no slot was free`)
  }
  return [...lines, ...rejectedLines(report)]
}

/** The sparkline stands once a pool: at the report over all servers, or at the only server. */
function courseLine(report: PoolReport, tally: Tally, columns: number): string {
  const servers = tally.pools.filter(
    ({ pool, serverIp }) => pool === report.pool && serverIp !== undefined,
  ).length
  const course = tally.courses.get(report.pool)
  if (course === undefined || course.cut || (report.serverIp !== undefined && servers > 1)) return ''
  const from = report.windowStart[0] + report.windowStart[1] / 1e9
  const to = report.windowEnd[0] + report.windowEnd[1] / 1e9
  return sparkline(levelsOverTime(course, from, to, columns))
}

function peakLines(report: PoolReport, tally: Tally, paint: Paint): string[] {
  const at = readableTime(report.peakAt as Instant, 3)
  const lines = [
    `    peak ${grouped(report.peak)} at ${at} for ${durationText(report.peakDuration)}, proved by`,
  ]
  for (const id of report.peakSessionIds.slice(0, MAX_PROOF)) {
    const session = tally.sessionsById.get(id)
    lines.push(session === undefined ? `      session ${id}` : `      ${sessionText(session)}`)
  }
  const more = report.peakSessionIdsTotal - Math.min(MAX_PROOF, report.peakSessionIds.length)
  if (more > 0) lines.push(paint.faint(`      and ${grouped(more)} more`))
  return lines
}

function rejectedLines(report: PoolReport): string[] {
  return report.rejected.map(({ reason, label, flows }) => {
    const as = label === '' || label === 'unknown' ? '' : ` (${safeText(label)})`
    return `    not counted: ${counted(flows, 'flow')}, ${REJECTED[reason] ?? safeText(reason)}${as}`
  })
}

/** Every session, for `flowhawk sessions`. */
export function sessionSection(tally: Tally, paint: Paint): string[] {
  const sessions = [...tally.sessionsById.values()].slice(0, MAX_SESSIONS)
  if (sessions.length === 0) return []
  const lines = sessions.map((session) => {
    return `  ${padEnd(safeText(session.pool), 13)} ${sessionText(session)}  ${session.certainty}${openText(session)}`
  })
  if (tally.sessionCount > lines.length) {
    lines.push(`  and ${grouped(tally.sessionCount - lines.length)} more; the session records have them all`)
  }
  return [paint.strong('Sessions'), ...lines]
}

function sessionText(session: Session): string {
  const [client] = session.clients
  const others = session.clientsTotal > 1 ? ` and ${session.clientsTotal - 1} more` : ''
  const who = client === undefined ? '' : `${endpoint(client.ip, client.port)}${others}`
  const start = readableTime([session.startSec, session.startNsec])
  const seconds = session.endSec - session.startSec + (session.endNsec - session.startNsec) / 1e9
  const span = `${start.slice(0, -4)} + ${durationText(Math.max(0, seconds))}`
  return `slot ${padStart(String(session.slot), 5)}  ${padEnd(who, 21)}  ${span}`
}

function endpoint(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function openText({ openAtStart, openAtEnd }: Session): string {
  if (openAtStart && openAtEnd) return ', open at both ends'
  return openAtStart ? ', open at the start' : openAtEnd ? ', open at the end' : ''
}

function decimal(value: number): string {
  return String(Number(value.toFixed(2)))
}
