import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBusiest, createGreatest } from '../../../src/report/overview/busiest.ts'

const test = suite('report/busiest')

test('the greatest stay when there are too many, and it says so', () => {
  const busiest = createBusiest(
    100,
    () => ({ bytes: 0 }),
    ({ bytes }) => bytes,
  )
  for (let i = 0; i < 50; i++) busiest.of(`big ${i}`).bytes += 1000
  assert.is(busiest.approximate, false)
  for (let i = 0; i < 10_000; i++) busiest.of(`small ${i}`).bytes += 1
  assert.is(busiest.approximate, true)
  assert.ok(busiest.entries.size <= 100)
  for (let i = 0; i < 50; i++) assert.is(busiest.of(`big ${i}`).bytes, 1000)
})

test('entries of one weight are forgotten, too', () => {
  const busiest = createBusiest(
    10,
    () => ({ bytes: 7 }),
    ({ bytes }) => bytes,
  )
  for (let i = 0; i < 1000; i++) busiest.of(String(i))
  assert.ok(busiest.entries.size <= 10)
})

test('the greatest of a stream, in order', () => {
  const greatest = createGreatest(3, (a: number, b: number) => b - a, Number)
  for (let i = 0; i < 1000; i++) {
    const value = (i * 7919) % 1000
    if (greatest.wants(value)) greatest.add(value)
  }
  assert.equal(greatest.list(), [999, 998, 997])
  assert.is(greatest.wants(996), false)
})

test.run()
