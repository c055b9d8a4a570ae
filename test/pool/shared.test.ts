/** Slots on which several clients are heard: who goes on with whom, who follows whom, and who only seems to. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ACK, AUDIO, FIN_ACK, type Line, play, RST, SYN, SYN_ACK, spans, talk, VNC } from './tape.ts'

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

const DISPLAY = '10.1.0.4:5900'

/** An exchange with these flags. */
const tcp = (client: string, t: number, [there, back]: readonly [number, number]): Line[] => [
  { t, from: client, to: DISPLAY, tcp: there },
  { t: t + 0.1, from: DISPLAY, to: client, tcp: back },
]

test('tcp: a slot counts once although a connection was answered long after another had come and gone', () => {
  const asked = [0, 1, 3, 7].map((t) => ({ t, from: A, to: DISPLAY, tcp: SYN }))
  const between = [...tcp(B, 2, [SYN, SYN_ACK]), ...tcp(B, 4, [ACK, RST])]
  const answered = [...tcp(A, 15, [SYN, SYN_ACK]), ...tcp(A, 16, [ACK, ACK])]
  const { sessions, pools } = play([...asked, ...between, ...answered], { pools: [VNC] })
  assert.equal(spans(sessions), ['5900 2-4.1 rst', '5900 0-16.1 capture_end'])
  assert.equal([pools[0].peak, pools[0].peakSessionIds.length], [1, 1])
  for (const { peak } of pools[0].sensitivity) assert.is(peak, 1)
})

test('tcp: a FIN ends nothing while another connection is open, though that one would soon be idle', () => {
  const lines = [
    ...tcp(A, 0, [SYN, SYN_ACK]),
    ...tcp(A, 1, [ACK, ACK]),
    ...tcp(B, 100, [SYN, SYN_ACK]),
    ...tcp(B, 119, [FIN_ACK, FIN_ACK]),
  ]
  assert.equal(spans(play(lines, { pools: [VNC] }).sessions), ['5900 0-119.1 capture_end'])
  assert.equal(spans(play(lines, { pools: [VNC], end: 200 }).sessions), ['5900 0-119.1 idle'])
})

test('tcp: a connection that turns out to be another protocol leaves nothing in the session', () => {
  const [there, back] = tcp(B, 15, [ACK, ACK])
  const lines = [
    ...tcp(B, 0, [SYN, SYN_ACK]),
    ...tcp(A, 10, [SYN, SYN_ACK]),
    ...tcp(A, 14, [ACK, ACK]),
    { ...there, label: 'http' },
    back,
    ...tcp(A, 17, [FIN_ACK, FIN_ACK]),
  ]
  const { sessions, pools } = play(lines, { pools: [VNC] })
  assert.equal(spans(sessions), ['5900 10-17.1 fin'])
  const [{ clients, clientsTotal, longestGap, packets }] = sessions
  assert.equal(
    [clients, clientsTotal, packets],
    [[{ ip: A.split(':')[0], port: Number(A.split(':')[1]) }], 1, 6],
  )
  assert.is(longestGap, 3.9)
  assert.equal(pools[0].rejected, [{ reason: 'other_protocol', label: 'http', flows: 1 }])
})

test('tcp: a client whose earlier connection is in the session stays its client, whatever its port is used for again', () => {
  const [there, back] = tcp(A, 4, [ACK, ACK])
  const lines = [
    ...tcp(B, 0, [SYN, SYN_ACK]),
    ...tcp(A, 0.3, [SYN, SYN_ACK]),
    ...tcp(A, 1, [FIN_ACK, FIN_ACK]),
    ...tcp(A, 3, [SYN, SYN_ACK]),
    { ...there, label: 'http' },
    back,
    ...tcp(B, 6, [FIN_ACK, FIN_ACK]),
  ]
  const [{ clients, clientsTotal, packets }] = play(lines, { pools: [VNC] }).sessions
  assert.equal([clients.map(({ port }) => port), clientsTotal, packets], [[50_001, 50_000], 2, 8])
})

test('tcp: a session of one client keeps its client where its ports are another protocol in another VLAN', () => {
  const within = (vlan: number, lines: Line[]) => lines.map((line) => ({ ...line, vlan }))
  const [there, back] = within(2, tcp(A, 2, [ACK, ACK]))
  const lines = [
    ...within(1, tcp(A, 0, [SYN, SYN_ACK])),
    ...within(2, tcp(A, 0.5, [SYN, SYN_ACK])),
    ...within(1, tcp(A, 1, [FIN_ACK, FIN_ACK])),
    ...within(1, [{ t: 1.5, from: A, to: DISPLAY, tcp: SYN }]),
    { ...there, label: 'http' },
    back,
  ]
  const { sessions } = play(lines, { pools: [{ ...VNC, session: 'per-client' }] })
  assert.equal(spans(sessions), ['5900 0-1.1 fin'])
  assert.equal(sessions[0].clients, [{ ip: A.split(':')[0], port: Number(A.split(':')[1]) }])
})

test.run()
