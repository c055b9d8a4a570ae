/** A run told window by window says of every window what an analysis of the whole says of that part of it. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PoolReport, Session } from '../../src/types.ts'
import { at, EPOCH, FRAMEHAWK, type Line, type Played, type PlayOptions, play, since, talk } from './tape.ts'

const test = suite('pool/windows')

const SERVER = '10.1.0.4'
const slot = (index: number, server = SERVER) => `${server}:${3224 + index}`
const client = (number: number) => `10.0.${number >> 8}.${number & 255}:50000`
/** Time passes, and nothing of the pools happens. */
const passing = (start: number, end: number) => talk('10.9.0.1:4000', '10.9.0.2:4001', { start, end })

function windowed(lines: readonly Line[], options: PlayOptions = {}): Played & { all: PoolReport[] } {
  const played = play(lines, { windowSec: 600, ...options })
  return { ...played, all: [...played.told.flatMap((each) => each.pools), ...played.pools] }
}

const span = (report: PoolReport) =>
  [report.windowStart, report.windowEnd].map(([sec, nsec]) => since(sec, nsec)).join('-')
const perServer = (reports: readonly PoolReport[]) =>
  reports.filter((report) => report.serverIp !== undefined)
const short = (reports: readonly PoolReport[]) =>
  perServer(reports).map((each) => `${span(each)}: ${each.sessions} sessions, peak ${each.peak}`)

test('a session counts in every window that it touches, with its part of it', () => {
  const lines = [...passing(100, 1500), ...talk(client(1), slot(0), { start: 400, end: 1300 })]
  const { told, all } = windowed(lines)
  assert.equal(short(all), [
    '100-600: 1 sessions, peak 1',
    '600-1200: 1 sessions, peak 1',
    '1200-1500.001: 1 sessions, peak 1',
  ])
  const [first, second, third] = perServer(all)
  assert.is(first.mean, 200 / 500)
  assert.is(second.mean, 1)
  assert.equal(first.peakAt, at(400))
  assert.equal(second.peakAt, at(600))
  assert.equal(first.peakSessionIds, third.peakSessionIds)
  // The session was busy when its windows ended: no waiting.
  assert.equal(
    told.map(({ t }) => t),
    [601, 1201],
  )
})

test('a window waits until what was silent at its end has ended or gone on', () => {
  const ends = [...passing(0, 1000), ...talk(client(1), slot(0), { start: 10, end: 550 })]
  const ended = windowed(ends)
  assert.equal(short(ended.all), ['0-600: 1 sessions, peak 1'])
  assert.equal(perServer(ended.all)[0].mean, 540.001 / 600)
  // The sensitivity's longest timeout is 300 s.
  assert.equal(
    ended.told.map(({ t }) => t),
    [851],
  )
  const goesOn = windowed([...ends, ...talk(client(1), slot(0), { start: 640, end: 700 })])
  assert.equal(short(goesOn.all), ['0-600: 1 sessions, peak 1', '600-1000.001: 1 sessions, peak 1'])
  assert.equal(perServer(goesOn.all)[0].mean, 590 / 600)
  assert.is(goesOn.told[0].t, 640)
})

test('where silence never ends a session, a window waits for the longest time of the sensitivity', () => {
  const lines = [...passing(0, 1300), ...talk(client(1), slot(0), { start: 10, end: 100 })]
  const { told, all } = windowed(lines, { poolIdleSec: 0 })
  assert.is(told[0].t, 901)
  assert.equal(short(told[0].pools), ['0-600: 1 sessions, peak 1'])
  assert.is(perServer(all)[0].mean, 90.001 / 600)
})

test('what begins when a window ends belongs to the next one', () => {
  const lines = [...passing(0, 1000), ...talk(client(1), slot(0), { start: 600, end: 900 })]
  assert.equal(short(windowed(lines).all), ['600-1000.001: 1 sessions, peak 1'])
})

test('quiet windows are passed over, however many', () => {
  const lines = [
    ...talk(client(1), slot(0), { start: 10, end: 100 }),
    ...talk('10.9.0.1:4000', '10.9.0.2:4001', { start: 5, end: 400_000, every: 1000 }),
    ...talk(client(1), slot(0), { start: 390_010, end: 390_100 }),
  ]
  assert.equal(short(windowed(lines).all), ['5-600: 1 sessions, peak 1', '390000-390600: 1 sessions, peak 1'])
})

test('every window of a busy day agrees with the sessions of the whole', () => {
  const lines = busyHours()
  const { told, all, sessions } = windowed(lines, { pools: [FRAMEHAWK] })
  const whole = play(lines)
  assert.equal(
    sessions.map(({ sessionId }) => sessionId),
    whole.sessions.map(({ sessionId }) => sessionId),
  )
  assert.ok(told.length > 5 && all.length > 20, String(all.length))
  for (const report of all) {
    const of = sessions.filter((s) => report.serverIp === undefined || s.serverIp === report.serverIp)
    const expected = byHand(of, report)
    assert.equal(
      [report.sessions, report.slotsUsed, report.slots, report.peak, report.peakAt],
      [expected.sessions, expected.sessions, 101 * expected.servers, expected.peak, expected.peakAt],
      span(report),
    )
    assert.is(Math.round(report.mean * 1e9), Math.round(expected.mean * 1e9))
    assert.equal(report.peakSessionIds.slice().sort(), expected.ids.sort())
    const own = report.sensitivity.find(({ idleTimeout }) => idleTimeout === report.idleTimeout)
    assert.equal([own?.sessions, own?.peak], [report.sessions, report.peak])
  }
  const own = all.filter((report) => report.serverIp === undefined)
  const covered = own.reduce((sum, report) => sum + report.mean * lengthOf(report), 0)
  const summed = whole.sessions.reduce((sum, s) => sum + endOf(s) - startOf(s), 0)
  assert.ok(Math.abs(covered - summed) < 1e-3, `${covered} ${summed}`)
})

/** Forty sessions on two servers, in an order that a multiplicative generator fixes. */
function busyHours(): Line[] {
  let state = 12345
  const next = (below: number) => {
    state = (state * 48271) % 0x7fffffff
    return state % below
  }
  const lines: Line[] = passing(0, 7200)
  for (let i = 0; i < 40; i++) {
    const start = next(6000) + next(1000) / 1000
    const server = next(2) === 0 ? SERVER : '10.1.0.5'
    const times = { start, end: start + 30 + next(2500), every: 1 + next(40) }
    lines.push(...talk(client(i), slot(i, server), times))
  }
  return lines
}

const startOf = (s: Session) => s.startSec - EPOCH + s.startNsec / 1e9
const endOf = (s: Session) => s.endSec - EPOCH + s.endNsec / 1e9
const lengthOf = ({ windowStart, windowEnd }: PoolReport) =>
  since(windowEnd[0], windowEnd[1]) - since(windowStart[0], windowStart[1])

/** No two sessions share a slot here. */
function byHand(sessions: readonly Session[], { windowStart, windowEnd }: PoolReport) {
  const from = since(windowStart[0], windowStart[1])
  const to = since(windowEnd[0], windowEnd[1])
  const touching = sessions.filter((s) => startOf(s) <= to && endOf(s) >= from)
  let peak = 0
  let peakTime = from
  let ids: string[] = []
  for (const t of touching.map((s) => Math.max(from, startOf(s))).sort((a, b) => a - b)) {
    const busy = touching.filter((s) => startOf(s) <= t && endOf(s) >= t)
    if (busy.length <= peak) continue
    peak = busy.length
    peakTime = t
    ids = busy.map(({ sessionId }) => sessionId)
  }
  const seconds = touching.reduce((sum, s) => sum + Math.min(to, endOf(s)) - Math.max(from, startOf(s)), 0)
  const peakAt = peak === 0 ? undefined : at(peakTime)
  const servers = new Set(touching.map(({ serverIp }) => serverIp)).size
  return { sessions: touching.length, servers, peak, peakAt, ids, mean: seconds / (to - from) }
}

test('changes of concurrency are told once, in the window where they happen', () => {
  const lines = busyHours()
  const { told, concurrency } = windowed(lines)
  const key = (each: Played['concurrency'][number]) =>
    `${each.serverIp} ${each.at.join('.')} ${each.sessions}`
  const all = [...told.flatMap((each) => each.concurrency), ...concurrency].map(key).sort()
  assert.equal(all, play(lines).concurrency.map(key).sort())
})

test('rejections are told once, and a scan that goes over the end of a window stays one', () => {
  const probes = (from: number, start: number): Line[] =>
    Array.from({ length: 8 }, (_, i) => ({ t: start + i, from: '10.7.0.1:4444', to: slot(from + i) }))
  const lines = [...passing(0, 3000), ...probes(0, 596), { t: 900, from: client(9), to: slot(50) }]
  const { told, all } = windowed(lines)
  const rejected = (reports: readonly PoolReport[]) =>
    perServer(reports).flatMap((each) =>
      each.rejected.map(({ reason, flows }) => `${span(each)} ${reason} ${flows}`),
    )
  assert.equal(rejected(all), ['600-1200 scan 8', '1200-1800 probe 1'])
  const notices = told.flatMap((each) => each.notices)
  assert.equal(
    notices.map(({ notice, at: when }) => [notice, since(...when)]),
    [['port_scan', 596]],
  )
})

test('traffic without an explanation is a notice in the window where it began, and only there', () => {
  const lines = [...passing(0, 2000), ...talk(client(1), slot(0), { start: 10, end: 1500 })]
  const { told, notices } = windowed(lines)
  const all = [...told.flatMap((each) => each.notices), ...notices].map(({ notice }) => notice)
  assert.equal(all, ['unexplained_pool_traffic'])
})

test('saturation counts within the window, and is no notice of it', () => {
  const pools = [{ ...FRAMEHAWK, ports: [{ low: 3224, high: 3225 }] }]
  const lines = [
    ...passing(0, 1300),
    ...talk(client(1), slot(0), { start: 100, end: 1250 }),
    ...talk(client(2), slot(1), { start: 500, end: 900 }),
  ]
  const { told, all, notices } = windowed(lines, { pools })
  assert.equal(
    perServer(all).map((each) => each.saturatedSeconds),
    [100, 300.001, 0],
  )
  const saturated = [...told.flatMap((each) => each.notices), ...notices].filter(
    ({ notice }) => notice === 'pool_saturated',
  )
  assert.is(saturated.length, 0)
})

test('a window is as sure of a session under way as the end of input is', () => {
  const lines = [...passing(100, 1500), ...talk(client(1), slot(0), { start: 110, end: 1500 })]
  const ica = { t: 120, server: `${SERVER}:1494`, client: client(1), label: 'ica' }
  const { told, all, notices } = windowed(lines, { support: [ica] })
  assert.equal(
    perServer(all).map(({ certainty }) => certainty),
    ['likely', 'likely', 'likely'],
  )
  assert.equal([...told.flatMap((each) => each.notices), ...notices], [])
  const alone = windowed(lines)
  assert.equal(
    [...alone.told.flatMap((each) => each.notices), ...alone.notices].map(({ notice }) => notice),
    ['unexplained_pool_traffic'],
  )
})

test.run()
