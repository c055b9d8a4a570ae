/**
 * Sessions in the making. A unit is what can hold one session at a time: a slot of a server, or one client of it where
 * the pool counts clients. Under each idle timeout a unit has components: presences of client endpoints that belong
 * together so far. A component's members are live conversations; what ended has been folded into its counters.
 * As long as no silence makes the timeouts differ, the components under the pool's own timeout stand for all.
 */
import { MAX_LIST } from '../../bytes.ts'
import { compareInstants, earlier, later, NEVER } from '../../instant.ts'
import { idText } from '../../text.ts'
import type { Instant, Session } from '../../types.ts'
import { chainOf, clientAddress, clientPort, serverPort } from '../conversation.ts'
import { sameAddress, textOf } from '../hosts.ts'
import { appended, Members } from '../members.ts'
import type { Pool } from '../pool.ts'
import { BEFORE_ALL, reachOfOne, widen } from '../reach.ts'
import type { Chain, Component, Conversation, Unit } from '../shapes.ts'
import { SIDE_A } from '../sides.ts'
import { Silence, type Span } from '../silence.ts'

/** FIN from both sides or RST: how long a connection still takes late packets, seconds. */
export const LINGER_SEC = 5
/** Conversations of a component that are looked through for a client's address. */
const MAX_COMPARED = 16

export const FIN_A = 1
export const FIN_B = 2
export const RESET = 4

export function createComponent(unit: Unit, timeout: number, c: Conversation, chain: Chain): Component {
  const counted: Instant = chain.answered ? [chain.answerSec, chain.answerNsec] : startOf(chain)
  return {
    unit,
    timeout,
    idleSec: 0,
    order: 0,
    alive: true,
    lagSec: c.lagSec,
    lookAt: NEVER,
    start: startOf(chain),
    end: BEFORE_ALL,
    openEnd: BEFORE_ALL,
    closedAt: BEFORE_ALL,
    lastClient: BEFORE_ALL,
    counted,
    packetsClient: 0,
    packetsServer: 0,
    ipBytes: 0,
    silence: new Silence(spanOf(c, chain), counted),
    syn: chain.syn,
    marker: chain.marker,
    closedBy: '',
    members: new Members(),
    firstClient: clientAddress(c),
    latestClient: clientAddress(c),
    latestPort: clientPort(c),
    offsets: 0,
    clients: [],
    clientsTotal: 0,
    foldedClients: [],
    flowIds: [],
    flowIdsTotal: 0,
    losers: undefined,
    payload: 0,
    label: '',
    sharedAt: undefined,
    name: undefined,
    successor: undefined,
    absorbedBy: undefined,
  }
}

/** The same presence under another timeout. Only what the ledger needs of a session under that timeout is copied. */
export function copyComponent(component: Component, timeout: number): Component {
  return {
    ...component,
    timeout,
    lookAt: NEVER,
    members: new Members(component.members.list.slice()),
    clients: [],
    foldedClients: [],
    flowIds: [],
    losers: undefined,
    name: undefined,
    successor: undefined,
    absorbedBy: undefined,
  }
}

/** Makes the chain part of the component. Under the pool's own timeout the conversation measures the gap there. */
export function join(component: Component, c: Conversation, chain: Chain): void {
  const start = startOf(chain)
  if (compareInstants(start, component.start) < 0) {
    component.start = start
    component.syn = chain.syn
  }
  chain.component = component
  chain.position = component.members.add(c)
  component.lagSec = c.lagSec
  component.latestClient = clientAddress(c)
  component.latestPort = clientPort(c)
  component.offsets |= offsetBit(component.unit, c)
  if (component.timeout !== component.unit.pool.main) return
  component.silence.add(spanOf(c, chain))
  c.session = component
  addClient(component, c)
}

/** The packets of the conversation's chain so far. */
function spanOf({ lastSec, lastNsec, gap }: Conversation, { startSec, startNsec }: Chain): Span {
  return { startSec, startNsec, lastSec, lastNsec, gap }
}

/** A narrower pool lost flows of the session to the component's. */
export function addLoser(component: Component, pool: Pool, flows: number): void {
  component.losers ??= new Map()
  component.losers.set(pool, (component.losers.get(pool) ?? 0) + flows)
}

function addClient(component: Component, c: Conversation): void {
  listClient(component, textOf(clientAddress(c)), clientPort(c))
}

function listClient(component: Component, ip: string, port: number): void {
  if (findClient(component.clients, ip, port) !== undefined) return
  component.clientsTotal++
  if (component.clients.length < MAX_LIST) component.clients = appended(component.clients, { ip, port })
}

function findClient(
  clients: Session['clients'],
  ip: string,
  port: number,
): Session['clients'][number] | undefined {
  return clients.find((client) => client.port === port && client.ip === ip)
}

/** Takes the chain out and keeps what it was: it ended, or its session did. */
export function fold(c: Conversation, chain: Chain): void {
  const component = chain.component
  if (component === undefined) return
  const fromA = c.packetsA - chain.packetsA
  const fromB = c.packetsB - chain.packetsB
  component.packetsClient += c.side === SIDE_A ? fromB : fromA
  component.packetsServer += c.side === SIDE_A ? fromA : fromB
  component.ipBytes += c.ipBytes - chain.ipBytes
  if (c.closed && compareInstants([c.closedSec, c.closedNsec], component.closedAt) >= 0)
    component.closedBy = (c.tcpEnd & RESET) !== 0 ? 'rst' : 'fin'
  widen(component, reachOfOne(c))
  noteLabel(component, c)
  if (c.session === component) {
    foldFlows(component, c)
    foldClient(component, textOf(clientAddress(c)), clientPort(c))
  }
  leave(c, chain)
}

/** Takes the chain out as if it had never been in. */
export function leave(c: Conversation, chain: Chain): void {
  const component = chain.component
  if (component === undefined) return
  const moved = component.members.remove(chain.position)
  chainOf(moved, component.timeout).position = chain.position
  chain.component = undefined
  if (c.session === component) c.session = undefined
}

/** Takes the chain out of a component that goes on, as if the conversation had never been there: it belongs elsewhere. */
export function withdraw(c: Conversation, chain: Chain): void {
  const component = chain.component
  if (component === undefined) return
  leave(c, chain)
  const { members, timeout, unit } = component
  const main = timeout === unit.pool.main
  if (main) unlistClient(component, c)
  // When it began and was silent is not known of single conversations once some have been folded.
  if (members.list.length === 0 || component.packetsClient + component.packetsServer > 0) return
  const chains = members.list.map((each) => chainOf(each, timeout))
  const first = chains.reduce((a, b) => (compareInstants(startOf(b), startOf(a)) < 0 ? b : a))
  component.start = startOf(first)
  component.syn = first.syn
  if (main) component.silence.restart(members.list.map((each, i) => spanOf(each, chains[i])))
}

function unlistClient(component: Component, gone: Conversation): void {
  const ip = textOf(clientAddress(gone))
  const port = clientPort(gone)
  const stays = component.members.list.some(
    (each) => clientPort(each) === port && sameAddress(clientAddress(each), clientAddress(gone)),
  )
  if (stays || findClient(component.foldedClients, ip, port) !== undefined) return
  component.clientsTotal--
  component.clients = component.clients.filter((client) => client.port !== port || client.ip !== ip)
}

function startOf({ startSec, startNsec }: Chain): Instant {
  return [startSec, startNsec]
}

function foldClient(component: Component, ip: string, port: number): void {
  const client = findClient(component.clients, ip, port)
  if (client === undefined || findClient(component.foldedClients, ip, port) !== undefined) return
  component.foldedClients = appended(component.foldedClients, client)
}

function foldFlows(component: Component, c: Conversation): void {
  addFlows(component, flowIdsOfMember(c), c.flowIdsTotal)
}

export function flowIdsOfMember(c: Conversation): string[] {
  if (c.flowIdsTotal === 0) return []
  return [idText(c.firstFlowHigh, c.firstFlowLow), ...(c.laterFlowIds ?? [])]
}

/** Adds the flows that are not listed: one flow may be present several times. `total`: how many `ids` stand for. */
function addFlows(component: Component, ids: readonly string[], total: number): void {
  component.flowIdsTotal += total
  for (const id of ids)
    if (component.flowIds.includes(id)) component.flowIdsTotal--
    else if (component.flowIds.length < MAX_LIST) component.flowIds = appended(component.flowIds, id)
}

export function noteLabel(component: Component, c: Conversation): void {
  const { rule, accepts } = component.unit.pool
  if (c.label === '') return
  component.label = c.label
  const shown = c.label === rule.label || (rule.requires !== undefined && accepts.has(c.label))
  if (shown) component.payload = Math.max(component.payload, c.labelConfirmed ? 2 : 1)
}

/** Moves everything of `from` into `into`: two clients that both go on share one session. */
export function absorb(into: Component, from: Component): void {
  into.sharedAt = later(later(into.counted, from.counted), into.sharedAt ?? into.counted)
  if (compareInstants(from.start, into.start) < 0) {
    into.start = from.start
    into.syn = from.syn
    into.marker = from.marker
  }
  into.counted = earlier(into.counted, from.counted)
  widen(into, from)
  into.packetsClient += from.packetsClient
  into.packetsServer += from.packetsServer
  into.ipBytes += from.ipBytes
  into.offsets |= from.offsets
  if (into.timeout === into.unit.pool.main) into.silence.share(from.silence)
  for (const [pool, flows] of from.losers ?? []) addLoser(into, pool, flows)
  into.payload = Math.max(into.payload, from.payload)
  into.label = into.label || from.label
  into.clientsTotal += from.clientsTotal - from.clients.length
  for (const { ip, port } of from.clients) listClient(into, ip, port)
  for (const { ip, port } of from.foldedClients) foldClient(into, ip, port)
  addFlows(into, from.flowIds, from.flowIdsTotal)
  for (const c of from.members.list) {
    const chain = chainOf(c, from.timeout)
    chain.component = into
    chain.position = into.members.add(c)
    if (c.session === from) c.session = into
  }
  from.members = new Members()
  from.alive = false
  from.absorbedBy = into
  into.successor = [from, into].map(successorOf).find((next) => next !== undefined && next !== into)
}

/** The component that counted after it, unless that was merged into this one. */
export function successorOf(component: Component): Component | undefined {
  let next = component.successor
  while (next?.absorbedBy !== undefined) next = next.absorbedBy
  return next === component ? undefined : next
}

/** Which of the slot's ports the conversation uses, as a bit. */
export function offsetBit(unit: Unit, c: Conversation): number {
  return 1 << ((serverPort(c) - unit.slot.port) & 31)
}

/** True when one of the component's clients has the conversation's client address. */
export function hasClientAddress(component: Component, c: Conversation): boolean {
  const client = clientAddress(c)
  if (sameAddress(component.firstClient, client)) return true
  return component.members.list
    .slice(0, MAX_COMPARED)
    .some((other) => sameAddress(clientAddress(other), client))
}
