/**
 * Instants: their arithmetic, which is exact (no sum of seconds and nanoseconds is rounded), and parsing of what people
 * write.
 */

/** [whole seconds since 1970, nanoseconds] */
export type Instant = readonly [sec: number, nsec: number]

/** A stretch of packet time: from `from` on, and before `to`. */
export interface TimeSpan {
  from?: Instant
  to?: Instant
}

/** Packets outside a stretch of time: the least and greatest time among them. */
export interface Outside {
  packets: number
  first?: Instant
  last?: Instant
}

const NSEC_PER_SEC = 1e9
/** Seconds of the units in which people write times, such as 15m. */
export const UNIT_SEC: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

export const NEVER: Instant = [Infinity, 0]

/** Negative when a is earlier than b, 0 when equal. */
export function compareInstants(a: Instant, b: Instant): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1
}

export function isBefore(a: Instant, b: Instant): boolean {
  return compareInstants(a, b) < 0
}

export function earlier(a: Instant, b: Instant): Instant {
  return compareInstants(b, a) < 0 ? b : a
}

export function later(a: Instant, b: Instant): Instant {
  return compareInstants(b, a) > 0 ? b : a
}

/** The instant `durationSec` (may be fractional, negative or infinite) after `instant`. */
export function addSeconds(instant: Instant, durationSec: number): Instant {
  if (!Number.isFinite(instant[0])) return instant
  if (!Number.isFinite(durationSec)) return [instant[0] + durationSec, 0]
  const whole = Math.floor(durationSec)
  const nsec = instant[1] + Math.round((durationSec - whole) * NSEC_PER_SEC)
  return nsec >= NSEC_PER_SEC ? [instant[0] + whole + 1, nsec - NSEC_PER_SEC] : [instant[0] + whole, nsec]
}

/** Seconds from a to b; negative when b is earlier. */
export function secondsBetween(a: Instant, b: Instant): number {
  return ((b[0] - a[0]) * NSEC_PER_SEC + (b[1] - a[1])) / NSEC_PER_SEC
}

/** True when b lies more than `durationSec` after a; exactly that long is not more. */
export function isLonger(a: Instant, b: Instant, durationSec: number): boolean {
  return compareInstants(b, addSeconds(a, durationSec)) > 0
}

/** Without a zone it is UTC, as in the records; without a clock it is midnight. */
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)?)?$/
const EPOCH = /^(\d{1,12})(?:\.(\d{1,9}))?$/
const MINUTE_SEC = 60
const HOUR_SEC = 3600
const MAX_ZONE_HOURS = 23

/** RFC 3339, or seconds since 1970; undefined where the text names no instant. */
export function parseInstant(text: string): Instant | undefined {
  const epoch = EPOCH.exec(text)
  if (epoch !== null) return [Number(epoch[1]), nanoseconds(epoch[2])]
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match
  const parts = [year, month, day, hour, minute, second].map(Number)
  const milliseconds = Date.UTC(parts[0], parts[1] - 1, ...parts.slice(2))
  const east = zoneSec(zone)
  if (east === undefined || !isCalendar(new Date(milliseconds), parts)) return undefined
  return [milliseconds / 1000 - east, nanoseconds(fraction)]
}

function nanoseconds(fraction = ''): number {
  return Number(fraction.padEnd(9, '0'))
}

/** The 30th of February would become the 2nd of March. */
function isCalendar(date: Date, [year, month, day, hour, minute, second]: readonly number[]): boolean {
  const days = date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day
  return (
    days && date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second
  )
}

function zoneSec(zone = 'Z'): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4))
  if (hours > MAX_ZONE_HOURS || minutes >= 60) return undefined
  const seconds = hours * HOUR_SEC + minutes * MINUTE_SEC
  return zone.startsWith('-') ? -seconds : seconds
}
