/** Arithmetic on instants (seconds and nanoseconds, see types.ts). Exact: nothing here goes through a rounded sum. */
import type { Instant } from '../types.ts'

const NSEC_PER_SEC = 1e9

export const NEVER: Instant = [Infinity, 0]

/** Negative when a is earlier than b, 0 when equal. */
export function compareInstants(a: Instant, b: Instant): number {
  return a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1
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
