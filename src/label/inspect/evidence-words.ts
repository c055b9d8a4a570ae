/**
 * Payload evidence in two words of a flow's state (see inspect.ts), two entries a word, low half first: signature + 1
 * in the low 12 bits, strength in the next two, and a bit for each direction in which it matched. 0: no evidence. The
 * slots fill in the order of discovery.
 */
import { type Signature, STRONG } from './payload.ts'

/** First evidence word of a state: 0 where there is none at all. Its low bits are the first entry's. */
export const EVIDENCE = 1
export const EVIDENCE_SLOTS = 4
const ENTRY_BITS = 16
const ENTRY_MASK = 0xffff
export const SIGNATURE_MASK = 0xfff
export const STRENGTH_SHIFT = 12
const DIRECTIONS_SHIFT = 14
export const BOTH_DIRECTIONS = 3

/** The entry of a slot. */
export function evidenceIn(words: Int32Array, at: number, slot: number): number {
  return (words[at + EVIDENCE + (slot >> 1)] >>> shiftOf(slot)) & ENTRY_MASK
}

function shiftOf(slot: number): number {
  return (slot & 1) * ENTRY_BITS
}

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
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++)
    if (strengthOf(evidenceIn(words, at, slot)) === STRONG) return true
  return false
}

/** Something was found in this direction. */
export function hasEvidence(words: Int32Array, at: number, direction: number): boolean {
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++)
    if (((directionsOf(evidenceIn(words, at, slot)) >>> direction) & 1) !== 0) return true
  return false
}

/** The directions in which signatures of this label matched. */
export function directionsOfLabel(
  words: Int32Array,
  at: number,
  signatures: readonly Signature[],
  label: string,
): number {
  let directions = 0
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
    const entry = evidenceIn(words, at, slot)
    if (entry !== 0 && signatures[signatureOf(entry)].label === label) directions |= directionsOf(entry)
  }
  return directions
}

/** Records a match: `found` is signature index | strength << STRENGTH_SHIFT. Dropped when all slots are taken. */
export function addEvidence(words: Int32Array, at: number, found: number, direction: number): void {
  const index = found & SIGNATURE_MASK
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
    const entry = evidenceIn(words, at, slot)
    if (entry !== 0 && signatureOf(entry) !== index) continue
    const strength = Math.max(found >>> STRENGTH_SHIFT, strengthOf(entry))
    const directions = directionsOf(entry) | (1 << direction)
    const noted = (index + 1) | (strength << STRENGTH_SHIFT) | (directions << DIRECTIONS_SHIFT)
    words[at + EVIDENCE + (slot >> 1)] ^= (entry ^ noted) << shiftOf(slot)
    return
  }
}
