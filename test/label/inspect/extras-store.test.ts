/** The room for extras: what is kept, what is not once it is used up, and that flows which end give theirs back. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDispatch } from '../../../src/label/inspect/dispatch.ts'
import { ExtrasStore } from '../../../src/label/inspect/extras-store.ts'
import { Inspector } from '../../../src/label/inspect/inspect.ts'
import { MORE, STRONG } from '../../../src/label/inspect/payload.ts'
import { createExtrasText } from '../../../src/report/record/extras.ts'
import type { Extras } from '../../../src/types.ts'
import { payloadText, signature, talk } from '../engine.ts'

const test = suite('label/extras-store')
const events = { answer: () => {}, announce: () => {} }

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
  return new Inspector(createDispatch([keeper]), events, new ExtrasStore(undefined, most))
}

function first(extras: Extras | string | undefined) {
  return typeof extras === 'object' ? extras.x?.first : extras
}

test('keeps extras while there is room, then labels and names only', () => {
  const one = inspector(2500)
  const talks = [0, 1, 2, 3].map(() => talk(one))
  for (const each of talks) each.say('a', 'y'.repeat(1000))
  const kept = talks.map(({ handle }) => first(one.extrasOf(handle)))
  assert.equal(
    kept.map((text) => (typeof text === 'string' ? text.length : text)),
    [1000, 1000, 1000, undefined],
  )
  for (const each of talks) {
    assert.equal(each.evidence(), ['x strong a'])
    assert.is(one.hostnameOf(each.handle), 'a.example')
  }
  assert.is(one.extrasLeftOut, 1)
})

test('what a flow adds later counts, too, and a flow counts once as cut', () => {
  const one = inspector(1500)
  const talker = talk(one)
  talker.say('a', 'y'.repeat(800))
  talker.say('a', 'z'.repeat(800))
  talker.say('a', 'z'.repeat(800))
  talker.say('a', 'z'.repeat(800))
  assert.equal((one.extrasOf(talker.handle) as Extras).x.list, ['z'.repeat(800)])
  assert.is(one.extrasLeftOut, 1)
})

test('a flow that ends gives its room back', () => {
  const one = inspector(1500)
  for (let i = 0; i < 100; i++) {
    const each = talk(one)
    each.say('a', 'y'.repeat(1000))
    one.close(each.handle)
  }
  assert.is(one.extrasLeftOut, 0)
})

/** One that writes what it hears, and would hear more. */
const listener = signature('x', '', (payload) => {
  const extras = payload.extras()
  const said = { ...(extras.x?.list === undefined ? {} : extras.x) }
  extras.x = { ...said, list: [...((said.list as string[]) ?? []), payloadText(payload)] }
  return STRONG | MORE
})

test('extras rest as text once both directions agreed, and go on where more is told', () => {
  const one = new Inspector(createDispatch([listener]), events, new ExtrasStore(createExtrasText()))
  const both = talk(one)
  both.say('a', 'é "1"')
  assert.equal(one.extrasOf(both.handle), { x: { list: ['é "1"'] } })
  both.say('b', '2')
  assert.type(one.extrasOf(both.handle), 'string')
  both.say('a', '3')
  assert.equal(one.extrasOf(both.handle), { x: { list: ['é "1"', '2', '3'] } })
})

test('lists that records would cut do not rest', () => {
  const long = signature('x', '', (payload) => {
    payload.extras().x ??= { list: Array.from({ length: 101 }, (_, i) => i) }
    return STRONG | MORE
  })
  const one = new Inspector(createDispatch([long]), events, new ExtrasStore(createExtrasText()))
  const both = talk(one)
  both.say('a', '1')
  both.say('b', '2')
  assert.type(one.extrasOf(both.handle), 'object')
})

test.run()
