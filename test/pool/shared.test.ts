/** Slots on which several clients are heard: who goes on with whom, who follows whom, and who only seems to. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AUDIO, type Line, play, spans, talk } from './tape.ts'

const test = suite('pool/shared')

const SLOT = '10.1.0.4:3224'
const [A, B, C] = ['10.9.0.1:50000', '10.9.0.2:50001', '10.9.0.3:50002']

/** Both ways at 0 s and again 20 s later. */
const twice = (client: string, start: number) => talk(client, SLOT, { start, end: start + 20, every: 20 })

test('a silence ends a session when the slot was silent, not one of the clients that share it', () => {
  const lines = [...twice(A, 0), ...twice(B, 10), ...talk(A, SLOT, { start: 100, end: 400, every: 100 })]
  const late: Line = { t: 450, from: SLOT, to: B }
  for (const poolIdleSec of [120, 300]) {
    const { sessions, pools } = play([...lines, late], { poolIdleSec })
    assert.equal(spans(sessions), ['3224 0-450 capture_end'], `${poolIdleSec} s`)
    assert.is(sessions[0].packets, lines.length + 1)
    assert.equal(pools[0].rejected, [])
    assert.equal(
      pools[0].sensitivity.map((each) => [each.idleTimeout, each.sessions]),
      [
        [60, 1],
        [120, 1],
        [180, 1],
        [300, 1],
      ],
    )
  }
})

test('a client of a shared slot is known after any silence, whoever else came meanwhile', () => {
  const lines = [...twice(A, 0), ...twice(B, 10), ...talk(A, SLOT, { start: 100, end: 1000, every: 100 })]
  const others = Array.from({ length: 100 }, (_, i) => ({ t: 500 + i, from: C, to: `10.1.9.${i}:3224` }))
  const { sessions } = play([...lines, ...others, { t: 1001, from: B, to: SLOT }])
  assert.equal(spans(sessions), ['3224 0-1001 capture_end'])
})

test('clients that shared a slot are followed by another as one client is', () => {
  const lines = [
    ...twice(A, 0),
    ...twice(B, 10),
    ...talk(A, SLOT, { start: 100, end: 100 }),
    ...twice(C, 160),
  ]
  assert.equal(spans(play(lines).sessions), ['3224 0-100.001 client_changed', '3224 160-180.001 capture_end'])
})

test('a client that is heard after its follower has gone did not change', () => {
  const sentOn = [30, 130, 230].map((t) => ({ t, from: SLOT, to: A }))
  const back = talk(A, SLOT, { start: 240, end: 241 })
  const { sessions } = play([...twice(A, 0), ...twice(B, 25), ...sentOn, ...back], { end: 300 })
  assert.equal(spans(sessions), ['3224 25-45.001 idle', '3224 0-241.001 capture_end'])
})

test('a packet on the other port of a pair long before the session is a probe, not lost', () => {
  const lines = [
    { t: 0, from: A, to: '10.1.0.4:16500' },
    ...talk(A, '10.1.0.4:16501', { start: 200, end: 210 }),
  ]
  const { sessions, pools } = play(lines, { pools: [AUDIO] })
  assert.equal(spans(sessions), ['16500 200-210.001 capture_end'])
  assert.equal(pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 1 }])
})

test.run()
