/** Sequences of type-length-value elements: where their lengths fill a message exactly, that is no coincidence. */
import { readU16 } from '../../../bytes.ts'
import type { Payload } from '../../inspect/payload.ts'

/** Elements that are checked; further ones prove no more. */
const MAX_PARTS = 64

/**
 * Elements of a type and a length, two bytes each, and `length` bytes of value fill from..stop-1; at least one. Elements
 * that were not captured are taken as valid.
 */
export function elementsFill({ bytes, end }: Payload, from: number, stop: number): boolean {
  let at = from
  for (let count = 0; count < MAX_PARTS && at < stop; count++) {
    if (at + 4 > end) return count > 0 && end < stop
    at += 4 + readU16(bytes, at + 2)
  }
  return at > from && at <= stop
}

/** The same for a type and a length of one byte each; types up to `bare` have neither length nor value. */
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
