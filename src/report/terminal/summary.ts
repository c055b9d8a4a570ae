/**
 * The summary for a person. In: a tally of a finished run. Out: lines of text for a terminal of a given width. The
 * first line answers the question: how many sessions, how many at once, when, where. Promised: no string from
 * a packet or a file name leaves unescaped; no line is wider than the terminal.
 */
import { CERTAINTIES } from '../../certainty.ts'
import { safeText } from '../../text.ts'
import type { Instant, PoolReport, Summary } from '../../types.ts'
import { etherTypeText } from '../record/ethertypes.ts'
import { readableTime } from '../record/time.ts'
import { FAILURES, type Failure } from './failures.ts'
import {
  bar,
  byteText,
  counted,
  displayWidth,
  durationText,
  fit,
  fold,
  grouped,
  padEnd,
  padStart,
  percent,
  wrap,
} from './layout.ts'
import { type Paint, paintFor } from './paint.ts'
import { busyServers, poolSection, sessionSection } from './pools.ts'
import type { LabelTally, Tally } from './tally.ts'

export interface TerminalOptions {
  columns: number
  color: boolean
  /** Only the pools, with every session. */
  sessionsOnly?: boolean
  linkTypeName(linkType: number): string
}

const MAX_LABELS = 12
const BAR_COLUMNS = 12
const CAPTURE = 'Capture  '
const MIN_COLUMNS = 40
const MAX_REASONS = 12
const MAX_FAILING = 3
const ID_DIGITS = 8
const BYTES_COLUMNS = 7
const NAME_COLUMNS = 60
/** Indentation of the continuation of a folded line. */
const HANGING = 2

export function terminalSummary(tally: Tally, options: TerminalOptions): string {
  const paint = paintFor(options.color)
  const columns = Math.max(MIN_COLUMNS, options.columns)
  const summary = tally.summaryValue
  if (summary === undefined) return ''
  const sections = [
    headline(tally, summary)
      .flatMap((line) => wrap(line, columns))
      .map(paint.strong),
    captureSection(tally, summary, options),
    options.sessionsOnly ? [] : labelSection(tally, paint),
    poolSection(tally, paint, columns),
    options.sessionsOnly ? sessionSection(tally, paint) : flowSection(tally, summary, paint),
    options.sessionsOnly ? [] : failureSection(tally, paint),
    noticeSection(tally, paint),
    undecodedSection(summary, paint),
  ]
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.flatMap((line) => folded(line, columns)))
  return `${text.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** A painted line in as many as it takes: colours take no columns, and one that is too long has none. */
function folded(line: string, columns: number): string[] {
  const bare = line.replace(/\u001b\[\d+m/g, '')
  if (displayWidth(bare) <= columns) return [line]
  return fold(bare, columns, bare.length - bare.trimStart().length + HANGING)
}

// ---------------------------------------------------------------- first lines

function headline(tally: Tally, summary: Summary): string[] {
  const reports = overall(tally).filter(({ sessions }) => sessions > 0)
  reports.sort(
    (a, b) => CERTAINTIES.indexOf(a.certainty) - CERTAINTIES.indexOf(b.certainty) || b.peak - a.peak,
  )
  if (reports.length > 0) return reports.slice(0, 4).map((report) => poolHeadline(report, tally))
  const [top] = topLabels(tally)
  const flows = counted(summary.flows, 'flow')
  if (top === undefined) return [`${flows}, no sessions on a port pool`]
  const share = percent(top[1].wireBytes / totalBytes(tally))
  return [`${flows}, no sessions on a port pool; most bytes: ${safeText(top[0])} (${share})`]
}

function poolHeadline(report: PoolReport, tally: Tally): string {
  const servers = busyServers(tally, report.pool)
  const sure = report.certainty === 'confirmed' ? '' : `${report.certainty} `
  const what = counted(report.sessions, `${sure}${safeText(report.pool)} session`)
  const at = report.peakAt === undefined ? '' : `, at ${readableTime(report.peakAt, 3)}`
  const where =
    servers.length === 1 ? ` on ${servers[0].serverIp}` : ` on ${counted(servers.length, 'server')}`
  return `${what}, at most ${grouped(report.peak)} at once${at}${servers.length === 0 ? '' : where}`
}

/** The report over all servers of each pool. */
function overall(tally: Tally): PoolReport[] {
  return tally.pools.filter(({ serverIp }) => serverIp === undefined)
}

// ---------------------------------------------------------------- capture and labels

function captureSection(tally: Tally, summary: Summary, options: TerminalOptions): string[] {
  const lines = tally.captures.map((info) => {
    const links = info.linkTypes.map(options.linkTypeName).join(', ')
    const form = [info.format, info.compression, links, info.timestampPrecision].filter(Boolean).join(', ')
    return `${safeText(info.source)}  ${form}`
  })
  if (tally.captureCount > lines.length) lines.push(`and ${grouped(tally.captureCount - lines.length)} more`)
  const packets = counted(summary.packets, 'packet')
  lines.push(`${packets}, ${byteText(summary.wireBytes)}, ${counted(summary.flows, 'flow')}`)
  if (summary.firstPacketAt !== undefined && summary.lastPacketAt !== undefined) {
    lines.push(spanText(summary.firstPacketAt, summary.lastPacketAt))
  }
  const room = Math.max(MIN_COLUMNS, options.columns) - CAPTURE.length
  const rows = lines.flatMap((line) => fold(line, room))
  return rows.map((row, i) => (i === 0 ? CAPTURE : ' '.repeat(CAPTURE.length)) + row)
}

function spanText(from: Instant, to: Instant): string {
  const seconds = to[0] - from[0] + (to[1] - from[1]) / 1e9
  return `${readableTime(from)} to ${readableTime(to)} (${durationText(Math.max(0, seconds))})`
}

function totalBytes(tally: Tally): number {
  let bytes = 0
  for (const { wireBytes } of tally.labels.values()) bytes += wireBytes
  return bytes || 1
}

function topLabels(tally: Tally): [string, LabelTally][] {
  return [...tally.labels].sort(
    (a, b) => b[1].wireBytes - a[1].wireBytes || b[1].flows - a[1].flows || (a[0] < b[0] ? -1 : 1),
  )
}

function labelSection(tally: Tally, paint: Paint): string[] {
  const labels = topLabels(tally)
  if (labels.length === 0) return []
  const bytes = totalBytes(tally)
  const shown = labels.slice(0, MAX_LABELS)
  const width = Math.max(12, ...shown.map(([label]) => safeText(label).length))
  const lines = shown.map(([label, entry]) => {
    const share = entry.wireBytes / bytes
    const bars = paint.accent(padEnd(bar(share, BAR_COLUMNS), BAR_COLUMNS))
    const flows = padStart(grouped(entry.flows), 9)
    const name = padEnd(safeText(label), width)
    return `  ${name}  ${padStart(percent(share), 7)}  ${bars}  ${flows}  ${paint.faint(certaintyText(entry))}`
  })
  const rest = labels.slice(MAX_LABELS)
  if (rest.length > 0) {
    const restBytes = rest.reduce((sum, [, entry]) => sum + entry.wireBytes, 0)
    const flows = rest.reduce((sum, [, entry]) => sum + entry.flows, 0)
    const name = padEnd(`${grouped(rest.length)} more`, width)
    lines.push(
      `  ${name}  ${padStart(percent(restBytes / bytes), 7)}  ${' '.repeat(BAR_COLUMNS)}  ${padStart(grouped(flows), 9)}`,
    )
  }
  const head = `${padEnd('Labels', width + 2)}  ${padStart('bytes', 7)}  ${' '.repeat(BAR_COLUMNS)}  ${padStart('flows', 9)}`
  return [paint.strong(head), ...lines]
}

/** "confirmed", or how many of each where flows of one label differ. */
function certaintyText({ certainties, flows }: LabelTally): string {
  const present = CERTAINTIES.filter((name) => certainties[name] > 0)
  if (present.length === 1 && certainties[present[0]] === flows) return present[0]
  return present.map((name) => `${grouped(certainties[name])} ${name}`).join(', ')
}

/** Who talked to whom: the digits before are enough for `explain --flow`. */
function flowSection(tally: Tally, summary: Summary, paint: Paint): string[] {
  const flows = tally.busiestFlows.list()
  if (flows.length === 0) return []
  const width = Math.max(...flows.map(({ ends }) => ends.length))
  const lines = flows.map(({ flowId, ends, wireBytes, label, certainty, hostname }) => {
    const name = hostname === undefined ? '' : `  ${fit(safeText(hostname), NAME_COLUMNS)}`
    const verdict = `${safeText(label)} ${paint.faint(certainty)}`
    const bytes = padStart(byteText(wireBytes), BYTES_COLUMNS)
    return `  ${flowId.slice(0, ID_DIGITS)}  ${padEnd(ends, width)}  ${bytes}  ${verdict}${name}`
  })
  const which = flows.length < summary.flows ? ' with the most bytes' : ''
  return [paint.strong(`Flows${which}`), ...lines]
}

// ---------------------------------------------------------------- what else

const FAILED: Readonly<Record<Failure, (flows: number) => string>> = {
  refused: (flows) => `${counted(flows, 'TCP connection')} refused`,
  unanswered: (flows) => `${counted(flows, 'TCP connection')} not answered`,
  unreachable: (flows) => `${counted(flows, 'flow')} with packets that did not arrive, as ICMP says`,
}

function failureSection({ failures }: Tally, paint: Paint): string[] {
  const lines = FAILURES.filter((failure) => failures.flows(failure) > 0).map((failure) => {
    const servers = failures.servers(failure)
    const shown = servers
      .slice(0, MAX_FAILING)
      .map(([server, flows]) => (flows === 1 ? server : `${server} (${grouped(flows)})`))
    if (servers.length > shown.length) shown.push('…')
    return `  ${FAILED[failure](failures.flows(failure))}: ${shown.join(', ')}`
  })
  const { retransmissions, tcpPackets } = failures
  if (retransmissions > 0) {
    const share = percent(retransmissions / tcpPackets)
    lines.push(`  ${grouped(retransmissions)} of ${counted(tcpPackets, 'TCP packet')} sent again (${share})`)
  }
  return lines.length === 0 ? [] : [paint.strong('What failed'), ...lines]
}

function noticeSection(tally: Tally, paint: Paint): string[] {
  if (tally.noticeCount === 0) return []
  const lines = tally.notices.slice(0, 20).map(({ notice, says, at }) => {
    return `  ${readableTime(at)}  ${paint.warn(safeText(notice))}  ${safeText(says)}`
  })
  if (tally.noticeCount > lines.length) lines.push(`  and ${grouped(tally.noticeCount - lines.length)} more`)
  return [paint.strong('Notices'), ...lines]
}

function undecodedSection(summary: Summary, paint: Paint): string[] {
  const lines = [
    ...countLine('not IP', summary.nonIp),
    ...countLine('not decoded', summary.undecoded),
    ...countLine('of unknown link types', summary.linkTypesUndecoded),
  ]
  if (summary.timeBackwards > 0) lines.push(`  ${counted(summary.timeBackwards, 'step')} of time backwards`)
  if (summary.evictedFlows > 0) {
    lines.push(`  ${counted(summary.evictedFlows, 'flow')} written early, as --max-flows was reached`)
  }
  if (summary.outside !== undefined && summary.outside.packets > 0)
    lines.push(`  ${counted(summary.outside.packets, 'packet')} outside the time asked for`)
  if (summary.extrasLeftOut !== undefined) {
    lines.push(
      `  ${counted(summary.extrasLeftOut, 'flow')} without all extras, which took too much room together`,
    )
  }
  const { kernel, interface: device } = summary.dropped
  if (kernel) lines.push(`  ${counted(kernel, 'packet')} lost by the kernel while capturing`)
  if (device) lines.push(`  ${counted(device, 'packet')} lost by the interface while capturing`)
  if (summary.skippedInputs.length > 0) {
    const files = counted(summary.skippedInputs.length, 'file')
    lines.push(`  ${files} skipped, without a capture or named before`)
  }
  return lines.length === 0 ? [] : [paint.strong('Not seen'), ...lines]
}

function countLine(what: string, counts: ReadonlyMap<string, number>): string[] {
  if (counts.size === 0) return []
  const entries = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const total = entries.reduce((sum, [, count]) => sum + count, 0)
  const list = entries
    .slice(0, MAX_REASONS)
    .map(([name, count]) => `${etherTypeText(safeText(name)).replaceAll('_', ' ')} ${grouped(count)}`)
  if (entries.length > MAX_REASONS) list.push('…')
  return [`  ${counted(total, 'packet')} ${what}: ${list.join(', ')}`]
}
