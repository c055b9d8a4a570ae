import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_SECONDS, MIN_SECONDS, resolution, splitTime } from '../../src/capture/resolution.ts'

const test = suite('timestamp resolution')

function split(tsresol: number, ticks: bigint, offset = 0): [number, number] {
  const out = { sec: 0, nsec: 0 }
  splitTime(resolution(tsresol), Number(ticks >> 32n), Number(ticks & 0xffffffffn), offset, out)
  return [out.sec, out.nsec]
}

/** The same by unlimited integers. */
function exact(tsresol: number, ticks: bigint): [number, number] {
  const units = tsresol & 0x80 ? 2n ** BigInt(tsresol & 0x7f) : 10n ** BigInt(tsresol)
  const sec = ticks / units
  if (sec > BigInt(MAX_SECONDS)) return [MAX_SECONDS, 999_999_999]
  return [Number(sec), Number(((ticks % units) * 1_000_000_000n) / units)]
}

test('everyday resolutions', () => {
  assert.equal(split(6, 1_700_000_000_123_456n), [1_700_000_000, 123_456_000])
  assert.equal(split(9, 1_700_000_000_123_456_789n), [1_700_000_000, 123_456_789])
  assert.equal(split(3, 1_700_000_000_123n), [1_700_000_000, 123_000_000])
  assert.equal(split(0, 1_700_000_000n), [1_700_000_000, 0])
  assert.equal(split(0x80 | 1, 3n), [1, 500_000_000])
  assert.equal(split(0x80 | 20, (5n << 20n) + 1n), [5, 953])
})

test('every resolution agrees with unlimited integers at every size of count', () => {
  const counts = [
    0n,
    1n,
    999_999n,
    1_000_000n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]
  for (let k = 0n; k < 64n; k++) counts.push((0x123456789abcdef1n >> k) ^ k, 2n ** k - 1n)
  for (const sec of [1n, 1_700_000_000n, 4_294_967_296n, 9_007_199_254n]) {
    for (const unit of [10n ** 6n, 10n ** 9n, 10n ** 11n]) counts.push(sec * unit - 1n, sec * unit)
  }
  for (let tsresol = 0; tsresol < 256; tsresol++) {
    for (const ticks of counts) {
      if (ticks >= 2n ** 64n) continue
      assert.equal(split(tsresol, ticks), exact(tsresol, ticks), `tsresol ${tsresol} ticks ${ticks}`)
    }
  }
})

test('an offset moves whole seconds; what no calendar holds is clamped', () => {
  assert.equal(split(6, 1_500_000n, -3), [-2, 500_000_000])
  assert.equal(split(6, 0n, 2 ** 62), [MAX_SECONDS, 999_999_999])
  assert.equal(split(6, 0n, -(2 ** 63)), [MIN_SECONDS, 0])
  assert.equal(split(0, 2n ** 64n - 1n), [MAX_SECONDS, 999_999_999])
})

test('names and order of fineness', () => {
  const names = [0, 3, 6, 9, 12, 0x80 | 20].map((tsresol) => resolution(tsresol).name)
  assert.equal(names, ['seconds', 'milliseconds', 'microseconds', 'nanoseconds', '10^-12 s', '2^-20 s'])
  assert.ok(resolution(0x80 | 20).fineness > resolution(6).fineness)
  assert.ok(resolution(0x80 | 10).fineness > resolution(3).fineness)
  assert.ok(resolution(9).fineness > resolution(0x80 | 29).fineness)
})

test.run()
