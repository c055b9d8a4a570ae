import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { flowLine } from '../../../src/report/record/flow-record.ts'
import type { ClosedFlow } from '../../../src/types.ts'
import { between, closedFlow, side } from './flows.ts'

const test = suite('report/flow-record')
const record = (fields: Partial<ClosedFlow> = {}) => JSON.parse(flowLine(closedFlow(fields)))

test('writes names in the order of the contract', () => {
  assert.is(
    flowLine(closedFlow()),
    '{"type":"flow","v":1,"flow_id":"0123456789abcdef","community_id":"1:AjfYqjPSNfRSR+Kuqmq9jmNutkM=",' +
      '"first_frame":7,"start":"2020-09-13T12:26:40.000000005Z","end":"2020-09-13T12:26:41.250000005Z",' +
      '"duration":1.25,"transport":"udp","ip_proto":17,"src_ip":"192.0.2.1","src_port":53124,' +
      '"dst_ip":"198.51.100.53","dst_port":53,"orientation":"payload","src_packets":1,"src_wire_bytes":71,' +
      '"src_ip_bytes":57,"src_payload_bytes":29,"dst_packets":1,"dst_wire_bytes":87,"dst_ip_bytes":73,' +
      '"dst_payload_bytes":45,"conn_state":"SF","history":"Dd","end_reason":"idle","label":"dns",' +
      '"certainty":"confirmed","category":"name-service","evidence":[{"source":"payload",' +
      '"says":"a DNS question and its answer","for":"dns","weight":80}],"registry":{"status":"registered",' +
      '"name":"domain","description":"Domain Name Server"}}',
  )
})

test('adds what only TCP has', () => {
  const flow = record({
    protocol: 6,
    src: side({ packets: 3, tcpFlags: 0b1101_1011, retransmissions: 2 }),
    dst: side({ packets: 2, tcpFlags: 0x12 }),
    handshakeSec: 0,
    handshakeNsec: 12_034_500,
  })
  assert.is(flow.src_tcp_flags, 'FSPAEC')
  assert.is(flow.dst_tcp_flags, 'SA')
  assert.is(flow.handshake_rtt_ms, 12.0345)
  assert.is(flow.src_retransmissions, 2)
  assert.is(flow.dst_retransmissions, 0)
})

test('spells all flags in the order FSRPAUEC and leaves out none', () => {
  const flow = record({ protocol: 6, src: side({ tcpFlags: 255 }), dst: side() })
  assert.is(flow.src_tcp_flags, 'FSRPAUEC')
  assert.not('dst_tcp_flags' in flow)
  assert.not('handshake_rtt_ms' in flow)
})

test('writes ICMP type and code instead of ports', () => {
  const flow = record({ protocol: 1, srcPort: -1, dstPort: -1, icmpType: 8, icmpCode: 0 })
  assert.is(flow.transport, 'icmp')
  assert.is(flow.icmp_type, 8)
  assert.is(flow.icmp_code, 0)
  assert.not('src_port' in flow)
  assert.not('dst_port' in flow)
  assert.is(flow.dst_ip, '198.51.100.53')
  assert.is(flow.orientation, 'payload')
})

test('writes IPv6 addresses as RFC 5952 says, also when a table slot is taken over', () => {
  for (let i = 0; i < 20_000; i++) {
    const address = `2001:db8::${(i + 1).toString(16)}`
    if (i % 997 !== 0) continue
    const flow = record({ ...between(address, 'fe80::1') })
    assert.is(flow.src_ip, address)
    assert.is(flow.dst_ip, 'fe80::1')
  }
})

test('names protocols without ports', () => {
  assert.is(record({ protocol: 58, srcPort: -1, dstPort: -1, icmpType: 128 }).transport, 'ipv6-icmp')
  assert.is(record({ protocol: 89, srcPort: -1, dstPort: -1 }).transport, 'ospfigp')
  assert.is(record({ protocol: 253, srcPort: -1, dstPort: -1 }).transport, '253')
})

test('gives the flow it goes on from', () => {
  assert.is(record({ continuesHigh: 0, continuesLow: 0xff }).continues, '00000000000000ff')
  assert.not('continues' in record())
})

test('writes large and small numbers plainly', () => {
  const sizes = [0, 9, 10, 99, 100, 999, 1000, 65_535, 999_999, 1_000_000, 4_294_967_296, 2 ** 53 - 1]
  for (const bytes of sizes)
    assert.is(record({ src: side({ packets: 1, wireBytes: bytes }) }).src_wire_bytes, bytes)
})

test('a side that sent nothing has zeros', () => {
  const silent = record({ src: side({ packets: 1, wireBytes: 60 }), dst: side({ packets: 0 }) })
  const names = ['dst_packets', 'dst_wire_bytes', 'dst_ip_bytes', 'dst_payload_bytes'] as const
  assert.equal(
    names.map((name) => silent[name]),
    [0, 0, 0, 0],
  )
})

test('computes the duration from whole numbers', () => {
  const duration = (startNsec: number, endSec: number, endNsec: number) =>
    /"duration":([^,]*)/.exec(flowLine(closedFlow({ startSec: 10, startNsec, endSec, endNsec })))![1]
  assert.is(duration(0, 10, 0), '0')
  assert.is(duration(0, 10, 1), '0.000000001')
  assert.is(duration(999_999_999, 11, 0), '0.000000001')
  assert.is(duration(1, 3610, 100_000_001), '3600.1')
  assert.is(duration(0, 12, 120_000), '2.00012')
  assert.is(duration(5, 10, 4), '0')
})

test('writes epoch times as decimal numbers with nine digits', () => {
  const line = flowLine(closedFlow({ startSec: -1, startNsec: 250_000_000 }), { time: 'epoch' })
  assert.match(line, '"start":-0.750000000,"end":1600000001.250000005,"duration":')
})

test('lists encapsulation and anomalies', () => {
  const flow = record({ encapsulation: ['vlan:12', 'vxlan:5000'], anomalies: ['midstream', 'snaplen_cut'] })
  assert.equal(flow.encapsulation, ['vlan:12', 'vxlan:5000'])
  assert.equal(flow.anomalies, ['midstream', 'snaplen_cut'])
})

test('caps lists at 100 and says how many there were', () => {
  const evidence = Array.from({ length: 120 }, (_, weight) => ({
    source: 'rule' as const,
    says: 'x',
    for: 'dns',
    weight,
  }))
  const flow = record({
    verdict: { label: 'dns', certainty: 'likely', evidence },
    extras: { dns: { answers: new Array<string>(101).fill('a'), rcode: 0 } },
  })
  assert.is(flow.evidence.length, 100)
  assert.is(flow.evidence_total, 120)
  assert.is(flow.dns.answers.length, 100)
  assert.is(flow.dns.answers_total, 101)
})

test('escapes free text and keeps other scripts', () => {
  const hostname = 'a"b\\c\u00e9\u{1f985}\\x0A'
  const flow = record({ hostname, hostnameSource: 'sni', extras: { tls: { sni: hostname } } })
  assert.is(flow.hostname, hostname)
  assert.is(flow.hostname_source, 'sni')
  assert.is(flow.tls.sni, hostname)
})

test('never lets extras replace a field', () => {
  const flow = record({ extras: { label: { says: 'mine' }, ssh: { version: '2.0' } } })
  assert.is(flow.label, 'dns')
  assert.equal(flow.ssh, { version: '2.0' })
})

test('holds the longest strings', () => {
  const hostname = '\u2028'.repeat(1024)
  assert.is(record({ hostname }).hostname, hostname)
  const extras = { http: { a: hostname, b: hostname, c: hostname } }
  assert.equal(record({ extras }).http, extras.http)
})

test('writes candidates when asked for', () => {
  const candidates = [{ label: 'mdns', certainty: 'possible' as const, weight: 10 }]
  const flow = record({ verdict: { label: 'dns', certainty: 'likely', evidence: [], candidates } })
  assert.equal(flow.candidates, candidates)
  assert.equal(flow.evidence, [])
})

test.run()
