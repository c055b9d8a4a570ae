/**
 * How far in time presences on a slot reach, which decides when a component is over and which chains continue it. The reach of
 * one conversation, of many, or of what was folded: latest instants only, so that it does not matter in which order,
 * and in which groups, they are joined.
 */

import { addSeconds, compareInstants, later } from '../instant.ts'
import type { Instant } from '../types.ts'
import { SIDE_A } from './sides.ts'

/** What of a conversation tells how far it reaches. */
export interface Presence {
  /** The server's. */
  side: number
  lastSec: number
  lastNsec: number
  lastASec: number
  lastANsec: number
  lastBSec: number
  lastBNsec: number
  closed: boolean
  closedSec: number
  closedNsec: number
}

export interface Reach {
  /** Last packet. */
  end: Instant
  /** Last packet of a conversation without FIN or RST. */
  openEnd: Instant
  /** Last FIN or RST that closed a connection. */
  closedAt: Instant
  /** Last packet from a client. */
  lastClient: Instant
}

export const BEFORE_ALL: Instant = [-Infinity, 0]

/** The reach of nothing. */
export function noReach(): Reach {
  return { end: BEFORE_ALL, openEnd: BEFORE_ALL, closedAt: BEFORE_ALL, lastClient: BEFORE_ALL }
}

export function reachOfOne(c: Presence): Reach {
  const end: Instant = [c.lastSec, c.lastNsec]
  return {
    end,
    openEnd: c.closed ? BEFORE_ALL : end,
    closedAt: c.closed ? [c.closedSec, c.closedNsec] : BEFORE_ALL,
    lastClient: c.side === SIDE_A ? [c.lastBSec, c.lastBNsec] : [c.lastASec, c.lastANsec],
  }
}

/** Joins the reach `by` to the other. */
export function widen(reach: Reach, by: Reach): void {
  reach.end = later(reach.end, by.end)
  reach.openEnd = later(reach.openEnd, by.openEnd)
  reach.closedAt = later(reach.closedAt, by.closedAt)
  reach.lastClient = later(reach.lastClient, by.lastClient)
}

/** True when FIN or RST closed a connection and none was open any more under this idle timeout. */
export function isClosed({ openEnd, closedAt }: Reach, idleSec: number): boolean {
  return compareInstants(addSeconds(openEnd, idleSec), closedAt) < 0
}
