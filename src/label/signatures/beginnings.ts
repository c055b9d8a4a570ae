/** What signatures share whose protocol a fixed text or number at the start of a payload proves. */
import { startsWith } from '../../bytes.ts'
import { type BitTest, NO_MATCH, type Payload } from '../payload.ts'

/** Texts of at least four characters, and what a payload that starts with one answers. */
export type Beginnings = readonly (readonly [text: string, answer: number])[]

/** The answer to the first text that the payload starts with. */
export function answerTo({ bytes, start, end }: Payload, beginnings: Beginnings): number {
  for (let i = 0; i < beginnings.length; i++) {
    const beginning = beginnings[i]
    if (startsWith(bytes, start, end, beginning[0])) return beginning[1]
  }
  return NO_MATCH
}

/** The shortcut for these texts: their first four characters. */
export function bitsOf(beginnings: Beginnings): BitTest[] {
  return bitsOfWords([...new Set(beginnings.map(([text]) => wordOf(text)))])
}

/** The shortcut for payloads whose first four bytes, big-endian and signed, are one of these under the mask. */
export function bitsOfWords(words: readonly number[], mask = -1): BitTest[] {
  return words.map((value) => ({ offset: 0, mask, value: value | 0 }))
}

/** The first four characters as a signed word. */
export function wordOf(text: string): number {
  return (
    (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3)
  )
}

/** The words of four bytes from `at` on are all zero, `count` of them; the caller has checked the end. */
export function zeroWords(bytes: Uint8Array, at: number, count: number): boolean {
  for (let here = at; here < at + 4 * count; here++) if (bytes[here] !== 0) return false
  return true
}

const DAY = 86400
/** 1990: packets without a time begin at zero, and so do numbers. */
const FIRST_TIME = 631152000

/** The time is at most `span` seconds, by default a day, from the packet's. */
export function isTimely(payload: Payload, seconds: number, span = DAY): boolean {
  return seconds >= FIRST_TIME && Math.abs(seconds - payload.timeSec) <= span
}
