/** The stages joined: what the records of whole captures say, in which order, and that nothing else decides it. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../src/capture/open.ts'
import { parseSite } from '../src/label/rules/site.ts'
import { Pipeline } from '../src/pipeline.ts'
import { RECORD_NAMES } from '../src/report/record/record.ts'
import type { FlowhawkRecord, SessionRecord } from '../src/report/record/record-types.ts'
import { createRecordQueue } from '../src/report/sink.ts'
import {
  BEGIN,
  back,
  captureOf,
  exchange,
  flowsOf,
  handshake,
  pipelineOptions,
  recordsOf,
  type Sent,
  sendTcp,
  sendUdp,
  serverPoolsOf,
  sessionsOf,
  summaryOf,
  type Way,
} from './analyzed.ts'
import { arp, ethernet, ipv4, ipv4Fragments, pcapFile, u8, udp, vxlan } from './packet-builder.ts'

const test = suite('pipeline')

const HAWK: Way = '10.0.0.1:50001 > 10.1.0.4:3224'
const WEB: Way = '10.0.0.1:50002 > 10.1.0.5:80'
const ODD: Way = '10.0.0.1:50003 > 10.1.0.6:40000'

/** ICA at the Framehawk server: the server says it first, the client echoes. */
function ica(at: number, echoed: boolean): Sent[] {
  const way: Way = '10.0.0.9:50009 > 10.1.0.4:1494'
  const hello = Uint8Array.of(0x7f, 0x7f, 0x49, 0x43, 0x41, 0)
  const sent = [...handshake(at, way), sendTcp(at + 0.01, back(way), 'PA', hello)]
  return echoed ? [...sent, sendTcp(at + 0.02, way, 'PA', hello)] : sent
}

function ssh(at: number, way: Way): Sent[] {
  return [
    ...handshake(at, way),
    sendTcp(at + 0.01, back(way), 'PA', 'SSH-2.0-OpenSSH_9.6\r\n'),
    sendTcp(at + 0.02, way, 'PA', 'SSH-2.0-OpenSSH_9.7\r\n'),
  ]
}

/** Closing instant, in seconds after the beginning, and what closed: "flow idle 40000", "session 3224". */
function shown(record: FlowhawkRecord): string {
  if (record.type === 'flow') return `flow ${record.end_reason} ${record.dst_port}`
  if (record.type === 'session') return `session ${record.slot}`
  return record.type
}

const MIXED = captureOf(
  exchange(0, ODD),
  handshake(1, WEB),
  exchange(2, HAWK, 5),
  [sendTcp(10, WEB, 'FA'), sendTcp(10.1, back(WEB), 'FA')],
  exchange(20, '10.0.0.2:50001 > 10.1.0.4:3225', 100, 2),
)

test('records leave in the order of their close instants', async () => {
  const records = await recordsOf(MIXED)
  assert.equal(records.map(shown), [
    'capture',
    // FIN at 10.1 and five seconds.
    'flow fin 80',
    // Last packet at 0.01 and a minute.
    'flow idle 40000',
    // Last packet at 6.01: a minute for the flow, two for the session.
    'flow idle 3224',
    'session 3224',
    // The end, at 218.01: one close, one start, so the smaller id comes first.
    'session 3225',
    'flow capture_end 3225',
    'concurrency',
    'concurrency',
    'concurrency',
    'concurrency',
    'pool',
    'pool',
    'notice',
    'summary',
  ])
  const [session] = sessionsOf(records).slice(-1)
  const [flow] = flowsOf(records).slice(-1)
  assert.equal([session.start, session.end], [flow.start, flow.end])
  assert.ok(session.session_id < flow.flow_id)
})

test('same bytes whatever the chunk size and the seed', async () => {
  const expected = JSON.stringify(await recordsOf(MIXED))
  for (const [chunkSize, seed] of [
    [1, 1],
    [7, 0x7fffffff],
    [4096, 0],
    [262_144, -1],
  ])
    assert.is(JSON.stringify(await recordsOf(MIXED, { chunkSize, seed })), expected, `${chunkSize}, ${seed}`)
})

test('a slow output, and more records due at once than one step takes, change nothing', async () => {
  const flows = Array.from({ length: 5000 }, (_, i) =>
    sendUdp(i % 3, `10.0.${i >> 8}.${i & 255}:40000 > 10.1.0.6:40000`),
  )
  const capture = captureOf(
    [0, 1, 2].flatMap((sec) => flows.filter(({ at }) => at === sec)),
    exchange(100, ODD),
    exchange(300, ODD),
  )
  const records = await recordsOf(capture)
  const ends = flowsOf(records).map(({ end, flow_id }) => `${end} ${flow_id}`)
  assert.is(ends.length, 5002)
  assert.equal(ends.slice(0, 5000), [...ends.slice(0, 5000)].sort())
  const queue = createRecordQueue({ records: new Set(RECORD_NAMES) })
  let waits = 0
  const slow = {
    ...queue,
    drained: () => {
      waits++
      return new Promise<void>((resolve) => setImmediate(resolve))
    },
  }
  const pipeline = new Pipeline(await pipelineOptions(), slow)
  await pipeline.read(await openBytes(capture))
  await pipeline.finish('capture_end')
  await queue.end()
  const slowly: FlowhawkRecord[] = []
  for await (const record of queue.records()) slowly.push(record)
  assert.ok(waits > 3)
  assert.is(JSON.stringify(slowly), JSON.stringify(records))
})

test('the summary adds up: every packet is in a flow, or counted by what it was', async () => {
  const whole = udp({ srcPort: 50001, dstPort: 40000 }, new Uint8Array(64))
  const [first, second, third] = ipv4Fragments({ identification: 9 }, whole, 24).map((part) => ethernet(part))
  const [, orphan] = ipv4Fragments({ identification: 10 }, whole, 24).map((part) => ethernet(part))
  const frames = [
    ethernet(arp()),
    ethernet(arp()),
    ethernet(ipv4({ headerLength: 16 })),
    ethernet(u8(0x45, 0)),
    second,
    third,
    first,
    orphan,
    ethernet(ipv4({}, udp({ srcPort: 50000, dstPort: 53 }, 'x'))),
  ]
  const records = await recordsOf([pcapFile(frames), pcapFile([u8(1, 2, 3)], { linkType: 147 })])
  const summary = summaryOf(records)
  const flows = flowsOf(records)
  const inFlows = flows.reduce((sum, { src_packets, dst_packets }) => sum + src_packets + dst_packets, 0)
  assert.is(summary.packets, 10)
  assert.is(inFlows, 5)
  assert.equal(summary.non_ip, { '0x0806': 2 })
  assert.equal(summary.undecoded, { ipv4_header_length: 1, ipv4_header_cut: 1, link_type_unknown: 1 })
  assert.equal(summary.link_types_undecoded, { USER0: 1 })
  assert.is(summary.wire_bytes, frames.reduce((sum, { length }) => sum + length, 0) + 3)
  assert.is(summary.flows, flows.length)
  const bytes = flows.reduce((sum, flow) => sum + flow.src_wire_bytes + flow.dst_wire_bytes, 0)
  assert.is(
    bytes,
    [first, second, third, orphan, frames[8]].reduce((sum, { length }) => sum + length, 0),
  )
  assert.is(flows.find(({ dst_port }) => dst_port === 40000)?.src_packets, 3)
})

test('a capture without packets has a summary and nothing else', async () => {
  const records = await recordsOf(captureOf())
  assert.equal(records.map(shown), ['capture', 'summary'])
  const summary = summaryOf(records)
  assert.is(summary.packets, 0)
  assert.is(summary.first_packet_at, undefined)
})

test('every way to end: idle, fin, rst, active, evicted, end of capture', async () => {
  const reset: Way = '10.0.0.1:50004 > 10.1.0.5:81'
  const capture = captureOf(
    exchange(0, ODD),
    handshake(1, WEB),
    handshake(2, reset),
    [sendTcp(3, WEB, 'FA'), sendTcp(3, back(WEB), 'FA'), sendTcp(4, back(reset), 'R')],
    exchange(100, HAWK),
  )
  const reasons = flowsOf(await recordsOf(capture)).map(shown)
  assert.equal(reasons, ['flow fin 80', 'flow rst 81', 'flow idle 40000', 'flow capture_end 3224'])
  const long = captureOf(exchange(0, ODD, 10, 10))
  const active = flowsOf(await recordsOf(long, { activeTimeoutSec: 45 }))
  assert.equal(active.map(shown), ['flow active 40000', 'flow capture_end 40000'])
  assert.is(active[1].continues, active[0].flow_id)
})

test('a flow with FIN at the very end of the capture says fin', async () => {
  const capture = captureOf(handshake(0, WEB), [sendTcp(1, WEB, 'FA'), sendTcp(1, back(WEB), 'FA')])
  assert.equal(flowsOf(await recordsOf(capture)).map(shown), ['flow fin 80'])
})

test('silence equal to the timeout is no end; --idle-timeout overrides every transport, 0 is never', async () => {
  const udpFlows = async (gap: number, idleTimeoutSec?: number) =>
    flowsOf(await recordsOf(captureOf(sendUdp(0, ODD), sendUdp(gap, ODD)), { idleTimeoutSec })).length
  assert.is(await udpFlows(60), 1)
  assert.is(await udpFlows(60.000001), 2)
  assert.is(await udpFlows(10, 10), 1)
  assert.is(await udpFlows(10.000001, 10), 2)
  assert.is(await udpFlows(100_000, 0), 1)
  const tcpFlows = async (gap: number, idleTimeoutSec?: number) =>
    flowsOf(await recordsOf(captureOf(handshake(0, WEB), sendTcp(gap, WEB, 'A')), { idleTimeoutSec })).length
  assert.is(await tcpFlows(300), 1)
  assert.is(await tcpFlows(301), 2)
  assert.is(await tcpFlows(15, 10), 2)
  assert.is(await tcpFlows(100_000, 0), 1)
})

test('a flow that goes on after a silence inherits label and evidence; a SYN begins anew', async () => {
  const way: Way = '10.0.0.1:50005 > 10.1.0.7:22022'
  const [first, second, third] = flowsOf(
    await recordsOf(captureOf(ssh(0, way), sendTcp(400, way, 'PA', 'later'), handshake(800, way))),
  )
  assert.is(first.label, 'ssh')
  assert.is(first.certainty, 'confirmed')
  assert.is(second.continues, first.flow_id)
  assert.equal(
    [second.label, second.certainty, second.evidence],
    [first.label, first.certainty, first.evidence],
  )
  assert.is(second.orientation, 'syn')
  assert.is(second.src_packets, 1)
  assert.is(third.continues, undefined)
  assert.not.equal(third.label, 'ssh')
  assert.is(new Set([first.flow_id, second.flow_id, third.flow_id]).size, 3)
})

test('at --max-flows one-way flows go first, all are written, and sessions do not notice', async () => {
  const scan = Array.from({ length: 20 }, (_, i): Sent => sendUdp(3.5, `10.9.9.9:${41_000 + i} > 10.1.0.6:7`))
  const capture = captureOf(exchange(0, HAWK, 4), scan, exchange(4, HAWK, 4))
  const free = await recordsOf(capture)
  const tight = await recordsOf(capture, { maxFlows: 2 })
  assert.is(summaryOf(free).evicted_flows, 0)
  assert.is(summaryOf(tight).evicted_flows, 19)
  assert.is(flowsOf(tight).length, 21)
  assert.is(flowsOf(tight).filter(({ end_reason }) => end_reason === 'evicted').length, 19)
  assert.is(flowsOf(tight).find(({ dst_port }) => dst_port === 3224)?.end_reason, 'capture_end')
  const alone = await recordsOf(capture, { maxFlows: 1 })
  const plain = ({ slot, start, end, packets, ip_bytes, end_reason }: SessionRecord) => [
    [slot, start, end],
    [packets, ip_bytes, end_reason],
  ]
  assert.equal(sessionsOf(alone).map(plain), sessionsOf(free).map(plain))
  assert.is(sessionsOf(free).length, 1)
})

test('the inner flow of a tunnel, or the outer one', async () => {
  const inner = ethernet(
    ipv4({ src: '192.168.0.1', dst: '192.168.0.2' }, udp({ srcPort: 50000, dstPort: 53 }, 'x')),
  )
  const capture = captureOf({ at: 0, frame: ethernet(ipv4({}, vxlan(5000, inner))) })
  const [inside] = flowsOf(await recordsOf(capture))
  assert.equal([inside.src_ip, inside.dst_port, inside.encapsulation], ['192.168.0.1', 53, ['vxlan:5000']])
  const [outside] = flowsOf(await recordsOf(capture, { decapsulate: 'outer' }))
  assert.equal([outside.src_ip, outside.dst_port, outside.encapsulation], ['10.0.0.1', 4789, undefined])
  assert.is(inside.src_wire_bytes, outside.src_wire_bytes)
})

test('candidates on request, and only then', async () => {
  const capture = captureOf(exchange(0, HAWK, 4))
  const [without] = flowsOf(await recordsOf(capture))
  const [given] = flowsOf(await recordsOf(capture, { candidates: true }))
  assert.is(without.candidates, undefined)
  assert.equal(given.candidates, [{ label: 'aes-discovery', certainty: 'possible', weight: 15 }])
})

test('a session through two rotated files is one, and so is its flow', async () => {
  const parts = [captureOf(exchange(0, HAWK, 5, 10)), captureOf(exchange(50, HAWK, 5, 10))]
  const [whole] = sessionsOf(await recordsOf(captureOf(exchange(0, HAWK, 10, 10))))
  const records = await recordsOf(parts)
  assert.equal(sessionsOf(records), [whole])
  assert.is(whole.packets, 20)
  assert.equal([flowsOf(records).length, records.filter(({ type }) => type === 'capture').length], [1, 2])
})

test('inputs that overlap in time do not expire each other, and are no fault of the clock', async () => {
  const other: Way = '10.0.0.8:50008 > 10.1.0.8:40000'
  const early = captureOf(exchange(0, ODD, 60, 5))
  const late = captureOf(exchange(100, other, 10, 50))
  const records = await recordsOf([early, late])
  assert.equal(
    flowsOf(records).map(({ end_reason, src_packets }) => [end_reason, src_packets]),
    [
      ['idle', 60],
      ['capture_end', 10],
    ],
  )
  const summary = summaryOf(records)
  assert.is(summary.time_backwards, 0)
  assert.is(Date.parse(String(summary.first_packet_at)) / 1000, BEGIN)
  assert.is(Date.parse(String(summary.last_packet_at)) / 1000, BEGIN + 550.01)
  const [session, ...more] = sessionsOf(await recordsOf([early, captureOf(exchange(100, HAWK, 4, 110))]))
  assert.equal([session.packets, session.longest_gap, more.length], [8, 109.99, 0])
  // The clock of the pools goes back, too: who begins in the second input is not over for its time in the first.
  const next: Way = '10.0.0.2:50002 > 10.1.0.4:3225'
  const gone = captureOf(exchange(0, other, 2, 1000))
  const begun = [[sendUdp(10, HAWK)], exchange(10.5, next, 4), exchange(20, HAWK, 4)]
  assert.equal(
    sessionsOf(await recordsOf([gone, captureOf(...begun)])).map(({ slot, packets }) => [slot, packets]),
    [
      [3225, 8],
      [3224, 9],
    ],
  )
  // The same flow in both: what the second adds lies inside the first's time.
  const both = flowsOf(await recordsOf([early, captureOf(exchange(102, ODD, 3, 5))]))
  assert.equal(
    both.map(({ src_packets, end_reason, duration }) => [src_packets, end_reason, duration]),
    [[63, 'capture_end', 295.01]],
  )
})

test('context counts where both directions agree: ICA answered at the same server', async () => {
  const framehawk = async (echoed: boolean) => {
    const records = await recordsOf(captureOf(ica(0, echoed), exchange(1, HAWK, 5)))
    const flow = flowsOf(records).find(({ dst_port }) => dst_port === 3224)
    return [flow?.label, flow?.certainty, sessionsOf(records)[0]?.certainty]
  }
  assert.equal(await framehawk(true), ['framehawk', 'likely', 'likely'])
  assert.equal(await framehawk(false), ['framehawk', 'possible', 'possible'])
})

test('the site file confirms, but not what nobody answered', async () => {
  const site = parseSite('servers: [{ addresses: [10.1.0.4], pools: [framehawk] }]', 's.yaml')
  const certainty = async (sent: Sent[]) => flowsOf(await recordsOf(captureOf(sent), { site }))[0].certainty
  assert.is(await certainty(exchange(0, HAWK, 3)), 'confirmed')
  assert.is(await certainty([0, 1, 2, 3].map((at) => sendUdp(at, HAWK))), 'possible')
})

test('a lone SYN is possible at most, whatever its port', async () => {
  for (const port of [22, 80, 443, 1494, 5900, 6000]) {
    const [flow] = flowsOf(await recordsOf(captureOf(sendTcp(0, `10.0.0.1:50000 > 10.1.0.4:${port}`, 'S'))))
    assert.is(flow.certainty, 'possible', `${port}`)
    assert.is(flow.conn_state, 'S0')
  }
})

test("the client's port never labels, even where it is registered or a slot", async () => {
  for (const way of ['10.0.0.1:3260 > 10.1.0.6:45999', '10.0.0.1:5900 > 10.1.0.6:45999'] as Way[]) {
    const records = await recordsOf(captureOf(handshake(0, way)))
    const [flow] = flowsOf(records)
    assert.equal([flow.label, flow.dst_port, flow.certainty], ['unknown', 45999, 'unknown'])
    assert.is(sessionsOf(records).length, 0)
  }
  const [dns] = flowsOf(await recordsOf(captureOf(sendUdp(0, '10.0.0.1:3280 > 10.1.0.53:53', 'x'))))
  assert.equal([dns.label, dns.src_port], ['dns', 3280])
})

test('a flow is named by what DNS told its client before', async () => {
  const ask: Way = '10.0.0.1:50053 > 10.1.0.53:53'
  const name = '\x03www\x07example\x00'
  const question = `\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00${name}\x00\x01\x00\x01`
  const answer =
    `\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00${name}\x00\x01\x00\x01` +
    '\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x01\x00\x06'
  const records = await recordsOf(
    captureOf([sendUdp(0, ask, question), sendUdp(0.1, back(ask), answer)], exchange(1, ODD), [
      sendUdp(2, '10.0.0.2:50000 > 10.1.0.6:40000'),
    ]),
  )
  const hostname = (src: string) => {
    const flow = flowsOf(records).find(({ src_ip, dst_port }) => src_ip === src && dst_port === 40000)
    return [flow?.hostname, flow?.hostname_source]
  }
  assert.equal(hostname('10.0.0.1'), ['www.example', 'dns'])
  assert.equal(hostname('10.0.0.2'), [undefined, undefined])
})

test('pool reports count what the sessions say', async () => {
  const [report] = serverPoolsOf(await recordsOf(MIXED))
  assert.equal(
    [report.pool, report.server_ip, report.slots, report.sessions, report.peak, report.slots_used],
    ['framehawk', '10.1.0.4', 101, 2, 1, 2],
  )
})

test('damage and skipped time are in the summary, after all that could be read', async () => {
  const summary = summaryOf(await recordsOf(MIXED.subarray(0, MIXED.length - 3)))
  assert.equal(
    summary.damaged.map(({ code }) => code),
    ['PCAP_CUT'],
  )
  assert.is(summary.packets, summaryOf(await recordsOf(MIXED)).packets - 1)
})

test.run()
