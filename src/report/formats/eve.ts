/**
 * Suricata's EVE JSON. In: records. Out: for a flow a `flow` event and a `netflow` event for each direction that had
 * packets; for any other record an event of type `flowhawk`. What EVE has no field for is under `flowhawk`.
 * Promised: field names and types of Suricata's schema. Not supported: `alerted` is always false, and TTLs and TCP
 * gaps are not known.
 */

import type { FlowhawkRecord, FlowRecord, Time } from '../record/record-types.ts'
import { instantOf, timeText } from '../record/time.ts'
import { claimedLabel, eventTime, ownFields, vlanIds } from './events.ts'
import type { TextFormat } from './format-types.ts'

/** As Suricata does: readers that parse numbers as doubles would change larger ones. */
const FLOW_ID_MASK = (1n << 51n) - 1n
const MICROSECOND_END = 26
const TCP = 6
const TCP_FLAGS = 'FSRPAUEC'
const FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr']
/** By flag bits. */
const FLAG_FIELDS: readonly Record<string, true>[] = Array.from(
  { length: 1 << FLAG_NAMES.length },
  (_, bits) =>
    Object.fromEntries(FLAG_NAMES.filter((_, bit) => (bits & (1 << bit)) !== 0).map((name) => [name, true])),
)
/** Where Suricata has another name for the protocol. */
const APP_PROTOS: Readonly<Record<string, string>> = {
  kerberos: 'krb5',
  vnc: 'rfb',
  postgresql: 'pgsql',
  xmpp: 'jabber',
  'ethernet-ip': 'enip',
  'dce-rpc': 'dcerpc',
}
/** Suricata's name for a protocol that was not recognised. */
const NOT_FOUND = 'failed'
const REASONS: Readonly<Record<FlowRecord['end_reason'], string>> = {
  idle: 'timeout',
  active: 'timeout',
  fin: 'timeout',
  rst: 'timeout',
  evicted: 'forced',
  capture_end: 'shutdown',
  shutdown: 'shutdown',
}
/** Suricata's flow states, as far as they follow from Zeek's. */
const TCP_STATES: Readonly<Record<string, string>> = {
  S0: 'syn_sent',
  S1: 'established',
  S2: 'fin_wait1',
  S3: 'close_wait',
  SF: 'closed',
  REJ: 'closed',
  RSTO: 'closed',
  RSTR: 'closed',
  RSTOS0: 'closed',
  RSTRH: 'closed',
}

export function eve(): TextFormat {
  return { head: '', text: (record) => (record.type === 'flow' ? flowEvents(record) : ownEvent(record)) }
}

function ownEvent(record: FlowhawkRecord): string {
  const timestamp = eveTime(eventTime(record))
  return JSON.stringify({ timestamp, event_type: 'flowhawk', flowhawk: ownFields(record) })
}

function flowEvents(flow: FlowRecord): string {
  const vlan = vlanIds(flow)
  const common: Common = {
    timestamp: eveTime(flow.end),
    flowId: Number(BigInt(`0x${flow.flow_id}`) & FLOW_ID_MASK),
    vlan: vlan.length > 0 ? vlan : undefined,
    proto: protocolText(flow),
    appProto: appProto(flow),
    start: eveTime(flow.start),
    age: ageOf(flow),
  }
  const lines = [flowEvent(common, flow)]
  if (flow.src_packets > 0) lines.push(netflowEvent(common, flow, 'src'))
  if (flow.dst_packets > 0) lines.push(netflowEvent(common, flow, 'dst'))
  return lines.join('\n')
}

/** What the events of a flow have in common. */
interface Common {
  timestamp: string
  flowId: number
  vlan: number[] | undefined
  proto: string
  appProto: string
  start: string
  age: number
}

/** Field by field, here and below: objects made with spreads take several times as long to serialise. */
function flowEvent(
  { timestamp, flowId, vlan, proto, appProto, start, age }: Common,
  flow: FlowRecord,
): string {
  return JSON.stringify({
    timestamp,
    flow_id: flowId,
    event_type: 'flow',
    vlan,
    src_ip: flow.src_ip,
    src_port: flow.src_port,
    dest_ip: flow.dst_ip,
    dest_port: flow.dst_port,
    proto,
    icmp_type: flow.icmp_type,
    icmp_code: flow.icmp_code,
    app_proto: appProto,
    flow: {
      pkts_toserver: flow.src_packets,
      pkts_toclient: flow.dst_packets,
      bytes_toserver: flow.src_wire_bytes,
      bytes_toclient: flow.dst_wire_bytes,
      start,
      end: timestamp,
      age,
      state: stateOf(flow),
      reason: REASONS[flow.end_reason],
      alerted: false,
    },
    tcp: tcpFields(flow),
    community_id: flow.community_id,
    flowhawk: ownFields(flow),
  })
}

/** The sender comes first. */
function netflowEvent(common: Common, flow: FlowRecord, side: 'src' | 'dst'): string {
  const { timestamp, flowId, vlan, proto, appProto, start, age } = common
  const fromClient = side === 'src'
  const flags = flagBits(fromClient ? flow.src_tcp_flags : flow.dst_tcp_flags)
  return JSON.stringify({
    timestamp,
    flow_id: flowId,
    event_type: 'netflow',
    vlan,
    src_ip: fromClient ? flow.src_ip : flow.dst_ip,
    src_port: fromClient ? flow.src_port : flow.dst_port,
    dest_ip: fromClient ? flow.dst_ip : flow.src_ip,
    dest_port: fromClient ? flow.dst_port : flow.src_port,
    proto,
    icmp_type: fromClient ? flow.icmp_type : undefined,
    icmp_code: fromClient ? flow.icmp_code : undefined,
    app_proto: appProto,
    netflow: {
      pkts: fromClient ? flow.src_packets : flow.dst_packets,
      bytes: fromClient ? flow.src_wire_bytes : flow.dst_wire_bytes,
      start,
      end: timestamp,
      age,
    },
    tcp: flow.ip_proto === TCP ? { tcp_flags: hexText(flags), ...FLAG_FIELDS[flags] } : undefined,
    community_id: flow.community_id,
  })
}

function appProto(flow: FlowRecord): string {
  const label = claimedLabel(flow) ?? NOT_FOUND
  return APP_PROTOS[label] ?? label
}

/** IANA's keyword in capitals; a number without one in three digits. */
function protocolText({ transport, ip_proto }: FlowRecord): string {
  if (transport === 'ipv6-icmp') return 'IPv6-ICMP'
  return /^\d+$/.test(transport) ? String(ip_proto).padStart(3, '0') : transport.toUpperCase()
}

/** Whole seconds. */
function ageOf({ start, end }: FlowRecord): number {
  return Math.max(0, instantOf(end)[0] - instantOf(start)[0])
}

function stateOf(flow: FlowRecord): 'new' | 'established' | 'closed' {
  if (tcpState(flow) === 'closed') return 'closed'
  return flow.src_packets > 0 && flow.dst_packets > 0 ? 'established' : 'new'
}

/** A connection that was open when the capture began and then reset has Zeek's state OTH. */
function tcpState(flow: FlowRecord): string | undefined {
  if (flow.ip_proto !== TCP) return undefined
  return flow.end_reason === 'rst' ? 'closed' : TCP_STATES[flow.conn_state ?? '']
}

function tcpFields(flow: FlowRecord): Record<string, unknown> | undefined {
  if (flow.ip_proto !== TCP) return undefined
  const fromClient = flagBits(flow.src_tcp_flags)
  const fromServer = flagBits(flow.dst_tcp_flags)
  return {
    tcp_flags: hexText(fromClient | fromServer),
    tcp_flags_ts: hexText(fromClient),
    tcp_flags_tc: hexText(fromServer),
    ...FLAG_FIELDS[fromClient | fromServer],
    state: tcpState(flow),
  }
}

function flagBits(letters = ''): number {
  let bits = 0
  for (const letter of letters) bits |= 1 << TCP_FLAGS.indexOf(letter)
  return bits
}

function hexText(bits: number): string {
  return bits.toString(16).padStart(2, '0')
}

/** "2021-03-04T05:06:07.000000+0000" */
function eveTime(time: Time): string {
  const text = typeof time === 'string' ? time : timeText(...instantOf(time))
  return `${text.slice(0, MICROSECOND_END)}+0000`
}
