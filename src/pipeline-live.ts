/** What the pipeline tells of itself while it runs. */
import type { FlowTracker } from './flow/flows.ts'
import * as row from './flow/layout.ts'
import type { PoolTracker } from './pool/tracker.ts'

/** Slots of pools on which a flow of both directions is alive. Looks at every live flow: not for every packet. */
export function countLiveSlots(flows: FlowTracker, pools: PoolTracker): number {
  const slots = new Set<string>()
  for (const each of flows.liveRows()) {
    const words = flows.pages.words[row.pageOf(each)]
    const at = row.offsetOf(each)
    const handle = words[at + row.POOL_HANDLE]
    if (handle < 0 || words[at + row.PACKETS] === 0 || words[at + row.PACKETS + row.SIDE_WORDS] === 0)
      continue
    const claim = pools.claim(handle)
    if (claim === undefined || claim.refused !== '') continue
    const portA = words[at + row.PORTS] >>> 16
    const samePorts = portA === (words[at + row.PORTS] & 0xffff)
    const serverIsA = samePorts ? claim.serverIsFirst : portA === claim.serverPort
    const upper = at + (serverIsA ? row.A0 : row.B0)
    const last = words[at + (serverIsA ? row.A3 : row.B3)]
    slots.add(`${claim.pool} ${claim.slot} ${words[upper]} ${words[upper + 1]} ${words[upper + 2]} ${last}`)
  }
  return slots.size
}
