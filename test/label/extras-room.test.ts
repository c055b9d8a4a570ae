/** The room for extras: what is kept, what is not once it is used up, and that flows which end give theirs back. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDispatch } from '../../src/label/dispatch.ts'
import { ExtrasRoom } from '../../src/label/extras-room.ts'
import { Inspector } from '../../src/label/inspect.ts'
import { STRONG } from '../../src/label/payload.ts'
import { payloadText, signature, talk } from './engine.ts'

const test = suite('label/extras-room')
const hearsay = { answer: () => {}, announce: () => {} }

/** Keeps the whole payload: of the first packet as a string, of later ones in a list. */
const keeper = signature('x', '', (payload) => {
  const extras = payload.extras()
  extras.x ??= { list: [] }
  const group = extras.x
  if (group.first === undefined) group.first = payloadText(payload)
  else (group.list as string[]).push(payloadText(payload))
  payload.hostname('a.example', 'http')
  return STRONG
})

function inspector(most: number): Inspector {
  return new Inspector(createDispatch([keeper]), hearsay, new ExtrasRoom(undefined, most))
}

test('keeps extras while there is room, then labels and names only', () => {
  const one = inspector(2500)
  const talks = [0, 1, 2, 3].map(() => talk(one))
  for (const each of talks) each.say('a', 'y'.repeat(1000))
  const kept = talks.map(({ handle }) => one.factsOf(handle)?.extras?.x?.first)
  assert.equal(
    kept.map((text) => (typeof text === 'string' ? text.length : text)),
    [1000, 1000, 1000, undefined],
  )
  for (const each of talks) {
    assert.equal(each.evidence(), ['x strong a'])
    assert.is(one.factsOf(each.handle)?.hostname, 'a.example')
  }
  assert.is(one.extrasRoom.leftOut, 1)
})

test('what a flow adds later counts, too, and a flow counts once as cut', () => {
  const one = inspector(1500)
  const first = talk(one)
  first.say('a', 'y'.repeat(800))
  first.say('a', 'z'.repeat(800))
  first.say('a', 'z'.repeat(800))
  first.say('a', 'z'.repeat(800))
  const { extras } = one.factsOf(first.handle)!
  assert.equal(extras?.x.list, ['z'.repeat(800)])
  assert.is(one.extrasRoom.leftOut, 1)
})

test('a flow that ends gives its room back', () => {
  const one = inspector(1500)
  for (let i = 0; i < 100; i++) {
    const each = talk(one)
    each.say('a', 'y'.repeat(1000))
    one.close(each.handle)
  }
  assert.is(one.extrasRoom.leftOut, 0)
})

test.run()
