/** ECS events against the fields and types of Elastic Common Schema 8.11 (generated/csv/fields.csv). */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { communityId } from '../../../src/report/record/community-id.ts'
import type { ClosedFlow } from '../../../src/types.ts'
import { between, closedFlow } from '../record/flows.ts'
import { session } from '../record/records.ts'
import { feedAll, fileOf, HOSTILE, hostileExtras, objectsOf, TIMED } from './formatting.ts'

const test = suite('report/ecs')

/** The fields that may be there, as ECS has them; the last four lines are Packetbeat's. */
const FIELDS: Record<string, string> = {
  '@timestamp': 'date',
  'ecs.version': 'keyword',
  'observer.product': 'keyword',
  'observer.type': 'keyword',
  'event.kind': 'keyword',
  'event.category': 'keyword',
  'event.type': 'keyword',
  'event.action': 'keyword',
  'event.dataset': 'keyword',
  'event.start': 'date',
  'event.end': 'date',
  'event.duration': 'long',
  'network.type': 'keyword',
  'network.transport': 'keyword',
  'network.iana_number': 'keyword',
  'network.protocol': 'keyword',
  'network.community_id': 'keyword',
  'network.bytes': 'long',
  'network.packets': 'long',
  'network.vlan.id': 'keyword',
  'network.inner.vlan.id': 'keyword',
  'source.ip': 'ip',
  'source.port': 'long',
  'source.bytes': 'long',
  'source.packets': 'long',
  'destination.ip': 'ip',
  'destination.port': 'long',
  'destination.domain': 'keyword',
  'destination.bytes': 'long',
  'destination.packets': 'long',
  'process.pid': 'long',
  'process.name': 'keyword',
  'user.name': 'keyword',
  type: 'keyword',
  'flow.id': 'keyword',
  'flow.final': 'boolean',
  'flow.vlan': 'long',
}
/** What ECS allows there. */
const ALLOWED: Record<string, readonly string[]> = {
  'event.kind': ['event', 'metric'],
  'event.category': ['network', 'session'],
  'event.type': ['connection', 'end', 'info'],
  'network.type': ['ipv4', 'ipv6'],
}
const REQUIRED = ['@timestamp', 'ecs.version', 'event.kind', 'event.category', 'event.type', 'event.dataset']

type Fields = Record<string, unknown>

function flatten(fields: object, above = ''): [name: string, value: unknown][] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const path = above + name
    if (path === 'flowhawk') return []
    const group = typeof value === 'object' && value !== null && !Array.isArray(value)
    return group ? flatten(value, `${path}.`) : [[path, value]]
  })
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'long') return Number.isInteger(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  if (type === 'date') return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(value)
  return type === 'ip' ? /^[0-9a-f.:]+$/.test(value) : true
}

function conforms(event: Fields): void {
  const flat = flatten(event)
  for (const [name, value] of flat) {
    for (const each of Array.isArray(value) ? value : [value]) {
      assert.ok(isOf(FIELDS[name], each), `${name}: ${each} is no ${FIELDS[name]}`)
      assert.ok(ALLOWED[name]?.includes(each) ?? true, `${name}: ${each}`)
    }
  }
  const names = flat.map(([name]) => name)
  for (const name of REQUIRED) assert.ok(names.includes(name), name)
}

async function eventOf(fields: Partial<ClosedFlow> = {}): Promise<Record<string, Fields>> {
  const file = await fileOf('ecs', { records: ['flow'] }, (sink) => sink.flow(closedFlow(fields)))
  const [event] = objectsOf(file)
  conforms(event)
  return event as Record<string, Fields>
}

test('a flow is what Packetbeat would ship', async () => {
  const { flowhawk, ...event } = await eventOf({ hostname: 'ns.example' })
  assert.equal(event, {
    '@timestamp': '2020-09-13T12:26:41.250000005Z',
    type: 'flow',
    event: {
      kind: 'event',
      category: ['network'],
      type: ['connection', 'end'],
      action: 'network_flow',
      dataset: 'flow',
      start: '2020-09-13T12:26:40.000000005Z',
      end: '2020-09-13T12:26:41.250000005Z',
      duration: 1_250_000_000,
    },
    flow: { id: '0123456789abcdef', final: true },
    network: {
      type: 'ipv4',
      transport: 'udp',
      iana_number: '17',
      protocol: 'dns',
      community_id: communityId(closedFlow()),
      bytes: 158,
      packets: 2,
    },
    source: { ip: '192.0.2.1', port: 53124, bytes: 71, packets: 1 },
    destination: { ip: '198.51.100.53', port: 53, domain: 'ns.example', bytes: 87, packets: 1 },
    ecs: { version: '8.11.0' },
    observer: { product: 'flowhawk', type: 'sensor' },
  })
  const own = flowhawk.flow as Fields
  assert.equal([own.label, own.certainty, own.flow_id], ['dns', 'confirmed', '0123456789abcdef'])
  assert.not('src_ip' in own)
})

test('a flow that was split by age is not over', async () => {
  const { event, flow } = await eventOf({ endReason: 'active' })
  assert.is(flow.final, false)
  assert.equal(event.type, ['connection'])
})

test('IPv6, VLANs, no ports, no claim', async () => {
  const { verdict } = closedFlow()
  const { network, source, flow } = await eventOf({
    ...between('2001:db8::1', '2001:db8::2'),
    protocol: 58,
    srcPort: -1,
    dstPort: -1,
    icmpType: 128,
    icmpCode: 0,
    encapsulation: ['vlan:100', 'vlan:7'],
    verdict: { ...verdict, certainty: 'possible' },
  })
  assert.equal([network.type, network.transport, network.protocol], ['ipv6', 'ipv6-icmp', undefined])
  assert.equal([network.vlan, network.inner], [{ id: '100' }, { vlan: { id: '7' } }])
  assert.equal(flow.vlan, [100, 7])
  assert.not('port' in source)
})

test('every other record is an event, its own fields under its kind', async () => {
  const events = objectsOf(await fileOf('ecs', { records: TIMED }, feedAll))
  for (const event of events) conforms(event)
  assert.equal(
    events.map((event) => Object.keys(event.flowhawk as Fields)[0]),
    ['flow', 'session', 'open_session', 'pool', 'concurrency', 'notice', 'stats', 'summary'],
  )
  const [, { source, destination }] = events as Record<string, Fields>[]
  assert.equal(
    [source, destination],
    [
      { ip: '10.0.0.9', port: 40112 },
      { ip: '10.0.0.1', port: 60001 },
    ],
  )
})

test('the process of a live run is that of ECS', async () => {
  const owner = { pid: 42, name: 'mosh-server', user: 'ann' }
  const file = await fileOf('ecs', { records: ['flow', 'session'] }, (sink) => {
    sink.flow(closedFlow({ process: owner }))
    sink.session(session({ process: owner }))
  })
  for (const event of objectsOf(file)) {
    conforms(event)
    assert.equal([event.process, event.user], [{ pid: 42, name: 'mosh-server' }, { name: 'ann' }])
  }
})

test('a session without clients has no source', async () => {
  const file = await fileOf('ecs', { records: ['session'] }, (sink) => sink.session(session({ clients: [] })))
  const [event] = objectsOf(file)
  conforms(event)
  assert.not('source' in event)
})

test('hostile strings stay strings', async () => {
  for (const text of HOSTILE) {
    const event = await eventOf({ hostname: text, extras: hostileExtras(text) })
    assert.is(event.destination.domain, text)
  }
})

test.run()
