/** Random conversations, with silences of every length: the sensitivity table against runs with those timeouts. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random as seededRandom } from '../../scripts/fixtures/trace.ts'
import type { PoolRule } from '../../src/types.ts'
import {
  ACK,
  FRAMEHAWK,
  type Line,
  MOSH,
  moshTalk,
  nonce,
  play,
  RST,
  RTP,
  SYN,
  SYN_ACK,
  VNC,
} from './tape.ts'

const test = suite('pool/sensitivity')

const RUNS = 150
const SERVER = '192.0.2.1'
/** Steps of time, seconds: a spell of them, with clients that fall silent in turn. */
const STEPS = [
  [2, 5, 10],
  [5, 10, 20],
  [0.5, 1, 30],
  [1, 59, 60, 61],
  [1, 30, 119, 121, 181, 301],
]

type Random = () => number

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]
}

/** Clients of one slot (or pair of ports), most of the time all but one of them heard. */
function tape(random: Random, rule: PoolRule): Line[] {
  const lines: Line[] = []
  const steps = pick(random, STEPS)
  const clients = 1 + Math.floor(random() * 3)
  let silent = -1
  let t = 0
  for (let i = 0; i < 80; i++) {
    t += pick(random, steps) * random()
    if (random() < 0.1) silent = Math.floor(random() * (clients + 1))
    let client = Math.floor(random() * clients)
    if (client === silent) client = (client + 1) % clients
    lines.push(lineOf(random, rule, client, Math.round(t * 1000) / 1000))
  }
  return lines
}

function lineOf(random: Random, rule: PoolRule, client: number, t: number): Line {
  const up = random() < 0.5
  const ends = [
    `10.0.0.1:${40_000 + client}`,
    `${SERVER}:${rule.ports[0].low + (rule.stride > 1 ? client % 2 : 0)}`,
  ]
  const [from, to] = up ? ends : ends.reverse()
  const line: Line = { t, from, to }
  if (rule.transport === 'tcp') line.tcp = tcpFlags(random, up)
  if (rule.startMarker !== undefined) line.payload = nonce(!up, Math.floor(t * 10) + 1)
  if (rule.requires !== undefined) Object.assign(line, { label: rule.requires, server: up ? 2 : 1 })
  return line
}

function tcpFlags(random: Random, up: boolean): number {
  if (random() < 0.05) return up ? SYN : SYN_ACK
  return random() < 0.03 ? RST : ACK
}

for (const rule of [FRAMEHAWK, MOSH, RTP, VNC])
  test(`${rule.name}: each row is what a run with that timeout finds`, () => {
    let differing = 0
    for (let seed = 1; seed <= RUNS; seed++) {
      const lines = tape(seededRandom(seed), rule)
      const report = play(lines, { pools: [rule] }).pools.at(-1)
      const found = (report?.sensitivity ?? []).map(({ sessions, peak }) => [sessions, peak])
      const alone = (report?.sensitivity ?? []).map(({ idleTimeout }) => {
        const own = play(lines, { pools: [rule], poolIdleSec: idleTimeout })
        return [own.sessions.length, own.pools.at(-1)?.peak]
      })
      assert.equal(found, alone, `seed ${seed}`)
      if (new Set(found.map(String)).size > 1) differing++
    }
    assert.ok(differing > RUNS / 20, `${differing} tapes on which the timeouts differ`)
  })

test('a start marker splits under every timeout, also after a silence longer than the own', () => {
  const [client, server] = ['10.0.0.1:40000', `${SERVER}:60001`]
  const lines = [
    ...moshTalk(client, server, { start: 0, end: 30 }),
    ...moshTalk(client, server, { start: 40, end: 50 }),
  ]
  const { sessions, pools } = play(lines, { pools: [MOSH], poolIdleSec: 5 })
  assert.is(sessions.length, 2)
  for (const { sessions, idleTimeout } of pools[0].sensitivity) assert.is(sessions, 2, `${idleTimeout} s`)
})

test('a closed connection hides no silence of another one on its slot', () => {
  const [idle, closed, server] = ['10.0.0.1:40000', '10.0.0.1:40001', `${SERVER}:5901`]
  const both = (t: number, client: string, tcp: number): Line[] => [
    { t, from: client, to: server, tcp },
    { t: t + 0.5, from: server, to: client, tcp: tcp === SYN ? SYN_ACK : ACK },
  ]
  const lines = [
    ...both(0, idle, SYN),
    ...both(1, idle, ACK),
    ...both(2, closed, SYN),
    ...both(50, closed, ACK),
    { t: 90, from: closed, to: server, tcp: RST },
    ...both(91, closed, SYN),
    ...both(92, closed, ACK),
  ]
  const report = play(lines, { pools: [VNC] }).pools.at(-1)
  assert.equal(
    report?.sensitivity.map(({ idleTimeout, sessions }) => [idleTimeout, sessions]),
    [
      [60, 2],
      [120, 1],
      [180, 1],
      [300, 1],
    ],
  )
})

test.run()
