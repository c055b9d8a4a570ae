/** Times in payload, compared with the packet's own. */
import type { Payload } from '../../inspect/payload.ts'

const DAY = 86_400
/** 1990, in seconds since 1970: smaller numbers are probably no times. */
const FIRST_TIME = 631_152_000

/** `seconds` since 1970 is at most `span` seconds, by default a day, from the packet's time. */
export function isTimely(payload: Payload, seconds: number, span = DAY): boolean {
  return seconds >= FIRST_TIME && Math.abs(seconds - payload.timeSec) <= span
}
