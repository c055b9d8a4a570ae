/** Which presences on a slot belong together: a conversation to a component, or one component to another. */
import { PROTOCOL_TCP } from '../../bytes.ts'
import { compareInstants, isLonger } from '../../instant.ts'
import type { Instant } from '../../types.ts'
import { clientAddress, clientPort } from '../conversation.ts'
import { sameAddress } from '../hosts.ts'
import type { Pool } from '../pool.ts'
import type { Chain, Component, Conversation } from '../shapes.ts'
import { hasClientAddress, offsetBit } from './components.ts'
import { isOpenAt, reachOf } from './progress.ts'

/** The component that the chain goes on with. */
export function findComponent(
  list: readonly Component[],
  c: Conversation,
  chain: Chain,
): Component | undefined {
  const start: Instant = [chain.startSec, chain.startNsec]
  if (c.protocol === PROTOCOL_TCP) return list.find((component) => isOpenAt(component, start))
  if (chain.marker) return undefined
  for (let i = list.length - 1; i >= 0; i--) {
    const component = list[i]
    const { rule } = component.unit.pool
    const known = rule.startMarker !== undefined || isSameClient(component, c) || isSibling(component, c)
    if (known && !isLonger(reachOf(component).end, start, component.idleSec)) return component
  }
  return undefined
}

/** The chain continues the component under some of the pool's timeouts only: a closed connection kept it from being due. */
export function differsByTimeout(
  component: Component,
  c: Conversation,
  { startSec, startNsec }: Chain,
): boolean {
  if (c.protocol !== PROTOCOL_TCP) return false
  const { shortestSec, longestSec } = component.unit.pool
  const start: Instant = [startSec, startNsec]
  return !isOpenAt(component, start, shortestSec) && isOpenAt(component, start, longestSec)
}

function isSameClient(component: Component, c: Conversation): boolean {
  return component.latestPort === clientPort(c) && sameAddress(component.latestClient, clientAddress(c))
}

/** The conversation is the other port of a pair that the client already uses. */
export function isSibling(component: Component, c: Conversation): boolean {
  if (component.unit.pool.rule.stride === 1) return false
  return (component.offsets & offsetBit(component.unit, c)) === 0 && hasClientAddress(component, c)
}

/** Clients can take turns on a slot, or share it, only where nothing else separates sessions. */
export function mayShare(pool: Pool): boolean {
  const { transport, session, startMarker } = pool.rule
  return transport === 'udp' && session === 'per-port' && startMarker === undefined
}

/** The older client was seen after the newer had counted. */
export function isShared(a: Component, b: Component): boolean {
  const byCount = compareInstants(a.counted, b.counted) || a.order - b.order
  const [older, newer] = byCount < 0 ? [a, b] : [b, a]
  return compareInstants(reachOf(older).lastClient, newer.counted) > 0
}
