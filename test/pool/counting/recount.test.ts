import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { recount } from '../../../src/pool/counting/recount.ts'
import type { PoolReport, Session } from '../../../src/types.ts'
import { at, FIN_ACK, FRAMEHAWK, type Line, play, RST, SYN, SYN_ACK, spans, talk, VNC } from '../tape.ts'

const test = suite('pool/counting/recount')

const SERVER = '10.1.0.4'
const CLIENT = '10.9.0.1:50000'
const options = (end: number) => ({ pools: [FRAMEHAWK], window: { start: at(0), end: at(end) } })

/** What a sensor that captured from `start` to `end` records. */
function sensor(lines: readonly Line[], start: number, end: number): Session[] {
  return play(
    lines.filter((line) => line.t >= start && line.t <= end),
    { start, end },
  ).sessions
}

test('records of one sensor give its own counts again', () => {
  const lines = [0, 1, 2, 3].flatMap((i) =>
    talk(CLIENT, `${SERVER}:${3224 + i}`, { start: i * 10, end: 25 + i * 20 }),
  )
  const own = play(lines, { start: 0, end: 900 })
  const again = recount(own.sessions, options(900))
  assert.equal(again.pools, own.pools)
  assert.equal(again.concurrency, own.concurrency)
  assert.is(again.unknown, 0)
})

test('a session that two sensors saw counts once, with the larger count', () => {
  const lines = talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 300 })
  const both = [...sensor(lines, 0, 200), ...sensor(lines, 100, 300)]
  const { sessions, pools } = recount(both, options(300))
  assert.equal(spans(sessions), ['3224 0-300 capture_end'])
  assert.is(sessions[0].packets, Math.max(both[0].packets, both[1].packets))
  assert.equal([pools[1].sessions, pools[1].peak], [1, 1])
})

test('a session cut between two captures goes on, one that had ended does not', () => {
  const lines = talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 300 })
  const [first] = sensor(lines, 0, 100)
  const [second] = sensor(lines, 150, 300)
  const cut = recount([second, first], options(300))
  assert.equal(spans(cut.sessions), ['3224 0-300 capture_end'])
  assert.is(cut.sessions[0].packets, first.packets + second.packets)
  assert.is(cut.sessions[0].longestGap.toFixed(3), '50.000')
  const apart = talk(CLIENT, `${SERVER}:3224`, { start: 400, end: 500 })
  assert.is(recount([first, ...sensor(apart, 300, 500)], options(500)).sessions.length, 2)
})

test('sensors at different servers are added up over all servers', () => {
  const records = ['10.1.0.4', '10.1.0.5'].flatMap((server) =>
    sensor(talk(CLIENT, `${server}:3224`, { start: 10, end: 50 }), 0, 100),
  )
  const { pools } = recount(records, options(100))
  assert.equal(
    pools.map((p) => [p.serverIp, p.sessions, p.peak, p.slots]),
    [
      ['10.1.0.4', 1, 1, 101],
      ['10.1.0.5', 1, 1, 101],
      [undefined, 2, 2, 202],
    ],
  )
})

test('rejections are added up; what no rule knows is counted apart', () => {
  const rejection = {
    pool: 'framehawk',
    serverIp: SERVER,
    reason: 'scan' as const,
    label: 'unknown',
    flows: 3,
  }
  const [own] = sensor(talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 9 }), 0, 9)
  const strangers = [
    { ...own, pool: 'other' },
    { ...own, slot: 9 },
    { ...own, serverIp: 'here' },
  ]
  const { pools, unknown } = recount([own, ...strangers], {
    ...options(9),
    rejections: [rejection, rejection],
  })
  assert.is(unknown, 3)
  assert.equal(pools[0].rejected, [{ reason: 'scan', label: 'unknown', flows: 6 }])
  assert.equal(pools[1].rejected, pools[0].rejected)
})

test('the order of records changes nothing', () => {
  const lines = [0, 1, 2].flatMap((i) =>
    talk(CLIENT, `${SERVER}:${3224 + i}`, { start: i * 5, end: 200 + i }),
  )
  const records = [...sensor(lines, 0, 90), ...sensor(lines, 50, 220)]
  assert.equal(recount(records.slice().reverse(), options(220)), recount(records, options(220)))
})

test('only timeouts that records can answer are listed', () => {
  const lines = [
    ...talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 90, every: 90 }),
    ...talk(CLIENT, `${SERVER}:3224`, { start: 250, end: 260 }),
  ]
  const own = play(lines, { start: 0, end: 900 })
  const { sensitivity } = recount(own.sessions, options(900)).pools[0]
  assert.equal(sensitivity, own.pools[0].sensitivity.slice(1))
  assert.is(sensitivity[1].sessions, 1)
})

test('a longer timeout joins what a shorter one had split, unless another client came', () => {
  const lines = [
    ...talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 90 }),
    ...talk(CLIENT, `${SERVER}:3224`, { start: 250, end: 260 }),
    ...talk('10.9.0.2:50000', `${SERVER}:3224`, { start: 500, end: 510 }),
    ...talk(CLIENT, `${SERVER}:3225`, { start: 0, end: 900 }),
  ]
  const { sessions: split } = play(lines, { start: 0, end: 900 })
  const { sessions, pools } = recount(split, { ...options(900), poolIdleSec: 300 })
  assert.equal(spans(sessions), [
    '3224 0-260.001 idle',
    '3224 500-510.001 idle',
    '3225 0-900.001 capture_end',
  ])
  assert.is(sessions[0].longestGap, 159.999)
  const numbers = (each: PoolReport) => [each.sessions, each.peak, each.mean, each.sensitivity.at(-1)]
  const whole = play(lines, { start: 0, end: 900, poolIdleSec: 300 })
  assert.equal(pools.map(numbers), whole.pools.map(numbers))
  assert.is(pools[0].sessions, 3)
})

test('sessions that one sensor told apart stay apart, though late packets overlap', () => {
  const slot = `${SERVER}:3224`
  const changed = [
    ...talk(CLIENT, slot, { start: 0, end: 50 }),
    ...talk('10.9.0.2:50000', slot, { start: 50.1, end: 90 }),
    { t: 50.3, from: slot, to: CLIENT },
  ].sort((a, b) => a.t - b.t)
  const viewer = (from: string, t: number): Line[] => [
    { t, from, to: `${SERVER}:5900`, tcp: SYN },
    { t: t + 0.001, from: `${SERVER}:5900`, to: from, tcp: SYN_ACK },
    { t: t + 1, from, to: `${SERVER}:5900`, tcp: FIN_ACK },
    { t: t + 1.001, from: `${SERVER}:5900`, to: from, tcp: FIN_ACK },
    { t: t + 2, from, to: `${SERVER}:5900`, tcp: RST },
  ]
  const closed = [...viewer(CLIENT, 0), ...viewer('10.9.0.2:50000', 1.5)].sort((a, b) => a.t - b.t)
  for (const [pool, lines] of [[FRAMEHAWK, changed] as const, [VNC, closed] as const]) {
    const pools = [pool]
    const own = play(lines, { start: 0, end: 300, pools })
    const [first, second] = own.sessions
    assert.is(own.sessions.length, 2)
    assert.ok(first.endSec + first.endNsec / 1e9 > second.startSec + second.startNsec / 1e9)
    const told = ({ closeSec, closeNsec, ...record }: Session) => record
    const again = recount(own.sessions, { ...options(300), pools })
    assert.equal(again.sessions.map(told), own.sessions.map(told))
  }
})

test('a session that two sensors told apart from the next one is known again, although that has begun meanwhile', () => {
  const slot = `${SERVER}:3224`
  const [before, next] = [CLIENT, '10.9.0.2:50000']
  const lines = [
    ...talk(before, slot, { start: 0, end: 51, every: 0.25 }),
    ...[50.1, 50.6, 51.1].map((t) => ({ t, from: next, to: slot })),
    ...talk(next, slot, { start: 52, end: 90 }),
  ].sort((a, b) => a.t - b.t)
  const first = sensor(lines, 0, 300)
  assert.equal(spans(first), ['3224 0-51.001 client_changed', '3224 50.1-90.001 idle'])
  const both = recount([...first, ...sensor(lines, 50.2, 300)], options(300))
  assert.equal(
    both.sessions.map(({ clients }) => clients),
    first.map(({ clients }) => clients),
  )
  assert.equal(spans(both.sessions), spans(first))
})

test('sessions leave in the order in which they closed', () => {
  const lines = [200, 100].flatMap((end, i) => talk(CLIENT, `${SERVER}:${3224 + i}`, { start: i, end }))
  const late = talk(CLIENT, `${SERVER}:3226`, { start: 50, end: 150 })
  const own = play(
    [...lines, ...late].sort((a, b) => a.t - b.t),
    { start: 0, end: 250 },
  )
  assert.equal(recount(own.sessions, options(250)).sessions, own.sessions)
})

test.run()
