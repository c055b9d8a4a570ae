/** Numbers and times as the page shows them. */
import { grouped } from '../report/terminal/layout.ts'
import type { Certainty } from '../types.ts'

export { CERTAINTIES } from '../certainty.ts'
export { byteText, counted, durationText, grouped, percent } from '../report/terminal/layout.ts'

/** Symbols, so that certainty is recognised without colour. */
export const MARKS: Readonly<Record<Certainty, string>> = {
  confirmed: '●',
  likely: '◐',
  possible: '○',
  unknown: '?',
}

const MOST_MS = 8.64e15
const DATE = 10
const SECONDS = 19

/** "2018-03-14 09:06:40", UTC; with up to three decimals of the second. */
export function timeText(seconds: number, decimals = 0): string {
  // Truncated to the digits that are shown, as instants are everywhere; never rounded.
  const ms = Math.floor(seconds * 1000 + 1e-6)
  if (!(Math.abs(ms) <= MOST_MS)) return 'unknown time'
  const text = new Date(ms).toISOString()
  const end = text.length - (decimals === 0 ? 5 : 4 - decimals)
  return text.slice(0, end).replace('T', ' ')
}

/** The same without the date where that is `other`'s. */
export function timeAfter(seconds: number, other: number): string {
  const text = timeText(seconds)
  return text.slice(0, DATE) === timeText(other).slice(0, DATE) ? text.slice(DATE + 1, SECONDS) : text
}

export function decimal(value: number): string {
  return value >= 1000 ? grouped(value) : String(Number(value.toFixed(2)))
}

export function words(name: string): string {
  return name.replaceAll('_', ' ')
}
