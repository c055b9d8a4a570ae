/** EVE events against the fields and types of Suricata's published schema (etc/schema.json, 8.0). */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ClosedFlow } from '../../../src/types.ts'
import { between, closedFlow, side } from '../record/flows.ts'
import { feedAll, fileOf, HOSTILE, hostileExtras, objectsOf, TIMED } from './formatting.ts'

const test = suite('report/eve')

/** Those of Suricata's fields that flows and netflows use; `flowhawk` is the only foreign one. */
const TOP: Record<string, string> = {
  timestamp: 'string',
  flow_id: 'integer',
  event_type: 'string',
  vlan: 'array of numbers',
  src_ip: 'string',
  src_port: 'integer',
  dest_ip: 'string',
  dest_port: 'integer',
  proto: 'string',
  icmp_type: 'integer',
  icmp_code: 'integer',
  app_proto: 'string',
  community_id: 'string',
  flow: 'object',
  netflow: 'object',
  tcp: 'object',
  flowhawk: 'object',
}
const FLOW: Record<string, string> = {
  pkts_toserver: 'integer',
  pkts_toclient: 'integer',
  bytes_toserver: 'integer',
  bytes_toclient: 'integer',
  start: 'string',
  end: 'string',
  age: 'integer',
  state: 'string',
  reason: 'string',
  alerted: 'boolean',
}
const NETFLOW: Record<string, string> = {
  pkts: 'integer',
  bytes: 'integer',
  start: 'string',
  end: 'string',
  age: 'integer',
}
const TCP: Record<string, string> = {
  tcp_flags: 'string',
  tcp_flags_ts: 'string',
  tcp_flags_tc: 'string',
  state: 'string',
  ...Object.fromEntries(
    ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr'].map((name) => [name, 'boolean']),
  ),
}
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/

type Fields = Record<string, unknown>

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return `array of ${typeof value[0]}s`
  return Number.isSafeInteger(value) ? 'integer' : typeof value
}

function conforms(fields: Fields, schema: Record<string, string>): void {
  for (const [name, value] of Object.entries(fields)) assert.is(typeOf(value), schema[name], name)
}

async function eventsOf(...flows: ClosedFlow[]): Promise<Fields[]> {
  const file = await fileOf('eve', { records: ['flow'] }, (sink) => {
    for (const flow of flows) sink.flow(flow)
  })
  const events = objectsOf(file)
  for (const event of events) {
    conforms(event, TOP)
    assert.match(String(event.timestamp), TIME)
    const { flow, netflow, tcp } = event as Record<string, Fields | undefined>
    if (flow !== undefined) conforms(flow, FLOW)
    if (netflow !== undefined) conforms(netflow, NETFLOW)
    if (tcp !== undefined) conforms(tcp, TCP)
    for (const span of [flow, netflow]) if (span !== undefined) assert.match(String(span.start), TIME)
  }
  return events
}

test('a flow becomes a flow event and a netflow event each way', async () => {
  const [flow, forth, back] = await eventsOf(closedFlow())
  assert.equal(flow.flow, {
    pkts_toserver: 1,
    pkts_toclient: 1,
    bytes_toserver: 71,
    bytes_toclient: 87,
    start: '2020-09-13T12:26:40.000000+0000',
    end: '2020-09-13T12:26:41.250000+0000',
    age: 1,
    state: 'established',
    reason: 'timeout',
    alerted: false,
  })
  const ends = ({ src_ip, src_port, dest_ip, dest_port }: Fields) =>
    [src_ip, src_port, dest_ip, dest_port].join(' ')
  assert.is(ends(flow), '192.0.2.1 53124 198.51.100.53 53')
  assert.is(ends(forth), ends(flow))
  assert.is(ends(back), '198.51.100.53 53 192.0.2.1 53124')
  assert.equal([flow.event_type, forth.event_type, back.event_type], ['flow', 'netflow', 'netflow'])
  assert.equal([flow.proto, flow.app_proto], ['UDP', 'dns'])
  const { pkts, bytes } = back.netflow as Fields
  assert.equal([pkts, bytes], [1, 87])
})

test('a direction without packets has no netflow event', async () => {
  const silent = await eventsOf(closedFlow({ dst: side() }))
  assert.equal(
    silent.map((event) => event.event_type),
    ['flow', 'netflow'],
  )
  assert.is((silent[0].flow as Fields).state, 'new')
})

test('flow_id is one for all events of a flow and survives a reader of doubles', async () => {
  const events = await eventsOf(closedFlow({ idHigh: -1, idLow: -1 }), closedFlow())
  assert.equal(new Set(events.slice(0, 3).map((event) => event.flow_id)), new Set([2 ** 51 - 1]))
  assert.is(events[3].flow_id, Number(0x0123456789abcdefn & (2n ** 51n - 1n)))
  const own = (events[3].flowhawk as Record<string, Fields>).flow
  assert.is(own.flow_id, '0123456789abcdef')
  assert.is(own.label, 'dns')
  assert.not('src_ip' in own)
})

test('TCP flags are those of each side, the state is as Zeek saw it', async () => {
  const tcp = (connState: string, endReason: ClosedFlow['endReason']) =>
    closedFlow({
      protocol: 6,
      connState,
      endReason,
      src: side({ packets: 3, tcpFlags: 0x1b }),
      dst: side({ packets: 2, tcpFlags: 0x52 }),
    })
  const [flow, , back] = await eventsOf(tcp('SF', 'fin'))
  assert.equal(flow.tcp, {
    tcp_flags: '5b',
    tcp_flags_ts: '1b',
    tcp_flags_tc: '52',
    fin: true,
    syn: true,
    psh: true,
    ack: true,
    ecn: true,
    state: 'closed',
  })
  assert.equal(back.tcp, { tcp_flags: '52', syn: true, ack: true, ecn: true })
  assert.is((flow.flow as Fields).state, 'closed')
  const [open] = await eventsOf(tcp('S1', 'capture_end'))
  assert.equal([(open.flow as Fields).state, (open.flow as Fields).reason], ['established', 'shutdown'])
  assert.is((open.tcp as Fields).state, 'established')
  const [reset] = await eventsOf(tcp('OTH', 'rst'))
  assert.equal([(reset.flow as Fields).state, (reset.tcp as Fields).state], ['closed', 'closed'])
  const [gone] = await eventsOf(tcp('OTH', 'evicted'))
  assert.is((gone.flow as Fields).reason, 'forced')
  assert.not('state' in (gone.tcp as Fields))
})

test('VLANs, ICMP and other protocols', async () => {
  const [tagged] = await eventsOf(closedFlow({ encapsulation: ['vlan:100', 'vlan:7', 'vxlan:5'] }))
  assert.equal(tagged.vlan, [100, 7])
  const none = { srcPort: -1, dstPort: -1 }
  const [ping] = await eventsOf(closedFlow({ ...none, protocol: 1, icmpType: 8, icmpCode: 0 }))
  assert.equal([ping.proto, ping.icmp_type, ping.icmp_code, 'src_port' in ping], ['ICMP', 8, 0, false])
  const [six] = await eventsOf(
    closedFlow({
      ...none,
      protocol: 58,
      icmpType: 128,
      icmpCode: 0,
      ...between('2001:db8::1', '2001:db8::2'),
    }),
  )
  assert.is(six.proto, 'IPv6-ICMP')
  const [gre] = await eventsOf(closedFlow({ ...none, protocol: 47 }))
  assert.is(gre.proto, 'GRE')
  const [unnamed] = await eventsOf(closedFlow({ ...none, protocol: 61 }))
  assert.is(unnamed.proto, '061')
})

test('a label that is only possible is not claimed', async () => {
  const { verdict } = closedFlow()
  const [event] = await eventsOf(closedFlow({ verdict: { ...verdict, certainty: 'possible' } }))
  assert.is(event.app_proto, 'failed')
  assert.is((event.flowhawk as Record<string, Fields>).flow.label, 'dns')
})

test('a protocol has the name that Suricata gives it', async () => {
  const { verdict } = closedFlow()
  for (const [label, name] of [
    ['kerberos', 'krb5'],
    ['vnc', 'rfb'],
    ['mosh', 'mosh'],
  ]) {
    const [event] = await eventsOf(closedFlow({ verdict: { ...verdict, label } }))
    assert.is(event.app_proto, name)
  }
})

test('other records are events of their own type', async () => {
  const events = objectsOf(await fileOf('eve', { records: TIMED }, feedAll))
  const own = events.filter((event) => event.event_type === 'flowhawk')
  assert.equal(
    own.map((event) => Object.keys(event.flowhawk as Fields)[0]),
    ['session', 'open_session', 'pool', 'concurrency', 'notice', 'stats', 'summary'],
  )
  for (const event of own) {
    assert.match(String(event.timestamp), TIME)
    conforms(event, TOP)
  }
  const [session] = own
  assert.is((session.flowhawk as Record<string, Fields>).session.slot, 60001)
})

test('hostile strings stay strings', async () => {
  for (const text of HOSTILE) {
    const file = await fileOf('eve', { records: ['flow'] }, (sink) =>
      sink.flow(closedFlow({ hostname: text, extras: hostileExtras(text) })),
    )
    assert.not.match(file.toString('latin1').replaceAll('\n', ''), /[\u0000-\u001f\u007f]/)
    const [event] = objectsOf(file)
    assert.is((event.flowhawk as Record<string, Fields>).flow.hostname, text)
  }
})

test.run()
