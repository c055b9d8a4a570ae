/**
 * The one place, with flow-record.ts for flows, where the names, order and units of records are decided.
 * In: the pipeline's plain values. Out: one line of JSON each, without newline. Promised: `type` and `v` first,
 * then the order of the schema; unset fields are left out; numbers never in exponent form; lists hold at most
 * 100 elements, and where some are missing a `…_total` says how many there were. Not supported: other formats.
 */
import { safeText } from '../../text.ts'
import type {
  CaptureInfo,
  Concurrency,
  Damage,
  Instant,
  Notice,
  OpenSession,
  PoolReport,
  Session,
  Summary,
} from '../../types.ts'
import {
  fieldsText,
  greatestCounts,
  jsonText,
  listField,
  listFields,
  numberText,
  quoted,
  RawJson,
} from './json.ts'
import { epochText, timeText } from './time.ts'

export const RECORD_VERSION = 1

export const RECORD_NAMES = [
  'capture',
  'flow',
  'session',
  'open_session',
  'pool',
  'concurrency',
  'notice',
  'stats',
  'summary',
] as const
export type RecordName = (typeof RECORD_NAMES)[number]

export type TimeFormat = 'iso' | 'epoch'

/** The stats of a live run about its last window. */
export interface Stats {
  start: Instant
  end: Instant
  packets: number
  wireBytes: number
  dropped: { kernel?: number; interface?: number }
  /** Ended in the window. */
  flows: number
  sessions: number
  evictedFlows: number
  /** At the window's end. */
  liveFlows: number
  /** Slots of pools in use. */
  liveSessions: number
  /** Dropped because the output was full; absent: none. */
  recordsLost?: number
}

const BILLION = 1_000_000_000

export interface RecordLines {
  capture(info: CaptureInfo): string
  session(session: Session): string
  /** `at`: the instant of the snapshot. */
  openSession(session: OpenSession, at: Instant): string
  pool(report: PoolReport): string
  concurrency(change: Concurrency): string
  notice(notice: Notice): string
  stats(stats: Stats): string
  summary(summary: Summary): string
}

export function createRecordLines(time: TimeFormat): RecordLines {
  const at = (sec: number, nsec: number): unknown =>
    time === 'epoch' ? new RawJson(epochText(sec, nsec)) : timeText(sec, nsec)
  const instant = (value: Instant | undefined) => (value === undefined ? undefined : at(value[0], value[1]))
  return {
    capture: captureLine,
    session: (session) => sessionLine(session, at),
    openSession: (session, when) => line('open_session', openSessionFields(session, when, at)),
    pool: (report) => poolLine(report, instant),
    concurrency: ({ pool, serverIp, at: when, sessions }) =>
      line('concurrency', { pool, server_ip: serverIp, at: instant(when), sessions }),
    notice: ({ notice, says, at: when, about }) =>
      line('notice', { notice, says, at: instant(when), ...aboutFields(about) }),
    stats: (stats) => statsLine(stats, instant),
    summary: (summary) => summaryLine(summary, instant),
  }
}

type TimeOf = (sec: number, nsec: number) => unknown
type InstantOf = (value: Instant | undefined) => unknown

type Fields = Record<string, unknown>

/** Joined from parts, as objects made with spreads are slow. No part is empty. */
function line(type: RecordName, ...parts: readonly Fields[]): string {
  return `{"type":"${type}","v":${RECORD_VERSION},${parts.map(fieldsText).join()}}`
}

function captureLine(info: CaptureInfo): string {
  return line('capture', {
    source: safeText(info.source),
    format: info.format,
    compression: info.compression,
    ...listFields('link_types', info.linkTypes),
    timestamp_precision: info.timestampPrecision,
  })
}

/** Written directly as text: in pools of calls there are as many sessions as flows. */
function sessionLine(session: Session, at: TimeOf): string {
  const { pool, serverIp, transport, slot, slotIndex, packets, ipBytes, process } = session
  const clients = session.clients.map(({ ip, port }) => `{"ip":${quoted(ip)},"port":${port}}`)
  return (
    `{"type":"session","v":${RECORD_VERSION},"session_id":${quoted(session.sessionId)},` +
    `"pool":${quoted(pool)},"server_ip":${quoted(serverIp)},"transport":"${transport}",` +
    `"slot":${slot},"slot_index":${slotIndex},${listField('clients', clients, session.clientsTotal)},` +
    `"start":${jsonText(at(session.startSec, session.startNsec))},` +
    `"end":${jsonText(at(session.endSec, session.endNsec))},"duration":${sessionDuration(session)},` +
    `"packets":${packets},"ip_bytes":${ipBytes},"longest_gap":${numberText(session.longestGap)},` +
    `"certainty":"${session.certainty}","end_reason":"${session.endReason}",` +
    `"open_at_start":${session.openAtStart},"open_at_end":${session.openAtEnd},` +
    (process === undefined ? '' : `"process":${jsonText(process)},`) +
    `${listField('flow_ids', session.flowIds.map(quoted), session.flowIdsTotal)}}`
  )
}

function openSessionFields(session: OpenSession, when: Instant, at: TimeOf): Record<string, unknown> {
  return {
    session_id: session.sessionId,
    at: at(when[0], when[1]),
    ...placeFields(session),
    start: at(session.startSec, session.startNsec),
    last_packet_at: at(session.endSec, session.endNsec),
    packets: session.packets,
    ip_bytes: session.ipBytes,
    certainty: session.certainty,
    ...listFields('flow_ids', session.flowIds, session.flowIdsTotal),
  }
}

/** Who is where. */
function placeFields(session: OpenSession): Record<string, unknown> {
  return {
    pool: session.pool,
    server_ip: session.serverIp,
    transport: session.transport,
    slot: session.slot,
    slot_index: session.slotIndex,
    ...listFields(
      'clients',
      session.clients.map(({ ip, port }) => ({ ip, port })),
      session.clientsTotal,
    ),
  }
}

/** Seconds as a JSON number; exact, where a double would not be. */
function sessionDuration(session: Session): string {
  let sec = session.endSec - session.startSec
  let nsec = session.endNsec - session.startNsec
  if (nsec < 0) {
    sec--
    nsec += BILLION
  }
  if (sec < 0) return '0'
  return epochText(sec, nsec).replace(/\.?0+$/, '')
}

function poolLine(report: PoolReport, instant: InstantOf): string {
  return line('pool', {
    pool: report.pool,
    server_ip: report.serverIp,
    slots: report.slots,
    sessions: report.sessions,
    peak: report.peak,
    peak_at: instant(report.peakAt),
    peak_duration: report.peakDuration,
    peak_total_seconds: report.peakTotalSeconds,
    ...listFields('peak_session_ids', report.peakSessionIds, report.peakSessionIdsTotal),
    mean: report.mean,
    p50: report.p50,
    p95: report.p95,
    slots_used: report.slotsUsed,
    highest_slot: report.highestSlot,
    saturated_seconds: report.saturatedSeconds,
    window_start: instant(report.windowStart),
    window_end: instant(report.windowEnd),
    idle_timeout: Number.isFinite(report.idleTimeout) ? report.idleTimeout : 0,
    sensitivity: report.sensitivity.map(({ idleTimeout, sessions, peak }) => ({
      idle_timeout: idleTimeout,
      sessions,
      peak,
    })),
    certainty: report.certainty,
    ...listFields(
      'rejected',
      report.rejected.map(({ reason, label, flows }) => ({ reason, label, flows })),
    ),
  })
}

function aboutFields(about: Notice['about']): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(about)) {
    Object.assign(fields, Array.isArray(value) ? listFields(name, value) : { [name]: value })
  }
  return fields
}

function statsLine(stats: Stats, instant: InstantOf): string {
  return line('stats', {
    start: instant(stats.start),
    end: instant(stats.end),
    packets: stats.packets,
    wire_bytes: stats.wireBytes,
    dropped: droppedFields(stats.dropped),
    flows: stats.flows,
    sessions: stats.sessions,
    evicted_flows: stats.evictedFlows,
    live_flows: stats.liveFlows,
    live_sessions: stats.liveSessions,
    records_lost: stats.recordsLost,
  })
}

function summaryLine(summary: Summary, instant: InstantOf): string {
  return line('summary', {
    packets: summary.packets,
    non_ip: greatestCounts(summary.nonIp),
    undecoded: summary.undecoded,
    wire_bytes: summary.wireBytes,
    flows: summary.flows,
    sessions: summary.sessions,
    first_packet_at: instant(summary.firstPacketAt),
    last_packet_at: instant(summary.lastPacketAt),
    link_types_undecoded: greatestCounts(summary.linkTypesUndecoded),
    time_backwards: summary.timeBackwards,
    evicted_flows: summary.evictedFlows,
    packets_outside: summary.outside?.packets,
    extras_left_out: summary.extrasLeftOut,
    ...listFields('skipped_inputs', summary.skippedInputs.map(safeText)),
    ...listFields('damaged', summary.damaged.map(damageFields)),
    dropped: droppedFields(summary.dropped),
    records_lost: summary.recordsLost,
  })
}

function damageFields({ source, offset, reason, code }: Damage): object {
  return { source: safeText(source), offset, reason, code }
}

function droppedFields(dropped: Summary['dropped']): object | undefined {
  if (dropped.kernel === undefined && dropped.interface === undefined) return undefined
  return { kernel: dropped.kernel, interface: dropped.interface }
}
