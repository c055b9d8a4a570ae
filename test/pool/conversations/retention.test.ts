import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPoolTracker, type PoolTracker } from '../../../src/pool/tracker.ts'
import { at, FRAMEHAWK, finished, type Line, packetOf, talk } from '../tape.ts'

const test = suite('pool/conversations/retention')

const SERVER = '10.1.0.4'
const CLIENT = '10.9.0.1:50000'
const SLOT = `${SERVER}:3224`
const NO_BYTES = new Uint8Array(0)

function observe(tracker: PoolTracker, lines: readonly Line[]): number {
  let handle = -1
  for (const packet of lines.map(packetOf)) {
    handle = tracker.open(packet, 0, 1)
    tracker.observe(handle, packet, NO_BYTES)
  }
  return handle
}

/** New clients of another slot: each is an occasion to forget others. */
function others(tracker: PoolTracker, t: number): void {
  for (let i = 0; i < 10; i++)
    observe(tracker, [{ t, from: `10.9.0.2:${5000 + t + i}`, to: `${SERVER}:3230` }])
}

test('a conversation is known as long as its flow may be silent', () => {
  for (const [flowIdleSec, known] of [
    [undefined, false],
    [900, true],
    [Infinity, true],
  ] as const) {
    const tracker = createPoolTracker({ pools: [FRAMEHAWK], flowIdleSec })
    const handle = observe(tracker, talk(CLIENT, SLOT, { start: 0, end: 5 }))
    others(tracker, 800)
    assert.is(tracker.claim(handle)?.slot, known ? 3224 : undefined, `${flowIdleSec}`)
  }
})

test('what is only known for its flow has been judged, once', () => {
  for (const flowIdleSec of [undefined, 5000]) {
    const tracker = createPoolTracker({ pools: [FRAMEHAWK], flowIdleSec })
    observe(tracker, [{ t: 0, from: CLIENT, to: SLOT }])
    others(tracker, 800)
    observe(tracker, [{ t: 2000, from: CLIENT, to: SLOT }])
    const { pools } = finished(tracker, { start: at(0), end: at(2000) })
    assert.equal(pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 12 }])
  }
})

test('it goes on as a session of its own', () => {
  const tracker = createPoolTracker({ pools: [FRAMEHAWK], flowIdleSec: 5000 })
  observe(tracker, talk(CLIENT, SLOT, { start: 0, end: 5 }))
  others(tracker, 800)
  observe(tracker, talk(CLIENT, SLOT, { start: 2000, end: 2009 }))
  const { sessions } = finished(tracker, { start: at(0), end: at(2010) })
  assert.equal(
    sessions.map(({ packets }) => packets),
    [12, 20],
  )
})

test('where there is no room, nothing is missed with what was judged', () => {
  const tracker = createPoolTracker({ pools: [FRAMEHAWK], flowIdleSec: Infinity, maxConversations: 11 })
  observe(tracker, talk(CLIENT, SLOT, { start: 0, end: 5 }))
  others(tracker, 800)
  others(tracker, 1800)
  assert.ok(tracker.evicted > 0)
  const { notices } = finished(tracker, { start: at(0), end: at(1801) })
  assert.not(notices.some(({ notice }) => notice === 'pool_traffic_full'))
})

test.run()
