/** From one component that stands for every idle timeout to one for each, where a silence tells them apart. */

import { chainOf, spreadChains } from '../conversation.ts'
import type { Component, Unit } from '../shapes.ts'
import { copyComponent } from './components.ts'

/** `timeouts`: of all pools, seconds, by index. Returns the components that are new, still without an order. */
export function spreadUnit(unit: Unit, timeouts: readonly number[]): Component[] {
  const { main } = unit.pool
  const own = unit.components[main]
  spreadMembers(own, main, timeouts.length)
  const added: Component[] = []
  for (const timeout of unit.pool.timeouts) {
    if (timeout === main) continue
    const copies = own.map((component) => copyTo(timeout, timeouts[timeout], component))
    unit.components[timeout] = copies
    added.push(...copies)
  }
  return added
}

/** Every timeout gets a chain; only the pool's own keeps its component. */
function spreadMembers(components: readonly Component[], main: number, timeouts: number): void {
  for (const { members } of components)
    for (const c of members.list) {
      spreadChains(c, timeouts)
      for (const [timeout, chain] of c.chains.entries()) if (timeout !== main) chain.component = undefined
    }
}

function copyTo(timeout: number, idleSec: number, component: Component): Component {
  const copy = copyComponent(component, timeout)
  copy.idleSec = idleSec
  for (const c of copy.members.list) chainOf(c, timeout).component = copy
  return copy
}
