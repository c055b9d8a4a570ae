/** The handle by which a flow's row names what the inspector knows of it, and what it says of packets to come. */

/** A flow whose payload said nothing within the depth: its handle. */
export const EXHAUSTED = -2

/** Set in the handle of a flow about which payload has told all it can: the flow's state need not be looked at again. */
export const SETTLED = 1 << 30
/** The same for packets of side a alone; shifted by 1 for those of b. */
export const PASSED = 1 << 28
export const PASSED_BITS = 3 * PASSED

/** The handle as other calls than `inspect` want it. */
export function plainHandle(handle: number): number {
  return handle < 0 ? handle : handle & ~(SETTLED | PASSED_BITS)
}

/** Whether payload of this direction may still tell something. `handle`: as `inspect` returned it, or -1. */
export function isOpen(handle: number, direction: number): boolean {
  return handle < 0 ? handle !== EXHAUSTED : (handle & (SETTLED | (PASSED << direction))) === 0
}
