import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { displayWidth } from '../../../src/report/terminal/layout.ts'
import { terminalSummary } from '../../../src/report/terminal/summary.ts'
import { createTally, type Tally } from '../../../src/report/terminal/tally.ts'
import type { Certainty } from '../../../src/types.ts'
import { between, closedFlow, side } from '../record/flows.ts'
import { captureInfo, change, notice, poolReport, session, summary } from '../record/records.ts'

const test = suite('report/terminal')

function show(
  tally: Tally,
  options: { columns?: number; color?: boolean; sessionsOnly?: boolean } = {},
): string {
  const linkTypeName = (linkType: number) => (linkType === 1 ? 'EN10MB' : 'LINUX_SLL')
  return terminalSummary(tally, { columns: 90, color: false, linkTypeName, ...options })
}

function addFlows(tally: Tally, label: string, certainty: Certainty, count: number): void {
  const before = [...tally.labels.values()].reduce((sum, { flows }) => sum + flows, 0)
  for (let i = 0; i < count; i++) {
    tally.flow(closedFlow({ idHigh: before + i, verdict: { label, certainty, evidence: [] } }))
  }
}

/** Two mosh sessions at once on one server, a third later; a scan of framehawk slots. */
function sample(): Tally {
  const tally = createTally()
  tally.capture(captureInfo)
  addFlows(tally, 'mosh', 'confirmed', 30)
  addFlows(tally, 'dns', 'confirmed', 2)
  addFlows(tally, 'dns', 'possible', 1)
  const second = {
    sessionId: '00000000000000a2',
    slot: 60002,
    startSec: 1_600_000_030,
    endSec: 1_600_000_042,
  }
  const third = {
    sessionId: '00000000000000a3',
    startSec: 1_600_000_100,
    endSec: 1_600_000_120,
    openAtEnd: true,
  }
  for (const fields of [{}, second, third]) tally.session(session(fields))
  for (const [at, sessions] of [
    [0, 1],
    [30, 2],
    [42, 1],
    [90, 0],
    [100, 1],
    [120, 0],
  ]) {
    tally.concurrency({ ...change, at: [1_600_000_000 + at, 0], sessions })
  }
  tally.pool(poolReport({ rejected: [] }))
  tally.pool(poolReport({ serverIp: undefined }))
  const scanned = { pool: 'framehawk', sessions: 0, peak: 0, peakAt: undefined }
  const rejected = [
    { reason: 'scan' as const, label: 'unknown', flows: 101 },
    { reason: 'other_protocol' as const, label: 'openvpn', flows: 1 },
  ]
  tally.pool(poolReport({ ...scanned, rejected }))
  tally.pool(poolReport({ ...scanned, serverIp: undefined, rejected }))
  tally.notice(notice)
  tally.summary(summary())
  return tally
}

const FLOWS = Array.from({ length: 8 }, (_, i) => {
  return `  0000000${i}  udp 192.0.2.1:53124 > 198.51.100.53:53    158 B  mosh confirmed`
}).join('\n')

const GOLDEN = `3 mosh sessions, at most 2 at once, at 2020-09-13 12:27:10.000 UTC on 10.0.0.1

Capture  office.pcapng  pcapng, gzip, EN10MB, LINUX_SLL, nanoseconds
         12 packets, 1.20 kB, 2 flows
         2020-09-13 12:26:40 UTC to 2020-09-13 12:28:40 UTC (2 min)

Labels            bytes                    flows
  mosh           90.9 %  ██████████▉          30  confirmed
  dns             9.1 %  █▏                    3  2 confirmed, 1 possible

Pools
  mosh on 10.0.0.1: 3 sessions, peak 2 of 999 slots, mean 1.25, confirmed
    ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄███████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄    ▄▄▄▄▄▄▄▄▄▄
    peak at 2020-09-13 12:27:10.000 UTC for 12.5 s, proved by
      slot 60001  10.0.0.9:40112  12:26:40 to 12:28:10 (1 min 30 s)
      slot 60002  10.0.0.9:40112  12:27:10 to 12:27:22 (11.9 s)
    not counted: 5 flows, only probed
  framehawk: no session
    not counted: 101 flows, part of a scan
    not counted: 1 flow, another protocol by its payload (openvpn)

Flows
${FLOWS}

Notices
  2020-09-13 12:27:11 UTC  slot_shared  two clients used slot 60001 at the same time

Not seen
  2 packets not IP: ARP (0x0806) 2
  1 packet not decoded: tcp cut 1
  1 packet of unknown link types: DOCSIS 1
  3 packets lost by the interface while capturing
  1 file skipped, without a capture or named before
`

test('answers in the first line and shows the rest calmly', () => {
  assert.is(show(sample()), GOLDEN)
})

test('colours change nothing but colours', () => {
  const painted = show(sample(), { color: true })
  assert.ok(painted.includes('\u001b['))
  assert.is(painted.replace(/\u001b\[\d+m/g, ''), GOLDEN)
})

test('never writes beyond the terminal', () => {
  for (const columns of [40, 57, 80]) {
    for (const line of show(sample(), { columns, color: true }).split('\n')) {
      assert.ok(displayWidth(line.replace(/\u001b\[\d+m/g, '')) <= columns, line)
    }
  }
})

test('lists every session for the sessions command, server by server', () => {
  const tally = sample()
  const elsewhere = { serverIp: '10.0.0.2', certainty: 'likely' as const, openAtStart: true, openAtEnd: true }
  tally.session(session({ sessionId: '00000000000000b1', ...elsewhere }))
  const text = show(tally, { sessionsOnly: true, columns: 80 })
  assert.not.match(text, 'Labels')
  assert.not.match(text, 'Flows')
  const lines = [
    'Sessions: slot, client, first packet to last',
    '  mosh on 10.0.0.1, confirmed',
    '    60001  10.0.0.9:40112  12:26:40 to 12:28:10 (1 min 30 s)',
    '    60002  10.0.0.9:40112  12:27:10 to 12:27:22 (11.9 s)',
    '    60001  10.0.0.9:40112  12:28:20 to 12:28:40 (19.9 s)  open at end',
    '  mosh on 10.0.0.2, likely',
    '    60001  10.0.0.9:40112  12:26:40 to 12:28:10 (1 min 30 s)  open at both',
  ]
  assert.match(text, `\n${lines.join('\n')}\n`)
})

test('names the server of each session that proves a peak over several', () => {
  const tally = createTally()
  tally.session(session())
  tally.session(session({ sessionId: '00000000000000a2', serverIp: '10.0.0.2' }))
  for (const serverIp of ['10.0.0.1', '10.0.0.2', undefined]) tally.pool(poolReport({ serverIp }))
  tally.summary(summary())
  assert.match(
    show(tally),
    '\n      slot 60001  10.0.0.9:40112  12:26:40 to 12:28:10 (1 min 30 s) on 10.0.0.2\n',
  )
})

test('a line that is too long goes on below, with nothing lost', () => {
  const text = show(sample(), { columns: 60 })
  const lines = [
    '  2020-09-13 12:27:11 UTC  slot_shared',
    '    two clients used slot 60001 at the same time',
    '',
  ]
  assert.ok(text.includes(lines.join('\n')), text)
  assert.not.match(text, '…')
})

test('says who talked to whom, most bytes first', () => {
  const tally = createTally()
  addFlows(tally, 'dns', 'confirmed', 1)
  const ends = { ...between('2001:db8::1', '2001:db8::2'), protocol: 6, srcPort: 50123, dstPort: 443 }
  const src = side({ packets: 9, wireBytes: 1_500_000 })
  const verdict = { label: 'tls', certainty: 'likely' as const, evidence: [] }
  tally.flow(closedFlow({ ...ends, src, verdict, hostname: 'www.example' }))
  tally.flow(closedFlow({ idHigh: -1, protocol: 1, srcPort: -1, dstPort: -1 }))
  tally.summary(summary({ flows: 9 }))
  const lines = [
    'Flows with the most bytes',
    '  01234567  tcp [2001:db8::1]:50123 > [2001:db8::2]:443  1.50 MB  tls likely  www.example',
    '  00000000  udp 192.0.2.1:53124 > 198.51.100.53:53         158 B  dns confirmed',
    '  ffffffff  icmp 192.0.2.1 > 198.51.100.53                 158 B  dns confirmed',
  ]
  assert.ok(show(tally).includes(`\n${lines.join('\n')}\n`), show(tally))
})

test('says how sure it is when it is not', () => {
  const tally = createTally()
  tally.pool(poolReport({ serverIp: undefined, certainty: 'possible', sessions: 1, peak: 1 }))
  tally.summary(summary())
  assert.match(show(tally), /^1 possible mosh session, at most 1 at once/)
})

test('counts servers where there are several', () => {
  const tally = createTally()
  for (const serverIp of ['10.0.0.1', '10.0.0.2', undefined]) tally.pool(poolReport({ serverIp }))
  tally.summary(summary())
  const text = show(tally)
  assert.match(text, 'UTC on 2 servers\n')
  assert.match(text, '    on 10.0.0.2: 3 sessions, peak 2 of 999 slots')
})

test('says what there was when there were no sessions', () => {
  const tally = createTally()
  addFlows(tally, 'dns', 'confirmed', 2)
  tally.summary(summary())
  assert.match(show(tally), /^2 flows, no sessions on a port pool; most bytes: dns \(100\.0 %\)\n/)
  const empty = createTally()
  empty.summary(summary({ packets: 0, flows: 0, firstPacketAt: undefined, lastPacketAt: undefined }))
  assert.match(show(empty), /^0 flows, no sessions on a port pool\n/)
})

test('lets no escape sequence through', () => {
  const tally = createTally()
  const evil = 'x\u001b[31m\u202e\r\n'
  tally.capture({ ...captureInfo, source: evil })
  addFlows(tally, evil, 'unknown', 1)
  tally.session(session({ pool: evil }))
  tally.pool(poolReport({ pool: evil }))
  tally.pool(
    poolReport({ pool: evil, serverIp: undefined, rejected: [{ reason: 'probe', label: evil, flows: 1 }] }),
  )
  tally.notice({ ...notice, notice: evil, says: evil })
  const reasons = new Map([[evil, 1]])
  tally.summary(summary({ nonIp: reasons, undecoded: reasons, linkTypesUndecoded: reasons }))
  for (const sessionsOnly of [false, true]) {
    assert.not.match(show(tally, { sessionsOnly, columns: 500 }), /[\u001b\u202e\r]/)
  }
})

test('keeps a bounded number of everything', () => {
  const tally = createTally()
  for (let i = 0; i < 60_000; i++) {
    tally.session(session({ sessionId: i.toString(16).padStart(16, '0') }))
    tally.notice(notice)
    tally.capture(captureInfo)
  }
  tally.summary(summary())
  assert.is(tally.sessionsById.size, 50_000)
  assert.is(tally.notices.length, 100)
  assert.is(tally.captures.length, 10)
  assert.match(show(tally), 'and 59,990 more')
})

test('leaves out of a proof more than one session, or none', () => {
  for (const [count, lines, left] of [
    [8, 8, 0],
    [9, 9, 0],
    [10, 8, 2],
  ]) {
    const tally = createTally()
    const peakSessionIds = Array.from({ length: count }, (_, i) => `${i}`.padStart(16, '0'))
    tally.pool(poolReport({ serverIp: undefined, peakSessionIds, peakSessionIdsTotal: count }))
    tally.summary(summary())
    const shown = show(tally)
    assert.is(shown.split('\n').filter((line) => line.startsWith('      session ')).length, lines)
    assert.is(shown.includes(`and ${left} more`), left > 0)
  }
})

test('says what failed, and at which servers most', () => {
  const tally = createTally()
  const fail = (connState: string, dstPort: number, anomalies: string[] = [], protocol = 6) =>
    tally.flow(closedFlow({ protocol, connState, dstPort, anomalies }))
  for (const port of [80, 443, 443, 22, 25]) fail('REJ', port)
  fail('S0', 8080)
  fail('S0', 53, ['icmp_unreachable'], 17)
  fail('S0', 514, [], 17)
  fail('S0', 25, ['icmp_unreachable'])
  const [src, dst] = [side({ packets: 990 }), side({ packets: 4, retransmissions: 35 })]
  tally.flow(closedFlow({ protocol: 6, src, dst }))
  tally.summary(summary())
  const shown = show(tally, { columns: 100 })
  assert.is(
    shown.slice(shown.indexOf('What failed'), shown.indexOf('Not seen')).trimEnd(),
    `What failed
  5 TCP connections refused: 198.51.100.53:443 (2), 198.51.100.53:22, 198.51.100.53:25, …
  1 TCP connection not answered: 198.51.100.53:8080
  2 flows with packets that did not arrive, as ICMP says: 198.51.100.53:25, 198.51.100.53:53
  35 of 1,008 TCP packets sent again (3.5 %)`,
  )
  assert.not(show(tally, { sessionsOnly: true }).includes('What failed'))
})

test.run()
