/**
 * What is open now. In: the components under way; out: those that are sessions already (enough packets, both
 * directions where the rule wants them), as intervals up to their last packet, and how many slots of each server are
 * in use. A slot is in use until its session ends: on UDP that is a whole idle timeout after the last packet, on TCP the
 * FIN or RST, though late packets are waited for.
 */

import { compareInstants, NEVER } from '../../instant.ts'
import type { Instant, OpenSession, PoolRule } from '../../types.ts'
import { type Interval, sweep } from '../counting/concurrency.ts'
import type { Kept, Ledger } from '../counting/ledger.ts'
import { compareAddresses, type Host } from '../hosts.ts'
import type { Pool } from '../pool.ts'
import { isClosed } from '../reach.ts'
import type { Component, Unit } from '../shapes.ts'
import { certaintyOf } from './certainty.ts'
import { openSessionOf, sessionIdOf } from './describe.ts'
import { noteMembers, packetsOf, reachOf } from './progress.ts'

/** One pool on one server at this moment. */
export interface PoolLevel {
  pool: string
  serverIp: string
  slots: number
  /** Slots in use; clients where the pool counts those. */
  sessions: number
  /** Whether one port holds many sessions, so that slots cannot run out. */
  unlimited: boolean
  /** Since when one was in use, since when two were at once, …; also with sessions closed a moment ago. */
  reached: readonly Instant[]
}

/** True when so many packets of either end make a session. */
export function isSession(rule: PoolRule, packetsClient: number, packetsServer: number): boolean {
  if (packetsClient + packetsServer < rule.minPackets) return false
  return !rule.bidirectional || (packetsClient > 0 && packetsServer > 0)
}

/** Adds the sessions that are open to the ledger, marked as open: until `forget` they count like ended ones. */
export function addOpenSessions(components: Iterable<Component>, ledger: Ledger): void {
  for (const component of components) {
    const { unit, timeout, start } = component
    if (!isOpenSession(component)) continue
    const place = ledger.place(unit.pool, unit.host)
    const interval: Interval = { unit: unit.number, start, end: reachOf(component).end, open: true }
    if (timeout !== unit.pool.main) {
      ledger.recut(place, timeout, interval)
      continue
    }
    noteMembers(component)
    const session: Kept = {
      ...interval,
      id: sessionIdOf(component, ledger),
      slot: unit.slot.port,
      slotIndex: unit.slot.index,
      certainty: certaintyOf(component, place.lowestUsed),
      undisputed: !unit.spread,
    }
    ledger.accept(place, session)
  }
}

/** How many slots are in use: the sum of all levels. Components of one unit come one after another. */
export function countOpen(components: Iterable<Component>): number {
  let count = 0
  let last: Unit | undefined
  for (const component of components) {
    const { unit, timeout } = component
    if (unit === last || timeout !== unit.pool.main || !isOpenSession(component) || isOver(component))
      continue
    last = unit
    count++
  }
  return count
}

/** By pool in the order of the rules, then server; only where a slot is in use, or was a moment ago. */
export function levelsOf(components: Iterable<Component>): PoolLevel[] {
  const places = new Map<Pool, Map<Host, Busy>>()
  for (const component of components) {
    const { unit, timeout, start } = component
    if (timeout !== unit.pool.main || !isOpenSession(component)) continue
    const hosts = entryOf(places, unit.pool, () => new Map<Host, Busy>())
    const { open, over } = entryOf(hosts, unit.host, () => ({ open: new Map<number, Instant>(), over: [] }))
    if (isOver(component)) {
      over.push({ unit: unit.number, start, end: reachOf(component).end })
      continue
    }
    const other = open.get(unit.number)
    if (other === undefined || compareInstants(start, other) < 0) open.set(unit.number, start)
  }
  return [...places]
    .sort(([a], [b]) => a.index - b.index)
    .flatMap(([pool, hosts]) =>
      [...hosts]
        .sort(([a], [b]) => compareAddresses(a.address, b.address))
        .map(([host, busy]) => levelOf(pool, host, busy)),
    )
}

/** Of one server: since when each unit is in use, and what was closed a moment ago. */
interface Busy {
  open: Map<number, Instant>
  over: Interval[]
}

function levelOf(pool: Pool, host: Host, busy: Busy): PoolLevel {
  return {
    pool: pool.rule.name,
    serverIp: host.ip,
    slots: pool.slots,
    sessions: busy.open.size,
    unlimited: pool.rule.session === 'per-client',
    reached: reachedBy(busy),
  }
}

function reachedBy({ open, over }: Busy): Instant[] {
  if (over.length === 0) return [...open.values()].sort(compareInstants)
  const goingOn = [...open].map(([unit, start]) => ({ unit, start, end: NEVER }))
  const reached: Instant[] = []
  for (const { at, count } of sweep([...over, ...goingOn])) while (reached.length < count) reached.push(at)
  return reached
}

/** Those sessions by server and slot, the pools in the order of the rules; at most so many of them. */
export function openSessionsOf(components: Iterable<Component>, ledger: Ledger, most: number): OpenSession[] {
  const open = [...components].filter(
    (each) => each.timeout === each.unit.pool.main && isOpenSession(each) && !isOver(each),
  )
  return open
    .sort(byPlace)
    .slice(0, most)
    .map((component) => openSessionOf(component, ledger))
}

function byPlace(a: Component, b: Component): number {
  return (
    a.unit.pool.index - b.unit.pool.index ||
    compareAddresses(a.unit.host.address, b.unit.host.address) ||
    a.unit.slot.index - b.unit.slot.index ||
    compareInstants(a.start, b.start)
  )
}

function isOpenSession(component: Component): boolean {
  const { client, server } = packetsOf(component)
  return isSession(component.unit.pool.rule, client, server)
}

/** Closed: it only takes late packets. */
function isOver(component: Component): boolean {
  return component.unit.pool.rule.transport === 'tcp' && isClosed(reachOf(component), component.idleSec)
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
