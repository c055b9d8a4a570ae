import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPoolTracker } from '../src/pool/tracker.ts'
import { portCount, slotCount, slotOf } from '../src/slots.ts'
import { AUDIO, FRAMEHAWK, MOSH, RTP, VNC } from './pool/tape.ts'

const test = suite('slots')

test('one port a slot', () => {
  assert.equal(slotOf(FRAMEHAWK, 3224), { index: 0, port: 3224 })
  assert.equal(slotOf(FRAMEHAWK, 3321), { index: 97, port: 3321 })
  assert.equal(slotOf(FRAMEHAWK, 3324), { index: 100, port: 3324 })
  assert.is(slotOf(FRAMEHAWK, 3223), undefined)
  assert.is(slotOf(FRAMEHAWK, 3325), undefined)
  assert.is(slotCount(FRAMEHAWK), 101)
})

test('pairs: the even port and the odd one above it', () => {
  assert.equal(slotOf(AUDIO, 16500), { index: 0, port: 16500 })
  assert.equal(slotOf(AUDIO, 16501), { index: 0, port: 16500 })
  assert.equal(slotOf(AUDIO, 16509), { index: 4, port: 16508 })
  assert.is(slotCount(AUDIO), 5)
  assert.equal(slotOf(RTP, 20000), { index: 5000, port: 20000 })
  assert.is(slotCount(RTP), 5001)
})

test('slots count through several ranges; a range that starts odd has half a pair first', () => {
  const rule = {
    ...RTP,
    ports: [
      { low: 101, high: 104 },
      { low: 200, high: 203 },
    ],
  }
  const slots = [101, 102, 103, 104, 200, 201, 203].map((port) => slotOf(rule, port))
  assert.equal(
    slots.map((slot) => `${slot?.index}:${slot?.port}`),
    ['0:101', '1:102', '1:102', '2:104', '3:200', '3:200', '4:202'],
  )
  assert.is(slotCount(rule), 5)
  assert.is(portCount(rule), 8)
})

test('the tracker wants a flow by transport and either port', () => {
  const tracker = createPoolTracker({ pools: [FRAMEHAWK, MOSH, VNC] })
  assert.ok(tracker.touches(17, 3224, 50000))
  assert.ok(tracker.touches(17, 50000, 3324))
  assert.ok(tracker.touches(17, 60999, 53))
  assert.ok(tracker.touches(6, 40000, 5900))
  assert.not(tracker.touches(6, 3224, 50000))
  assert.not(tracker.touches(17, 5900, 3325))
  assert.not(tracker.touches(1, 3224, 3224))
  assert.not(tracker.touches(17, 0, 65535))
})

test.run()
