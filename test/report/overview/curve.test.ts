import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { curveOf, type Intervals } from '../../../src/report/overview/curve.ts'

const test = suite('report/curve')

/** Intervals as [unit, start, end]. */
function intervals(list: readonly (readonly [number, number, number])[]): Intervals {
  return {
    unit: list.map(([unit]) => unit),
    start: list.map(([, start]) => start),
    end: list.map(([, , end]) => end),
  }
}

function curve(list: readonly (readonly [number, number, number])[], maxPoints?: number) {
  const places = list.map((_, i) => i)
  return curveOf(intervals(list), places, { from: 0, to: 100 }, maxPoints)
}

test('starts count before ends at one instant', () => {
  const {
    curve: drawn,
    peak,
    peakAt,
    peakSeconds,
  } = curve([
    [1, 0, 10],
    [2, 10, 20],
  ])
  assert.equal([peak, peakAt, peakSeconds], [2, 10, 0])
  assert.equal(drawn, { binSeconds: 0, at: [0, 10, 10, 20], most: [1, 2, 1, 0], least: [] })
})

test('a slot counts once, however many sessions cover it', () => {
  const { peak, curve: drawn } = curve([
    [1, 0, 10],
    [1, 5, 20],
    [1, 20, 30],
  ])
  assert.is(peak, 1)
  assert.equal(
    [drawn.at, drawn.most],
    [
      [0, 30],
      [1, 0],
    ],
  )
})

test('measures the first peak, all of them, and the mean', () => {
  const { peakAt, peakSeconds, peakTotalSeconds, mean } = curve([
    [1, 0, 50],
    [2, 10, 15],
    [3, 20, 40],
  ])
  assert.equal([peakAt, peakSeconds, peakTotalSeconds], [10, 5, 25])
  assert.is(mean, 0.75)
})

test('only the places that are named count', () => {
  const all = intervals([
    [1, 0, 50],
    [2, 0, 50],
  ])
  assert.is(curveOf(all, [1], { from: 0, to: 100 }).peak, 1)
})

test('bins keep the greatest and the least of their time', () => {
  // A level of 1 throughout, and for a thousandth of a second 3.
  const { curve: drawn, peak } = curve(
    [
      [1, 0, 100],
      [2, 42, 42.001],
      [3, 42, 42.001],
      [4, 80, 90],
    ],
    4,
  )
  assert.is(peak, 3)
  assert.is(drawn.binSeconds, 25)
  assert.equal(drawn.at, [0, 25, 50, 75])
  assert.equal(drawn.most, [1, 3, 1, 2])
  assert.equal(drawn.least, [0, 1, 1, 0])
})

test('nothing has no peak', () => {
  const { peak, peakAt, curve: drawn } = curve([])
  assert.equal([peak, peakAt, drawn.at], [0, undefined, []])
})

test.run()
