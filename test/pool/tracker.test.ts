import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FRAMEHAWK, type Line, play, spans, talk } from './tape.ts'

const test = suite('pool/tracker')

const VDA = '10.1.0.4'
const CLIENT = '10.9.0.1:50000'

test('one session: who, where, when, how much', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 200, end: 210 })
  const { sessions, pools } = play([
    ...lines,
    ...talk('10.9.0.2:1', '10.9.0.3:2', { start: 0, end: 1000, every: 1000 }),
  ])
  assert.is(sessions.length, 1)
  const [s] = sessions
  assert.is(s.pool, 'framehawk')
  assert.is(s.serverIp, VDA)
  assert.is(s.transport, 'udp')
  assert.is(s.slot, 3224)
  assert.is(s.slotIndex, 0)
  assert.equal(s.clients, [{ ip: '10.9.0.1', port: 50000 }])
  assert.equal(spans(sessions), ['3224 200-210.001 idle'])
  assert.is(s.packets, 22)
  assert.is(s.ipBytes, 22 * 48)
  assert.is(Math.round(s.longestGap * 1000), 999)
  assert.is(s.certainty, 'possible')
  assert.equal(s.flowIds, ['0000000000000001'])
  assert.is(s.openAtStart, false)
  assert.is(s.openAtEnd, false)
  assert.match(s.sessionId, /^[0-9a-f]{16}$/)
  assert.equal(
    pools.map((p) => [p.serverIp, p.slots, p.sessions, p.peak, p.slotsUsed, p.highestSlot]),
    [
      [VDA, 101, 1, 1, 1, 3224],
      [undefined, 101, 1, 1, 1, 3224],
    ],
  )
})

test('flow timeouts, splits and eviction do not touch a session', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 1000, every: 100 })
  const { sessions } = play(lines)
  assert.equal(spans(sessions), ['3224 0-1000.001 capture_end'])
  assert.is(sessions[0].flowIdsTotal, 11)
})

test('a silence exactly as long as the timeout does not split, a longer one does', () => {
  const lines = (gap: number): Line[] => [
    ...talk(CLIENT, `${VDA}:3224`, { start: 0, end: 3 }),
    ...talk(CLIENT, `${VDA}:3224`, { start: 3.001 + gap, end: 10 + gap }),
  ]
  assert.is(play(lines(120)).sessions.length, 1)
  assert.is(play(lines(120)).sessions[0].longestGap, 120)
  assert.equal(spans(play(lines(120.000000001), { end: 1000 }).sessions), [
    '3224 0-3.001 idle',
    '3224 123.001-129.002 idle',
  ])
  assert.is(play(lines(5000), { poolIdleSec: 0 }).sessions.length, 1)
})

test('an unanswered probe is no session', () => {
  const { sessions, pools } = play([{ t: 0, from: CLIENT, to: `${VDA}:3230` }], { end: 600 })
  assert.is(sessions.length, 0)
  assert.equal(pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 1 }])
  assert.equal(pools[1].rejected, pools[0].rejected)
  assert.is(pools[0].certainty, 'unknown')
})

test('many packets one way only are one_way', () => {
  const lines = talk(CLIENT, `${VDA}:3230`, { start: 0, end: 30 }).filter((line) => line.from === CLIENT)
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'one_way', label: 'unknown', flows: 1 }])
  assert.is(play(lines, { pools: [{ ...FRAMEHAWK, bidirectional: false }] }).sessions.length, 1)
})

test('min_packets is judged over the whole session, not per flow', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 100, every: 100 })
  assert.is(play(lines).sessions.length, 1)
  const few = play(lines.slice(0, 3))
  assert.is(few.sessions.length, 0)
  assert.equal(few.pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 1 }])
})

test('a scan over 101 slots is no session, and one notice', () => {
  const lines: Line[] = []
  for (let i = 0; i < 101; i++) lines.push({ t: i / 10, from: '10.9.0.9:40000', to: `${VDA}:${3224 + i}` })
  const { sessions, pools, notices } = play(
    [...lines, ...talk(CLIENT, `${VDA}:3224`, { start: 0, end: 20 })],
    { end: 999 },
  )
  assert.is(sessions.length, 1)
  assert.equal(pools[0].rejected, [{ reason: 'scan', label: 'unknown', flows: 101 }])
  const scans = notices.filter((notice) => notice.notice === 'port_scan')
  assert.is(scans.length, 1)
  assert.equal(scans[0].about, { pool: 'framehawk', server_ip: VDA, src_ip: '10.9.0.9', slots: 101 })
})

test('seven touched slots are probes; eight within 60 s a scan, slower ones are not', () => {
  const touch = (count: number, every: number) =>
    Array.from({ length: count }, (_, i) => ({
      t: i * every,
      from: `10.9.0.9:${40000 + i}`,
      to: `${VDA}:${3230 + i}`,
    }))
  const reasons = (lines: Line[]) =>
    play(lines, { end: 5000 }).pools[0].rejected.map((r) => `${r.reason} ${r.flows}`)
  assert.equal(reasons(touch(7, 1)), ['probe 7'])
  assert.equal(reasons(touch(8, 1)), ['scan 8'])
  assert.equal(reasons(touch(8, 60 / 7)), ['scan 8'])
  assert.equal(reasons(touch(8, 9)), ['probe 8'])
})

test('a gateway is one source with many sessions: 101 of 101, saturated', () => {
  const lines: Line[] = []
  for (let i = 0; i < 101; i++)
    lines.push(...talk(`10.5.0.1:${20000 + i}`, `${VDA}:${3224 + i}`, { start: i / 100, end: 30 - i / 100 }))
  const { sessions, pools, notices } = play(lines)
  assert.is(sessions.length, 101)
  assert.is(pools[0].peak, 101)
  assert.is(pools[0].peakSessionIds.length, 100)
  assert.is(pools[0].peakSessionIdsTotal, 101)
  assert.is(pools[0].highestSlot, 3324)
  assert.ok(pools[0].saturatedSeconds > 27)
  assert.equal(pools[0].rejected, [])
  const full = notices.filter((notice) => notice.notice === 'pool_saturated')
  assert.is(full.length, 1)
  assert.equal(full[0].at, pools[0].peakAt)
})

test('a scan from source port 53 is a scan, not the answers of a server', () => {
  const lines = Array.from({ length: 20 }, (_, i) => ({
    t: i,
    from: '10.9.0.9:53',
    to: `${VDA}:${3230 + i}`,
  }))
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'scan', label: 'unknown', flows: 20 }])
})

test("a client's ephemeral port inside the range, talking to DNS, is client_port", () => {
  const lines = talk(`${VDA}:3280`, '10.0.0.53:53', { start: 0, end: 5 })
  const plain = play(lines)
  assert.is(plain.sessions.length, 0)
  assert.equal(plain.pools[0].rejected, [{ reason: 'client_port', label: 'unknown', flows: 1 }])
  lines[1] = { ...lines[1], label: 'dns', server: 1 }
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'client_port', label: 'dns', flows: 1 }])
})

test('payload can name the server although its port is high', () => {
  const lines = talk(`${VDA}:3280`, '10.0.0.53:5353', { start: 0, end: 5 })
  lines[1] = { ...lines[1], label: 'dns', server: 1 }
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'client_port', label: 'dns', flows: 1 }])
})

test('other payload on a slot is other_protocol', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 20 })
  lines[0] = { ...lines[0], label: 'openvpn', strength: 2, server: 2 }
  const { sessions, pools } = play(lines)
  assert.is(sessions.length, 0)
  assert.equal(pools[0].rejected, [{ reason: 'other_protocol', label: 'openvpn', flows: 1 }])
})

test('a weak label counts against the pool only when both directions show it', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 20 })
  lines[0] = { ...lines[0], label: 'stun', strength: 1 }
  assert.is(play(lines).sessions.length, 1)
  lines[1] = { ...lines[1], label: 'stun', strength: 1 }
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'other_protocol', label: 'stun', flows: 1 }])
})

test('late payload takes back what was already a session in the making', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 20 })
  lines[20] = { ...lines[20], label: 'openvpn' }
  const { sessions, pools } = play(lines)
  assert.is(sessions.length, 0)
  assert.is(pools[0].rejected[0].reason, 'other_protocol')
})

test('multicast and broadcast are never sessions', () => {
  const lines = talk(CLIENT, '239.1.2.3:3224', { start: 0, end: 20 })
  assert.equal(play(lines).pools[0].rejected, [{ reason: 'multicast', label: 'unknown', flows: 1 }])
  const broadcast = talk(CLIENT, '255.255.255.255:3224', { start: 0, end: 20 })
  assert.equal(play(broadcast).pools[0].rejected, [{ reason: 'multicast', label: 'unknown', flows: 1 }])
})

test('both ends in range: payload decides, else both_in_range', () => {
  const lines = talk('10.9.0.1:3300', `${VDA}:3224`, { start: 0, end: 20 })
  const { sessions, pools } = play(lines)
  assert.is(sessions.length, 0)
  assert.equal(pools[1].rejected, [{ reason: 'both_in_range', label: 'unknown', flows: 1 }])
  lines[4] = { ...lines[4], label: 'framehawk', strength: 2, server: 2 }
  assert.equal(spans(play(lines).sessions), ['3224 0-20.001 capture_end'])
})

test('a second client after the first: two sessions, client_changed', () => {
  const lines = [
    ...talk(CLIENT, `${VDA}:3224`, { start: 0, end: 30 }),
    ...talk('10.9.0.2:50001', `${VDA}:3224`, { start: 32, end: 60 }),
  ]
  const { sessions, notices } = play(lines, { end: 500 })
  assert.equal(spans(sessions), ['3224 0-30.001 client_changed', '3224 32-60.001 idle'])
  assert.not(notices.some((notice) => notice.notice === 'slot_shared'))
  assert.equal(spans(play(lines).sessions), ['3224 0-30.001 client_changed', '3224 32-60.001 capture_end'])
})

test('two clients that both go on are one session, and slot_shared', () => {
  const lines = [
    ...talk(CLIENT, `${VDA}:3224`, { start: 0, end: 60 }),
    ...talk('10.9.0.2:50001', `${VDA}:3224`, { start: 20.5, end: 90.5 }),
  ]
  const { sessions, notices, pools } = play(lines, { end: 500 })
  assert.equal(spans(sessions), ['3224 0-90.501 idle'])
  assert.is(sessions[0].clientsTotal, 2)
  const shared = notices.filter((notice) => notice.notice === 'slot_shared')
  assert.is(shared.length, 1)
  assert.equal(shared[0].about.clients, ['10.9.0.1:50000', '10.9.0.2:50001'])
  assert.is(pools[0].peak, 1)
})

test('an unanswered stranger on a busy slot changes nothing', () => {
  const own = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 30 })
  const { sessions, pools } = play([...own, { t: 10.5, from: '10.9.0.7:1', to: `${VDA}:3224` }], { end: 500 })
  assert.is(sessions.length, 1)
  assert.is(sessions[0].packets, own.length)
  assert.is(sessions[0].clientsTotal, 1)
  assert.equal(pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 1 }])
})

test('open_at_start and open_at_end mark the ends of the window', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 119, end: 300 })
  const flags = (start: number, end: number) => {
    const [s] = play(lines, { start, end }).sessions
    return [s.openAtStart, s.openAtEnd, s.endReason]
  }
  assert.equal(flags(0, 1000), [true, false, 'idle'])
  assert.equal(flags(-1, 1000), [false, false, 'idle'])
  assert.equal(flags(-1, 420), [false, true, 'capture_end'])
  assert.equal(flags(-1, 420.001), [false, false, 'idle'])
})

test('packets that go back in time make no negative durations', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 10, end: 20 })
  const shuffled = [...lines.slice(4), ...lines.slice(0, 4)]
  const { sessions } = play(shuffled, { keepOrder: true })
  assert.equal(spans(sessions), ['3224 10-20.001 capture_end'])
  assert.ok(sessions[0].longestGap >= 0)
})

test('one packet of a far future does not end or stretch a session', () => {
  const lines = talk(CLIENT, `${VDA}:3224`, { start: 0, end: 300 })
  lines.splice(100, 0, { t: 9e8, from: CLIENT, to: `${VDA}:3224` })
  const { sessions } = play(lines, { keepOrder: true, end: 300 })
  assert.ok(sessions.length >= 1)
  for (const s of sessions) assert.ok(s.endSec >= s.startSec)
})

test('sessions of several servers: the report over all sums what is simultaneous', () => {
  const lines = [
    ...talk(CLIENT, '10.1.0.4:3224', { start: 0, end: 30 }),
    ...talk(CLIENT, '10.1.0.5:3224', { start: 20, end: 50 }),
    ...talk(CLIENT, '10.1.0.6:3224', { start: 60, end: 70 }),
  ]
  const { pools, concurrency } = play(lines)
  assert.equal(
    pools.map((p) => [p.serverIp, p.slots, p.sessions, p.peak, p.slotsUsed]),
    [
      ['10.1.0.4', 101, 1, 1, 1],
      ['10.1.0.5', 101, 1, 1, 1],
      ['10.1.0.6', 101, 1, 1, 1],
      [undefined, 303, 3, 2, 3],
    ],
  )
  assert.is(concurrency.length, 6)
})

test('the sensitivity table says what runs with those timeouts find', () => {
  const lines: Line[] = []
  const gaps = [10, 70, 59, 61, 130, 20, 200, 90, 310, 5, 119, 181, 299, 301, 61]
  let t = 0
  for (const gap of gaps) {
    lines.push(...talk(CLIENT, `${VDA}:3224`, { start: t, end: t + 2 }))
    lines.push(...talk('10.9.0.3:7', `${VDA}:3225`, { start: t / 2, end: t / 2 + 1 }))
    if (gap > 100) lines.push(...talk('10.9.0.4:8', `${VDA}:3224`, { start: t + 10, end: t + 90, every: 40 }))
    t += 2 + gap
  }
  const [report] = play(lines).pools
  for (const row of report.sensitivity) {
    const own = play(lines, { poolIdleSec: row.idleTimeout })
    assert.is(row.sessions, own.sessions.length, `sessions at ${row.idleTimeout}`)
    assert.is(row.peak, own.pools[0].peak, `peak at ${row.idleTimeout}`)
  }
  assert.equal(
    report.sensitivity.map((row) => row.idleTimeout),
    [60, 120, 180, 300],
  )
})

test('sessions come in the order of close instant, start, id', () => {
  const lines: Line[] = []
  for (let i = 0; i < 20; i++)
    lines.push(...talk(CLIENT, `${VDA}:${3224 + i}`, { start: (i * 7) % 20, end: 20 + ((i * 3) % 5) }))
  const { sessions } = play(lines, { end: 1000 })
  const key = (s: (typeof sessions)[number]) => [
    s.closeSec,
    s.closeNsec,
    s.startSec,
    s.startNsec,
    s.sessionId,
  ]
  const sorted = sessions.slice().sort((a, b) => {
    const [x, y] = [key(a), key(b)]
    const i = x.findIndex((part, at) => part !== y[at])
    return i < 0 ? 0 : x[i] < y[i] ? -1 : 1
  })
  assert.equal(sessions.map(key), sorted.map(key))
  assert.is(sessions.length, 20)
})

test.run()
