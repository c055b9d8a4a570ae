/** Names of sessions: the same for the same packets, and no two alike. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentId, Names } from '../../src/pool/identity.ts'
import { FRAMEHAWK, type Line, MOSH, nonce, play, spans, talk } from './tape.ts'

const test = suite('pool/identity')

const SLOT = '10.1.0.4:3224'
const [A, B] = ['10.9.0.1:50000', '10.9.0.2:50001']
const idsOf = (lines: Line[], options = {}) => play(lines, options).sessions.map((each) => each.sessionId)

test('two clients that begin at one instant and follow each other have sessions of unlike names', () => {
  const answers = [0.1, 0.2, 0.3].map((t) => ({ t, from: SLOT, to: A }))
  const first = [{ t: 0, from: A, to: SLOT }, ...answers]
  const second = [
    { t: 0, from: B, to: SLOT },
    { t: 1, from: SLOT, to: B },
    ...talk(B, SLOT, { start: 2, end: 5 }),
  ]
  const { sessions, pools } = play([...first, ...second], { end: 300 })
  assert.equal(spans(sessions), ['3224 0-0.3 client_changed', '3224 0-5.001 idle'])
  const [one, two] = sessions.map((each) => each.sessionId)
  assert.is(one, idsOf(first)[0])
  assert.is.not(two, one)
  assert.equal(idsOf([...first, ...second], { end: 300 }), [one, two])
  assert.ok(pools[0].peakSessionIds.every((id) => id === one || id === two))
})

test('sessions that start markers part at one instant have unlike names', () => {
  const server = '10.1.0.4:60001'
  const once = [0, 1].flatMap((sequence): Line[] => [
    { t: 0, from: A, to: server, payload: nonce(false, sequence), label: 'mosh', server: 2 },
    { t: 0, from: server, to: A, payload: nonce(true, sequence), label: 'mosh', server: 1 },
  ])
  for (const session of ['per-port', 'per-client'] as const) {
    const pools = [{ ...MOSH, session }]
    const ids = idsOf([...once, ...once, ...once], { pools })
    assert.is(ids.length, 3)
    assert.is(new Set(ids).size, 3)
    assert.ok(ids.includes(idsOf(once, { pools })[0]))
  }
})

test('a session under way is called what its record will be called', () => {
  const lines = talk(A, SLOT, { start: 0, end: 5 })
  const { told, sessions } = play(lines, { pools: [FRAMEHAWK], windowSec: 3, end: 300 })
  assert.ok(told.some(({ pools }) => pools.some((each) => each.peakSessionIds[0] === sessions[0].sessionId)))
})

test('the oldest name is forgotten beyond so many', () => {
  const names = new Names(2)
  const [a, b] = [names.next('a'), names.next('b')]
  assert.is.not(names.next('a'), a)
  names.next('c')
  assert.is(names.next('a'), a)
  assert.is.not(names.next('b'), a)
  assert.is.not(b, a)
})

test('forgetting the oldest name does not pass over all that were forgotten before', () => {
  const { keys } = Map.prototype
  let begun = 0
  Map.prototype.keys = function (this: Map<unknown, unknown>) {
    begun++
    return keys.call(this)
  }
  try {
    const names = new Names(100)
    for (let i = 0; i < 1000; i++) names.next(`${i}`)
  } finally {
    Map.prototype.keys = keys
  }
  assert.ok(begun <= 11, `${begun}`)
})

test('identifiers: 16 digits, equal for equal content, different for small differences', () => {
  const ids = new Set<string>()
  for (let slot = 0; slot < 5000; slot++) ids.add(contentId(`framehawk 10.1.0.4 udp ${slot} 1767225600.0`))
  assert.is(ids.size, 5000)
  assert.match(contentId(''), /^[0-9a-f]{16}$/)
  assert.is(contentId('a'), contentId('a'))
})

test.run()
