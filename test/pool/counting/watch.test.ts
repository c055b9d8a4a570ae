/** Notices of slots running out, and of more sessions than an alert allows: one a crossing. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCidr } from '../../../src/address.ts'
import { type Alert, PoolWatch } from '../../../src/pool/counting/watch.ts'
import type { PoolLevel } from '../../../src/pool/session/open.ts'
import { createPoolTracker, type PoolOptions, type PoolTracker } from '../../../src/pool/tracker.ts'
import { ACK, at, FIN_ACK, FRAMEHAWK, type Line, packetOf, SYN, SYN_ACK, since, talk, VNC } from '../tape.ts'

const test = suite('pool/counting/watch')

/** `sessions` in use, begun a second after one another from `from` on. */
function level(sessions: number, options: Partial<PoolLevel> = {}): PoolLevel {
  const reached = Array.from({ length: sessions }, (_, i) => at(i))
  return {
    pool: 'framehawk',
    serverIp: '10.1.0.4',
    slots: 20,
    sessions,
    unlimited: false,
    reached,
    ...options,
  }
}

/** What each look at the counts gave: the notice and the second it names. */
function looks(counts: readonly number[], alerts: Alert[] = [], options: Partial<PoolLevel> = {}): string[] {
  const watch = new PoolWatch(alerts)
  return counts.map((count) =>
    watch
      .update(count === 0 ? [] : [level(count, options)])
      .map(({ notice, at: when }) => `${notice} ${since(...when)}`)
      .join(),
  )
}

test('a server without a free slot is one notice until slots are free again', () => {
  assert.equal(looks([19, 20, 20, 19, 20]), ['', 'pool_saturated 19', '', '', ''])
  assert.equal(looks([20, 18, 20]), ['pool_saturated 19', '', 'pool_saturated 19'])
  assert.equal(looks([20, 0, 20]), ['pool_saturated 19', '', 'pool_saturated 19'])
  assert.equal(looks([1, 0, 1], [], { slots: 1 }), ['pool_saturated 0', '', 'pool_saturated 0'])
})

test('where one port holds many sessions nothing runs out', () => {
  assert.equal(looks([30], [], { unlimited: true }), [''])
})

test('an alert speaks when the count is above its limit, once until it fell to nine tenths', () => {
  const alerts = [{ pool: 'framehawk', sessions: 9 }]
  assert.equal(looks([9, 10, 12, 10, 10], alerts), ['', 'session_alert 9', '', '', ''])
  assert.equal(looks([12, 9, 12], alerts), ['session_alert 9', '', 'session_alert 9'])
  assert.equal(looks([12], [{ pool: 'mosh', sessions: 9 }]), [''])
  const none = [{ pool: 'framehawk', sessions: 0 }]
  assert.equal(looks([1, 2, 0, 1], none), ['session_alert 0', '', '', 'session_alert 0'])
})

test('several limits speak each for themselves, oldest crossing first', () => {
  const alerts = [15, 5].map((sessions) => ({ pool: 'framehawk', sessions }))
  assert.equal(looks([6, 20], alerts), ['session_alert 5', 'session_alert 15,pool_saturated 19'])
})

test('servers are watched one by one, and their peaks are kept', () => {
  const watch = new PoolWatch([{ pool: 'framehawk', sessions: 9 }])
  const other = level(11, { serverIp: '10.1.0.5' })
  const [notice] = watch.update([level(8), other])
  assert.equal(notice.about, { pool: 'framehawk', server_ip: '10.1.0.5', sessions: 11, limit: 9 })
  assert.is(notice.says, '11 sessions of pool framehawk on 10.1.0.5 at once: more than 9')
  watch.update([level(3)])
  assert.equal(
    watch.watched.map(({ level: { serverIp, sessions }, peak }) => [serverIp, sessions, peak]),
    [
      ['10.1.0.5', 0, 11],
      ['10.1.0.4', 3, 8],
    ],
  )
})

test('servers that were left alone long ago are forgotten', () => {
  const watch = new PoolWatch([])
  const servers = (network: number) =>
    Array.from({ length: 1500 }, (_, i) => level(1, { serverIp: `10.${network}.${i >> 8}.${i & 255}` }))
  for (const network of [1, 2, 3]) watch.update(servers(network))
  const left = watch.watched.map(({ level: each }) => each.serverIp.split('.')[1])
  const count = (network: string) => left.filter((each) => each === network).length
  assert.equal(['1', '2', '3'].map(count), [0, 1024, 1500])
})

/** Plays the lines to the tracker and tells when each has been taken. */
function follow(tracker: PoolTracker, lines: readonly Line[], taken: (t: number) => void): void {
  const handles = new Map<string, number>()
  for (const line of lines.slice().sort((a, b) => a.t - b.t)) {
    while (tracker.popDue(...at(line.t)) !== undefined);
    const packet = packetOf(line)
    const key = [line.from, line.to].sort().join()
    const handle = handles.get(key) ?? tracker.open(packet, 0, handles.size)
    handles.set(key, handle)
    tracker.observe(handle, packet, new Uint8Array(0))
    taken(line.t)
  }
}

test('a slot is in use from its session on until a timeout after its last packet', () => {
  const tracker = createPoolTracker({ pools: [FRAMEHAWK] })
  const counts: [number, number][] = []
  const lines: Line[] = [
    ...talk('10.0.0.1:50000', '10.1.0.4:3224', { start: 0, end: 10 }),
    ...talk('10.0.0.2:50000', '10.1.0.4:3225', { start: 5, end: 50 }),
    ...talk('10.0.0.3:50000', '10.1.0.4:3226', { start: 20, end: 20 }),
    { t: 300, from: '10.0.0.9:50000', to: '10.1.0.4:3300' },
  ]
  follow(tracker, lines, (t) => {
    const now = tracker.levels.reduce((sum, each) => sum + each.sessions, 0)
    assert.is(tracker.slotsInUse, now)
    if (counts.at(-1)?.[1] !== now) counts.push([t, now])
  })
  // Four packets make a session; two on the third slot do not.
  assert.equal(counts, [
    [0, 0],
    [1.001, 1],
    [6.001, 2],
    [300, 0],
  ])
})

const TWO_DISPLAYS = { ...VNC, ports: [{ low: 5900, high: 5901 }] }

/** A connection from its SYN to the server's FIN. */
function connection(client: string, server: string, start: number, end: number): Line[] {
  return [
    { t: start, from: client, to: server, tcp: SYN },
    { t: start + 0.01, from: server, to: client, tcp: SYN_ACK },
    { t: start + 0.02, from: client, to: server, tcp: ACK },
    { t: end - 0.01, from: client, to: server, tcp: FIN_ACK },
    { t: end, from: server, to: client, tcp: FIN_ACK },
  ]
}

test('a connection leaves its slot when it is closed', () => {
  const tracker = createPoolTracker({ pools: [TWO_DISPLAYS] })
  const watch = new PoolWatch([])
  const lines = [
    ...connection('10.0.0.1:50000', '10.1.0.4:5900', 0, 0.5),
    ...connection('10.0.0.2:50000', '10.1.0.4:5901', 1, 1.5),
    ...connection('10.0.0.3:50000', '10.1.0.4:5900', 2, 2.5),
  ]
  const counts: [number, number, number][] = []
  follow(tracker, lines, (t) => {
    assert.equal(watch.update(tracker.levels), [])
    const [now] = tracker.levels
    counts.push([t, now?.sessions ?? 0, tracker.openSessions(9).length])
  })
  assert.equal(
    counts.filter(([, used, open]) => used + open > 0),
    [
      [0.49, 1, 1],
      [1.49, 1, 1],
      [2.49, 1, 1],
    ],
  )
  assert.is(watch.watched[0].peak, 1)
})

test('connections that were open at once count, though they are closed when somebody looks', () => {
  const tracker = createPoolTracker({ pools: [TWO_DISPLAYS] })
  const watch = new PoolWatch([{ pool: 'vnc', sessions: 1 }])
  const lines = [
    ...connection('10.0.0.1:50000', '10.1.0.4:5900', 0, 0.5),
    ...connection('10.0.0.2:50000', '10.1.0.4:5901', 0.25, 0.75),
  ]
  follow(tracker, lines, () => {})
  const told = watch.update(tracker.levels).map(({ notice, at: when }) => `${notice} ${since(...when)}`)
  assert.equal(told, ['pool_saturated 0.25', 'session_alert 0.25'])
  assert.equal(watch.update(tracker.levels), [])
  assert.equal(
    watch.watched.map(({ level: { sessions }, peak }) => [sessions, peak]),
    [[0, 2]],
  )
})

test('what is said of a session under way is as sure as what is said at its end', () => {
  const lines = talk('10.0.0.1:50000', '10.1.0.4:3224', { start: 0, end: 10 })
  const certainties = (options: Partial<PoolOptions>) => {
    const tracker = createPoolTracker({ pools: [FRAMEHAWK], ...options })
    follow(tracker, lines, () => {})
    return tracker.openSessions(9).map(({ certainty }) => certainty)
  }
  const site = {
    servers: [{ addresses: [parseCidr('10.1.0.4')!], pools: ['framehawk'] }],
    internal: [],
  }
  assert.equal(certainties({}), ['possible'])
  assert.equal(certainties({ site }), ['confirmed'])
})

test.run()
