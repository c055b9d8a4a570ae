/** The input of the texts of `flowhawk explain`: plain values, gathered by the command, and short facts derived from them. */
import type { Certainty, Instant, PoolRule } from '../../types.ts'
import type { FlowRecord, SessionRecord } from '../record/record-types.ts'

/** A header of a packet; offset and length in bytes from the frame's first byte. */
export interface Layer {
  protocol: string
  offset: number
  length: number
  fields: Record<string, string | number>
  /** Part of the datagram that an ICMP error quotes. */
  quoted?: true
}

/** A packet of a flow, as an example for all of its direction. */
export interface Sample {
  frame: number
  linkType: number
  layers: readonly Layer[]
  encapsulation: readonly string[]
  /** Identifier of ICMP echo and the like; 0 for none. */
  icmpIdentifier: number
}

/** A flow record with its times exact. */
export interface KeptFlow {
  record: FlowRecord
  start: Instant
  end: Instant
}

/** A flow between the same two ends (and ports), besides the explained one. */
export interface RelatedFlow extends KeptFlow {
  relation: 'continued' | 'continued_by' | 'same_ends'
}

export interface FlowFacts extends KeptFlow {
  /** The capture that holds the flow's first packet; absent when it was not found again. */
  source?: string
  /** The first packet, and the first of every other shape (direction, tags, tunnels) that was seen. */
  samples: readonly Sample[]
  /** Identifications of its fragmented datagrams; empty where there are none, or too many to name. */
  fragmentIds: readonly number[]
  related: readonly RelatedFlow[]
  /** All flows of the same ends and encapsulation, this one included: what a filter without time selects. */
  sameEnds: { flows: number; packets: number }
  /** Keyed encapsulations of other flows with the same ends. */
  otherEncapsulations: readonly (readonly string[])[]
  /** Another flow has the two ports the other way round. */
  crossed: boolean
  ignoreVlan: boolean
  /** Only a span of time was analysed: nothing is known of packets outside of it. */
  cut: boolean
  /** Its capture has interfaces of different link types or snapshot lengths: libpcap, and so tcpdump, refuses it. */
  mixedInterfaces?: boolean
}

export interface FlowExplanation {
  /** What the user gave as id. */
  asked: string
  flow: FlowFacts
  sessions: readonly SessionRecord[]
  changes: readonly Change[]
}

/** What would change a verdict, and what it would be then. */
export interface Change {
  says: string
  label: string
  certainty: Certainty
}

export interface SessionFacts {
  session: SessionRecord
  start: Instant
  end: Instant
  flows: readonly FlowFacts[]
  /** The sessions before and after on the same slot. */
  before?: SessionRecord
  after?: SessionRecord
  /** First and last packet of the input. */
  window?: { start: Instant; end: Instant }
  rule?: PoolRule
  /** Seconds; 0 is never. */
  idleSec: number
  /** What the slot's rank implies about the others. */
  implies: string
  slots: number
  site: boolean
}

export interface PacketFacts {
  source: string
  frame: number
  time: string
  linkType: string
  wireBytes: number
  capturedBytes: number
  encapsulation: readonly string[]
  layers: readonly Layer[]
  status: string
  reason: string
  /** The frame's first bytes, up to the payload. */
  headers: Uint8Array
  /** Length of all headers; more than `headers` holds where that was cut. */
  headerBytes: number
  /** Flows the packet may belong to; one where it is certain. */
  flows: readonly PacketFlow[]
}

export interface PacketFlow {
  flow_id: string
  label: string
  certainty: Certainty
  src_ip: string
  src_port?: number
  dst_ip: string
  dst_port?: number
}

export interface Filters {
  wireshark: string
  /** Absent where no tcpdump filter selects these packets. */
  tcpdump?: string
  /** Packets of this input that the tcpdump filter selects. */
  tcpdump_packets?: number
  notes: string[]
}

export const ICMP = 1
export const ICMPV6 = 58
const UNKEYED = /^(?:(?:mpls|nsh)(?::|$)|vlan:0$)/
const WITH_ID = /^(?:vlan|vxlan|geneve):/

/**
 * The parts of an encapsulation that distinguish flows: VLAN ids, network identifiers and the kinds of tunnels, but no labels
 * and no identifiers that differ by direction.
 */
export function keyedEncapsulation(list: readonly string[], ignoreVlan: boolean): string[] {
  return list
    .filter((each) => !UNKEYED.test(each) && !(ignoreVlan && each.startsWith('vlan:')))
    .map((each) => (WITH_ID.test(each) ? each : each.replace(/:.*$/, '')))
}

export function isIpv6({ src_ip: ip }: FlowRecord): boolean {
  return ip.includes(':')
}

export function hasFragments({ anomalies }: FlowRecord): boolean {
  return anomalies?.includes('fragments') === true
}

export function isOrphan({ anomalies, src_port: port }: FlowRecord): boolean {
  return port === undefined && anomalies?.includes('orphan_fragments') === true
}

/** Counterparts of ICMP types, as Community ID pairs them. */
const PEERS = new Map(
  [
    [0, 8],
    [13, 14],
    [15, 16],
    [17, 18],
    [10, 9],
  ].flatMap(([a, b]): [number, number][] => [
    [a, b],
    [b, a],
  ]),
)
const PEERS_V6 = new Map(
  [
    [128, 129],
    [130, 131],
    [133, 134],
    [135, 136],
    [139, 140],
    [144, 145],
  ].flatMap(([a, b]): [number, number][] => [
    [a, b],
    [b, a],
  ]),
)

/** The type that answers an ICMP type, as Community ID pairs them; undefined where the flow has one direction. */
export function icmpPeer(protocol: number, type: number): number | undefined {
  if (protocol === ICMP) return PEERS.get(type)
  return protocol === ICMPV6 ? PEERS_V6.get(type) : undefined
}
