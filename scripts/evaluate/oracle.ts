/**
 * The oracle's flows and ours under one key. The oracle has one flow per 5-tuple and VLAN for a whole file; here
 * both sides are added up per 5-tuple, whatever the encapsulation; ICMP and protocols without ports per pair of
 * addresses. Our port-less records of TCP and UDP (orphan fragments) stand aside: the oracle drops them.
 */
import type { FlowRecord } from '../../src/report/record/record-types.ts'
import type { Certainty } from '../../src/types.ts'

export interface OracleFlow {
  ip_proto: number
  ip_a: string
  port_a: number
  ip_b: string
  port_b: number
  packets_ab: number
  bytes_ab: number
  packets_ba: number
  bytes_ba: number
  master: string
  app: string
  confidence: string
  hostname?: string
  vlan?: number
  tunnel?: string
}

export interface OracleCapture {
  pcap: string
  flows: OracleFlow[]
}

/** Packets and bytes sent by the endpoint that sorts first, and by the other. */
export interface Sum {
  key: string
  packets: [number, number]
  bytes: [number, number]
}

export interface OracleSum extends Sum {
  flows: OracleFlow[]
}

export interface OurSum extends Sum {
  records: FlowRecord[]
}

const PORTS = new Set([6, 17])

function keyOf(
  protocol: number,
  a: [ip: string, port: number],
  b: [ip: string, port: number],
): { key: string; swapped: boolean } {
  const ports = PORTS.has(protocol)
  const [left, right] = [a, b].map(([ip, port]) => (ports ? `${ip} ${port}` : ip))
  const swapped = left > right
  return { key: `${protocol} ${swapped ? `${right} ${left}` : `${left} ${right}`}`, swapped }
}

function add(sum: Sum, swapped: boolean, packets: [number, number], bytes: [number, number]): void {
  const first = swapped ? 1 : 0
  sum.packets[0] += packets[first]
  sum.packets[1] += packets[1 - first]
  sum.bytes[0] += bytes[first]
  sum.bytes[1] += bytes[1 - first]
}

export function sumOracle(capture: OracleCapture): Map<string, OracleSum> {
  const sums = new Map<string, OracleSum>()
  for (const flow of capture.flows) {
    const { key, swapped } = keyOf(flow.ip_proto, [flow.ip_a, flow.port_a], [flow.ip_b, flow.port_b])
    const sum: OracleSum = sums.get(key) ?? { key, packets: [0, 0], bytes: [0, 0], flows: [] }
    sums.set(key, sum)
    add(sum, swapped, [flow.packets_ab, flow.packets_ba], [flow.bytes_ab, flow.bytes_ba])
    sum.flows.push(flow)
  }
  return sums
}

/** The oracle prints every ":0:" of an IPv6 address as "::". */
function oracleText(ip: string): string {
  let text = ip
  while (text.includes(':0:')) text = text.replace(':0:', '::')
  return text
}

export function sumOurs(records: readonly FlowRecord[]): {
  sums: Map<string, OurSum>
  orphans: FlowRecord[]
} {
  const sums = new Map<string, OurSum>()
  const orphans: FlowRecord[] = []
  for (const record of records) {
    if (PORTS.has(record.ip_proto) && record.src_port === undefined) {
      orphans.push(record)
      continue
    }
    const [src, dst] = [oracleText(record.src_ip), oracleText(record.dst_ip)]
    const { key, swapped } = keyOf(record.ip_proto, [src, record.src_port ?? 0], [dst, record.dst_port ?? 0])
    const sum: OurSum = sums.get(key) ?? { key, packets: [0, 0], bytes: [0, 0], records: [] }
    sums.set(key, sum)
    add(
      sum,
      swapped,
      [record.src_packets, record.dst_packets],
      [record.src_wire_bytes, record.dst_wire_bytes],
    )
    sum.records.push(record)
  }
  return { sums, orphans }
}

export const sameCounts = (a: [number, number], b: [number, number]) => a[0] === b[0] && a[1] === b[1]

const RANK: Record<Certainty, number> = { confirmed: 3, likely: 2, possible: 1, unknown: 0 }

/** The record that knows most about its conversation; of equals the one with more packets. */
export function best(records: readonly FlowRecord[]): FlowRecord {
  return records.reduce((a, b) => {
    const better = RANK[b.certainty] - RANK[a.certainty]
    if (better !== 0) return better > 0 ? b : a
    return b.src_packets + b.dst_packets > a.src_packets + a.dst_packets ? b : a
  })
}
