import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  bar,
  byteText,
  displayWidth,
  durationText,
  fit,
  fold,
  grouped,
  levelsOverTime,
  percent,
  sparkline,
  wrap,
} from '../../../src/report/terminal/layout.ts'

const test = suite('report/layout')

test('groups thousands', () => {
  assert.equal([0, 999, 1000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567'])
})

test('writes sizes with three digits', () => {
  assert.equal([0, 999, 1000, 12_345, 999_499, 999_500, 1.5e9].map(byteText), [
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '999 kB',
    '1.00 MB',
    '1.50 GB',
  ])
})

test('writes durations in the units that fit', () => {
  assert.equal([0, 0.0126, 59.5, 60, 3723, 90_061, 31_536_000].map(durationText), [
    '0 s',
    '0.013 s',
    '59.5 s',
    '1 min',
    '1 h 2 min 3 s',
    '1 d 1 h 1 min',
    '365 d',
  ])
})

test('never shows a share as nothing', () => {
  assert.equal([0, 0.0004, 0.5, 1].map(percent), ['0.0 %', '< 0.1 %', '50.0 %', '100.0 %'])
})

test('draws bars to an eighth', () => {
  assert.equal(
    [0, 0.125, 0.5, 1, 2].map((share) => bar(share, 2)),
    ['', '▎', '█', '██', '██'],
  )
})

test('counts columns, not characters', () => {
  assert.is(displayWidth('abc'), 3)
  assert.is(displayWidth('日本'), 4)
  assert.is(displayWidth('e\u0301'), 1)
  assert.is(fit('日本語', 5), '日本…')
  assert.is(fit('abcdef', 4), 'abc…')
  assert.is(fit('abc', 3), 'abc')
})

test('folds what is too long, and keeps the columns of the first line', () => {
  assert.equal(fold('  a  b c', 8, 4), ['  a  b c'])
  assert.equal(fold('  a  b  one two', 12, 4), ['  a  b', '    one two'])
  assert.equal(fold('  a  one two three', 12, 4), ['  a  one two', '    three'])
  assert.equal(fold('extraordinary word', 5), ['extr…', 'word'])
  assert.equal(fold('漢字 漢字', 5), ['漢字', '漢字'])
})

test('wraps between words', () => {
  assert.equal(wrap('one two three', 7), ['one two', 'three'])
  assert.equal(wrap('extraordinary word', 5), ['extraordinary', 'word'])
})

test('draws levels as blocks', () => {
  assert.is(sparkline([0, 1, 4, 8]), ' ▁▄█')
  assert.is(sparkline([0, 0]), '  ')
})

test('takes the highest level of each part of the time', () => {
  const course = { times: [0, 10, 10, 20, 30], steps: [1, -1, 1, 1, -2] }
  assert.equal(levelsOverTime(course, 0, 40, 4), [1, 2, 2, 2])
  assert.equal(levelsOverTime({ times: [30, 0, 10], steps: [-1, 1, 1] }, 0, 40, 4), [1, 2, 2, 2])
  assert.equal(levelsOverTime({ times: [5], steps: [1] }, 5, 5, 3), [1, 1, 1])
})

test.run()
