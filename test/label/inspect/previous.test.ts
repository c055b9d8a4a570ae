/** What is kept of earlier payloads: short first segments are put in front of what follows them; an echo is known. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EXHAUSTED } from '../../../src/label/inspect/handle.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, STRONG } from '../../../src/label/inspect/payload.ts'
import { signature, talk } from '../engine.ts'

const test = suite('previous')

/** TCP segments from side a, as they are, and what side b says between them. */
function segments(...said: (string | { b: string } | { lost: number } | { cut: string })[]) {
  const one = talk([signature('x', 'a first word', STRONG), signature('y', 'a fine second word', STRONG)])
  let next = 0x7ffffffc
  for (const each of said) {
    if (typeof each === 'object' && 'lost' in each) next += each.lost
    else if (typeof each === 'object' && 'b' in each) one.say('b', each.b)
    else {
      const text = typeof each === 'string' ? each : each.cut
      const length = typeof each === 'string' ? text.length : text.length + 1
      one.say('a', text, length, next | 0)
      next += length
    }
  }
  return one
}

test('first segments shorter than 16 bytes are one with what follows them', () => {
  for (const cut of [1, 2, 8, 11])
    assert.equal(segments('a first word'.slice(0, cut), 'a first word'.slice(cut)).evidence(), ['x strong a'])
  assert.equal(segments(...'a first word').evidence(), ['x strong a'])
})

test('first segments are joined only as one side speaks, without a gap', () => {
  assert.equal(segments('a ', { b: 'what?' }, 'first word').evidence(), [])
  assert.equal(segments('a ', { lost: 1 }, 'first word').evidence(), [])
  assert.equal(segments({ cut: 'a' }, ' first word').evidence(), [])
  assert.equal(segments('hm', 'a fine second word').evidence(), ['y strong a'], 'each for itself, too')
  const datagrams = talk([signature('x', 'a first word', STRONG)], { protocol: 17 })
  datagrams.say('a', 'a ', 2, 0)
  datagrams.say('a', 'first word', 10, 2)
  assert.equal(datagrams.evidence(), [])
})

test('a first segment that is sent again, whole or in part, changes nothing', () => {
  assert.equal(segments('a', { lost: -1 }, 'a', ' first word').evidence(), ['x strong a'])
  assert.equal(segments('a fi', { lost: -4 }, 'a', { lost: 3 }, 'rst word').evidence(), ['x strong a'])
  assert.equal(segments('a', ' f', { lost: -2 }, ' f', 'irst word').evidence(), ['x strong a'])
  assert.equal(segments('a', { lost: -1 }, 'a first word').evidence(), ['x strong a'])
})

test('the first segments of an answer are joined, too, whatever the question was', () => {
  const words = [signature('q', 'question', STRONG), signature('x', 'a first word', STRONG)]
  for (const question of ['question', 'what?']) {
    const asked = question === 'question' ? ['q strong a'] : []
    for (const cut of [1, 4, 11]) {
      const one = talk(words)
      one.say('a', question, question.length, 5)
      one.say('b', 'a first word'.slice(0, cut), cut, -1)
      one.say('b', 'a first word'.slice(cut), 12 - cut, cut - 1)
      assert.equal(one.evidence(), [...asked, 'x strong b'])
    }
    const two = talk(words)
    two.say('a', question, question.length, 5)
    two.say('b', 'a ', 2, 7)
    two.say('a', 'go on', 5, 5 + question.length)
    two.say('b', 'first word', 10, 9)
    assert.equal(two.evidence(), asked, 'it went on only when it was asked to')
  }
})

test('a segment that is sent again, whole or in part, is not counted', () => {
  const long = 'of no known protocol'
  for (const repeated of [long, long.slice(8)]) {
    const one = talk([signature('x', 'a first word', STRONG)])
    one.say('a', long, long.length, 0x7ffffff0)
    for (let i = 0; i < 20; i++) one.say('a', repeated, repeated.length, (0x80000004 - repeated.length) | 0)
    one.say('a', 'a first word', 12, 0x80000004 | 0)
    assert.equal(one.evidence(), ['x strong a'])
  }
  const others = talk([signature('x', 'a first word', STRONG)])
  for (let i = 0; i < 6; i++) others.say('a', `${i} ${long}`, 22, 1)
  assert.is(others.handle, EXHAUSTED, 'another text with the same sequence number is')
})

test('a first segment that the second has overtaken is tried as the first', () => {
  const first = ({ ordinal }: Payload) => (ordinal === 0 ? STRONG : NO_MATCH)
  for (const [sequence, found] of [
    [100, ['x strong a']],
    [99, []],
  ] as const) {
    const one = talk([signature('x', 'a first word', first)])
    one.say('a', 'and what comes behind it', 24, 112)
    one.say('a', 'a first word', 12, sequence)
    assert.equal(one.evidence(), found)
  }
})

test('a flow that begins with short segments is given up, too', () => {
  const bytes = segments(...'b'.repeat(19))
  assert.ok(bytes.handle >= 0)
  assert.is(segments(...'b'.repeat(20)).handle, EXHAUSTED)
})

test('what is only sent back does not agree', () => {
  const hello = [signature('x', 'hello', STRONG | FROM_CLIENT)]
  const echo = talk(hello)
  for (const side of ['a', 'b'] as const) echo.say(side, 'hello there')
  assert.equal(echo.evidence(), ['x strong a'])
  const peers = talk(hello)
  peers.say('a', 'hello there')
  peers.say('b', 'hello, too!')
  assert.equal(peers.evidence(), ['x strong ab'])
  const nobody = talk([signature('x', 'hello', STRONG)])
  for (const side of ['a', 'b'] as const) nobody.say(side, 'hello there')
  assert.equal(nobody.evidence(), ['x strong ab'])
})

test.run()
