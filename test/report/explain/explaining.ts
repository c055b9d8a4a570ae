/** Facts of flows for tests of `explain`. */
import type { FlowFacts, Sample } from '../../../src/report/explain/facts.ts'
import type { FlowRecord } from '../../../src/report/record/record-types.ts'

/** A two-way UDP flow from 10.0.0.1:40000 to 10.0.0.2:53 that lasts from 1 to 2.5 s after 1970. */
export function flowRecord(fields: Partial<FlowRecord> = {}): FlowRecord {
  return {
    type: 'flow',
    v: 1,
    flow_id: '0123456789abcdef',
    community_id: '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=',
    first_frame: 1,
    start: '1970-01-01T00:00:01.000000000Z',
    end: '1970-01-01T00:00:02.500000000Z',
    duration: 1.5,
    transport: 'udp',
    ip_proto: 17,
    src_ip: '10.0.0.1',
    src_port: 40000,
    dst_ip: '10.0.0.2',
    dst_port: 53,
    orientation: 'registry',
    src_packets: 1,
    src_wire_bytes: 60,
    src_ip_bytes: 46,
    src_payload_bytes: 18,
    dst_packets: 1,
    dst_wire_bytes: 60,
    dst_ip_bytes: 46,
    dst_payload_bytes: 18,
    end_reason: 'idle',
    label: 'unknown',
    certainty: 'unknown',
    evidence: [],
    ...fields,
  }
}

export function flowFacts(record: Partial<FlowRecord> = {}, fields: Partial<FlowFacts> = {}): FlowFacts {
  return {
    record: flowRecord(record),
    start: [1, 0],
    end: [2, 500_000_000],
    samples: [],
    fragmentIds: [],
    related: [],
    sameEnds: { flows: 1, packets: 2 },
    otherEncapsulations: [],
    crossed: false,
    ignoreVlan: false,
    cut: false,
    ...fields,
  }
}

/** A packet from 10.0.0.1 behind the headers named, which stand one after another. */
export function sample(
  headers: readonly [protocol: string, length: number][],
  fields: Partial<Sample> = {},
): Sample {
  let offset = 0
  const layers = headers.map(([protocol, length]) => {
    const layer = { protocol, offset, length, fields: {} as Record<string, string | number> }
    if (protocol === 'ipv4') layer.fields = { src: '10.0.0.1', dst: '10.0.0.2', protocol: 17 }
    if (protocol === 'vlan') layer.fields = { id: 12, type: '0x0800' }
    offset += length
    return layer
  })
  return { frame: 1, linkType: 1, layers, encapsulation: [], icmpIdentifier: 0, ...fields }
}
