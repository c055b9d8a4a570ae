/**
 * Sessions in columns: what the page lists, and what its charts count. In: session records in any order, one that two
 * sensors saw twice. Bounded: beyond `most` the first quarter is forgotten; `total` still counts it.
 */
import { endpoint } from '../address.ts'
import type { Intervals } from './course.ts'
import { seconds } from './course.ts'
import type { EvidenceBook } from './overview-evidence.ts'
import type { SessionColumns } from './page-data.ts'
import type { SessionRecord, Time } from './record-types.ts'
import { instantOf } from './time.ts'

type Columns = Omit<SessionColumns, 'total' | 'poolNames' | 'evidence'>

/** Flows of a session whose ids are kept. */
const MAX_FLOW_IDS = 4
const OPEN_AT_START = 1
const OPEN_AT_END = 2

/** Strings by number, in the order in which they came. */
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

export class SessionBook implements Intervals {
  /** Whole seconds since 1970, from the first time that was asked for; all others count from here. */
  base: number | undefined
  total = 0
  unit: number[] = []
  readonly pools = new Names()
  readonly servers = new Names()
  readonly #most: number
  readonly #perClient: ReadonlySet<string>
  #columns = emptyColumns()
  #ids = new Set<string>()
  #units = new Names()

  /** `perClient`: pools of which one port holds many sessions. */
  constructor(most: number, perClient: ReadonlySet<string>) {
    this.#most = most
    this.#perClient = perClient
  }

  get start(): number[] {
    return this.#columns.start
  }

  get end(): number[] {
    return this.#columns.end
  }

  get columns(): Readonly<Columns> {
    return this.#columns
  }

  get count(): number {
    return this.unit.length
  }

  add(record: SessionRecord): void {
    if (this.#ids.has(record.session_id)) return
    if (this.count >= this.#most) this.#forget(Math.ceil(this.#most / 4))
    this.total++
    this.#ids.add(record.session_id)
    const { pool, server_ip: server, slot, clients } = record
    const [client] = clients
    const who = client === undefined ? '' : endpoint(client.ip, client.port)
    this.unit.push(this.#unitOf(this.pools.of(pool), this.servers.of(server), slot, who))
    const columns = this.#columns
    columns.id.push(record.session_id)
    columns.pool.push(this.pools.of(pool))
    columns.server.push(this.servers.of(server))
    columns.slot.push(slot)
    columns.slotIndex.push(record.slot_index)
    columns.start.push(seconds(this.after(record.start)))
    columns.end.push(seconds(this.after(record.end)))
    columns.packets.push(record.packets)
    columns.bytes.push(record.ip_bytes)
    columns.certainty.push(record.certainty)
    columns.endReason.push(record.end_reason)
    columns.open.push((record.open_at_start ? OPEN_AT_START : 0) + (record.open_at_end ? OPEN_AT_END : 0))
    columns.client.push(who)
    columns.moreClients.push(Math.max(0, (record.clients_total ?? clients.length) - 1))
    columns.flows.push(record.flow_ids.slice(0, MAX_FLOW_IDS).join(' '))
  }

  /** Seconds after the base. */
  after(time: Time): number {
    const [sec, nsec] = instantOf(time)
    this.base ??= sec
    return sec - this.base + nsec / 1e9
  }

  /** Those of the sessions that were running at an instant. */
  at(sessions: readonly number[], instant: number): number[] {
    const { start, end } = this.#columns
    return sessions.filter((i) => start[i] <= instant && end[i] >= instant)
  }

  /** All sessions of a pool. */
  ofPool(name: string): number[] {
    const pool = this.pools.of(name)
    return this.#columns.pool.flatMap((each, i) => (each === pool ? i : []))
  }

  data(evidence: EvidenceBook): SessionColumns {
    return {
      total: this.total,
      poolNames: this.pools.list,
      ...this.#columns,
      evidence: this.#columns.flows.map((ids) => evidence.ofFlows(ids === '' ? [] : ids.split(' '))),
    }
  }

  /** Of the places of pool and server. */
  #unitOf(pool: number, server: number, slot: number, client: string): number {
    return this.#units.of(
      `${pool} ${server} ${slot} ${this.#perClient.has(this.pools.list[pool]) ? client : ''}`,
    )
  }

  #forget(count: number): void {
    const { id, pool, server, slot, slotIndex, start, end, packets } = this.#columns
    const { bytes, certainty, endReason, open, client, moreClients, flows } = this.#columns
    this.#columns = {
      id: id.slice(count),
      pool: pool.slice(count),
      server: server.slice(count),
      slot: slot.slice(count),
      slotIndex: slotIndex.slice(count),
      start: start.slice(count),
      end: end.slice(count),
      packets: packets.slice(count),
      bytes: bytes.slice(count),
      certainty: certainty.slice(count),
      endReason: endReason.slice(count),
      open: open.slice(count),
      client: client.slice(count),
      moreClients: moreClients.slice(count),
      flows: flows.slice(count),
    }
    this.#ids = new Set(this.#columns.id)
    // Counted anew: units of sessions that are forgotten must not pile up.
    this.#units = new Names()
    this.unit = slot
      .slice(count)
      .map((each, i) => this.#unitOf(pool[count + i], server[count + i], each, client[count + i]))
  }
}

function emptyColumns(): Columns {
  return {
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
}
