import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addSeconds,
  compareInstants,
  earlier,
  isLonger,
  later,
  NEVER,
  parseInstant,
  secondsBetween,
} from '../src/instant.ts'
import type { Instant } from '../src/types.ts'

const test = suite('instant')

test('fractions carry, backwards too, and never is never', () => {
  assert.equal(addSeconds([10, 900_000_000], 0.2), [11, 100_000_000])
  assert.equal(addSeconds([10, 100_000_000], -0.2), [9, 900_000_000])
  assert.equal(addSeconds([10, 5], Infinity), NEVER)
  assert.equal(addSeconds([-Infinity, 0], Infinity), [-Infinity, 0])
  assert.is(secondsBetween([1, 999_999_999], [2, 0]), 1e-9)
})

test('a difference of one nanosecond counts, in any century', () => {
  const base: Instant = [253_402_300_799, 999_999_998]
  const next: Instant = [253_402_300_799, 999_999_999]
  assert.ok(compareInstants(base, next) < 0)
  assert.is(later(base, next), next)
  assert.is(earlier(base, next), base)
  assert.not(isLonger([0, 1], [120, 1], 120))
  assert.ok(isLonger([0, 1], [120, 2], 120))
  assert.not(isLonger([0, 100_000_000], [0, 400_000_000], 0.3))
})

test('reads a time as people write it: with a zone, in UTC without one, or as seconds', () => {
  const at = 1_767_344_700
  for (const [text, instant] of [
    ['2026-01-02T09:05:00Z', [at, 0]],
    ['2026-01-02t09:05:00z', [at, 0]],
    ['2026-01-02 09:05', [at, 0]],
    ['2026-01-02T09:05:00.000000001Z', [at, 1]],
    ['2026-01-02T09:05:00.5', [at, 500_000_000]],
    ['2026-01-02T10:35:00+01:30', [at, 0]],
    ['2026-01-02T09:05:00-00:30', [at + 1800, 0]],
    ['2026-01-02', [at - 9 * 3600 - 300, 0]],
    ['1969-12-31T23:59:59.25Z', [-1, 250_000_000]],
    ['1767344700', [at, 0]],
    ['1767344700.000000009', [at, 9]],
    ['0', [0, 0]],
  ] as [string, Instant][])
    assert.equal(parseInstant(text), instant, text)
})

test('what names no instant is none', () => {
  for (const text of [
    ...['', 'now', '14:05', '2026-11', '2026-02-30', '2026-13-01', '2026-11-23T24:00:00Z'],
    ...['2026-11-23T14:60Z', '2026-11-23T14', '2026-11-23T14:05:61Z', '2026-11-23T14:05:00.Z'],
    ...['2026-11-23T14:05:00+24:00', '2026-11-23T14:05:00+1', '2026-11-23T14:05:00.0000000001Z'],
    ...['-5', '1e9', '1.', ' 5', '2026-11-23Z', '0050-01-01x'],
  ])
    assert.is(parseInstant(text), undefined, text)
})

test.run()
