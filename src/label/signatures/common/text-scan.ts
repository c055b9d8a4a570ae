/**
 * Bounded scans of text protocols: bytes and bounds in, positions and safe strings out. Nothing is read at `end` or
 * beyond; a position of -1 means "not there". No function throws, and only those that return strings allocate: call
 * those after a match.
 */
import { packetString } from '../../../text.ts'

export const CR = 0x0d
export const LF = 0x0a
export const SPACE = 0x20
export const TAB = 0x09
const CASE_BIT = 0x20

/** Bytes of a header block that are searched, in all and for the end of a line. */
export const MAX_HEAD = 8192

/** Position of the first CR or LF in at..end-1, or -1. */
export function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === LF || bytes[i] === CR) return i
  return -1
}

/** Start of the line after `at`, or -1 when no line feed follows. */
export function nextLine(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + MAX_HEAD)
  for (let i = at; i < limit; i++) if (bytes[i] === LF) return i + 1
  return -1
}

/** Like findText, but ASCII letters match in either case; `text` is given in lower case and begins with a letter. */
export function findAnyCase(bytes: Uint8Array, at: number, end: number, text: string): number {
  const last = end - text.length
  const first = text.charCodeAt(0)
  for (let i = at; i <= last; i++)
    if ((bytes[i] | CASE_BIT) === first && startsWithAnyCase(bytes, i, end, text)) return i
  return -1
}

/** Like startsWith, but ASCII letters match in either case; `text` is given in lower case. */
export function startsWithAnyCase(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (at + text.length > end) return false
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[at + i]
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | CASE_BIT : byte
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

/** The rest of the line from `at` as a safe string, trailing blanks removed. */
export function lineText(bytes: Uint8Array, at: number, end: number): string {
  const stop = lineEnd(bytes, at, end)
  let last = stop < 0 ? end : stop
  while (last > at && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--
  return packetString(bytes, at, last)
}

/** The three decimal digits at `at` (100..999) as a number, or -1. */
export function threeDigits(bytes: Uint8Array, at: number, end: number): number {
  if (at + 3 > end) return -1
  const hundreds = bytes[at] - 0x30
  const tens = bytes[at + 1] - 0x30
  const ones = bytes[at + 2] - 0x30
  if (hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1
  return hundreds * 100 + tens * 10 + ones
}

/** The second and third byte are capital letters, as in every method's name: rejects binary protocols quickly. */
export function mayBeMethod(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 8) return false
  const second = bytes[at + 1]
  const third = bytes[at + 2]
  return second >= 0x41 && second <= 0x5a && third >= 0x41 && third <= 0x5a
}

/** The second and third byte are printable: rejects binary protocols quickly, where any text may follow. */
export function mayBeText(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 4) return false
  const second = bytes[at + 1]
  const third = bytes[at + 2]
  return second >= 0x20 && second < 0x7f && third >= 0x20 && third < 0x7f
}

/** True when at..end-1 holds no control characters but tab, CR and LF; bytes from 0x80 on pass as Latin-1 or UTF-8. */
export function isText(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]
    if (byte < 0x20 ? byte !== CR && byte !== LF && byte !== TAB : byte === 0x7f) return false
  }
  return true
}

/** Offset of the first byte that is not printable ASCII in at..end-1, or `end`. */
export function printableRun(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] >= 0x20 && bytes[here] <= 0x7e) here++
  return here
}

/** Offset of the ASCII `text` in at..end-1, or -1. */
export function findText(bytes: Uint8Array, at: number, end: number, text: string): number {
  const first = text.charCodeAt(0)
  const last = end - text.length
  for (let here = at; here <= last; here++) {
    if (bytes[here] !== first) continue
    let i = 1
    while (i < text.length && bytes[here + i] === text.charCodeAt(i)) i++
    if (i === text.length) return here
  }
  return -1
}

/** An ASCII digit. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** Offset one past a run of ASCII digits of at most `limit`, or -1 when there is none. */
export function digitRun(bytes: Uint8Array, at: number, end: number, limit: number): number {
  let here = at
  while (here < end && here - at < limit && bytes[here] >= 0x30 && bytes[here] <= 0x39) here++
  return here === at ? -1 : here
}

/** Where the text of a line ends: at CR, LF or `end`. */
export function lineStop(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] !== 0x0d && bytes[here] !== 0x0a) here++
  return here
}
