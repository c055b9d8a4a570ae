/** A pool: its rule, with what follows from it. */

import { portCount, slotCount } from '../slots.ts'
import type { PoolRule } from '../types.ts'

/** Timeouts of the sensitivity table, seconds. */
export const SENSITIVITY_SEC = [60, 120, 180, 300] as const

export interface Pool {
  rule: PoolRule
  index: number
  slots: number
  ports: number
  idleSec: number
  /** The shortest and the longest of idleSec and the sensitivity's timeouts, seconds. */
  shortestSec: number
  longestSec: number
  /** Index of idleSec in Membership.timeouts. */
  main: number
  /** Indexes of idleSec and of the sensitivity's timeouts, each once. */
  timeouts: readonly number[]
  /** Index of each of SENSITIVITY_SEC in Membership.timeouts. */
  sensitivity: readonly number[]
  /** Labels that payload may show on a slot without speaking against the pool. */
  accepts: ReadonlySet<string>
}

/** What media pools (RTP beside RTCP) may carry. */
export const MEDIA_LABELS = ['rtp', 'rtcp', 'srtp']

/** `timeouts`: those of Membership. */
export function createPool(
  rule: PoolRule,
  index: number,
  idleSec: number,
  timeouts: readonly number[],
): Pool {
  const main = timeouts.indexOf(idleSec)
  const accepts = new Set([rule.label, ...rule.supportedBy])
  if (rule.requires !== undefined) accepts.add(rule.requires)
  if (rule.stride > 1 || MEDIA_LABELS.includes(rule.requires ?? rule.label))
    for (const label of MEDIA_LABELS) accepts.add(label)
  const sensitivity = SENSITIVITY_SEC.map((sec) => timeouts.indexOf(sec))
  return {
    rule,
    index,
    slots: slotCount(rule),
    ports: portCount(rule),
    idleSec,
    shortestSec: Math.min(idleSec, ...SENSITIVITY_SEC),
    longestSec: Math.max(idleSec, ...SENSITIVITY_SEC),
    main,
    timeouts: [...new Set([main, ...sensitivity])],
    sensitivity,
    accepts,
  }
}
