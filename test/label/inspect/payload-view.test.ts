/** The one Payload: what it passes on, and that the engine keeps it and its kin as objects, not as hash tables. */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPacket } from '../../../src/decode/packet.ts'
import { createClosedFlow } from '../../../src/flow/view.ts'
import { type PayloadOwner, PayloadView } from '../../../src/label/inspect/payload-view.ts'

const test = suite('payload view')

function owner(told: unknown[]): PayloadOwner {
  return {
    extras: () => ({ dns: {} }),
    hostname: (name, source) => told.push([name, source]),
    answer: (...all) => told.push(all),
    announce: (service) => told.push(service),
    matchedHere: () => true,
    scratch: () => 'kept',
    keepScratch: (value) => told.push(value),
  }
}

test('tells its owner what a signature says', () => {
  const told: unknown[] = []
  const view = new PayloadView(owner(told))
  assert.equal(view.extras(), { dns: {} })
  assert.is(view.matchedHere(), true)
  assert.is(view.scratch, 'kept')
  view.scratch = 'more'
  view.hostname('a.example', 'sni')
  view.answer('a.example', 60, 0, 0, 0, 7)
  assert.equal(told, ['more', ['a.example', 'sni'], ['a.example', 60, [0, 0, 0, 7]]])
})

test('previous and peer are the two halves of the prefixes', () => {
  const view = new PayloadView(owner([]))
  view.prefixes[0] = 0x04030201
  view.prefixes[4] = 0x08070605
  assert.equal([...view.previous.subarray(0, 4)], [1, 2, 3, 4])
  assert.equal([...view.peer.subarray(0, 4)], [5, 6, 7, 8])
})

test('what every packet touches has fast fields', () => {
  setFlagsFromString('--allow-natives-syntax')
  const isFast = runInThisContext('(object) => %HasFastProperties(object)')
  // A function is only compiled when it is called.
  assert.is(isFast({}), true)
  setFlagsFromString('--no-allow-natives-syntax')
  const slow: Record<string, number> = { a: 1, b: 2 }
  delete slow.a
  assert.is(isFast(slow), false, 'the check itself can fail')
  for (const each of [new PayloadView(owner([])), createPacket(), createClosedFlow()])
    assert.is(isFast(each), true, each.constructor.name)
})

test.run()
