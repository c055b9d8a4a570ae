/**
 * Pools for the page. In: sessions in columns, and pool records. Out: for each pool, over all servers and at each
 * server, the figures of its record and the curve of its concurrency. If there are several records of one pool (windows
 * of a live run, several sensors), what can be counted from the sessions is counted again, and of the other figures the
 * greatest is used.
 */

import { CERTAINTIES } from '../../certainty.ts'
import { joinRejected } from '../read/windows.ts'
import type { PoolRecord } from '../record/record-types.ts'
import { curveOf, type MeasuredCurve, seconds } from './curve.ts'
import type { PoolData } from './page-data.ts'
import { runningAt, type SessionBook, type SessionRows } from './sessions.ts'

/** Pools at servers that are kept, and those of one pool that get a chart. */
const MAX_PLACES = 20_000
const MAX_CHARTS = 40
const MAX_SERVERS = 500
const MAX_REJECTED = 20
const ALL_SERVERS = -1

interface Window {
  from: number
  to: number
}

interface Place {
  pool: number
  /** Place in the servers, or ALL_SERVERS. */
  server: number
  record?: PoolRecord
  records: number
  sessions: number[]
}

export class PoolBook {
  readonly #sessions: SessionBook
  readonly #records = new Map<string, { record: PoolRecord; count: number }>()

  constructor(sessions: SessionBook) {
    this.#sessions = sessions
  }

  add(record: PoolRecord): void {
    if (this.#records.size >= MAX_PLACES && record.server_ip !== undefined) return
    const server = record.server_ip === undefined ? ALL_SERVERS : this.#sessions.servers.of(record.server_ip)
    const key = `${this.#sessions.pools.of(record.pool)} ${server}`
    const known = this.#records.get(key)
    if (known !== undefined) {
      this.#records.set(key, { record: combine(known.record, record), count: known.count + 1 })
    } else if (this.#records.size < MAX_PLACES) this.#records.set(key, { record, count: 1 })
  }

  /** Over all servers first, then the servers with the greatest peaks; pools in the order in which they came. */
  data(rows: SessionRows, window: Window): PoolData[] {
    const pools = new Map<number, PoolData[]>()
    for (const place of this.#places(rows).values()) {
      const list = pools.get(place.pool)
      const data = this.#poolData(place, rows, window)
      if (list === undefined) pools.set(place.pool, [data])
      else list.push(data)
    }
    return [...pools.values()].flatMap((list) => {
      const order = (a: PoolData, b: PoolData) =>
        Number(a.server !== undefined) - Number(b.server !== undefined) ||
        b.peak - a.peak ||
        b.sessions - a.sessions
      return list
        .sort(order)
        .slice(0, MAX_SERVERS)
        .map((each, i) => (i <= MAX_CHARTS ? each : { ...each, curve: undefined }))
    })
  }

  #places({ columns, unit }: SessionRows): Map<string, Place> {
    const places = new Map<string, Place>()
    const placeOf = (pool: number, server: number): Place => {
      const key = `${pool} ${server}`
      let place = places.get(key)
      if (place === undefined) {
        const known = this.#records.get(key)
        place = { pool, server, record: known?.record, records: known?.count ?? 0, sessions: [] }
        places.set(key, place)
      }
      return place
    }
    for (const key of this.#records.keys()) {
      const [pool, server] = key.split(' ').map(Number)
      placeOf(pool, server)
    }
    for (let i = 0; i < unit.length; i++) {
      placeOf(columns.pool[i], columns.server[i]).sessions.push(i)
      placeOf(columns.pool[i], ALL_SERVERS).sessions.push(i)
    }
    return places
  }

  #poolData(place: Place, rows: SessionRows, window: Window): PoolData {
    const { record, sessions } = place
    const counted = curveOf(rows, sessions, window)
    const firstOpen = rows.unit.length - rows.openLastPacket.length
    const open = sessions.filter((i) => i >= firstOpen).length
    // A single record is complete, unless sessions are still open, or outside its window.
    const isWhole = place.records === 1 && open === 0 && this.#holds(record as PoolRecord, sessions, rows)
    const data: PoolData = {
      pool: this.#sessions.pools.list[place.pool],
      server: place.server === ALL_SERVERS ? undefined : place.server,
      slots: record?.slots ?? 0,
      sessions: sessions.length,
      open,
      ...(isWhole || (record !== undefined && record.peak >= counted.peak)
        ? this.#peakOf(record as PoolRecord)
        : countedPeak(counted, sessions, rows)),
      mean: counted.mean,
      slotsUsed: record?.slots_used ?? new Set(sessions.map((i) => rows.unit[i])).size,
      highestSlot: record?.highest_slot,
      saturatedSeconds: record?.saturated_seconds,
      idleTimeout: record?.idle_timeout,
      sensitivity: (record?.sensitivity ?? []).map((each) => ({ ...each, idleTimeout: each.idle_timeout })),
      rejected: (record?.rejected ?? []).slice(0, MAX_REJECTED),
      curve: sessions.length === 0 ? undefined : counted.curve,
    }
    if (record === undefined || !isWhole) return data
    return { ...data, sessions: record.sessions, mean: record.mean, p50: record.p50, p95: record.p95 }
  }

  /** True if all sessions are within the record's window: false for those of a killed run or of the current window. */
  #holds(record: PoolRecord, sessions: readonly number[], { start, end }: SessionRows): boolean {
    const from = seconds(this.#sessions.after(record.window_start))
    const to = seconds(this.#sessions.after(record.window_end))
    return sessions.every((i) => start[i] >= from && end[i] <= to)
  }

  #peakOf(record: PoolRecord) {
    return {
      peak: record.peak,
      peakAt: record.peak_at === undefined ? undefined : seconds(this.#sessions.after(record.peak_at)),
      peakSeconds: record.peak_duration,
      peakTotalSeconds: record.peak_total_seconds,
      certainty: record.certainty,
    }
  }
}

/** The peak counted from the sessions, if it is greater than that of any record. */
function countedPeak(counted: MeasuredCurve, sessions: readonly number[], rows: SessionRows) {
  const { peak, peakAt, peakSeconds, peakTotalSeconds } = counted
  const proof = runningAt(rows, sessions, peakAt ?? Number.NaN)
  const certainty =
    CERTAINTIES.findLast((each) => proof.some((i) => rows.columns.certainty[i] === each)) ?? 'unknown'
  return { peak, peakAt, peakSeconds, peakTotalSeconds, certainty }
}

/** Merges two records of one pool: counts are added, the peak is the greater one, slots are those of the longer list. */
function combine(a: PoolRecord, b: PoolRecord): PoolRecord {
  const greater = b.peak > a.peak ? b : a
  return {
    ...greater,
    slots: Math.max(a.slots, b.slots),
    slots_used: Math.max(a.slots_used, b.slots_used),
    highest_slot: Math.max(a.highest_slot ?? 0, b.highest_slot ?? 0) || undefined,
    saturated_seconds: a.saturated_seconds + b.saturated_seconds,
    // Sessions that span two windows are in both: a sum would count them twice.
    sensitivity: [],
    rejected: joinRejected([...a.rejected, ...b.rejected]).slice(0, MAX_REJECTED),
  }
}
