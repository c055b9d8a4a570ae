/** The four degrees of certainty of a label or a session, in order. */
import type { Certainty } from './rule-types.ts'

/** The surest first. */
export const CERTAINTIES: readonly Certainty[] = ['confirmed', 'likely', 'possible', 'unknown']

export function lowerOf(a: Certainty, b: Certainty): Certainty {
  return CERTAINTIES.indexOf(a) > CERTAINTIES.indexOf(b) ? a : b
}

export function higherOf(a: Certainty, b: Certainty): Certainty {
  return CERTAINTIES.indexOf(a) < CERTAINTIES.indexOf(b) ? a : b
}
