/** Messages that are known only when they are whole, in segments of any length and order. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_MATCH, type Payload, STRONG } from '../../../src/label/inspect/payload.ts'
import { PLACES, START_BYTES } from '../../../src/label/inspect/starts.ts'
import { payloadText, signature, talk } from '../engine.ts'

const test = suite('starts')

const MESSAGE = `whole: ${'0123456789'.repeat(6)} end`
const isWhole = (payload: Payload) => payload.ordinal === 0 && payloadText(payload) === MESSAGE
const whole = signature('x', 'whole: ', (payload) => (isWhole(payload) ? STRONG : NO_MATCH))
const FIRST = 0x7ffffff0

type Part = readonly [from: number, to: number]

function segments(...parts: (Part | string)[]) {
  const one = talk([whole])
  for (const part of parts)
    if (typeof part === 'string') one.say('b', part)
    else one.say('a', MESSAGE.slice(...part), part[1] - part[0], (FIRST + part[0]) | 0)
  return one.evidence()
}

const ALL = MESSAGE.length

test('a message is joined wherever it was cut, of an answer, too', () => {
  for (let cut = 1; cut < ALL; cut++) {
    assert.equal(segments([0, cut], [cut, ALL]), ['x strong a'], `cut at ${cut}`)
    const answer = talk([whole])
    answer.say('a', 'what?')
    answer.say('b', MESSAGE.slice(0, cut), cut, 9)
    answer.say('b', MESSAGE.slice(cut), ALL - cut, 9 + cut)
    assert.equal(answer.evidence(), ['x strong b'], `answer cut at ${cut}`)
  }
  assert.equal(segments([0, 20], [20, 40], [40, 60], [60, ALL]), ['x strong a'])
})

test('segments that come again, overlap or overtake the first are joined by their numbers', () => {
  assert.equal(segments([0, 20], [0, ALL]), ['x strong a'], 'sent again with more')
  assert.equal(segments([0, 40], [20, ALL]), ['x strong a'], 'overlapping')
  assert.equal(segments([20, ALL], [0, 20]), ['x strong a'], 'overtaken')
  assert.equal(segments([20, 40], [0, 20], [40, ALL]), ['x strong a'], 'overtaken, and more behind it')
  assert.equal(segments([0, 20], [20, 40], [0, 20], [40, ALL]), ['x strong a'], 'sent again later')
})

test('nothing is joined over a gap or an answer, nor beyond the room there is', () => {
  assert.equal(segments([0, 20], [21, ALL]), [])
  assert.equal(segments([0, 20], 'well?', [20, ALL]), [])
  const cut = talk([whole])
  cut.say('a', MESSAGE.slice(0, 20), 21, 0)
  cut.say('a', MESSAGE.slice(20), ALL - 20, 20)
  assert.equal(cut.evidence(), [], 'what the snaplen cut is not filled')
  let longest = 0
  const measure = ({ length }: Payload) => {
    longest = Math.max(longest, length)
    return NO_MATCH
  }
  const long = talk([signature('y', 'z', measure)])
  for (let at = 0; at <= START_BYTES; at += 1500) long.say('a', 'z'.repeat(1500), 1500, at)
  assert.is(longest, 3000)
})

test('a start whose place has gone to another flow is joined with nothing', () => {
  const first = talk([whole])
  first.say('a', MESSAGE.slice(0, 20), 20, 0)
  const others = Array.from({ length: PLACES }, () => talk(first.inspector))
  for (const other of others.slice(1)) other.say('a', MESSAGE.slice(0, 30), 30, 0)
  others[1].say('a', MESSAGE.slice(30), ALL - 30, 30)
  assert.equal(others[1].evidence(), ['x strong a'], 'the oldest but one')
  others[0].say('a', MESSAGE.slice(0, 30), 30, 0)
  first.say('a', MESSAGE.slice(20), ALL - 20, 20)
  assert.equal(first.evidence(), [])
  others[0].say('a', MESSAGE.slice(30), ALL - 30, 30)
  assert.equal(others[0].evidence(), ['x strong a'])
})

test.run()
