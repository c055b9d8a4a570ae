/**
 * Sessions that several sensors recorded, counted as one network. In: session records (of any order, with the same
 * session twice where two sensors saw it) and what the sensors rejected; out: sessions, reports and concurrency as one
 * sensor that saw everything would have given, as far as records tell.
 *
 * Two records of one slot are the same session when they overlap, or when the second began within the idle timeout:
 * the first was cut by the end of its capture and the second was running at the start of its own, or a shorter
 * timeout ended the first and the second is its client again. What both saw is not added twice: the
 * larger count stands for records that overlap. The sensitivity table lists only timeouts that records can answer:
 * not less than the pool's own (or than every silence inside a session).
 */

import { parseAddress } from '../../address.ts'
import { MAX_LIST } from '../../bytes.ts'
import { higherOf } from '../../certainty.ts'
import { addSeconds, compareInstants, earlier, isLonger, later } from '../../instant.ts'
import { slotOf } from '../../slots.ts'
import type { Concurrency, Notice, PoolReport, PoolRule, RejectReason, Session } from '../../types.ts'
import { createHosts } from '../hosts.ts'
import { createMembership } from '../membership.ts'
import type { Pool } from '../pool.ts'
import { LINGER_SEC } from '../session/components.ts'
import type { Interval, Window } from './concurrency.ts'
import { type Kept, Ledger } from './ledger.ts'
import { compareSessions } from './order.ts'

/** The most that a record can say. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER
/** Sessions of a slot that are looked through for a record's client. */
const MAX_COMPARED = 16

/** What a recount needs of a session record. */
export type RecordedSession = Omit<Session, 'closeSec' | 'closeNsec'>

export interface RecordedRejection {
  pool: string
  serverIp: string
  reason: RejectReason
  label: string
  flows: number
}

export interface RecountOptions {
  /** The rules of the pools; a session of a pool without rule is left out and counted. */
  pools: readonly PoolRule[]
  poolIdleSec?: number
  /** First and last packet over all sensors. */
  window: Window
  rejections?: Iterable<RecordedRejection>
}

export interface Recount {
  sessions: Session[]
  pools: PoolReport[]
  concurrency: Concurrency[]
  notices: Notice[]
  /** Sessions whose pool has no rule, or whose address or port is not of the pool. */
  unknown: number
}

export function recount(records: readonly RecordedSession[], options: RecountOptions): Recount {
  const hosts = createHosts(undefined)
  const membership = createMembership(options.pools, options.poolIdleSec, hosts)
  const ledger = new Ledger(membership.pools)
  const byName = new Map(membership.pools.map((pool) => [pool.rule.name, pool]))
  const groups = groupByUnit(records, byName)
  const sessions: Session[] = []
  let unit = 0
  for (const { pool, address, members } of groups.units) {
    const place = ledger.place(pool, hosts.of(address))
    const merged = mergeRecords(members, pool.idleSec)
    for (const session of merged) {
      setClose(session, pool.idleSec, options.window)
      sessions.push(session)
      ledger.accept(place, keptOf(session, unit))
    }
    for (const timeout of pool.timeouts) {
      if (timeout === pool.main) continue
      for (const interval of recutRecords(merged, membership.timeouts[timeout], unit))
        ledger.recut(place, timeout, interval)
    }
    unit++
  }
  for (const { pool: name, serverIp, reason, label, flows } of options.rejections ?? []) {
    const pool = byName.get(name)
    const address = addressOf(serverIp)
    if (pool === undefined || address === undefined) continue
    ledger.place(pool, hosts.of(address)).tally.add(reason, label, flows)
    ledger.totals[pool.index].add(reason, label, flows)
  }
  const gaps = longestGaps(sessions)
  return {
    sessions: sessions.sort(compareSessions),
    pools: [...ledger.reports(options.window)].map((report) => ({
      ...report,
      sensitivity: report.sensitivity.filter(
        ({ idleTimeout }) =>
          idleTimeout >= (report.idleTimeout || Infinity) || idleTimeout >= (gaps.get(report.pool) ?? 0),
      ),
    })),
    concurrency: [...ledger.concurrency()],
    notices: [...ledger.saturations(options.window), ...ledger.unexplained()],
    unknown: groups.unknown,
  }
}

interface UnitRecords {
  pool: Pool
  address: NonNullable<ReturnType<typeof addressOf>>
  members: RecordedSession[]
}

function groupByUnit(
  records: readonly RecordedSession[],
  pools: ReadonlyMap<string, Pool>,
): { units: UnitRecords[]; unknown: number } {
  const units = new Map<string, UnitRecords>()
  let unknown = 0
  for (const record of records) {
    const pool = pools.get(record.pool)
    const address = addressOf(record.serverIp)
    const slot = pool === undefined ? undefined : slotOf(pool.rule, record.slot)
    if (pool === undefined || address === undefined || slot === undefined) {
      unknown++
      continue
    }
    const [client] = record.clients
    const own =
      pool.rule.session === 'per-client' && client !== undefined ? ` ${client.ip} ${client.port}` : ''
    const key = `${pool.index} ${record.serverIp} ${slot.index}${own}`
    const unit = units.get(key)
    if (unit === undefined) units.set(key, { pool, address, members: [record] })
    else unit.members.push(record)
  }
  return { units: [...units.values()], unknown }
}

function mergeRecords(records: readonly RecordedSession[], idleSec: number): Session[] {
  const sorted = records.slice().sort(compareRecords)
  const merged: Session[] = []
  for (const record of sorted) {
    const known = overlapping(merged, record) ?? merged[merged.length - 1]
    if (known !== undefined && isSameSession(known, record, idleSec)) mergeInto(known, record)
    else merged.push({ ...record, closeSec: 0, closeNsec: 0 })
  }
  return merged
}

/** The latest session of the record's client that goes on into it: one that was told apart may have begun between them. */
function overlapping(merged: readonly Session[], record: RecordedSession): Session | undefined {
  for (let i = merged.length - 1; i >= 0 && i >= merged.length - MAX_COMPARED; i--)
    if (compareInstants(startOf(record), endOf(merged[i])) < 0 && sharesClient(merged[i], record))
      return merged[i]
  return undefined
}

function isSameSession(a: RecordedSession, b: RecordedSession, idleSec: number): boolean {
  if (a.sessionId === b.sessionId) return true
  if (compareInstants(startOf(b), endOf(a)) < 0) return !isToldApart(a, b)
  if (isLonger(endOf(a), startOf(b), idleSec)) return false
  return (a.openAtEnd && b.openAtStart) || goesOn(a, b)
}

/** The sensor saw the first end, by somebody else's taking over or by FIN or RST: what overlaps is only its late packets. */
function isToldApart(a: RecordedSession, b: RecordedSession): boolean {
  if (sharesClient(a, b)) return false
  if (a.endReason === 'fin' || a.endReason === 'rst') return !isLonger(startOf(b), endOf(a), LINGER_SEC)
  return a.endReason === 'client_changed' || a.endReason === 'start_marker'
}

/** A silence ended the first, and the second is its client again. */
function goesOn(a: RecordedSession, b: RecordedSession): boolean {
  return a.endReason === 'idle' && sharesClient(a, b)
}

function mergeInto(into: Session, from: RecordedSession): void {
  const overlap = compareInstants(startOf(from), endOf(into)) <= 0
  const add = (a: number, b: number) => (overlap ? Math.max(a, b) : Math.min(a + b, MAX_COUNT))
  const gap = overlap ? 0 : from.startSec - into.endSec + (from.startNsec - into.endNsec) / 1e9
  into.packets = add(into.packets, from.packets)
  into.ipBytes = add(into.ipBytes, from.ipBytes)
  into.longestGap = Math.max(into.longestGap, from.longestGap, gap)
  into.certainty = higherOf(into.certainty, from.certainty)
  into.openAtStart =
    into.openAtStart && (from.openAtStart || compareInstants(startOf(into), startOf(from)) < 0)
  if (compareInstants(endOf(from), endOf(into)) >= 0) {
    into.endReason = from.endReason
    into.openAtEnd = from.openAtEnd
  }
  const end = later(endOf(into), endOf(from))
  into.endSec = end[0]
  into.endNsec = end[1]
  const more = from.clients.filter(
    ({ ip, port }) => !into.clients.some((each) => each.ip === ip && each.port === port),
  )
  into.clients = [...into.clients, ...more].slice(0, MAX_LIST)
  into.clientsTotal = Math.min(Math.max(into.clientsTotal + more.length, from.clientsTotal), MAX_COUNT)
  const flows = [...new Set([...into.flowIds, ...from.flowIds])]
  into.flowIdsTotal = Math.max(flows.length, into.flowIdsTotal, from.flowIdsTotal)
  into.flowIds = flows.slice(0, MAX_LIST)
}

/** As nearly as its record tells: of a FIN or RST only the packets after it are known. */
function setClose(session: Session, idleSec: number, { end }: Window): void {
  const isClosed = session.endReason === 'fin' || session.endReason === 'rst'
  const close = earlier(addSeconds(endOf(session), isClosed ? LINGER_SEC : idleSec), end)
  session.closeSec = close[0]
  session.closeNsec = close[1]
}

/** What the sessions would be under a longer timeout: those that a silence ended go on with the next one's client. */
function recutRecords(sessions: readonly Session[], idleSec: number, unit: number): Interval[] {
  const cut: Interval[] = []
  let last: Session | undefined
  for (const session of sessions) {
    const joins =
      last !== undefined && !isLonger(endOf(last), startOf(session), idleSec) && goesOn(last, session)
    if (joins) cut[cut.length - 1].end = endOf(session)
    else cut.push({ unit, start: startOf(session), end: endOf(session) })
    last = session
  }
  return cut
}

function sharesClient(a: RecordedSession, b: RecordedSession): boolean {
  return a.clients.some(({ ip, port }) => b.clients.some((each) => each.ip === ip && each.port === port))
}

function keptOf(session: Session, unit: number): Kept {
  return {
    unit,
    start: startOf(session),
    end: endOf(session),
    id: session.sessionId,
    slot: session.slot,
    slotIndex: session.slotIndex,
    certainty: session.certainty,
    undisputed: false,
  }
}

function longestGaps(sessions: readonly Session[]): Map<string, number> {
  const gaps = new Map<string, number>()
  for (const { pool, longestGap } of sessions) gaps.set(pool, Math.max(gaps.get(pool) ?? 0, longestGap))
  return gaps
}

function addressOf(ip: string) {
  const parsed = parseAddress(ip)
  if (parsed === undefined) return undefined
  const [w0, w1, w2, w3] = parsed.words
  return { version: parsed.version, w0, w1, w2, w3 }
}

function startOf(session: RecordedSession): readonly [number, number] {
  return [session.startSec, session.startNsec]
}

function endOf(session: RecordedSession): readonly [number, number] {
  return [session.endSec, session.endNsec]
}

function compareRecords(a: RecordedSession, b: RecordedSession): number {
  return (
    compareInstants(startOf(a), startOf(b)) ||
    compareInstants(endOf(a), endOf(b)) ||
    (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0)
  )
}
