/**
 * The number of busy units over time, for a chart. In: intervals in columns, in seconds. Out: every change, or if there
 * are too many, the greatest and the least number in each of equal bins of time. Intervals are closed, starts precede
 * ends at one instant, and a unit counts once however many intervals cover it. An interval without an end yet
 * (Infinity) extends beyond the window.
 */
import type { ConcurrencyCurve } from './page-data.ts'

export interface Intervals {
  /** The unit that the interval occupies: its overlapping intervals count once. */
  unit: ArrayLike<number>
  start: ArrayLike<number>
  end: ArrayLike<number>
}

export interface MeasuredCurve {
  curve: ConcurrencyCurve
  peak: number
  /** First instant at the peak. */
  peakAt?: number
  /** Seconds until the number falls from there. */
  peakSeconds: number
  peakTotalSeconds: number
  /** Weighted by time over the window. */
  mean: number
}

/** More changes than a chart has pixels for are put into bins. */
const MAX_POINTS = 2000

/** The curve of those intervals whose places are listed, from `window.from` to `window.to`. */
export function curveOf(
  intervals: Intervals,
  places: readonly number[],
  window: { from: number; to: number },
  maxPoints = MAX_POINTS,
): MeasuredCurve {
  const { at, count } = sweep(intervals, places)
  return {
    curve: at.length <= maxPoints ? everyChange(at, count) : inBins(at, count, window, maxPoints),
    ...measure(at, count, window),
  }
}

interface Changes {
  at: number[]
  count: number[]
}

/** At an instant with starts and ends there is a change for each. */
function sweep(intervals: Intervals, places: readonly number[]): Changes {
  const { starts, ends } = mergedEdges(intervals, places)
  const at: number[] = []
  const count: number[] = []
  let level = 0
  for (let begun = 0, ended = 0; begun < starts.length || ends[ended] < Number.POSITIVE_INFINITY; ) {
    const starting = begun < starts.length && starts[begun] <= ends[ended]
    const times = starting ? starts : ends
    const from = starting ? begun : ended
    let next = from
    while (next < times.length && times[next] === times[from]) next++
    level += starting ? next - from : from - next
    if (starting) begun = next
    else ended = next
    at.push(times[from])
    count.push(level)
  }
  return { at, count }
}

/** Starts and ends, each in order, after intervals of one unit that overlap or touch were joined. */
function mergedEdges({ unit, start, end }: Intervals, places: readonly number[]) {
  const order = places.slice().sort((a, b) => unit[a] - unit[b] || start[a] - start[b])
  const starts: number[] = []
  const ends: number[] = []
  let last = Number.NaN
  for (const place of order) {
    const top = ends.length - 1
    if (unit[place] === last && start[place] <= ends[top]) ends[top] = Math.max(ends[top], end[place])
    else {
      starts.push(start[place])
      ends.push(end[place])
    }
    last = unit[place]
  }
  return { starts: Float64Array.from(starts).sort(), ends: Float64Array.from(ends).sort() }
}

function everyChange(at: number[], count: number[]): ConcurrencyCurve {
  return { binSeconds: 0, at: at.map(seconds), most: count, least: [] }
}

function inBins(
  at: number[],
  count: number[],
  window: { from: number; to: number },
  bins: number,
): ConcurrencyCurve {
  const from = Math.min(window.from, at[0])
  const width = (Math.max(window.to, at[at.length - 1]) - from) / bins
  const most: number[] = []
  const least: number[] = []
  let level = 0
  let next = 0
  for (let bin = 0; bin < bins; bin++) {
    const end = from + (bin + 1) * width
    let high = level
    let low = level
    while (next < at.length && (at[next] < end || bin === bins - 1)) {
      level = count[next++]
      high = Math.max(high, level)
      low = Math.min(low, level)
    }
    most.push(high)
    least.push(low)
  }
  return { binSeconds: width, at: most.map((_, bin) => seconds(from + bin * width)), most, least }
}

function measure(
  at: number[],
  count: number[],
  window: { from: number; to: number },
): Omit<MeasuredCurve, 'curve'> {
  const span = window.to - window.from
  let peak = 0
  let first = -1
  let total = 0
  let weighted = 0
  const lastsFrom = (i: number) => Math.max(0, (i + 1 < at.length ? at[i + 1] : window.to) - at[i])
  for (let i = 0; i < at.length; i++) {
    const lasts = lastsFrom(i)
    weighted += count[i] * lasts
    if (count[i] > peak) {
      peak = count[i]
      first = i
      total = 0
    }
    if (count[i] === peak) total += lasts
  }
  const peakSeconds = first < 0 ? 0 : lastsFrom(first)
  return {
    peak,
    peakAt: first < 0 ? undefined : at[first],
    peakSeconds: seconds(peakSeconds),
    peakTotalSeconds: seconds(total),
    mean: seconds(span > 0 ? weighted / span : peak),
  }
}

/** Rounds to microseconds, which is precise enough for a chart. */
export function seconds(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
