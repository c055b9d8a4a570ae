/** Parts of which each leads to the next: what holds exactly to the end of a packet is no accident. */
import { readU16 } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'

/** So many parts prove it. */
const MAX_PARTS = 64

/**
 * Elements of type and length (two bytes each, and `extra` bytes that the length does not count) and what the length
 * says fill from..stop-1, at least one. What was not captured is believed.
 */
export function elementsFill({ bytes, end }: Payload, from: number, stop: number): boolean {
  let at = from
  for (let count = 0; count < MAX_PARTS && at < stop; count++) {
    if (at + 4 > end) return count > 0 && end < stop
    at += 4 + readU16(bytes, at + 2)
  }
  return at > from && at <= stop
}

/** The same for a type and a length of one byte each; types up to `bare` stand alone. */
export function shortElementsFill(
  { bytes, end }: Payload,
  from: number,
  stop: number,
  bare: number,
): boolean {
  let at = from
  for (let count = 0; count < MAX_PARTS && at < stop; count++) {
    if (at + 2 > end) return (count > 0 && end < stop) || (at < end && bytes[at] <= bare)
    at += bytes[at] <= bare ? 1 : 2 + bytes[at + 1]
  }
  return at > from && at <= stop
}
