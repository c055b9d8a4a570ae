import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PacketClock } from '../../src/flow/clock.ts'

const test = suite('flow/clock')

function clockAfter(...seconds: number[]): PacketClock {
  const clock = new PacketClock()
  clock.startInput()
  for (const second of seconds) clock.observe(second, 0)
  return clock
}

test('follows the greatest time and counts packets that went back', () => {
  const clock = clockAfter(10, 12, 11, 11.5, 13)
  assert.is(clock.sec, 13)
  assert.is(clock.backwards, 1)
})

test('knows the first and the last packet time, in whatever order they come', () => {
  const clock = clockAfter(10, 8, 12, 9)
  assert.equal([clock.firstSec, clock.lastSec], [8, 12])
})

test('one packet from the far future does not move it', () => {
  const clock = clockAfter(10, 4_000_000_000, 11)
  assert.is(clock.sec, 11)
  clock.settle()
  assert.is(clock.sec, 11)
})

test('a jump that later packets confirm moves it', () => {
  assert.is(clockAfter(10, 8000, 8001, 8002).sec, 8002)
  assert.is(clockAfter(10, 8000, 16_000, 24_000).sec, 24_000)
})

test('a jump that nothing contradicts is believed at the end', () => {
  const clock = clockAfter(10, 8000)
  assert.is(clock.sec, 10)
  clock.settle()
  assert.is(clock.sec, 8000)
})

test('an input that overlaps the one before takes the clock back, and the end counts every input', () => {
  const clock = clockAfter(1000, 2000)
  clock.startInput()
  clock.observe(1500, 0)
  assert.is(clock.sec, 1500)
  assert.is(clock.backwards, 0)
  clock.observe(1600, 0)
  clock.settle()
  assert.is(clock.sec, 2000)
})

test('a jump that an input ends with is believed at the end, though the next input begins before it', () => {
  const clock = clockAfter(1000, 8000)
  clock.startInput()
  clock.observe(500, 0)
  clock.observe(600, 0)
  assert.is(clock.sec, 600)
  clock.settle()
  assert.is(clock.sec, 8000)
})

test.run()
