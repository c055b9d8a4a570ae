import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Session } from '../../../src/types.ts'
import {
  ACK,
  AUDIO,
  FIN_ACK,
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
  since,
  spans,
  talk,
  VNC,
} from '../tape.ts'

const test = suite('pool/session/sessions')

const SERVER = '10.1.0.4'
const CLIENT = '10.9.0.1:50000'
const mosh = { pools: [MOSH] }
const vnc = { pools: [VNC] }

/** A TCP connection with handshake and data each second; `end` is FIN from both sides, RST, or left open. */
function connection(
  client: string,
  port: number,
  times: { start: number; end: number; close?: 'fin' | 'rst' },
): Line[] {
  const server = `${SERVER}:${port}`
  const { start, end, close } = times
  const lines: Line[] = [
    { t: start, from: client, to: server, tcp: SYN },
    { t: start + 0.001, from: server, to: client, tcp: SYN_ACK },
    ...talk(client, server, { start: start + 0.01, end }).map((line) => ({
      ...line,
      tcp: ACK,
      payload: [1],
    })),
  ]
  if (close === 'rst') lines.push({ t: end + 0.1, from: server, to: client, tcp: RST })
  if (close === 'fin')
    lines.push(
      { t: end + 0.1, from: client, to: server, tcp: FIN_ACK },
      { t: end + 0.2, from: server, to: client, tcp: FIN_ACK },
      { t: end + 0.3, from: client, to: server, tcp: ACK },
    )
  return lines
}

test('mosh: a slot used again after 2 s by the same endpoint is two sessions', () => {
  const lines = [
    ...moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 30 }),
    ...moshTalk(CLIENT, `${SERVER}:60001`, { start: 32.001, end: 50.001 }),
  ]
  const { sessions, pools } = play(lines, { ...mosh, end: 500 })
  assert.equal(spans(sessions), ['60001 0-30.001 start_marker', '60001 32.001-50.002 idle'])
  assert.equal(
    sessions.map((s) => [s.openAtStart, s.certainty]),
    [
      [false, 'confirmed'],
      [false, 'confirmed'],
    ],
  )
  assert.is(pools[0].peak, 1)
})

test('mosh: a new client endpoint whose sequence goes on is the same session (roaming)', () => {
  const lines = [
    ...moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 30 }),
    ...moshTalk('172.16.0.5:41000', `${SERVER}:60001`, { start: 33, end: 60, first: 31 }),
  ]
  const { sessions, notices } = play(lines, mosh)
  assert.is(sessions.length, 1)
  assert.equal(sessions[0].clients, [
    { ip: '10.9.0.1', port: 50000 },
    { ip: '172.16.0.5', port: 41000 },
  ])
  assert.equal(notices, [])
  assert.is(sessions[0].longestGap.toFixed(3), '2.999')
})

test('mosh: a new endpoint that starts at 0 is a new session although the server still sends to the old one', () => {
  const old = moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 42 }).filter(
    (line) => line.t < 10 || line.from !== CLIENT,
  )
  const lines = [...old, ...moshTalk('10.9.0.2:41000', `${SERVER}:60001`, { start: 12, end: 60 })]
  assert.equal(spans(play(lines, { ...mosh, end: 900 }).sessions), [
    '60001 0-42.001 start_marker',
    '60001 12-60.001 idle',
  ])
})

test('mosh: one forged or doubled packet with sequence 0 starts nothing', () => {
  const own = moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 30 })
  const forged = { t: 15.5, from: CLIENT, to: `${SERVER}:60001`, payload: nonce(false, 0) }
  const doubled = { ...own[0], t: 0.0001 }
  const stranger = { ...forged, from: '10.66.6.6:666' }
  const { sessions } = play([...own, forged, doubled, stranger], { ...mosh, end: 500 })
  assert.equal(spans(sessions), ['60001 0-30.001 idle'])
  assert.is(sessions[0].clientsTotal, 1)
  assert.is(sessions[0].packets, own.length + 2)
  assert.equal([sessions[0].flowIds.length, sessions[0].flowIdsTotal], [1, 1], 'a flow is listed once')
})

test('mosh: ephemeral ports of others in the range make no session and no noise', () => {
  const lines = [
    ...talk('10.0.0.1:60500', '10.0.0.53:53', { start: 0, end: 9 }),
    ...talk('10.0.0.1:60501', '10.0.0.99:7777', { start: 0, end: 9 }),
    { t: 3, from: '10.0.0.2:4000', to: '10.0.0.1:60502' },
  ]
  const { sessions, pools, notices } = play(lines, mosh)
  assert.equal([sessions, pools, notices], [[], [], []])
})

test('mosh: the start counts from before the label was found', () => {
  const lines = moshTalk(CLIENT, `${SERVER}:60001`, { start: 0, end: 30 }).map((line) =>
    line.t < 5 ? { ...line, label: undefined } : line,
  )
  const { sessions } = play(lines, mosh)
  assert.equal(spans(sessions), ['60001 0-30.001 capture_end'])
  assert.is(sessions[0].openAtStart, false)
  assert.is(sessions[0].packets, lines.length)
})

test('tcp: FIN and RST end a session at its last packet, idle does not', () => {
  const lines = [
    ...connection(CLIENT, 5900, { start: 0, end: 10, close: 'fin' }),
    ...connection(CLIENT, 5901, { start: 1, end: 20, close: 'rst' }),
    ...connection('10.9.0.1:50001', 5902, { start: 2, end: 30 }),
  ]
  const { sessions } = play(lines, { ...vnc, start: -10, end: 1000 })
  assert.equal(spans(sessions), ['5900 0-10.3 fin', '5901 1-20.1 rst', '5902 2-29.011 idle'])
  assert.equal(
    sessions.map((s) => [s.closeSec % 1000, s.closeNsec, s.openAtStart]),
    [
      [615, 200_000_000, false],
      [625, 100_000_000, false],
      [749, 11_000_000, false],
    ],
  )
})

test('tcp: a RST to what comes after FIN from both sides does not change the reason', () => {
  const lines = connection(CLIENT, 5900, { start: 0, end: 10, close: 'fin' })
  const late = { t: 10.4, from: `${SERVER}:5900`, to: CLIENT, tcp: RST }
  assert.equal(spans(play([...lines, late], { ...vnc, end: 1000 }).sessions), ['5900 0-10.4 fin'])
})

test('tcp: a session is the union of overlapping connections and ends with the last', () => {
  const lines = [
    ...connection('10.9.0.1:50001', 5900, { start: 0, end: 10, close: 'fin' }),
    ...connection('10.9.0.2:50002', 5900, { start: 5, end: 30, close: 'fin' }),
    ...connection('10.9.0.3:50003', 5900, { start: 32, end: 40, close: 'fin' }),
  ]
  const { sessions, notices } = play(lines, { ...vnc, end: 1000 })
  assert.equal(spans(sessions), ['5900 0-30.3 fin', '5900 32-40.3 fin'])
  assert.is(sessions[0].clientsTotal, 2)
  assert.not(notices.some((notice) => notice.notice === 'slot_shared'))
})

test('tcp: the same endpoint connecting again right after FIN is a second session', () => {
  const lines = [
    ...connection(CLIENT, 5900, { start: 0, end: 10, close: 'fin' }),
    ...connection(CLIENT, 5900, { start: 11, end: 20, close: 'rst' }),
  ]
  assert.equal(spans(play(lines, { ...vnc, end: 1000 }).sessions), ['5900 0-10.3 fin', '5900 11-20.1 rst'])
})

test('tcp: a SYN decides the server even with both ports in range; a refused connection is a probe', () => {
  const lines = [
    ...connection('10.9.0.1:5950', 5900, { start: 0, end: 10, close: 'fin' }),
    { t: 20, from: CLIENT, to: `${SERVER}:5905`, tcp: SYN },
    { t: 20.001, from: `${SERVER}:5905`, to: CLIENT, tcp: RST },
    // Tried again before the refusal came, which was captured twice.
    ...[30, 31, 33].map((t) => ({ t, from: CLIENT, to: `${SERVER}:5906`, tcp: SYN })),
    ...[34, 34].map((t) => ({ t, from: `${SERVER}:5906`, to: CLIENT, tcp: RST })),
  ]
  const { sessions, pools } = play(lines, vnc)
  assert.equal(spans(sessions), ['5900 0-10.3 fin'])
  assert.equal(pools[0].rejected, [{ reason: 'probe', label: 'unknown', flows: 2 }])
})

test('tcp: a client whose port lies in the range is client_port by its SYN', () => {
  const lines = connection(`${SERVER}:5950`, 0, { start: 0, end: 10, close: 'fin' }).map((line) => ({
    ...line,
    from: line.from.replace(`${SERVER}:0`, '10.0.0.80:8080'),
    to: line.to.replace(`${SERVER}:0`, '10.0.0.80:8080'),
  }))
  assert.equal(play(lines, vnc).pools[0].rejected, [{ reason: 'client_port', label: 'unknown', flows: 1 }])
})

test('tcp: segments after FIN and the linger start nothing', () => {
  const lines = [
    ...connection(CLIENT, 5900, { start: 0, end: 10, close: 'fin' }),
    { t: 40, from: CLIENT, to: `${SERVER}:5900`, tcp: FIN_ACK },
  ]
  const { sessions, pools } = play(lines, { ...vnc, end: 1000 })
  assert.equal(spans(sessions), ['5900 0-10.3 fin'])
  assert.equal(pools[0].rejected, [])
})

test('a pair of ports is one slot: RTP and RTCP of one client are one session', () => {
  const label = (lines: Line[], name: string) => lines.map((line) => ({ ...line, label: name, strength: 1 }))
  const lines = [
    ...label(talk('10.9.0.1:7000', `${SERVER}:16500`, { start: 0, end: 20 }), 'rtp'),
    ...label(talk('10.9.0.1:7001', `${SERVER}:16501`, { start: 5, end: 25, every: 5 }), 'rtcp'),
    ...label(talk('10.9.0.2:7000', `${SERVER}:16502`, { start: 1, end: 20 }), 'rtp'),
  ]
  const { sessions, notices } = play(lines, { pools: [RTP], end: 1000 })
  assert.equal(spans(sessions), ['16502 1-20.001 idle', '16500 0-25.001 idle'])
  assert.equal(
    sessions.map((s) => [s.slotIndex, s.clientsTotal, s.certainty]),
    [
      [3251, 1, 'confirmed'],
      [3250, 2, 'confirmed'],
    ],
  )
  assert.equal(notices, [])
})

test('payload goes before the narrowest range, and a companion at the server beside it', () => {
  const lines = talk(CLIENT, `${SERVER}:16500`, { start: 0, end: 20 }).map((line) => ({
    ...line,
    label: 'rtp',
    strength: 1,
  }))
  const alone = play(lines, { pools: [RTP, AUDIO] })
  assert.equal(
    alone.sessions.map((s) => s.pool),
    ['asterisk-rtp'],
  )
  assert.equal(alone.pools.find((p) => p.pool === 'citrix-audio')?.rejected, [
    { reason: 'other_pool', label: 'rtp', flows: 1 },
  ])
  const support = [{ t: 0, server: `${SERVER}:1494`, client: CLIENT, label: 'ica' }]
  assert.equal(
    play(lines, { pools: [RTP, AUDIO], support }).sessions.map((s) => [s.pool, s.certainty]),
    [['citrix-audio', 'likely']],
  )
  const bare = lines.map((line) => ({ ...line, label: undefined }))
  assert.equal(
    play(bare, { pools: [RTP, AUDIO] }).sessions.map((s) => s.pool),
    ['citrix-audio'],
  )
})

test('a pool in whose range the client port lies loses nothing at the server', () => {
  const lines = connection('10.9.0.1:6001', 5900, { start: 0, end: 10, close: 'fin' })
  const { pools } = play(lines, { pools: [VNC, { ...VNC, name: 'x11', ports: [{ low: 6000, high: 6063 }] }] })
  assert.equal(
    pools.map((each) => [each.pool, each.serverIp]),
    [
      ['vnc', SERVER],
      ['vnc', undefined],
    ],
  )
})

test('the narrowest range takes the packet', () => {
  const wide = { ...FRAMEHAWK, name: 'wide', label: 'wide', ports: [{ low: 3000, high: 4000 }] }
  const lines = talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 20 })
  for (const pools of [
    [wide, FRAMEHAWK],
    [FRAMEHAWK, wide],
  ])
    assert.equal(
      play(lines, { pools }).sessions.map((s) => s.pool),
      ['framehawk'],
    )
})

test('per-client: one port, many sessions', () => {
  const edt = {
    ...FRAMEHAWK,
    name: 'edt',
    label: 'edt',
    ports: [{ low: 2598, high: 2598 }],
    session: 'per-client' as const,
  }
  const lines = [1, 2, 3].flatMap((i) =>
    talk(`10.9.0.${i}:50000`, `${SERVER}:2598`, { start: i, end: 10 + i }),
  )
  const { sessions, pools, notices } = play(lines, { pools: [edt], end: 1000 })
  assert.equal(spans(sessions), ['2598 1-11.001 idle', '2598 2-12.001 idle', '2598 3-13.001 idle'])
  assert.is(new Set(sessions.map((s) => s.sessionId)).size, 3)
  assert.is(pools[0].peak, 3)
  assert.is(pools[0].saturatedSeconds, 0)
  assert.not(notices.some((notice) => notice.notice === 'slot_shared'))
})

test('a mirrored copy in another VLAN is the same client', () => {
  const own = talk(CLIENT, `${SERVER}:3224`, { start: 0, end: 20 })
  const { sessions, notices } = play([...own, ...own.map((line) => ({ ...line, vlan: 12 }))])
  assert.is(sessions.length, 1)
  assert.is(sessions[0].clientsTotal, 1)
  assert.not(notices.some((notice) => notice.notice === 'slot_shared'))
})

test('more clients than a slot can keep apart are one shared session', () => {
  const lines: Line[] = []
  for (let i = 0; i < 500; i++)
    lines.push(
      ...talk(`10.9.${i >> 8}.${i & 255}:50000`, `${SERVER}:3224`, {
        start: i / 10,
        end: 60 + i / 10,
        every: 10,
      }),
    )
  const { sessions } = play(lines, { end: 1000 })
  assert.is(sessions.length, 1)
  assert.is(sessions[0].clients.length, 100)
  assert.is(sessions[0].clientsTotal, 500)
})

const slot = `${SERVER}:3224`
const other = '10.9.0.2:50000'

/** Slot and close instant, in the order handed out. */
function closings(sessions: readonly Session[]): string[] {
  return sessions.map((each) => `${each.slot} ${since(each.closeSec, each.closeNsec)}`)
}

test('a client that comes back after the slot was empty is on it with whoever comes next', () => {
  const lines = [
    ...talk(CLIENT, slot, { start: 0, end: 10 }),
    ...talk(CLIENT, slot, { start: 500, end: 600 }),
    ...talk(other, slot, { start: 550.5, end: 650 }),
  ]
  const { sessions, pools, notices } = play(lines)
  assert.equal(
    sessions.map(({ clientsTotal }) => clientsTotal),
    [1, 2],
  )
  assert.is(pools[0].peak, 1)
  assert.ok(notices.some(({ notice }) => notice === 'slot_shared'))
})

test('two clients with few packets each make one session together', () => {
  const few = (from: string, t: number) => [
    { t, from, to: slot },
    { t: t + 0.1, from: slot, to: from },
  ]
  const lines = [
    ...few(CLIENT, 0),
    ...few(other, 1),
    { t: 2, from: CLIENT, to: slot },
    { t: 3, from: other, to: slot },
  ]
  const { sessions } = play(lines)
  assert.equal(
    sessions.map(({ packets, clientsTotal }) => [packets, clientsTotal]),
    [[6, 2]],
  )
})

test('a connection that is closed as it is answered delays no session beyond its turn', () => {
  const [first, second] = [`${SERVER}:5900`, `${SERVER}:5901`]
  const lines: Line[] = [
    ...talk(CLIENT, first, { start: 0, end: 3 }).map((line) => ({ ...line, tcp: ACK })),
    { t: 9, from: other, to: first, tcp: SYN },
    { t: 10, from: first, to: CLIENT, tcp: RST },
    { t: 11, from: other, to: first, tcp: FIN_ACK },
    { t: 12, from: first, to: other, tcp: FIN_ACK },
    ...talk(CLIENT, second, { start: 4, end: 8 }).map((line) => ({ ...line, tcp: ACK })),
    { t: 13, from: second, to: CLIENT, tcp: RST },
    { t: 16, from: CLIENT, to: `${SERVER}:5902`, tcp: SYN },
    { t: 20, from: CLIENT, to: `${SERVER}:5902`, tcp: SYN },
  ]
  assert.equal(closings(play(lines, vnc).sessions), ['5900 17', '5901 18'])
})

test('what turns out to be another protocol delays no session beyond its turn', () => {
  const [first, second] = [`${SERVER}:5900`, `${SERVER}:5901`]
  const web = (t: number): Line => ({ t, from: other, to: first, tcp: ACK })
  const lines: Line[] = [
    ...talk(CLIENT, first, { start: 0, end: 3 }).map((line) => ({ ...line, tcp: ACK })),
    ...talk(CLIENT, second, { start: 50, end: 65 }).map((line) => ({ ...line, tcp: ACK })),
    web(58),
    { t: 59, from: first, to: other, tcp: ACK },
    { ...web(66), label: 'http', strength: 2, server: 2 },
    { t: 70, from: second, to: CLIENT, tcp: RST },
    { t: 80, from: CLIENT, to: `${SERVER}:5902`, tcp: SYN },
  ]
  const { sessions } = play(lines, { ...vnc, poolIdleSec: 60 })
  assert.equal(closings(sessions), ['5900 63.001', '5901 75'])
})

test.run()
