/**
 * How many at once. In: intervals, each on a unit (a slot of a server); out: the course of the number of busy units,
 * its peak, mean and percentiles. Intervals are closed and starts come before ends at one instant, so two that only
 * touch overlap in that instant; a unit counts once however many intervals cover it. Times are summed in whole
 * seconds and nanoseconds, so that no order of input changes a digit. Pure: files, live windows and recounts of
 * several sensors' records all come here.
 */

import { compareInstants, earlier, later, secondsBetween } from '../../instant.ts'
import type { Instant } from '../../types.ts'

export interface Interval {
  /** Any integer; equal for intervals that cannot count twice. */
  unit: number
  start: Instant
  end: Instant
  /** It goes on, or may: `end` is its last packet so far. */
  open?: true
}

export interface Window {
  start: Instant
  end: Instant
  /** Another window follows: what begins at the end belongs to that. */
  followed?: boolean
}

/** The number of busy units from this instant on (after all starts, or all ends, at it). */
export interface Change {
  at: Instant
  count: number
}

export interface Spread {
  peak: number
  /** First instant at the peak. */
  peakAt?: Instant
  /** Seconds until the count falls from there. */
  peakDuration: number
  peakTotalSeconds: number
  /** Weighted by time, over the window. */
  mean: number
  p50: number
  p95: number
}

const NSEC_PER_SEC = 1e9
const MEDIAN = 0.5
const HIGH_PERCENTILE = 0.95

/** Joins intervals of one unit that overlap or touch; the result is ordered by unit, then start. */
export function mergeUnits(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.slice().sort((a, b) => a.unit - b.unit || compareInstants(a.start, b.start))
  const merged: Interval[] = []
  for (const { unit, start, end } of sorted) {
    const last = merged[merged.length - 1]
    if (last !== undefined && last.unit === unit && compareInstants(start, last.end) <= 0)
      last.end = later(last.end, end)
    else merged.push({ unit, start, end })
  }
  return merged
}

/** The course of the count, oldest first. At an instant with starts and ends: one change for each. */
export function sweep(intervals: readonly Interval[]): Change[] {
  const merged = mergeUnits(intervals)
  const starts = merged.map((each) => each.start).sort(compareInstants)
  const ends = merged.map((each) => each.end).sort(compareInstants)
  const changes: Change[] = []
  let count = 0
  let begun = 0
  let ended = 0
  while (ended < ends.length) {
    const starting = begun < starts.length && compareInstants(starts[begun], ends[ended]) <= 0
    const times = starting ? starts : ends
    let next = starting ? begun : ended
    const at = times[next]
    const before = next
    while (next < times.length && compareInstants(times[next], at) === 0) next++
    count += starting ? next - before : before - next
    if (starting) begun = next
    else ended = next
    changes.push({ at, count })
  }
  return changes
}

/** What the course of the count amounts to over the window. */
export function measure(changes: readonly Change[], window: Window): Spread {
  const spread: Spread = { peak: 0, peakDuration: 0, peakTotalSeconds: 0, mean: 0, p50: 0, p95: 0 }
  const levels = new LevelTimes()
  let since = window.start
  let count = 0
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]
    levels.add(count, since, clip(change.at, window))
    since = clip(change.at, window)
    count = change.count
    if (count > spread.peak) {
      spread.peak = count
      spread.peakAt = change.at
      spread.peakDuration = i + 1 < changes.length ? secondsBetween(change.at, changes[i + 1].at) : 0
    }
  }
  levels.add(count, since, window.end)
  spread.peakTotalSeconds = spread.peak === 0 ? 0 : levels.seconds(spread.peak)
  const total = levels.total()
  spread.mean = total === 0 ? spread.peak : levels.weighted() / total
  spread.p50 = total === 0 ? spread.peak : levels.percentile(MEDIAN, total)
  spread.p95 = total === 0 ? spread.peak : levels.percentile(HIGH_PERCENTILE, total)
  return spread
}

/** The spells during which at least `level` units were busy; one may last no time at all. */
export function spellsAt(changes: readonly Change[], level: number): Window[] {
  const spells: Window[] = []
  let start: Instant | undefined
  for (const change of changes) {
    if (change.count >= level) start ??= change.at
    else if (start !== undefined) {
      spells.push({ start, end: change.at })
      start = undefined
    }
  }
  return spells
}

/** Seconds that the spells cover, overlaps counted once. */
export function coveredSeconds(spells: readonly Window[]): number {
  const merged = mergeUnits(spells.map(({ start, end }) => ({ unit: 0, start, end })))
  let sec = 0
  let nsec = 0
  for (const { start, end } of merged) {
    sec += end[0] - start[0]
    nsec += end[1] - start[1]
  }
  return sec + nsec / NSEC_PER_SEC
}

/** Those of the intervals that prove the count at `at`: the first to start of each unit busy then. */
export function busyAt<T extends Interval>(intervals: readonly T[], at: Instant): T[] {
  const first = new Map<number, T>()
  for (const each of intervals) {
    if (compareInstants(each.start, at) > 0 || compareInstants(each.end, at) < 0) continue
    const other = first.get(each.unit)
    if (other === undefined || compareInstants(each.start, other.start) < 0) first.set(each.unit, each)
  }
  return [...first.values()]
}

function clip(at: Instant, window: Window): Instant {
  return earlier(later(at, window.start), window.end)
}

/** Time spent at each level, kept as whole seconds and nanoseconds. */
class LevelTimes {
  private readonly sec: number[] = []
  private readonly nsec: number[] = []

  add(level: number, from: Instant, to: Instant): void {
    if (compareInstants(to, from) <= 0) return
    while (this.sec.length <= level) {
      this.sec.push(0)
      this.nsec.push(0)
    }
    this.sec[level] += to[0] - from[0]
    this.nsec[level] += to[1] - from[1]
  }

  seconds(level: number): number {
    return level < this.sec.length ? this.sec[level] + this.nsec[level] / NSEC_PER_SEC : 0
  }

  total(): number {
    let sec = 0
    let nsec = 0
    for (let level = 0; level < this.sec.length; level++) {
      sec += this.sec[level]
      nsec += this.nsec[level]
    }
    return sec + nsec / NSEC_PER_SEC
  }

  weighted(): number {
    let sum = 0
    for (let level = 1; level < this.sec.length; level++) sum += level * this.seconds(level)
    return sum
  }

  /** The least level that the count did not exceed during this part of the time. */
  percentile(part: number, total: number): number {
    let spent = 0
    for (let level = 0; level < this.sec.length; level++) {
      spent += this.seconds(level)
      if (spent >= part * total) return level
    }
    return this.sec.length - 1
  }
}
