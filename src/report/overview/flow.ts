/**
 * The fields of a flow that the page counts or shows, directly from the pipeline's flow: making a record of each would
 * cost more than the rest of the page.
 */
import { addressText } from '../../address.ts'
import { idText } from '../../text.ts'
import type { ClosedFlow } from '../../types.ts'
import { protocolName } from '../record/protocols.ts'
import type { FlowRecord } from '../record/record-types.ts'
import { epochText, timeText } from '../record/time.ts'

const BILLION = 1_000_000_000

export type FlowFacts = { readonly anomalies?: readonly string[] } & Readonly<
  Pick<
    FlowRecord,
    | 'flow_id'
    | 'start'
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
    | 'label'
    | 'certainty'
    | 'category'
    | 'evidence'
    | 'hostname'
  >
>

/** Borrowed like the flow; texts are made when they are read, as for nearly all flows only the counts are. */
export function factsOf(flow: ClosedFlow): FlowFacts {
  return new ClosedFacts(flow)
}

class ClosedFacts implements FlowFacts {
  readonly #flow: ClosedFlow

  constructor(flow: ClosedFlow) {
    this.#flow = flow
  }

  get flow_id() {
    return idText(this.#flow.idHigh, this.#flow.idLow)
  }

  get start() {
    return timeText(this.#flow.startSec, this.#flow.startNsec)
  }

  get duration() {
    const { startSec, startNsec, endSec, endNsec } = this.#flow
    const nsec = endNsec - startNsec
    const sec = endSec - startSec - (nsec < 0 ? 1 : 0)
    // Through the text of the record: a difference of doubles has other last digits.
    return sec < 0 ? 0 : Number(epochText(sec, nsec < 0 ? nsec + BILLION : nsec))
  }

  get transport() {
    return protocolName(this.#flow.protocol)
  }

  get src_ip() {
    const { ipVersion, src0, src1, src2, src3 } = this.#flow
    return addressText(ipVersion, src0, src1, src2, src3)
  }

  get src_port() {
    return portOf(this.#flow.srcPort)
  }

  get dst_ip() {
    const { ipVersion, dst0, dst1, dst2, dst3 } = this.#flow
    return addressText(ipVersion, dst0, dst1, dst2, dst3)
  }

  get dst_port() {
    return portOf(this.#flow.dstPort)
  }

  get src_packets() {
    return this.#flow.src.packets
  }

  get src_wire_bytes() {
    return this.#flow.src.wireBytes
  }

  get dst_packets() {
    return this.#flow.dst.packets
  }

  get dst_wire_bytes() {
    return this.#flow.dst.wireBytes
  }

  get anomalies() {
    return this.#flow.anomalies
  }

  get label() {
    return this.#flow.verdict.label
  }

  get certainty() {
    return this.#flow.verdict.certainty
  }

  get category() {
    return this.#flow.verdict.category
  }

  get evidence() {
    return this.#flow.verdict.evidence
  }

  get hostname() {
    return this.#flow.hostname
  }
}

function portOf(port: number): number | undefined {
  return port < 0 ? undefined : port
}
