/** When a component ends, and why. */

import { addSeconds, compareInstants, earlier, isLonger, later } from '../../instant.ts'
import type { Instant, Session } from '../../types.ts'
import { isClosed } from '../reach.ts'
import type { Component } from '../shapes.ts'
import { mayShare } from './belonging.ts'
import { LINGER_SEC, successorOf } from './components.ts'
import { reachOf } from './progress.ts'

/** The instant after which the component is over under this idle timeout, if nothing more comes. */
export function dueOf(component: Component, idleSec = component.idleSec): Instant {
  const { openEnd, closedAt } = reachOf(component)
  return later(addSeconds(openEnd, idleSec), addSeconds(closedAt, LINGER_SEC))
}

/** When the packet clock has passed that: later by what the component's packets lag behind the clock. */
export function seenDueOf(component: Component, idleSec = component.idleSec): Instant {
  return addSeconds(dueOf(component, idleSec), component.lagSec)
}

/** Why a component without members ended, and its close instant. `inputEnd`: of the last packet, once the input is over. */
export function endingOf(
  component: Component,
  inputEnd: Instant | undefined,
): { reason: Session['endReason']; at: Instant } {
  const due = dueOf(component)
  const at = inputEnd === undefined ? due : earlier(due, inputEnd)
  if (isClosed(component, component.idleSec)) return { reason: component.closedBy || 'fin', at }
  // Connections follow nothing: they close.
  const next = component.unit.pool.rule.transport === 'tcp' ? undefined : successorOf(component)
  if (next !== undefined && isFollowed(component, next))
    return { reason: next.marker ? 'start_marker' : 'client_changed', at }
  const open = inputEnd !== undefined && compareInstants(due, inputEnd) > 0
  return { reason: open ? 'capture_end' : 'idle', at }
}

/** In time, and by one who took the slot over: not when the client was seen again, perhaps after the other was gone. */
function isFollowed(component: Component, next: Component): boolean {
  if (isLonger(component.end, next.start, component.idleSec)) return false
  return !mayShare(component.unit.pool) || compareInstants(component.lastClient, next.counted) <= 0
}
