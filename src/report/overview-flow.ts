/**
 * What a page wants of a flow: the fields of its record that are counted or shown. From the pipeline's own flow
 * without the detour over a record, which would cost more than the rest of the page.
 */
import { addressText } from '../address.ts'
import { idText } from '../text.ts'
import type { ClosedFlow } from '../types.ts'
import { protocolName } from './protocols.ts'
import type { FlowRecord } from './record-types.ts'
import { timeText } from './time.ts'

export type FlowFacts = Pick<
  FlowRecord,
  | 'flow_id'
  | 'start'
  | 'end'
  | 'duration'
  | 'transport'
  | 'src_ip'
  | 'src_port'
  | 'dst_ip'
  | 'dst_port'
  | 'src_packets'
  | 'src_wire_bytes'
  | 'dst_packets'
  | 'dst_wire_bytes'
  | 'anomalies'
  | 'label'
  | 'certainty'
  | 'category'
  | 'evidence'
  | 'hostname'
>

/** A copy: the flow is borrowed. */
export function factsOf(flow: ClosedFlow): FlowFacts {
  const { ipVersion, verdict, src, dst } = flow
  const { srcPort, dstPort, anomalies } = flow
  return {
    flow_id: idText(flow.idHigh, flow.idLow),
    start: timeText(flow.startSec, flow.startNsec),
    end: timeText(flow.endSec, flow.endNsec),
    duration: Math.max(0, flow.endSec - flow.startSec + (flow.endNsec - flow.startNsec) / 1e9),
    transport: protocolName(flow.protocol),
    src_ip: addressText(ipVersion, flow.src0, flow.src1, flow.src2, flow.src3),
    src_port: srcPort < 0 ? undefined : srcPort,
    dst_ip: addressText(ipVersion, flow.dst0, flow.dst1, flow.dst2, flow.dst3),
    dst_port: dstPort < 0 ? undefined : dstPort,
    src_packets: src.packets,
    src_wire_bytes: src.wireBytes,
    dst_packets: dst.packets,
    dst_wire_bytes: dst.wireBytes,
    anomalies: anomalies.length === 0 ? undefined : [...anomalies],
    label: verdict.label,
    certainty: verdict.certainty,
    category: verdict.category,
    evidence: verdict.evidence,
    hostname: flow.hostname,
  }
}
