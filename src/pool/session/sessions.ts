/**
 * Components into sessions. In: chains whose client endpoint counts (the server has answered it), under every idle
 * timeout of the pool; out: sessions in the order of their close instants, and components that fail.
 *
 * Which presences belong together is decided when one is due, its last packet a timeout ago: two client endpoints
 * share a session when the older was seen after the newer had counted; otherwise the newer follows it. Where the pool
 * has a start marker only that separates clients; TCP connections belong together when they overlap. A unit is spread,
 * so that each timeout has its own components, once some silence tells timeouts apart.
 */

import { compareInstants, isLonger, NEVER } from '../../instant.ts'
import { type Slot, slotOf } from '../../slots.ts'
import type { Instant, Session } from '../../types.ts'
import { chainOf, serverAddress, serverPort } from '../conversation.ts'
import type { Window } from '../counting/concurrency.ts'
import type { Ledger } from '../counting/ledger.ts'
import type { Host, Hosts } from '../hosts.ts'
import { appended } from '../members.ts'
import type { Pool } from '../pool.ts'
import type { Component, Conversation, Unit } from '../shapes.ts'
import { SlotKeys } from '../slot-key.ts'
import { differsByTimeout, findComponent, isShared, isSibling, mayShare } from './belonging.ts'
import { absorb, createComponent, fold, join, withdraw } from './components.ts'
import { endedSessionOf } from './describe.ts'
import { DueQueue } from './due.ts'
import { seenDueOf } from './ending.ts'
import { isSession } from './open.ts'
import { spreadUnit } from './spread.ts'

/** Components of one unit that wait under one timeout; further clients are taken as sharing the newest. */
const MAX_WAITING_COMPONENTS = 64

/** Slots (or clients, where the pool counts those) in use at a time; some 400 MB. Further ones have to wait. */
export const MAX_UNITS = 65_536

/** More than slots of a pool. */
const PORTS = 65_536

/** Of a timeout under which a unit has none: lists are never changed while they are empty. */
const NO_COMPONENTS: Component[] = []

export interface SessionEvents {
  session(session: Session, component: Component): void
  /** The component has too few packets, or only one direction. Only under the pool's own timeout. */
  failed(component: Component): void
}

export class Sessions {
  /** When the first client was turned away because MAX_UNITS were in use. */
  fullAt: Instant | undefined
  /** Units that were spread so far. */
  spreads = 0
  private readonly timeouts: readonly number[]
  private readonly hosts: Hosts
  private readonly ledger: Ledger
  private readonly events: SessionEvents
  private readonly units = new Map<string, Unit>()
  /** By the key of the slot on which they are alone; every one of them is in the table of conversations. */
  private readonly held = new Map<string, Conversation>()
  private readonly queue = new DueQueue<Component>()
  private windowStart: Instant = NEVER
  private order = 0
  private clientNumber = 0
  private readonly keys: SlotKeys
  private readonly maxUnits: number

  constructor(options: {
    timeouts: readonly number[]
    hosts: Hosts
    ledger: Ledger
    events: SessionEvents
    maxUnits?: number
  }) {
    this.maxUnits = options.maxUnits ?? MAX_UNITS
    this.timeouts = options.timeouts
    this.hosts = options.hosts
    this.keys = new SlotKeys(options.hosts)
    this.ledger = options.ledger
    this.events = options.events
  }

  /** When a component may be over; never later than that, perhaps earlier. */
  get nextDue(): Instant {
    return this.queue.first
  }

  begin(windowStart: Instant): void {
    this.windowStart = windowStart
  }

  /** The slot's components, if it has any. */
  unitOf(c: Conversation): Unit | undefined {
    if (c.unit?.forgotten === true) c.unit = undefined
    if (c.unit === undefined && c.pool !== undefined && c.reason === '')
      c.unit = this.units.get(this.keys.of(c, c.pool))
    return c.unit
  }

  /**
   * True: nobody else is on the conversation's slot, so that it needs none yet. Most of what a flood leaves is alone
   * with a packet and its answer, and a unit takes several times the memory of a conversation.
   */
  hold(c: Conversation): boolean {
    if (this.unitOf(c) !== undefined) return false
    const pool = c.pool as Pool
    const key = this.keys.of(c, pool)
    const first = this.held.get(key)
    if (first !== undefined && first !== c) return false
    if (first === c) return true
    c.heldOn = key
    this.held.set(key, c)
    const host = this.hosts.passing(serverAddress(c))
    if (host !== undefined) this.noteUsed(pool, host, slotOf(pool.rule, serverPort(c))?.index)
    return true
  }

  /** The conversation is not held any more. */
  release(c: Conversation): void {
    if (c.heldOn !== '') this.held.delete(c.heldOn)
    c.heldOn = ''
  }

  /** Who is held on the slot of the conversation, which needs it: to be attached before it. */
  takeHeld(c: Conversation): Conversation | undefined {
    if (this.held.size === 0 || this.unitOf(c) !== undefined) return undefined
    const first = this.held.get(this.keys.of(c, c.pool as Pool))
    this.release(first ?? c)
    return first === c ? undefined : first
  }

  /** Gives the conversation's chain its component: the client endpoint counts from now on. False: there is no room. */
  attach(c: Conversation, timeout: number): boolean {
    const pool = c.pool as Pool
    const chain = chainOf(c, timeout)
    const known = this.unitOf(c)
    if (known === undefined && this.units.size >= this.maxUnits) {
      this.fullAt ??= [c.lastSec, c.lastNsec]
      return false
    }
    const unit = known ?? this.createUnit(c, pool)
    c.unit = unit
    if (c.chains.length > 1) this.spread(unit)
    const list = unit.components[timeout]
    let component = findComponent(list, c, chain)
    if (component === undefined && list.length >= MAX_WAITING_COMPONENTS) {
      component = list[list.length - 1]
      component.sharedAt ??= [chain.startSec, chain.startNsec]
    }
    const created = component === undefined
    component ??= this.createComponent(unit, timeout, c)
    join(component, c, chain)
    if (timeout === pool.main) this.noteUsed(pool, unit.host, unit.slot.index)
    if (created) this.enqueue(component)
    return true
  }

  /** Takes the conversation off its slot as if it had never been there: it belongs elsewhere. */
  detach(c: Conversation): void {
    for (const chain of c.chains) {
      const { component } = chain
      if (component === undefined) continue
      withdraw(c, chain)
      if (component.members.list.length > 0 || component.packetsClient + component.packetsServer > 0) {
        this.hasten(component)
        continue
      }
      component.alive = false
      this.drop(component)
    }
  }

  /** The component may be due earlier than was thought: a connection was closed, or does not belong to it. */
  hasten(component: Component): void {
    if (compareInstants(this.dueOf(component), component.lookAt) < 0) this.enqueue(component)
  }

  /** Ends everything that was due before `now`. */
  settle(now: Instant): void {
    while (compareInstants(this.queue.first, now) < 0) {
      const at = this.queue.first
      const component = this.queue.pop()
      if (!component.alive) continue
      if (this.isOver(component, now)) this.close(component, undefined)
      else if (compareInstants(at, component.lookAt) === 0) this.enqueue(component)
    }
  }

  /** Ends everything: the input is over. */
  finish(window: Window): void {
    while (this.queue.size > 0) {
      const component = this.queue.pop()
      if (component.alive) this.close(component, window)
    }
  }

  /** Over under every timeout that the component stands for. Once it is under the shortest of them they part. */
  private isOver(component: Component, now: Instant): boolean {
    const { unit } = component
    if (compareInstants(this.dueOf(component), now) >= 0) return false
    if (unit.spread) return true
    if (compareInstants(seenDueOf(component, unit.pool.longestSec), now) < 0) return true
    this.spread(unit)
    this.enqueue(component)
    return compareInstants(seenDueOf(component), now) < 0
  }

  /** Whether the timeouts still share components on the conversation's slot; they part where its chain tells them apart. */
  keepTogether(c: Conversation): boolean {
    const unit = this.unitOf(c)
    if (unit === undefined) return true
    if (unit.components[unit.pool.main].some((each) => differsByTimeout(each, c, c.chains[0])))
      this.spread(unit)
    return !unit.spread
  }

  /** A silence of the conversation tells the timeouts apart. */
  spreadOf(c: Conversation): void {
    const component = c.chains[0].component
    if (component !== undefined) this.spread(component.unit)
  }

  private spread(unit: Unit): void {
    if (unit.spread) return
    unit.spread = true
    this.spreads++
    for (const copy of spreadUnit(unit, this.timeouts)) {
      copy.order = this.order++
      this.enqueue(copy)
    }
  }

  /** Everything that is under way, under every timeout of the units that are spread. */
  *components(): Generator<Component> {
    for (const unit of this.units.values()) for (const list of unit.components) yield* list
  }

  /**
   * True when a component of the slot has the conversation's client address (media pools: RTP speaks for RTCP), and
   * did not begin after a silence that is longer than the timeout.
   */
  hasSibling(c: Conversation, timeout: number): boolean {
    const unit = this.unitOf(c)
    if (unit === undefined) return false
    const list = unit.components[unit.spread ? timeout : unit.pool.main]
    const last: Instant = [c.lastSec, c.lastNsec]
    return list.some((each) => isSibling(each, c) && !isLonger(last, each.start, each.idleSec))
  }

  private createUnit(c: Conversation, pool: Pool): Unit {
    const key = this.keys.of(c, pool)
    const host = this.hosts.of(serverAddress(c))
    const slot = slotOf(pool.rule, serverPort(c)) as Slot
    const unit: Unit = {
      key,
      number: this.numberOf(pool, host, slot),
      host,
      pool,
      slot,
      components: new Array<Component[]>(this.timeouts.length).fill(NO_COMPONENTS),
      spread: false,
      forgotten: false,
    }
    this.units.set(key, unit)
    return unit
  }

  /** A slot has the same again whenever it is used: whoever waited for an answer may reach back past a session. */
  private numberOf(pool: Pool, host: Host, slot: Slot): number {
    if (pool.rule.session === 'per-client') return --this.clientNumber
    return this.ledger.place(pool, host).number * PORTS + slot.index
  }

  private noteUsed(pool: Pool, host: Host, slotIndex = Infinity): void {
    const place = this.ledger.place(pool, host)
    place.lowestUsed = Math.min(place.lowestUsed, slotIndex)
  }

  private createComponent(unit: Unit, timeout: number, c: Conversation): Component {
    const component = createComponent(unit, timeout, c, chainOf(c, timeout))
    component.idleSec = this.timeouts[timeout]
    component.order = this.order++
    const list = unit.components[timeout]
    for (const other of list) {
      if (compareInstants(other.counted, component.counted) <= 0) other.successor = component
      else component.successor = other
    }
    if (timeout === unit.pool.main && list.length > 0 && mayShare(unit.pool))
      component.silence.meet(list[list.length - 1].silence)
    unit.components[timeout] = appended(list, component)
    return component
  }

  private enqueue(component: Component): void {
    component.lookAt = this.dueOf(component)
    this.queue.push(component.lookAt, component.order, component)
  }

  /** When the component is over under some timeout that it stands for. */
  private dueOf(component: Component): Instant {
    const { unit } = component
    return seenDueOf(component, unit.spread ? component.idleSec : unit.pool.shortestSec)
  }

  /** Ends a component, or merges it into the one it shares the slot with. `window` is given at the end of input. */
  private close(component: Component, window: Window | undefined): void {
    const { unit, timeout } = component
    const list = unit.components[timeout]
    const partner = mayShare(unit.pool)
      ? list.find((other) => other !== component && isShared(other, component))
      : undefined
    if (partner !== undefined) {
      const [into, from] = partner.order < component.order ? [partner, component] : [component, partner]
      absorb(into, from)
      list.splice(list.indexOf(from), 1)
      this.enqueue(into)
      return
    }
    for (const c of component.members.list.slice()) {
      const chain = chainOf(c, timeout)
      fold(c, chain)
      chain.done = true
      c.waiting = true
    }
    component.alive = false
    this.drop(component)
    this.judge(component, window)
  }

  private drop({ unit, timeout, silence }: Component): void {
    if (timeout === unit.pool.main) silence.part()
    unit.components[timeout] = unit.components[timeout].filter((each) => each.alive)
    if (unit.components.some((each) => each.length > 0)) return
    unit.forgotten = true
    this.units.delete(unit.key)
  }

  private judge(component: Component, window: Window | undefined): void {
    const { unit, timeout, start, end } = component
    const { rule } = unit.pool
    const main = timeout === unit.pool.main
    if (!isSession(rule, component.packetsClient, component.packetsServer)) {
      if (main) this.events.failed(component)
      return
    }
    const place = this.ledger.place(unit.pool, unit.host)
    if (!main) {
      this.ledger.recut(place, timeout, { unit: unit.number, start, end })
      return
    }
    const session = endedSessionOf(component, this.ledger, { start: this.windowStart, end: window?.end })
    const { slot } = unit
    this.ledger.accept(place, {
      unit: unit.number,
      start,
      end,
      id: session.sessionId,
      slot: slot.port,
      slotIndex: slot.index,
      certainty: session.certainty,
      undisputed: !unit.spread,
    })
    this.events.session(session, component)
  }
}
