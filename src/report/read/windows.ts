/** Pool reports of windows that follow one another, joined to one for a person. */
import { earlier, later, secondsBetween } from '../../instant.ts'
import type { PoolReport } from '../../types.ts'

/**
 * Both windows as one: the peak and its sessions are those of the busier one. `sessions` cannot be derived from windows,
 * as a session counts in every window that it touches: the caller sets it. Missing windows between them had no session.
 */
export function joinWindows(first: PoolReport, second: PoolReport): PoolReport {
  const busier = second.peak > first.peak ? second : first
  const windowStart = earlier(first.windowStart, second.windowStart)
  const windowEnd = later(first.windowEnd, second.windowEnd)
  const busySeconds = first.mean * lengthOf(first) + second.mean * lengthOf(second)
  const seconds = secondsBetween(windowStart, windowEnd)
  return {
    ...busier,
    windowStart,
    windowEnd,
    mean: seconds === 0 ? busier.mean : busySeconds / seconds,
    slots: Math.max(first.slots, second.slots),
    saturatedSeconds: first.saturatedSeconds + second.saturatedSeconds,
    rejected: joinRejected([...first.rejected, ...second.rejected]),
  }
}

/** One of each reason and label, with the flows of all of them. */
export function joinRejected<T extends { reason: string; label: string; flows: number }>(
  rejected: readonly T[],
): T[] {
  const joined = new Map<string, T>()
  for (const each of rejected) {
    const key = `${each.reason} ${each.label}`
    const flows = each.flows + (joined.get(key)?.flows ?? 0)
    joined.set(key, { ...each, flows })
  }
  return [...joined.values()]
}

function lengthOf({ windowStart, windowEnd }: PoolReport): number {
  return secondsBetween(windowStart, windowEnd)
}
