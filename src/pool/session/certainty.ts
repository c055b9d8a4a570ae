/**
 * How sure a session is. Payload that shows the pool's own label, or the site file, confirms it (a session is two-way
 * anyway, unless the rule says otherwise); a companion label confirmed at the same server makes it likely; else the
 * port alone makes it possible. A lone high slot of a pool that fills lowest slots first only lowers that.
 */
import type { Certainty } from '../../types.ts'
import { supporterOf } from '../membership.ts'
import type { Component } from '../shapes.ts'
import { packetsOf } from './progress.ts'

/** From this slot index on a slot without any lower one ever used speaks against the pool. */
const HIGH_SLOT = 8

export function certaintyOf(component: Component, lowestUsed: number): Certainty {
  const { pool, host, slot } = component.unit
  const { client, server } = packetsOf(component)
  const twoWay = client > 0 && server > 0
  if (component.payload === 2) return 'confirmed'
  if (twoWay && host.site?.pools.includes(pool.rule.name)) return 'confirmed'
  if (component.payload === 1) return 'likely'
  if (supporterOf(host, pool) === '' || !twoWay) return 'possible'
  return pool.rule.allocation === 'lowest-first' && isLoneSlot(slot.index, lowestUsed) ? 'possible' : 'likely'
}

/** A high slot, and none below it was ever used on the server. */
export function isLoneSlot(slotIndex: number, lowestUsed: number): boolean {
  return slotIndex >= HIGH_SLOT && lowestUsed >= slotIndex
}
