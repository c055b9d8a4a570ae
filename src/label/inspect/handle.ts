/** The handle of a flow's inspection state, kept in its row; flag bits say which packets need no inspection. */

/** The handle of a flow in whose payload nothing was found within the depth. */
export const EXHAUSTED = -2

/** Flag: further payload of the flow changes nothing, so its state need not be read again. */
export const SETTLED = 1 << 30
/** Flag: the same for packets of side a alone; shifted left by 1 for those of b. */
export const PASSED = 1 << 28
export const PASSED_BITS = 3 * PASSED

/** The handle without its flags, as all functions but `inspect` take it. */
export function plainHandle(handle: number): number {
  return handle < 0 ? handle : handle & ~(SETTLED | PASSED_BITS)
}

/** Whether payload of this direction must still be inspected. `handle`: as `inspect` returned it, or -1. */
export function isOpen(handle: number, direction: number): boolean {
  return handle < 0 ? handle !== EXHAUSTED : (handle & (SETTLED | (PASSED << direction))) === 0
}
