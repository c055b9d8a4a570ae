import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../../../src/capture/open.ts'
import { runPipeline } from '../../../src/pipeline.ts'
import { factsOf } from '../../../src/report/overview/flow.ts'
import { createOverview, type OverviewOptions } from '../../../src/report/overview/overview.ts'
import type { PageData } from '../../../src/report/overview/page-data.ts'
import type { FlowhawkRecord, PoolRecord } from '../../../src/report/record/record-types.ts'
import { createObjectSink } from '../../../src/report/sink.ts'
import type { ClosedFlow, Instant } from '../../../src/types.ts'
import { pipelineOptions } from '../../analyzed.ts'
import { closedFlow } from '../record/flows.ts'
import {
  at,
  BEGIN,
  flowRecord,
  openId,
  openSessionRecord,
  poolRecord,
  rounds,
  sessionRecord,
  statsRecord,
  summaryRecord,
} from './overview-records.ts'

const test = suite('report/overview')

const OPTIONS: OverviewOptions = {
  title: 'test',
  live: false,
  sessions: 1000,
  perClient: new Set(),
  method: [],
  linkTypeName: String,
}

function overviewOf(records: Iterable<FlowhawkRecord>, options: Partial<OverviewOptions> = {}): PageData {
  const overview = createOverview({ ...OPTIONS, ...options })
  for (const record of records) overview.add(record)
  return overview.data()
}

function fixture(name: string): FlowhawkRecord[] {
  const path = fileURLToPath(new URL(`../../../../fixtures/${name}.ndjson`, import.meta.url))
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

test('the curve of a pool has the peak of its record', () => {
  for (const name of ['framehawk', 'saturated', 'voip', 'mosh', 'rotated']) {
    const records = fixture(name)
    const pools = records.filter(
      (record): record is PoolRecord => record.type === 'pool' && record.sessions > 0,
    )
    const { pools: found, servers, base } = overviewOf(records)
    assert.ok(pools.length > 0, name)
    for (const record of pools) {
      const pool = found.find(
        (each) =>
          each.pool === record.pool &&
          (each.server === undefined ? undefined : servers[each.server]) === record.server_ip,
      )
      assert.is(pool?.peak, record.peak)
      assert.is(Math.max(...(pool?.curve?.most ?? [])), record.peak, `${name} ${record.pool}`)
      const first = pool?.curve?.most.indexOf(record.peak) ?? -1
      assert.is(pool?.curve?.at[first], pool?.peakAt)
      assert.ok(Math.abs(base + (pool?.peakAt ?? 0) - Date.parse(String(record.peak_at)) / 1000) < 0.001)
    }
  }
})

test('answers in a sentence: how many, where, when, how sure, why', () => {
  assert.is(
    overviewOf(fixture('framehawk')).answers[0].sentence,
    'At most 9 framehawk sessions at once, on 10.1.0.4, 2018-03-14 09:06:40 to 09:08:40 UTC; ' +
      'likely, because ica was confirmed by payload at the same server (5 of 9).',
  )
  assert.match(
    overviewOf(fixture('saturated')).answers[0].sentence,
    'all 101 slots were in use for 1 min 4 s',
  )
  assert.match(
    overviewOf(fixture('mixed')).answers[0].sentence,
    /^3 flows, no session on a port pool; most bytes are/,
  )
  assert.is(overviewOf([]).answers[0].sentence, '0 flows, no session on a port pool.')
})

test('a capture and its records give the same page', async () => {
  for (const name of ['framehawk', 'voip', 'icmp', 'tunnels', 'tcp-states', 'fragments', 'ipv6']) {
    const overview = createOverview({ ...OPTIONS })
    const add = {
      record: overview.add,
      drained: () => undefined,
      flush: async () => {},
      close: async () => {},
    }
    const sink = {
      ...createObjectSink(() => add),
      flow: (flow: ClosedFlow) => overview.addFlow(factsOf(flow)),
    }
    const path = fileURLToPath(new URL(`../../../../fixtures/${name}.pcap`, import.meta.url))
    const source = await openBytes(readFileSync(path), { source: `${name}.pcap` })
    await runPipeline([source], await pipelineOptions(), sink)
    assert.equal(overview.data(), overviewOf(fixture(name)), name)
  }
})

test('a flow lasts as long as its record says, to the last digit', () => {
  const lasting = (start: Instant, end: Instant) =>
    factsOf(closedFlow({ startSec: start[0], startNsec: start[1], endSec: end[0], endNsec: end[1] })).duration
  assert.is(lasting([10, 950_000_000], [11, 60_000_000]), 0.11)
  assert.is(lasting([10, 5], [10_000_010, 123_456_794]), 10_000_000.123456789)
  assert.is(lasting([10, 5], [10, 4]), 0)
})

test('a session has the evidence of its flows, whichever came first', () => {
  for (const records of [
    [flowRecord(), sessionRecord()],
    [sessionRecord(), flowRecord()],
  ]) {
    const { sessions, evidence } = overviewOf(records)
    const says = evidence.sets[sessions.evidence[0]].map((place) => evidence.sentences[place].says)
    assert.equal(
      says,
      flowRecord().evidence.map((each) => each.says),
    )
  }
  assert.is(overviewOf([sessionRecord()]).sessions.evidence[0], -1)
})

test('one session that two sensors recorded counts once', () => {
  const other = sessionRecord({ session_id: '00000000000000a2', start: at(1) })
  const { pools, sessions } = overviewOf([sessionRecord(), sessionRecord(), other])
  assert.is(sessions.total, 2)
  assert.equal(
    pools.map(({ peak }) => peak),
    [1, 1],
  )
})

test('records of several windows of one pool are joined', () => {
  const { pools } = overviewOf([
    sessionRecord(),
    sessionRecord({ session_id: '00000000000000a2', slot: 3225, slot_index: 1, start: at(30) }),
    poolRecord({ saturated_seconds: 2 }),
    poolRecord({ window_start: at(60), window_end: at(120), saturated_seconds: 3, peak: 1 }),
  ])
  assert.equal([pools[0].peak, pools[0].sessions, pools[0].saturatedSeconds], [2, 2, 5])
})

test('a record of one window does not speak for sessions outside it', () => {
  const outside = [3224, 3225, 3226].map((slot, i) =>
    sessionRecord({ session_id: openId(slot), slot, slot_index: i, start: at(100), end: at(110 + i) }),
  )
  for (const records of [
    [sessionRecord(), poolRecord({ peak: 2 }), ...outside],
    [...outside, sessionRecord(), poolRecord({ peak: 2 })],
  ]) {
    const [{ peak, peakAt, sessions }] = overviewOf(records).pools
    assert.equal([peak, sessions], [3, 4])
    assert.is((peakAt ?? 0) + overviewOf(records).base, Number(Date.parse(at(100))) / 1000)
  }
  assert.is(overviewOf([sessionRecord(), poolRecord({ peak: 2 })]).pools[0].peak, 2)
})

test('where one port holds many sessions, clients tell them apart', () => {
  const records = [
    sessionRecord({ pool: 'edt' }),
    sessionRecord({ pool: 'edt', session_id: '00000000000000a2', clients: [{ ip: '10.20.0.10', port: 1 }] }),
  ]
  assert.is(overviewOf(records, { perClient: new Set(['edt']) }).pools[0].peak, 2)
  assert.is(overviewOf(records).pools[0].peak, 1)
})

test('beyond its bound it forgets the first sessions, and counts them', () => {
  const { sessions, pools } = overviewOf(rounds(1, 10, 50), { sessions: 100 })
  assert.is(sessions.total, 500)
  assert.ok(sessions.id.length <= 100 && sessions.id.length >= 75)
  assert.is(sessions.id.at(-1), (0x1000_0000 + 499).toString(16).padStart(16, '0'))
  assert.is(pools[0].peak, 10)
  for (const column of Object.values(sessions))
    if (Array.isArray(column) && column !== sessions.poolNames && column !== sessions.openLastPacket)
      assert.is(column.length, sessions.id.length)
})

/** Looks at the sessions on these slots, a minute after the look before. */
function* look(minute: number, ...slots: number[]): Generator<FlowhawkRecord> {
  for (const slot of slots) yield openSessionRecord(slot, minute * 60)
  yield statsRecord({ start: at(minute * 60 - 60), end: at(minute * 60), live_sessions: slots.length })
}

test('sessions that are open are listed last, without an end, and counted', () => {
  const ended = sessionRecord({ session_id: openId(3226), slot: 3226, slot_index: 2, end: at(50) })
  const records = [poolRecord(), ended, ...look(1, 3224, 3225)]
  const { sessions, pools, servers, answers, totals } = overviewOf(records, { live: true })
  assert.equal(sessions.slot, [3226, 3224, 3225])
  assert.equal(sessions.endReason, ['idle', '', ''])
  assert.equal(sessions.end, [50, 60, 60])
  assert.equal(sessions.openLastPacket, [58, 58])
  assert.equal([totals.sessions, totals.packets, totals.bytes], [1, 80, 9000])
  const pool = pools.find(({ server }) => servers[server ?? -1] === '10.1.0.4')
  assert.equal([pool?.sessions, pool?.open, pool?.peak, pool?.slotsUsed], [3, 2, 3, 3])
  // Nothing says that the open ones end at the right edge.
  assert.equal(pool?.curve?.most, [3, 2])
  assert.match(answers[0].sentence, /^At most 3 framehawk sessions at once, .*; 2 open now\.$/)
})

test('a session that another has followed on its slot is not open, though its record comes only later', () => {
  const first = openSessionRecord(3224, 30)
  const second = { ...openSessionRecord(3224, 60), session_id: openId(1), start: at(40) }
  const shared = { ...openSessionRecord(3225, 60), session_id: openId(2), start: at(40) }
  const records = [first, second, openSessionRecord(3225, 60), shared, ...look(1)]
  const { sessions, pools, answers } = overviewOf(records, { live: true })
  assert.equal(sessions.endReason, ['followed', '', '', ''])
  assert.equal(sessions.end, [28, 60, 60, 60])
  assert.equal(sessions.openLastPacket, [58, 58, 58])
  assert.equal([pools[0].sessions, pools[0].open, pools[0].peak], [4, 3, 2])
  assert.match(answers[0].sentence, /; 3 open now\.$/)
})

test('each look replaces the one before, and the end of a run all', () => {
  const open = (...records: FlowhawkRecord[]) => {
    const { sessions } = overviewOf(records, { live: true })
    return sessions.slot.slice(sessions.slot.length - sessions.openLastPacket.length)
  }
  assert.equal(open(...look(1, 3224, 3225), ...look(2, 3225)), [3225])
  assert.equal(open(...look(1, 3224), sessionRecord({ session_id: openId(3224) })), [])
  assert.equal(open(...look(1, 3224), summaryRecord()), [])
  // Another sensor looks at other moments.
  assert.equal(open(...look(1, 3224), statsRecord({ start: at(1), end: at(61) })), [3224])
})

test('labels, hosts and flows add up', () => {
  const flows = [
    flowRecord(),
    flowRecord({
      flow_id: '2',
      label: 'dns',
      certainty: 'confirmed',
      dst_ip: '10.1.0.53',
      src_wire_bytes: 50,
    }),
    flowRecord({
      flow_id: '3',
      label: 'dns',
      certainty: 'possible',
      dst_ip: '10.1.0.53',
      src_wire_bytes: 10,
    }),
  ]
  const { labels, hosts, totals, flows: busiest } = overviewOf(flows)
  assert.equal(
    labels.map(({ label, flows: counts }) => [label, counts]),
    [
      ['dns', [1, 0, 1, 0]],
      ['framehawk', [0, 1, 0, 0]],
    ],
  )
  assert.equal(totals, { packets: 192, bytes: 15_060, flows: 3, sessions: 0 })
  assert.is(hosts[0].ip, '10.20.0.9')
  assert.equal([hosts[0].bytes, hosts[0].flowsAsClient, hosts[0].flowsAsServer], [15_060, 3, 0])
  assert.equal(
    busiest.map(({ id }) => id),
    ['0123456789abcdef', '2', '3'],
  )
})

test('says what was not decoded, lost, damaged, cut', () => {
  const { unseen, method } = overviewOf([
    flowRecord({ anomalies: ['snaplen_cut'] }),
    summaryRecord({
      non_ip: { '0x0806': 7 },
      undecoded: { ipv4_cut: 2 },
      dropped: { kernel: 5 },
      evicted_flows: 3,
      extras_left_out: 4,
      damaged: [{ source: 'a.pcap', offset: 9, reason: 'cut', code: 'PCAP_CUT' }],
    }),
  ])
  assert.equal(unseen, [
    { what: 'not IP', reason: 'ARP (0x0806)', packets: 7 },
    { what: 'not decoded', reason: 'ipv4_cut', packets: 2 },
  ])
  const text = method.map((pair) => pair.join(': ')).join('\n')
  for (const part of [
    'Lost by the kernel: 5 packets',
    '3 flows written early',
    '4 flows without all extras',
    'a.pcap: byte 9: cut (PCAP_CUT)',
    'snaplen cut: 1 flow',
  ])
    assert.match(text, part)
})

test('the window is that of all records', () => {
  const { base, from, to } = overviewOf([sessionRecord({ start: at(10), end: at(20) }), summaryRecord()])
  assert.equal([base + from, base + to], [BEGIN, BEGIN + 60])
})

test('the same records give the same data', () => {
  const text = () => JSON.stringify(overviewOf(rounds(3, 10, 20)))
  assert.is(text(), text())
})

test.run()
