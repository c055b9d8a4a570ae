import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_PASSING_HOSTS } from '../../src/pool/hosts.ts'
import { createPoolTracker } from '../../src/pool/tracker.ts'
import { at, FRAMEHAWK, finished, type Line, MOSH, packetOf, play, RTP, talk, VNC } from './tape.ts'

const test = suite('pool/bounds')

const SERVER = '10.1.0.4'
const MAX_CONVERSATIONS = 2048
const NO_BYTES = new Uint8Array(0)

test('a flood of unanswered conversations is bounded, and the session among them survives', () => {
  const wide = { ...FRAMEHAWK, ports: [{ low: 1024, high: 49_999 }] }
  const tracker = createPoolTracker({ pools: [wide], maxConversations: MAX_CONVERSATIONS })
  const own = talk('10.9.0.1:59999', `${SERVER}:3224`, { start: 0, end: 20 }).map(packetOf)
  const packet = packetOf({ t: 0, from: '10.6.0.0:60000', to: `${SERVER}:3224` })
  const floods = MAX_CONVERSATIONS * 8
  for (let i = 0, mine = 0; i < floods; i++) {
    if (i % Math.floor(floods / own.length) === 0 && mine < own.length) {
      const handle = tracker.open(own[mine], 0, 1)
      tracker.observe(handle, own[mine++], NO_BYTES)
    }
    packet.src3 = 0x0a060000 + (i >> 4)
    packet.dstPort = 1024 + (i % 48_000)
    packet.timeSec = at(0)[0] + Math.floor((i / floods) * 20)
    tracker.observe(tracker.open(packet, 0, i + 2), packet, NO_BYTES)
  }
  assert.ok(tracker.evicted >= MAX_CONVERSATIONS * 6)
  const { sessions, pools, notices } = finished(tracker, { start: at(0), end: at(20) })
  assert.not(notices.some(({ notice }) => notice === 'pool_traffic_full'))
  const kept = sessions.filter((s) => s.clients[0].port === 59_999)
  assert.is(kept.length, 1)
  assert.is(kept[0].packets, own.length)
  assert.is(
    pools[1].rejected.reduce((sum, each) => sum + each.flows, 0),
    floods,
  )
})

test('servers that were only probed do not hide what was proved at another', () => {
  const probes: Line[] = Array.from({ length: MAX_PASSING_HOSTS + 2 * MAX_CONVERSATIONS }, (_, i) => ({
    t: i / 1000,
    from: '10.6.0.1:60000',
    to: `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}:3224`,
  }))
  const { sessions } = play(
    [...probes, ...talk('10.9.0.1:59999', `${SERVER}:3224`, { start: 100, end: 120 })],
    {
      maxConversations: MAX_CONVERSATIONS,
      support: [{ t: 100, server: `${SERVER}:1494`, client: '10.9.0.1:50000', label: 'ica' }],
    },
  )
  assert.equal(
    sessions.map(({ certainty }) => certainty),
    ['likely'],
  )
})

test('answered conversations are bounded, and a notice says from when some are missing', () => {
  const busy = (slot: number) =>
    talk(`10.9.0.1:${50_000 + slot}`, `${SERVER}:${3224 + slot}`, { start: slot, end: 10 })
  const lines = [0, 1, 2].flatMap(busy)
  const told = (maxConversations: number) =>
    play(lines, { maxConversations }).notices.filter(({ notice }) => notice === 'pool_traffic_full')
  assert.equal(
    told(2).map((notice) => notice.at),
    [at(2)],
  )
  assert.equal(told(3), [])
})

test('slots in use are bounded; who finds no room waits for some, and a notice says so', () => {
  const busy = (slot: number, start: number, end: number) =>
    talk(`10.9.0.1:${50_000 + slot}`, `${SERVER}:${3224 + slot}`, { start, end })
  const lines = [busy(0, 0, 10), busy(1, 1, 10), busy(2, 2, 400), busy(3, 3, 9)].flat()
  const { sessions, notices, pools } = play(lines, { maxUnits: 2 })
  assert.equal(
    sessions.map(({ slot, packets }) => `${slot} ${packets}`),
    ['3224 22', '3225 20', '3226 798'],
  )
  assert.equal(pools[0].rejected, [], 'slot 3227 found no room, but was no probe')
  const full = notices.filter(({ notice }) => notice === 'pool_table_full')
  assert.equal(
    full.map((notice) => notice.at),
    // Alone on its slot it needs one with the packet that makes it a session.
    [at(3.001)],
  )
  assert.not(play(lines).notices.some(({ notice }) => notice === 'pool_table_full'))
})

test('sessions that the reports have no room for are handed out, and a notice says so', () => {
  const busy = (slot: number) => talk('10.9.0.1:50000', `${SERVER}:${3224 + slot}`, { start: slot, end: 9 })
  const lines = [busy(0), busy(1), busy(2)].flat()
  const { sessions, pools, notices } = play(lines, { maxIntervals: 2 })
  assert.is(sessions.length, 3)
  assert.ok(pools[0].sessions < 3)
  assert.is(notices.filter(({ notice }) => notice === 'pool_report_full').length, 1)
  assert.not(play(lines, { maxIntervals: 3 }).notices.some(({ notice }) => notice === 'pool_report_full'))
})

test('a handle whose conversation is gone is stale', () => {
  const tracker = createPoolTracker({ pools: [FRAMEHAWK] })
  const first = packetOf({ t: 0, from: '10.9.0.1:5000', to: `${SERVER}:3224` })
  const handle = tracker.open(first, 0, 1)
  assert.ok(tracker.observe(handle, first, NO_BYTES))
  for (let i = 0; i < 10; i++) {
    const later = packetOf({ t: 1000 + i, from: `10.9.0.2:${6000 + i}`, to: `${SERVER}:3224` })
    tracker.observe(tracker.open(later, 0, 2), later, NO_BYTES)
  }
  assert.not(tracker.observe(handle, first, NO_BYTES))
  assert.is(tracker.claim(handle), undefined)
  const untouched = packetOf({ t: 0, from: '10.9.0.1:5000', to: `${SERVER}:80` })
  assert.is(tracker.open(untouched, 0, 3), -1)
  assert.not(tracker.observe(-1, untouched, NO_BYTES))
})

test('when inspection is over, what only pools with a required label could want is forgotten', () => {
  const tracker = createPoolTracker({ pools: [RTP, FRAMEHAWK] })
  const media = packetOf({ t: 0, from: '10.9.0.1:5000', to: `${SERVER}:12000` })
  const handle = tracker.open(media, 0, 1)
  tracker.observe(handle, media, NO_BYTES)
  assert.ok(tracker.dismiss(handle))
  assert.not(tracker.observe(handle, media, NO_BYTES))
  const again = tracker.open(media, 0, 1)
  tracker.observe(again, media, NO_BYTES)
  tracker.learn(again, 'rtp', 1, 0)
  assert.not(tracker.dismiss(again))
  const slot = packetOf({ t: 0, from: '10.9.0.1:5000', to: `${SERVER}:3224` })
  assert.not(tracker.dismiss(tracker.open(slot, 0, 2)))
})

test('the hash seed never shows', () => {
  const lines: Line[] = []
  for (let i = 0; i < 40; i++)
    lines.push(...talk(`10.9.0.${i}:${5000 + i}`, `${SERVER}:${3224 + (i % 13)}`, { start: i, end: i + 30 }))
  const one = play(lines, { seed: 1 })
  const two = play(lines, { seed: 987654321 })
  assert.equal(one.sessions, two.sessions)
  assert.equal([one.pools, one.notices, one.concurrency], [two.pools, two.notices, two.concurrency])
})

test('random packets: no throw, no negative duration, every session inside its bounds', () => {
  let state = 99
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
  const labels = [undefined, undefined, undefined, 'rtp', 'mosh', 'dns', 'framehawk']
  const ports = [3224, 3225, 3300, 60001, 60002, 10000, 10001, 5900, 5901, 53, 40000]
  for (let round = 0; round < 60; round++) {
    const lines: Line[] = []
    let t = 0
    for (let i = 0; i < 300; i++) {
      t += [0, 0.001, 1, 59, 61, 121, 301, -5, -400][random(9)] * (random(4) === 0 ? 1 : 0.01)
      const ends = [`10.0.0.${random(3)}:${ports[random(11)]}`, `10.0.0.${random(3)}:${ports[random(11)]}`]
      const payload = Array.from({ length: random(10) }, () => [0, 0, 0, 128, random(256)][random(5)])
      lines.push({
        t,
        from: ends[0],
        to: ends[1],
        payload,
        tcp: random(3) === 0 ? [2, 18, 16, 17, 4][random(5)] : undefined,
        label: labels[random(7)],
        strength: 1 + random(2),
        server: random(3),
      })
    }
    const { sessions, pools } = play(lines, { pools: [FRAMEHAWK, MOSH, RTP, VNC], keepOrder: true })
    for (const s of sessions) {
      assert.ok(s.endSec > s.startSec || (s.endSec === s.startSec && s.endNsec >= s.startNsec))
      assert.ok(s.packets >= 4 && s.longestGap >= 0 && s.clientsTotal >= 1)
    }
    for (const p of pools) {
      const own = sessions.filter(
        (s) => s.pool === p.pool && (p.serverIp === undefined || s.serverIp === p.serverIp),
      )
      assert.is(p.sessions, own.length)
      assert.is(p.peakSessionIds.length, p.peak)
      assert.ok(p.peak <= p.slots)
    }
  }
})

test.run()
