/**
 * The decode path of one packet, for a person: every header with its offset, length and a few fields, and why the
 * decode ended. It runs the same loop as decode.ts with a trace switched on; only the fields shown are read here.
 * A later fragment is shown without its flow, which cannot be known from one packet alone.
 */
import { PACKET_SNAPLEN_CUT } from '../bytes.ts'
import type { Packet, PacketBatch } from '../types.ts'
import { createCursor, type TraceStep } from './cursor.ts'
import { type DecodeOptions, decodePacket, startPacket } from './decode.ts'
import { encapsulationText } from './encapsulation.ts'
import { describe, type Fields, isOnlyDispatch, protocolName } from './explain-fields.ts'
import { createPacket } from './packet.ts'
import { DECODED, HELD, LINK_TYPE_UNKNOWN, NON_IP, STATUS_REASONS, statusName, TOO_DEEP } from './status.ts'

export interface ExplainedLayer {
  protocol: string
  /** Bytes from the frame's first byte. */
  offset: number
  /** Bytes of the header; 0 where it was cut or broken. */
  length: number
  fields: Fields
  /** Part of the datagram that an ICMP error quotes. */
  quoted?: true
}

export interface Explanation {
  frame: number
  linkType: number
  wireBytes: number
  capturedBytes: number
  layers: ExplainedLayer[]
  encapsulation: string[]
  /** Status name as in summary.undecoded; "decoded" when the packet belongs to a flow. */
  status: string
  /** Why decoding stopped where it did: one sentence without a full stop. */
  reason: string
  /** The packet as the pipeline sees it. */
  packet: Packet
}

export function explainPacket(batch: PacketBatch, index: number, options: DecodeOptions): Explanation {
  const cursor = createCursor(options.decapsulate === 'inner', options.ignoreVlan)
  const quoted = createCursor(false, true)
  const trace: TraceStep[] = []
  const packet = createPacket()
  cursor.trace = trace
  startPacket(cursor, batch, index, packet)
  const linkType = batch.linkType[index]
  const status = decodePacket(cursor, quoted, linkType)
  const start = batch.start[index]
  const capturedBytes = batch.capturedLength[index]
  return {
    frame: packet.frame,
    linkType,
    wireBytes: packet.wireBytes,
    capturedBytes,
    layers: layersOf(trace, packet, batch.bytes, { start, end: start + capturedBytes }),
    encapsulation: encapsulationText(packet),
    status: statusName(status),
    reason: reasonOf(trace, status, packet, linkType),
    packet,
  }
}

interface Frame {
  start: number
  end: number
}

function layersOf(trace: TraceStep[], packet: Packet, bytes: Uint8Array, frame: Frame): ExplainedLayer[] {
  const layers: ExplainedLayer[] = []
  let quoted = false
  for (const step of trace) {
    const layer = layerOf(step, packet, bytes, frame)
    if (layer !== undefined) {
      if (quoted) layer.quoted = true
      layers.push(layer)
    }
    // What follows the step that ended the decode belongs to the quoted datagram.
    if (step.next < 0) quoted = true
  }
  return layers
}

function layerOf(
  step: TraceStep,
  packet: Packet,
  bytes: Uint8Array,
  frame: Frame,
): ExplainedLayer | undefined {
  const status = step.next < 0 ? ~step.next : DECODED
  const valid = status === DECODED || status === HELD || status === NON_IP
  const moved = step.end - step.start
  if (isOnlyDispatch(step.step) && moved === 0 && valid) return undefined
  // A transport header does not move the cursor: it ends where the payload begins.
  const toPayload = Math.max(0, packet.payloadStart - step.start)
  return {
    protocol: protocolName(step.step),
    offset: step.start - frame.start,
    length: !valid ? 0 : moved > 0 ? moved : step.next < 0 ? Math.min(toPayload, frame.end - step.start) : 0,
    fields: valid ? describe(step.step, bytes, step.start, frame.end) : {},
  }
}

function reasonOf(trace: TraceStep[], status: number, packet: Packet, linkType: number): string {
  if (status === LINK_TYPE_UNKNOWN) return `${STATUS_REASONS[status]} (${linkType})`
  const last = trace.find((step) => step.next < 0)
  const inside = last === undefined ? TOO_DEEP : ~last.next
  if (status !== inside) {
    return `the tunnel's inside was not used (${STATUS_REASONS[inside]}): the packet counts for the flow around it`
  }
  const cut = (packet.flags & PACKET_SNAPLEN_CUT) !== 0 ? '; the capture cut the packet short' : ''
  if (status === NON_IP && packet.etherType >= 0) {
    return `EtherType 0x${packet.etherType.toString(16).padStart(4, '0')} carries no IP`
  }
  return `${STATUS_REASONS[status]}${cut}`
}
