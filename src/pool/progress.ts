/** What a component amounts to so far: of what was folded into it, and of its members, which go on. */
import type { Instant } from '../types.ts'
import { type Component, flowIdsOfMember, lastOfClient, MAX_LIST, noteLabel } from './components.ts'
import { chainOf, SIDE_A } from './conversation.ts'
import { compareInstants, isLonger, later } from './instant.ts'

/** Packets of either end so far, also of what is still going on. */
export function packetsOf(component: Component): { client: number; server: number } {
  let { packetsClient: client, packetsServer: server } = component
  for (const c of component.members) {
    const chain = chainOf(c, component.timeout)
    const fromA = c.packetsA - chain.packetsA
    const fromB = c.packetsB - chain.packetsB
    client += c.side === SIDE_A ? fromB : fromA
    server += c.side === SIDE_A ? fromA : fromB
  }
  return { client, server }
}

/** IP bytes so far, also of what is still going on. */
export function ipBytesOf(component: Component): number {
  let bytes = component.ipBytes
  for (const c of component.members) bytes += c.ipBytes - chainOf(c, component.timeout).ipBytes
  return bytes
}

/** Flows so far, also of what is still going on, at most MAX_LIST of them. */
export function flowIdsOf(component: Component): string[] {
  const ids = new Set(component.flowIds)
  for (const c of component.members) {
    if (ids.size >= MAX_LIST) break
    if (c.session === component) for (const id of flowIdsOfMember(c)) ids.add(id)
  }
  return [...ids].slice(0, MAX_LIST)
}

/** What payload showed so far, also of what is still going on. */
export function noteMembers(component: Component): void {
  for (const c of component.members) noteLabel(component, c)
}

/** Last packet so far. */
export function endOf(component: Component): Instant {
  let end = component.end
  for (const c of component.members) end = later(end, [c.lastSec, c.lastNsec])
  return end
}

/** Last packet from a client so far. */
export function lastClientOf(component: Component): Instant {
  let last = component.lastClient
  for (const c of component.members) last = later(last, lastOfClient(c))
  return last
}

/** Some connection of the component was open at `at` under this idle timeout, or ended then. */
export function isOpenAt(component: Component, at: Instant, idleSec = component.idleSec): boolean {
  if (compareInstants(at, component.end) <= 0) return true
  if (!isLonger(component.openEnd, at, idleSec)) return true
  return component.members.some((c) => {
    const last: Instant = [c.lastSec, c.lastNsec]
    return c.closed ? compareInstants(at, last) <= 0 : !isLonger(last, at, idleSec)
  })
}
