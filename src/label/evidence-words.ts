/**
 * Payload evidence as words of a flow's state (see inspect.ts): signature + 1 in the low 12 bits, strength in the next
 * two, and a bit for each direction in which it matched. 0: no evidence. The slots fill in the order of discovery.
 */
import { STRONG } from './payload.ts'

/** First evidence word of a state, and how many there are. */
export const EVIDENCE = 1
export const EVIDENCE_SLOTS = 4
export const SIGNATURE_MASK = 0xfff
export const STRENGTH_SHIFT = 12
export const DIRECTIONS_SHIFT = 14
export const BOTH_DIRECTIONS = 3

/** Signature index, -1 for no evidence. */
export function signatureOf(evidence: number): number {
  return (evidence & SIGNATURE_MASK) - 1
}

export function strengthOf(evidence: number): number {
  return (evidence >>> STRENGTH_SHIFT) & 3
}

/** Bit 0: matched from side a, bit 1: from b. */
export function directionsOf(evidence: number): number {
  return (evidence >>> DIRECTIONS_SHIFT) & BOTH_DIRECTIONS
}

export function isStrong(words: Int32Array, at: number): boolean {
  for (let slot = at + EVIDENCE; slot < at + EVIDENCE + EVIDENCE_SLOTS; slot++)
    if (((words[slot] >>> STRENGTH_SHIFT) & 3) === STRONG) return true
  return false
}

/** Something was found in this direction. */
export function hasEvidence(words: Int32Array, at: number, direction: number): boolean {
  for (let slot = at + EVIDENCE; slot < at + EVIDENCE + EVIDENCE_SLOTS; slot++)
    if (((words[slot] >>> (DIRECTIONS_SHIFT + direction)) & 1) !== 0) return true
  return false
}

/** Notes a match: `found` is signature index | strength << STRENGTH_SHIFT. When all slots are taken it is dropped. */
export function addEvidence(words: Int32Array, at: number, found: number, direction: number): void {
  const index = found & SIGNATURE_MASK
  const strength = found >>> STRENGTH_SHIFT
  for (let slot = at + EVIDENCE; slot < at + EVIDENCE + EVIDENCE_SLOTS; slot++) {
    const entry = words[slot]
    if (entry === 0) {
      words[slot] = (index + 1) | (strength << STRENGTH_SHIFT) | (1 << (DIRECTIONS_SHIFT + direction))
      return
    }
    if ((entry & SIGNATURE_MASK) !== index + 1) continue
    const stronger = Math.max(strength, (entry >>> STRENGTH_SHIFT) & 3)
    const directions = ((entry >>> DIRECTIONS_SHIFT) & BOTH_DIRECTIONS) | (1 << direction)
    words[slot] = (index + 1) | (stronger << STRENGTH_SHIFT) | (directions << DIRECTIONS_SHIFT)
    return
  }
}
