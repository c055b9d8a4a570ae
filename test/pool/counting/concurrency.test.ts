import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  busyAt,
  coveredSeconds,
  type Interval,
  measure,
  mergeUnits,
  spellsAt,
  sweep,
} from '../../../src/pool/counting/concurrency.ts'
import type { Instant } from '../../../src/types.ts'

const test = suite('pool/counting/concurrency')

/** Whole seconds. */
function interval(unit: number, start: number, end: number): Interval {
  return { unit, start: [start, 0], end: [end, 0] }
}

function course(intervals: readonly Interval[]): string {
  return sweep(intervals)
    .map(({ at, count }) => `${at[0]}:${count}`)
    .join(' ')
}

const window = (start: number, end: number) => ({ start: [start, 0] as Instant, end: [end, 0] as Instant })

test('starts come before ends at one instant: intervals that touch overlap there', () => {
  const touching = [interval(1, 0, 10), interval(2, 10, 20)]
  assert.is(course(touching), '0:1 10:2 10:1 20:0')
  const spread = measure(sweep(touching), window(0, 20))
  assert.is(spread.peak, 2)
  assert.equal(spread.peakAt, [10, 0])
  assert.is(spread.peakDuration, 0)
  assert.is(spread.peakTotalSeconds, 0)
  assert.is(spread.mean, 1)
})

test('a slot counts once, however many sessions touch or overlap on it', () => {
  assert.is(course([interval(1, 0, 10), interval(1, 10, 20), interval(1, 5, 15)]), '0:1 20:0')
  assert.equal(mergeUnits([interval(1, 0, 1), interval(1, 2, 3)]).length, 2)
})

test('the peak: first instant, its duration, the seconds at it in all', () => {
  const intervals = [interval(1, 0, 100), interval(2, 10, 20), interval(3, 50, 70), interval(4, 60, 65)]
  const spread = measure(sweep(intervals), window(0, 200))
  assert.is(spread.peak, 3)
  assert.equal(spread.peakAt, [60, 0])
  assert.is(spread.peakDuration, 5)
  const two = measure(sweep(intervals.slice(0, 3)), window(0, 200))
  assert.equal([two.peak, two.peakAt?.[0], two.peakDuration, two.peakTotalSeconds], [2, 10, 10, 30])
})

test('mean and percentiles are weighted by time, over the window', () => {
  const spread = measure(sweep([interval(1, 0, 60), interval(2, 0, 10), interval(3, 0, 5)]), window(0, 100))
  assert.is(spread.mean, (60 + 10 + 5) / 100)
  assert.is(spread.p50, 1)
  assert.is(spread.p95, 3 - 1)
  assert.is(measure(sweep([interval(1, 0, 4)]), window(0, 100)).p95, 0)
})

test('nanoseconds are kept apart, decades away from 1970 and from each other', () => {
  const at = (nsec: number): Instant => [4_000_000_000, nsec]
  const changes = sweep([
    { unit: 1, start: [1, 1], end: at(5) },
    { unit: 2, start: at(6), end: at(7) },
  ])
  assert.equal(
    changes.map((change) => change.count),
    [1, 0, 1, 0],
  )
  const spread = measure(changes, { start: at(0), end: at(8) })
  assert.is(spread.peak, 1)
})

test('a window of no length has its peak for mean and percentiles; nothing at all is zero', () => {
  const spread = measure(sweep([interval(1, 5, 5)]), window(5, 5))
  assert.equal([spread.peak, spread.mean, spread.p50, spread.p95], [1, 1, 1, 1])
  assert.equal(measure([], window(0, 10)), {
    peak: 0,
    peakDuration: 0,
    peakTotalSeconds: 0,
    mean: 0,
    p50: 0,
    p95: 0,
  })
})

test('spells at a level, and seconds that spells cover', () => {
  const changes = sweep([interval(1, 0, 10), interval(2, 5, 8), interval(3, 9, 12)])
  assert.equal(spellsAt(changes, 2), [window(5, 8), window(9, 10)])
  assert.is(coveredSeconds([window(0, 10), window(5, 12), window(20, 21)]), 13)
})

test('who is busy at an instant: one of each unit', () => {
  const intervals = [interval(1, 0, 10), interval(1, 10, 20), interval(2, 10, 11), interval(3, 11, 12)]
  assert.equal(busyAt(intervals, [10, 0]), [intervals[0], intervals[2]])
})

test('the sweep agrees with counting second by second', () => {
  let state = 12345
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
  for (let round = 0; round < 200; round++) {
    const intervals = Array.from({ length: 1 + random(30) }, () => {
      const start = random(40)
      return interval(random(8), start, start + random(12))
    })
    const busy = (second: number) =>
      new Set(intervals.filter((i) => i.start[0] <= second && i.end[0] >= second).map((i) => i.unit)).size
    // Between two whole seconds: an interval that ends at the first, or starts at the second, is not there.
    const between = (second: number) =>
      new Set(intervals.filter((i) => i.start[0] <= second && i.end[0] > second).map((i) => i.unit)).size
    let peak = 0
    let sum = 0
    const levels: number[] = []
    for (let second = 0; second < 60; second++) {
      peak = Math.max(peak, busy(second))
      sum += between(second)
      levels.push(between(second))
    }
    levels.sort((a, b) => a - b)
    const spread = measure(sweep(intervals), window(0, 60))
    assert.is(spread.peak, peak)
    assert.is(busy(spread.peakAt?.[0] ?? -1), peak)
    assert.is(spread.mean, sum / 60)
    assert.is(spread.p50, levels[29])
    assert.is(spread.p95, levels[56])
    assert.is(spread.peakTotalSeconds, levels.filter((level) => level === peak).length)
    assert.is(busyAt(intervals, spread.peakAt!).length, peak)
    const shuffled = intervals.map((each) => ({ each, key: random(1000) })).sort((a, b) => a.key - b.key)
    assert.equal(sweep(shuffled.map(({ each }) => each)), sweep(intervals))
  }
})

test.run()
