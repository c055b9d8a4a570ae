import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPen, penText } from '../../../src/report/record/pen.ts'
import { dateText, epochText, putTime, readableTime, timeText } from '../../../src/report/record/time.ts'

const test = suite('report/time')

function inPlace(sec: number, nsec: number): string {
  const pen = createPen(64)
  putTime(pen, sec, nsec)
  return penText(pen)
}

test('writes known instants', () => {
  assert.is(timeText(0, 0), '1970-01-01T00:00:00.000000000Z')
  assert.is(timeText(951_782_400, 1), '2000-02-29T00:00:00.000000001Z')
  assert.is(timeText(4_294_967_295, 999_999_999), '2106-02-07T06:28:15.999999999Z')
  assert.is(timeText(-1, 500_000_000), '1969-12-31T23:59:59.500000000Z')
})

test('agrees with the calendar of the platform from year 0 to 9999', () => {
  for (let day = -719_528; day <= 2_932_896; day += 97) {
    const expected = new Date(day * 86_400_000).toISOString().slice(0, 10)
    assert.is(dateText(day), expected)
  }
})

test('writes the same in place', () => {
  let sec = -62_167_219_200
  for (let i = 0; i < 2000; i++) {
    assert.is(inPlace(sec, (i * 7919) % 1e9), timeText(sec, (i * 7919) % 1e9))
    sec += 157_788_017
  }
})

test('stays inside the years that RFC 3339 can write', () => {
  for (const write of [timeText, inPlace]) {
    assert.is(write(1e300, 5), '9999-12-31T23:59:59.999999999Z')
    assert.is(write(253_402_300_800, 0), '9999-12-31T23:59:59.999999999Z')
    assert.is(write(-1e300, 5), '0000-01-01T00:00:00.000000000Z')
    assert.is(write(Number.NaN, 5), '0000-01-01T00:00:00.000000000Z')
  }
})

test('writes seconds since 1970 with nine digits', () => {
  assert.is(epochText(1_795_305_150, 896_771_414), '1795305150.896771414')
  assert.is(epochText(-1, 250_000_000), '-0.750000000')
  assert.is(epochText(-2, 0), '-2.000000000')
})

test('writes instants for people', () => {
  assert.is(readableTime([951_782_400, 123_456_789]), '2000-02-29 00:00:00 UTC')
  assert.is(readableTime([951_782_400, 123_456_789], 3), '2000-02-29 00:00:00.123 UTC')
})

test.run()
