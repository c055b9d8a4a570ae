/** The periods of a record: what no JSON Schema can say of them. */
import { compareInstants } from '../../instant.ts'
import type { Time } from '../record/record-types.ts'
import { instantOf } from '../record/time.ts'

const PERIODS = [
  ['start', 'end'],
  ['window_start', 'window_end'],
  ['first_packet_at', 'last_packet_at'],
] as const

/** Which period of a valid record ends before it begins, as a sentence. */
export function backwardsPeriod(record: object): string | undefined {
  const times = record as Readonly<Record<string, Time | undefined>>
  const found = PERIODS.find(([from, to]) => isAfter(times[from], times[to]))
  return found && `${found[1]} is before ${found[0]}`
}

/** RFC 3339 in UTC with always as many digits sorts like time. */
function isAfter(a: Time | undefined, b: Time | undefined): boolean {
  if (a === undefined || b === undefined) return false
  if (typeof a === 'string' && typeof b === 'string') return a > b
  return compareInstants(instantOf(a), instantOf(b)) > 0
}
