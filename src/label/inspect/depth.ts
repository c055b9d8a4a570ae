/**
 * How many payload packets of a direction are inspected for new signatures, by two bits of the flow's status. A
 * signature may ask for more packets of a flow that it has matched (Signature.depth).
 */
import { DEFAULT_DEPTH } from './dispatch.ts'

/** Another protocol may take over, or a signature wants later packets. */
export const WANTS_MORE = 8
/** A signature expects to match one of the next packets. */
export const EXPECTING = 32

const UPGRADE_DEPTH = 12
const EXPECTING_DEPTH = 8

/** Payload packets of a direction in which signatures are looked for by their first byte. */
export function depthOf(status: number): number {
  if ((status & WANTS_MORE) !== 0) return UPGRADE_DEPTH
  return (status & EXPECTING) !== 0 ? EXPECTING_DEPTH : DEFAULT_DEPTH
}

/** For a flow without evidence: so much payload of both sides was seen that none is expected any more. */
export function isHopeless(status: number, ordinalA: number, ordinalB: number): boolean {
  const depth = depthOf(status)
  if (ordinalA >= depth && ordinalB >= depth) return true
  return ordinalA + ordinalB >= (ordinalA === 0 || ordinalB === 0 ? 2 : 3) * depth
}
