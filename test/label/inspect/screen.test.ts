import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TEST_WORDS } from '../../../src/label/inspect/dispatch.ts'
import { createScreen, passesScreen } from '../../../src/label/inspect/screen.ts'

const test = suite('label/screen')

interface Asked {
  offset: number
  mask: number
  value: number
}

/** As dispatch.ts has them. */
function screenOf(...tests: Asked[]) {
  const words = tests.flatMap(({ offset, mask, value }) => [0, 3, offset, mask, value])
  return createScreen(
    Int32Array.from(words),
    tests.map((_, i) => i * TEST_WORDS),
  )
}

/** The bytes stand behind others, and before others. */
function payload(...bytes: number[]) {
  const all = Uint8Array.of(0xff, ...bytes, 0xff, 0xff, 0xff)
  return { bytes: all, view: new DataView(all.buffer), start: 1, end: 1 + bytes.length }
}

test('one test of several is enough, at whatever offset', () => {
  const screen = screenOf(
    { offset: 4, mask: 0xffffff00 | 0, value: 0x01020300 },
    { offset: 0, mask: 0x00ff0000, value: 0x00070000 },
  )
  assert.ok(passesScreen(screen, payload(1, 7, 3, 4)))
  assert.ok(passesScreen(screen, payload(9, 9, 9, 9, 1, 2, 3, 200)))
  assert.not(passesScreen(screen, payload(9, 9, 9, 9, 1, 2, 4, 200)))
})

test('bytes behind the payload are none of it', () => {
  const screen = screenOf({ offset: 1, mask: 0x000000ff, value: 0xff })
  assert.not(passesScreen(screen, payload(1, 2, 3, 4)))
  assert.ok(passesScreen(screen, payload(1, 2, 3, 4, 0xff)))
  assert.not(passesScreen(screen, payload()))
})

test('no test, nothing passes', () => {
  assert.not(passesScreen(screenOf(), payload(1, 2, 3, 4)))
})

test('it says what asking every test says', () => {
  let state = 99
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    return (state >>> 8) % limit
  }
  const BYTES = [0x00, 0x5a, 0xa5, 0xff]
  const MASKS = [0xff, 0xf0, 0x0f, 0x80, 0, 0]
  let passed = 0
  for (let round = 0; round < 2000; round++) {
    const tests = Array.from({ length: below(6) }, () => {
      const bytes = [0, 1, 2, 3].map(() => MASKS[below(MASKS.length)])
      const mask = bytes.reduce((word, byte) => (word << 8) | byte, 0)
      const value = [0, 1, 2, 3].reduce((word) => (word << 8) | BYTES[below(BYTES.length)], 0)
      return { offset: below(5), mask, value: value & mask }
    })
    const shown = payload(...Array.from({ length: below(12) }, () => BYTES[below(BYTES.length)]))
    const { view, start, end } = shown
    const expected = tests.some(({ offset, mask, value }) => {
      const from = start + offset
      return from + 4 <= end && (view.getInt32(from) & mask) === value
    })
    assert.is(passesScreen(screenOf(...tests), shown), expected)
    if (expected) passed++
  }
  assert.ok(passed > 200 && passed < 1800, `${passed} of 2000 passed`)
})

test.run()
