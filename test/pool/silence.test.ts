/** The longest silence of sessions, where several clients speak on one slot. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Session } from '../../src/types.ts'
import { AUDIO, at, FRAMEHAWK, type Line, play, spans, talk } from './tape.ts'

const test = suite('pool/silence')

const SLOT = '10.1.0.4:3224'
const [A, B, C] = ['10.9.0.1:50000', '10.9.0.2:50001', '10.9.0.3:50002']

const gapsOf = (sessions: Session[]) => sessions.map(({ longestGap }) => Math.round(longestGap * 1000) / 1000)

test('what is a silence of each client is none where the other spoke', () => {
  const lines = [
    ...talk(A, SLOT, { start: 0, end: 100, every: 100 }),
    ...talk(B, SLOT, { start: 5, end: 95, every: 10 }),
  ]
  const { sessions } = play(lines, { end: 400 })
  assert.equal(spans(sessions), ['3224 0-100.001 idle'])
  assert.equal(gapsOf(sessions), [9.999])
})

test('clients that follow each other have their own silences', () => {
  const sentOn = [20, 40, 90].map((t) => ({ t, from: SLOT, to: A }))
  const lines = [
    ...talk(A, SLOT, { start: 0, end: 3 }),
    ...sentOn,
    ...talk(B, SLOT, { start: 30, end: 105, every: 25 }),
  ]
  const { sessions } = play(lines, { end: 400 })
  assert.equal(spans(sessions), ['3224 0-90 client_changed', '3224 30-105.001 idle'])
  assert.equal(gapsOf(sessions), [50, 24.999])
})

test('three clients, of whom the second had gone before the first was heard again', () => {
  const lines = [
    ...talk(A, SLOT, { start: 0, end: 1 }),
    ...talk(B, SLOT, { start: 10, end: 100, every: 5 }),
    ...talk(C, SLOT, { start: 102, end: 110, every: 8 }),
    { t: 108, from: A, to: SLOT },
  ]
  const { sessions } = play(lines, { end: 400 })
  assert.equal(spans(sessions), ['3224 0-110.001 idle'])
  assert.equal(gapsOf(sessions), [8.999])
})

test('the ports of a pair are heard together, also before the second one counts', () => {
  const control = { t: 0, from: A, to: '10.1.0.4:16501' }
  const media = talk(A, '10.1.0.4:16500', { start: 1, end: 29 })
  const { sessions } = play([control, ...media, { ...control, t: 30 }], { pools: [AUDIO], end: 400 })
  assert.equal(gapsOf(sessions), [1])
})

/** Packets at distinct times; each client asks, and mostly is answered at once. */
function scene(random: () => number, patience: number): Line[] {
  const lines: Line[] = []
  const clients = 2 + Math.floor(random() * 4)
  for (let i = 0; i < clients; i++) {
    const client = `10.9.0.${i}:5000${i}`
    let t = Math.floor(random() * 300) + i / 10
    const end = t + random() * 400
    for (; t < end; t += 1 + Math.floor(random() ** 3 * 60)) {
      if (random() < 0.8 || lines.length === 0) lines.push({ t, from: client, to: SLOT })
      if (random() < patience) lines.push({ t: t + 0.001, from: SLOT, to: client })
    }
  }
  return lines
}

function heardGap(lines: readonly Line[], session: Session): number {
  const clients = new Set(session.clients.map(({ ip, port }) => `${ip}:${port}`))
  const isIn = ([sec, nsec]: readonly [number, number]) =>
    (sec > session.startSec || (sec === session.startSec && nsec >= session.startNsec)) &&
    (sec < session.endSec || (sec === session.endSec && nsec <= session.endNsec))
  const times = lines
    .filter(({ from, to, t }) => (clients.has(from) || clients.has(to)) && isIn(at(t)))
    .map(({ t }) => t)
    .sort((a, b) => a - b)
  return Math.max(0, ...times.slice(1).map((t, i) => t - times[i]))
}

function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

test('no silence is missed, and where clients are answered at once none is told that was not', () => {
  let shared = 0
  let longer = 0
  for (let seed = 1; seed <= 400; seed++) {
    const answered = seed % 2 === 0
    const lines = scene(randomOf(seed), answered ? 1 : 0.6)
    for (const session of play(lines, { pools: [{ ...FRAMEHAWK, minPackets: 2 }], end: 2000 }).sessions) {
      const heard = heardGap(lines, session)
      const more = session.longestGap - heard
      assert.ok(more > -1e-6 && (more < 1e-6 || !answered), `${seed}: ${session.longestGap}, heard ${heard}`)
      if (session.clientsTotal > 1) shared++
      if (more > 1e-6) longer++
    }
  }
  assert.ok(shared > 300, `${shared}`)
  assert.ok(longer < shared / 20, `${longer} of ${shared}`)
})

test.run()
