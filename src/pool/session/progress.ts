/** What a component amounts to so far: of what was folded into it, and of its members, which go on. */
import { MAX_LIST } from '../../bytes.ts'
import { compareInstants, isLonger } from '../../instant.ts'
import type { Instant } from '../../types.ts'
import { chainOf } from '../conversation.ts'
import { noReach, type Reach, widen } from '../reach.ts'
import type { Chain, Component } from '../shapes.ts'
import { SIDE_A } from '../sides.ts'
import { flowIdsOfMember, noteLabel } from './components.ts'

/** Packets of either end so far, also of what is still going on. */
export function packetsOf(component: Component): { client: number; server: number } {
  let { packetsClient: client, packetsServer: server } = component
  for (const c of component.members.list) {
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
  for (const c of component.members.list) bytes += c.ipBytes - chainOf(c, component.timeout).ipBytes
  return bytes
}

/** Flows so far, also of what is still going on, at most MAX_LIST of them. */
export function flowIdsOf(component: Component): string[] {
  const ids = new Set(component.flowIds)
  for (const c of component.members.list) {
    if (ids.size >= MAX_LIST) break
    if (c.session === component) for (const id of flowIdsOfMember(c)) ids.add(id)
  }
  return [...ids].slice(0, MAX_LIST)
}

/** What payload showed so far, also of what is still going on. */
export function noteMembers(component: Component): void {
  for (const c of component.members.list) noteLabel(component, c)
}

/** How far it reaches so far. */
export function reachOf(component: Component): Reach {
  const reach = noReach()
  widen(reach, component)
  widen(reach, component.members.reach())
  return reach
}

/** Some connection of the component was open at `at` under this idle timeout, or ended then. */
export function isOpenAt(component: Component, at: Instant, idleSec = component.idleSec): boolean {
  return includes(component, at, idleSec) || includes(component.members.reach(), at, idleSec)
}

/** Others on the slot keep the chain's session going, however long the chain itself is silent. */
export function goesOn({ component }: Chain, now: Instant): boolean {
  return component !== undefined && isOpenAt(component, now)
}

function includes({ end, openEnd }: Reach, at: Instant, idleSec: number): boolean {
  return compareInstants(at, end) <= 0 || !isLonger(openEnd, at, idleSec)
}
