/**
 * What the reports of the pools are made from: accepted sessions under the pool's own timeout and under those of the
 * sensitivity table, and rejections, by pool and server. Out: the pool reports, the changes of concurrency and the notices of
 * saturation. A session is kept as its interval and name only.
 */
import { MAX_LIST } from '../../bytes.ts'
import { lowerOf } from '../../certainty.ts'
import { compareInstants, earlier, later } from '../../instant.ts'
import type { Certainty, Concurrency, Instant, Notice, PoolReport } from '../../types.ts'
import { compareAddresses, type Host } from '../hosts.ts'
import { Names } from '../identity.ts'
import { appended } from '../members.ts'
import { type Pool, SENSITIVITY_SEC } from '../pool.ts'
import {
  busyAt,
  type Change,
  coveredSeconds,
  type Interval,
  measure,
  spellsAt,
  sweep,
  type Window,
} from './concurrency.ts'
import { saturatedNotice } from './notices.ts'
import { Tally } from './rejections.ts'

/** Intervals kept for the reports, over all pools; sessions beyond are still handed out, and a notice says so. */
export const MAX_INTERVALS = 1_000_000
/** Servers without a session or rejection in the present window that are remembered. */
const MAX_IDLE_HOSTS = 65_536

/** An accepted session. */
export interface Kept extends Interval {
  id: string
  slot: number
  slotIndex: number
  certainty: Certainty
  /** It would be the same session under every timeout of the sensitivity table. */
  undisputed: boolean
}

/** One pool on one host. */
export interface Place {
  pool: Pool
  host: Host
  /** Unlike every other place's. */
  number: number
  /** Lowest slot index on which a client ever counted; Infinity for none. */
  lowestUsed: number
  sessions: Kept[]
  /** By timeout index: the sessions there would be under it, besides the undisputed ones. Few places have any. */
  recuts: Map<number, Interval[]> | undefined
  tally: Tally
}

export class Ledger {
  /** When the first session was not kept because as many as there is room for were. */
  fullAt: Instant | undefined
  readonly totals: readonly Tally[]
  /** Of sessions. */
  readonly names = new Names()
  private readonly pools: readonly Pool[]
  private readonly places = new Map<Host, Place[]>()
  private readonly maxIntervals: number
  private kept = 0
  private made = 0

  constructor(pools: readonly Pool[], maxIntervals = MAX_INTERVALS) {
    this.pools = pools
    this.maxIntervals = maxIntervals
    this.totals = pools.map(() => new Tally())
  }

  place(pool: Pool, host: Host): Place {
    const own = this.places.get(host)
    const known = own?.find((place) => place.pool === pool)
    if (known !== undefined) return known
    const place: Place = {
      pool,
      host,
      number: this.made++,
      lowestUsed: Infinity,
      sessions: [],
      recuts: undefined,
      tally: new Tally(),
    }
    this.places.set(host, appended(own ?? [], place))
    return place
  }

  /** The place if there is one. */
  find(pool: Pool, host: Host): Place | undefined {
    return this.places.get(host)?.find((place) => place.pool === pool)
  }

  accept(place: Place, session: Kept): void {
    if (this.take(session)) place.sessions = appended(place.sessions, session)
  }

  recut(place: Place, timeout: number, interval: Interval): void {
    if (!this.take(interval)) return
    place.recuts ??= new Map()
    place.recuts.set(timeout, appended(place.recuts.get(timeout) ?? [], interval))
  }

  /** Reports per server, then over all servers, in the order of the rules; made one by one, for there may be many servers. */
  *reports(window: Window): Generator<PoolReport> {
    for (const pool of this.pools) {
      const places = this.placesOf(pool, window)
      const total = this.totals[pool.index].list()
      if (places.length === 0 && total.length === 0) continue
      const courses = places.map((place) => courseOf(place, window))
      for (const course of courses) {
        const { tally, host } = course.place
        yield { ...reportOf(pool, [course], tally.list(), window), serverIp: host.ip, slots: pool.slots }
      }
      yield reportOf(pool, courses, total, window)
    }
  }

  /** Every change; with a window only those after its start, until its end. */
  *concurrency(window?: Window): Generator<Concurrency> {
    const isIn = ({ at }: Change) =>
      window === undefined || (compareInstants(at, window.start) > 0 && compareInstants(at, window.end) <= 0)
    for (const pool of this.pools)
      for (const { host, sessions } of this.placesOf(pool))
        for (const { at, count } of sweep(sessions).filter(isIn))
          yield { pool: pool.rule.name, serverIp: host.ip, at, sessions: count }
  }

  /** pool_saturated for every spell with no free slot. */
  saturations(window: Window): Notice[] {
    return this.pools.flatMap((pool) =>
      this.placesOf(pool).flatMap((place) => saturationNotices(place, window)),
    )
  }

  /** unexplained_pool_traffic for every server where some began; with a window in that. */
  unexplained(window?: Window): Notice[] {
    return this.pools.flatMap((pool) =>
      this.placesOf(pool).flatMap((place) => unexplainedNotices(place, window)),
    )
  }

  /** The host has a place in some pool. */
  has(host: Host): boolean {
    return this.places.has(host)
  }

  /** No session is kept. */
  get empty(): boolean {
    return this.kept === 0
  }

  /** A window has been reported: forgets its tallies, what ended before `before`, and sessions that are still open. */
  forget(before: Instant, isInUse: (host: Host) => boolean): void {
    const stays = (each: Interval) => !each.open && compareInstants(each.end, before) >= 0
    this.kept = 0
    for (const [host, own] of this.places) {
      let held = 0
      for (const place of own) {
        place.sessions = place.sessions.filter(stays)
        held += place.sessions.length
        for (const [timeout, list] of place.recuts ?? []) {
          const kept = list.filter(stays)
          place.recuts?.set(timeout, kept)
          held += kept.length
        }
        place.tally.clear()
      }
      this.kept += held
      // Where nobody ever counted there is nothing to remember, and anybody can make such servers up.
      const most = own.every(({ lowestUsed }) => lowestUsed === Infinity)
        ? MAX_IDLE_HOSTS / 4
        : MAX_IDLE_HOSTS
      if (held === 0 && this.places.size > most && !isInUse(host)) this.places.delete(host)
    }
    for (const total of this.totals) total.clear()
  }

  /** Places of a pool with a session (of the window) or a rejection, by address. */
  private placesOf(pool: Pool, window?: Window): Place[] {
    const isIn = (each: Interval) => window === undefined || touches(each, window)
    const found: Place[] = []
    for (const own of this.places.values()) {
      for (const place of own)
        if (place.pool === pool && (place.sessions.some(isIn) || place.tally.list().length > 0))
          found.push(place)
    }
    return found.sort((a, b) => compareAddresses(a.host.address, b.host.address))
  }

  private take({ end }: Interval): boolean {
    if (this.kept >= this.maxIntervals) {
      this.fullAt ??= end
      return false
    }
    this.kept++
    return true
  }
}

/** What the reports of a window need of a place. */
interface Course {
  place: Place
  /** Cut to the window. */
  sessions: readonly Kept[]
}

function courseOf(place: Place, window: Window): Course {
  return { place, sessions: inside(place.sessions, window) }
}

function reportOf(
  pool: Pool,
  courses: readonly Course[],
  rejected: PoolReport['rejected'],
  window: Window,
): PoolReport {
  const sessions = courses.flatMap((course) => course.sessions)
  const spread = measure(sweep(sessions), window)
  const proof = spread.peakAt === undefined ? [] : proofAt(sessions, spread.peakAt)
  const busy = courses.filter((course) => course.sessions.length > 0)
  const highest = sessions.reduce((most, each) => Math.max(most, each.slot), -1)
  return {
    pool: pool.rule.name,
    slots: pool.slots * busy.length,
    sessions: sessions.length,
    ...spread,
    peakSessionIds: proof.slice(0, MAX_LIST).map((each) => each.id),
    peakSessionIdsTotal: proof.length,
    slotsUsed: busy.reduce((sum, course) => sum + slotsUsed(course), 0),
    ...(highest < 0 ? {} : { highestSlot: highest }),
    saturatedSeconds: coveredSeconds(courses.flatMap(saturation)),
    windowStart: window.start,
    windowEnd: window.end,
    idleTimeout: Number.isFinite(pool.idleSec) ? pool.idleSec : 0,
    sensitivity: sensitivity(courses, pool, window, { sessions: sessions.length, peak: spread.peak }),
    certainty: lowest(proof),
    rejected,
  }
}

function slotsUsed({ sessions }: Course): number {
  return new Set(sessions.map(({ slotIndex }) => slotIndex)).size
}

/** `own`: under the pool's own timeout. */
function sensitivity(
  courses: readonly Course[],
  pool: Pool,
  window: Window,
  own: { sessions: number; peak: number },
): PoolReport['sensitivity'] {
  const disputed = courses.some(({ place }) => isDisputed(place))
  return SENSITIVITY_SEC.map((idleTimeout, i) => {
    if (!disputed || idleTimeout === pool.idleSec) return { idleTimeout, ...own }
    const intervals = courses.flatMap(({ place }) => inside(recutsOf(place, pool.sensitivity[i]), window))
    return { idleTimeout, sessions: intervals.length, peak: measure(sweep(intervals), window).peak }
  })
}

/** Under some timeout there are other sessions than under the pool's own. */
function isDisputed({ sessions, recuts }: Place): boolean {
  for (const list of recuts?.values() ?? []) if (list.length > 0) return true
  return sessions.some(({ undisputed }) => !undisputed)
}

/** The sessions there would be under a timeout that is not the pool's own. */
function recutsOf({ sessions, recuts }: Place, timeout: number): readonly Interval[] {
  const same = sessions.filter(({ undisputed }) => undisputed)
  return [...same, ...(recuts?.get(timeout) ?? [])]
}

/** The sessions that prove the peak, oldest first. */
function proofAt(sessions: readonly Kept[], at: Instant): Kept[] {
  const order = (a: Kept, b: Kept) =>
    compareInstants(a.start, b.start) || a.slot - b.slot || (a.id < b.id ? -1 : 1)
  return busyAt(sessions, at).sort(order)
}

function lowest(sessions: readonly Kept[]): Certainty {
  if (sessions.length === 0) return 'unknown'
  return sessions.map(({ certainty }) => certainty).reduce(lowerOf)
}

/** Spells with every slot busy. Where one port holds many sessions there is no such thing. */
function saturation({ place, sessions }: Course): Window[] {
  const { rule, slots } = place.pool
  return rule.session === 'per-client' || sessions.length < slots ? [] : spellsAt(sweep(sessions), slots)
}

function saturationNotices(place: Place, window: Window): Notice[] {
  const { pool, host, sessions } = place
  if (sessions.length < pool.slots) return []
  return saturation(courseOf(place, window))
    .slice(0, MAX_LIST)
    .map(({ start }) => saturatedNotice({ pool: pool.rule.name, serverIp: host.ip }, pool.slots, start))
}

function unexplainedNotices(place: Place, window: Window | undefined): Notice[] {
  const { pool, host } = place
  const isNew = (each: Kept) =>
    window === undefined || (touches(each, window) && compareInstants(each.start, window.start) >= 0)
  const open = place.sessions.filter((each) => each.certainty === 'possible' && isNew(each))
  if (open.length === 0) return []
  const first = open.reduce((least, each) => (compareInstants(each.start, least.start) < 0 ? each : least))
  const slots = [...new Set(open.map((each) => each.slot))].sort((a, b) => a - b)
  const named = slots.length === 1 ? `port ${slots[0]}/${pool.rule.transport}` : `${slots.length} ports`
  return [
    {
      notice: 'unexplained_pool_traffic',
      says:
        `two-way traffic on ${named} of pool ${pool.rule.name} at ${host.ip}, and nothing else speaks for ` +
        `${pool.rule.label} there: unexplained; look which process owns the port (ss, lsof, netstat)`,
      at: first.start,
      about: {
        pool: pool.rule.name,
        server_ip: host.ip,
        ports: slots,
        sessions: open.length,
        session_id: first.id,
      },
    },
  ]
}

/** Those that touch the window, cut to it. A whole file's are inside it already. */
function inside<T extends Interval>(intervals: readonly T[], window: Window): readonly T[] {
  if (intervals.every((each) => touches(each, window) && isInside(each, window))) return intervals
  const touching = intervals.filter((each) => touches(each, window))
  return touching.map((each) => ({
    ...each,
    start: later(each.start, window.start),
    end: earlier(each.end, window.end),
  }))
}

function isInside({ start, end }: Interval, window: Window): boolean {
  return compareInstants(start, window.start) >= 0 && compareInstants(end, window.end) <= 0
}

function touches({ start, end }: Interval, window: Window): boolean {
  const begins = compareInstants(start, window.end)
  return (window.followed ? begins < 0 : begins <= 0) && compareInstants(end, window.start) >= 0
}
