/**
 * Sessions in columns: what the page lists, and what its charts count. In: session records in any order, of which
 * duplicates from two sensors count once, and open_session records, each snapshot of which replaces the one before. Out:
 * rows, with the open sessions last:
 *
 *     ended (session records) … | followed … | open …
 *
 * A session is followed when a later one uses its slot already, though its own session record is still to come. Bounded:
 * beyond `most` the first quarter is discarded; `total` still counts it.
 */
import { endpoint } from '../../address.ts'
import type { OpenSessionRecord, SessionRecord, StatsRecord, Time } from '../record/record-types.ts'
import { instantOf } from '../record/time.ts'
import type { Intervals } from './curve.ts'
import { seconds } from './curve.ts'
import type { EvidenceBook } from './evidence.ts'
import type { SessionColumns } from './page-data.ts'

type Columns = Omit<SessionColumns, 'total' | 'poolNames' | 'evidence' | 'openLastPacket'>

/** Flows of a session whose ids are kept. */
const MAX_FLOW_IDS = 4
const OPEN_AT_START = 1
const OPEN_AT_END = 2
/** The end reason of a session whose record, which has the real one, is still to come. */
const FOLLOWED = 'followed'

/** Numbers strings in the order in which they come. */
export class Names {
  readonly list: string[] = []
  readonly #places = new Map<string, number>()

  of(name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.list.length)
    return this.list.push(name) - 1
  }
}

/** Sessions for counting: the `end` of an open one is Infinity, and in the columns the instant of its snapshot. */
export interface SessionRows extends Intervals {
  columns: Columns
  unit: number[]
  end: number[]
  /** Time of the last packet of each open session; these are the last rows. */
  openLastPacket: number[]
}

/** Those of the sessions that were running at an instant. */
export function runningAt(
  { columns, end }: SessionRows,
  sessions: readonly number[],
  instant: number,
): number[] {
  return sessions.filter((i) => columns.start[i] <= instant && end[i] >= instant)
}

/** All sessions of a pool, by its place in the names. */
export function ofPool({ columns }: SessionRows, pool: number): number[] {
  return columns.pool.flatMap((each, i) => (each === pool ? i : []))
}

export class SessionBook {
  /** Whole seconds since 1970 of the first time that was converted; all times are relative to it. */
  base: number | undefined
  total = 0
  readonly pools = new Names()
  readonly servers = new Names()
  readonly #most: number
  readonly #perClient: ReadonlySet<string>
  readonly #ended = emptyRows()
  #ids = new Set<string>()
  #units = new Names()
  readonly #open = new Map<string, OpenSessionRecord>()

  /** `perClient`: pools of which one port holds many sessions. */
  constructor(most: number, perClient: ReadonlySet<string>) {
    this.#most = most
    this.#perClient = perClient
  }

  add(record: SessionRecord): void {
    this.#open.delete(record.session_id)
    if (this.#ids.has(record.session_id)) return
    if (this.#ids.size >= this.#most) this.#forget(Math.ceil(this.#most / 4))
    this.total++
    this.#ids.add(record.session_id)
    const rows = this.#ended
    const { columns } = rows
    rows.end.push(this.#push(rows, record, record.end))
    columns.endReason.push(record.end_reason)
    columns.open.push((record.open_at_start ? OPEN_AT_START : 0) + (record.open_at_end ? OPEN_AT_END : 0))
  }

  addOpen(record: OpenSessionRecord): void {
    if (this.#open.has(record.session_id) || this.#open.size < this.#most)
      this.#open.set(record.session_id, record)
  }

  /** After a snapshot: removes the sessions of the previous one, at the start of this window, that are not in it. */
  settleOpen({ start }: StatsRecord): void {
    for (const [id, { at }] of this.#open) if (at === start) this.#open.delete(id)
  }

  /** When a run begins or ends. */
  forgetOpen(): void {
    this.#open.clear()
  }

  /** The current rows, valid until something is added. */
  rows(): SessionRows {
    if (this.#open.size === 0) return this.#ended
    const { columns, unit, end } = this.#ended
    const copy = Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, list.slice()]))
    const rows = rowsOf(copy as unknown as Columns, unit.slice(), end.slice())
    const { open, followed } = this.#splitOpen()
    for (const record of followed) {
      rows.end.push(this.#push(rows, record, record.last_packet_at))
      rows.columns.endReason.push(FOLLOWED)
      rows.columns.open.push(0)
    }
    for (const record of open) {
      this.#push(rows, record, record.at)
      rows.end.push(Number.POSITIVE_INFINITY)
      rows.openLastPacket.push(seconds(this.after(record.last_packet_at)))
      rows.columns.endReason.push('')
      rows.columns.open.push(0)
    }
    return rows
  }

  /** Splits the last snapshot into sessions that are open and those that a later one on the same slot has followed. */
  #splitOpen(): { open: OpenSessionRecord[]; followed: OpenSessionRecord[] } {
    const latest = new Map<number, number>()
    for (const record of this.#open.values()) {
      const unit = this.#unitOfRecord(record)
      latest.set(unit, Math.max(latest.get(unit) ?? Number.NEGATIVE_INFINITY, this.after(record.start)))
    }
    const open: OpenSessionRecord[] = []
    const followed: OpenSessionRecord[] = []
    for (const record of this.#open.values()) {
      const start = latest.get(this.#unitOfRecord(record))!
      const list = start > this.after(record.last_packet_at) ? followed : open
      list.push(record)
    }
    return { open, followed }
  }

  /** Seconds after the base. */
  after(time: Time): number {
    const [sec, nsec] = instantOf(time)
    this.base ??= sec
    return sec - this.base + nsec / 1e9
  }

  data({ columns, openLastPacket }: SessionRows, evidence: EvidenceBook): SessionColumns {
    return {
      total: this.total,
      poolNames: this.pools.list,
      ...columns,
      openLastPacket,
      evidence: columns.flows.map((ids) => evidence.ofFlows(ids === '' ? [] : ids.split(' '))),
    }
  }

  /** Returns the end in seconds after the base. */
  #push({ columns, unit }: SessionRows, record: SessionRecord | OpenSessionRecord, end: Time): number {
    const { pool, server_ip: server, slot, clients } = record
    unit.push(this.#unitOfRecord(record))
    columns.id.push(record.session_id)
    columns.pool.push(this.pools.of(pool))
    columns.server.push(this.servers.of(server))
    columns.slot.push(slot)
    columns.slotIndex.push(record.slot_index)
    columns.start.push(seconds(this.after(record.start)))
    const ends = seconds(this.after(end))
    columns.end.push(ends)
    columns.packets.push(record.packets)
    columns.bytes.push(record.ip_bytes)
    columns.certainty.push(record.certainty)
    columns.client.push(clientText(record))
    columns.moreClients.push(Math.max(0, (record.clients_total ?? clients.length) - 1))
    columns.flows.push(record.flow_ids.slice(0, MAX_FLOW_IDS).join(' '))
    return ends
  }

  #unitOfRecord(record: SessionRecord | OpenSessionRecord): number {
    const { pool, server_ip: server, slot } = record
    return this.#unitOf(this.pools.of(pool), this.servers.of(server), slot, clientText(record))
  }

  /** Of the places of pool and server. */
  #unitOf(pool: number, server: number, slot: number, client: string): number {
    return this.#units.of(
      `${pool} ${server} ${slot} ${this.#perClient.has(this.pools.list[pool]) ? client : ''}`,
    )
  }

  #forget(count: number): void {
    const { columns, unit, end } = this.#ended
    for (const list of [...Object.values(columns), unit, end]) list.splice(0, count)
    this.#ids = new Set(columns.id)
    // Numbered anew, so that units of discarded sessions do not accumulate.
    this.#units = new Names()
    const { pool, server, slot, client } = columns
    for (let i = 0; i < unit.length; i++) unit[i] = this.#unitOf(pool[i], server[i], slot[i], client[i])
  }
}

function clientText({ clients: [client] }: SessionRecord | OpenSessionRecord): string {
  return client === undefined ? '' : endpoint(client.ip, client.port)
}

function rowsOf(columns: Columns, unit: number[], end: number[]): SessionRows {
  return { columns, unit, start: columns.start, end, openLastPacket: [] }
}

function emptyRows(): SessionRows {
  const columns: Columns = {
    id: [],
    pool: [],
    server: [],
    slot: [],
    slotIndex: [],
    start: [],
    end: [],
    packets: [],
    bytes: [],
    certainty: [],
    endReason: [],
    open: [],
    client: [],
    moreClients: [],
    flows: [],
  }
  return rowsOf(columns, [], [])
}
