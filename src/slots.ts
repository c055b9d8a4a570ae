/**
 * Ports of a pool as slots. With a stride of 2 an even port and the odd one above it are one slot, named by its
 * lowest port; slot indexes count from 0 through all ranges of the rule.
 */
import type { PoolRule } from './types.ts'

export interface Slot {
  /** From 0. */
  index: number
  /** The slot's lowest port. */
  port: number
}

/** The slot that `port` belongs to, or undefined when it is not of the pool. */
export function slotOf(rule: PoolRule, port: number): Slot | undefined {
  let index = 0
  for (const { low, high } of rule.ports) {
    const first = group(rule, low)
    if (port >= low && port <= high) {
      const own = group(rule, port)
      return { index: index + own - first, port: Math.max(low, own * rule.stride) }
    }
    index += group(rule, high) - first + 1
  }
  return undefined
}

export function slotCount(rule: PoolRule): number {
  let count = 0
  for (const { low, high } of rule.ports) count += group(rule, high) - group(rule, low) + 1
  return count
}

/** How many port numbers the rule covers: of two pools the one with fewer is the narrower. */
export function portCount(rule: PoolRule): number {
  let count = 0
  for (const { low, high } of rule.ports) count += high - low + 1
  return count
}

function group(rule: PoolRule, port: number): number {
  return Math.floor(port / rule.stride)
}
