/**
 * Elastic Common Schema, flows as Packetbeat ships them. In: records. Out: one event a line. Promised: every field
 * outside `flowhawk`, `flow` and `type` is one of ECS with its type; what ECS has no field for is under `flowhawk`, by
 * kind of record. Not supported: interim events of a flow that continues.
 */

import type { FlowhawkRecord, FlowRecord, SessionRecord, Time } from '../record/record-types.ts'
import { instantOf } from '../record/time.ts'
import { claimedLabel, eventTime, ownFields, vlanIds } from './events.ts'
import type { TextFormat } from './format-types.ts'

const ECS = { version: '8.11.0' }
const OBSERVER = { product: 'flowhawk', type: 'sensor' }
const BILLION = 1_000_000_000

export function ecs(): TextFormat {
  return { head: '', text: (record) => JSON.stringify(eventOf(record)) }
}

/** Field by field, also below: objects made with spreads take several times as long to serialise. */
function eventOf(record: FlowhawkRecord): Record<string, unknown> {
  if (record.type === 'flow') return flowEvent(record)
  if (record.type === 'session') return sessionEvent(record)
  const kind = record.type === 'notice' ? 'event' : 'metric'
  return {
    '@timestamp': eventTime(record),
    event: { kind, category: ['network'], type: ['info'], dataset: dataset(record) },
    ecs: ECS,
    observer: OBSERVER,
    flowhawk: ownFields(record),
  }
}

function dataset({ type }: FlowhawkRecord): string {
  return `flowhawk.${type}`
}

/** As Packetbeat names them; a flow that was split by age goes on, so this was not its last event. */
function flowEvent(flow: FlowRecord): Record<string, unknown> {
  const final = flow.end_reason !== 'active'
  const [outer, inner] = vlanIds(flow)
  return {
    '@timestamp': eventTime(flow),
    type: 'flow',
    event: {
      kind: 'event',
      category: ['network'],
      type: final ? ['connection', 'end'] : ['connection'],
      action: 'network_flow',
      dataset: 'flow',
      start: flow.start,
      end: flow.end,
      duration: durationOf(flow),
    },
    flow: { id: flow.flow_id, final, vlan: flowVlan(flow) },
    network: {
      type: flow.src_ip.includes(':') ? 'ipv6' : 'ipv4',
      transport: flow.transport,
      iana_number: String(flow.ip_proto),
      protocol: claimedLabel(flow),
      community_id: flow.community_id,
      bytes: flow.src_wire_bytes + flow.dst_wire_bytes,
      packets: flow.src_packets + flow.dst_packets,
      // ECS calls the outer tag of two `network.vlan`, the inner one `network.inner.vlan`.
      vlan: outer === undefined ? undefined : { id: String(outer) },
      inner: inner === undefined ? undefined : { vlan: { id: String(inner) } },
    },
    source: {
      ip: flow.src_ip,
      port: flow.src_port,
      bytes: flow.src_wire_bytes,
      packets: flow.src_packets,
    },
    destination: {
      ip: flow.dst_ip,
      port: flow.dst_port,
      domain: flow.hostname,
      bytes: flow.dst_wire_bytes,
      packets: flow.dst_packets,
    },
    process: processOf(flow),
    user: userOf(flow),
    ecs: ECS,
    observer: OBSERVER,
    flowhawk: ownFields(flow),
  }
}

function sessionEvent(session: SessionRecord): Record<string, unknown> {
  const [client] = session.clients
  return {
    '@timestamp': eventTime(session),
    event: {
      kind: 'event',
      category: ['network', 'session'],
      type: ['connection', 'end'],
      action: 'network_session',
      dataset: dataset(session),
      start: session.start,
      end: session.end,
      duration: durationOf(session),
    },
    network: {
      type: session.server_ip.includes(':') ? 'ipv6' : 'ipv4',
      transport: session.transport,
      bytes: session.ip_bytes,
      packets: session.packets,
    },
    source: client && { ip: client.ip, port: client.port },
    destination: { ip: session.server_ip, port: session.slot },
    process: processOf(session),
    user: userOf(session),
    ecs: ECS,
    observer: OBSERVER,
    flowhawk: ownFields(session),
  }
}

/** Nanoseconds; a double holds them exactly up to 104 days. */
function durationOf({ start, end }: { start: Time; end: Time }): number {
  const [startSec, startNsec] = instantOf(start)
  const [endSec, endNsec] = instantOf(end)
  return Math.max(0, (endSec - startSec) * BILLION + endNsec - startNsec)
}

/** Packetbeat's: a number, or of several tags the outermost first. */
function flowVlan(flow: FlowRecord): number | number[] | undefined {
  const ids = vlanIds(flow)
  return ids.length > 1 ? ids : ids[0]
}

/** On the host that flowhawk runs on. */
function processOf({ process }: FlowRecord | SessionRecord): object | undefined {
  return process && { pid: process.pid, name: process.name }
}

function userOf({ process }: FlowRecord | SessionRecord): object | undefined {
  return process?.user === undefined ? undefined : { name: process.user }
}
