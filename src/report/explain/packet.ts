/** One packet explained: its headers with offsets, why decoding ended, its flow, and the header bytes. */
import { endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import { jsonText } from '../record/json.ts'
import { counted } from '../terminal/layout.ts'
import type { PacketFacts } from './facts.ts'
import { createPage, type TextOptions } from './text.ts'

const BYTES_A_LINE = 16
const HALF_LINE = 8
const OFFSET_DIGITS = 4

export function packetJson(facts: PacketFacts): string {
  const { source, frame, time, linkType, wireBytes, capturedBytes } = facts
  return `${jsonText({
    type: 'explanation',
    v: 1,
    of: 'packet',
    source: safeText(source),
    frame,
    time,
    link_type: linkType,
    wire_bytes: wireBytes,
    captured_bytes: capturedBytes,
    encapsulation: facts.encapsulation,
    layers: facts.layers,
    status: facts.status,
    reason: facts.reason,
    flow_id: facts.flows.length === 1 ? facts.flows[0].flow_id : undefined,
    flows: facts.flows,
    header_bytes: facts.headerBytes,
    header_hex: Buffer.from(facts.headers).toString('hex'),
  })}\n`
}

export function packetText(facts: PacketFacts, options: TextOptions): string {
  const page = createPage(options)
  page.head(`Packet ${facts.frame} of ${safeText(facts.source)}`)
  page.row('when', facts.time)
  const cut = facts.capturedBytes < facts.wireBytes ? `, of which ${facts.capturedBytes} captured` : ''
  page.row('size', `${counted(facts.wireBytes, 'byte')} on the wire${cut}`)
  page.row('link type', facts.linkType)
  page.row('result', `${facts.status}: ${facts.reason}`)
  addFlows(facts, page.row)
  page.gap()
  page.head('Headers (offset, length)')
  for (const { protocol, offset, length, fields, quoted } of facts.layers) {
    const values = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
    const name = `${protocol}${quoted ? ', quoted' : ''}`
    page.row(`${offset}+${length}`, `${name}${values.length > 0 ? `: ${values.join(', ')}` : ''}`)
  }
  if (facts.layers.length === 0) page.row('', 'none was read')
  page.gap()
  page.head('Bytes of the headers')
  for (const line of hexLines(facts.headers)) page.verbatim('', line)
  const more = facts.headerBytes - facts.headers.length
  if (more > 0) page.row('', `and ${counted(more, 'more byte')} of headers`)
  return page.text()
}

function addFlows({ flows, status }: PacketFacts, row: (label: string, text: string) => void): void {
  for (const flow of flows) {
    const from = endpoint(flow.src_ip, flow.src_port)
    const to = endpoint(flow.dst_ip, flow.dst_port)
    const doubt = flows.length > 1 ? 'maybe ' : ''
    row('flow', `${doubt}${flow.flow_id}: ${from} to ${to}, ${flow.label}, ${flow.certainty}`)
  }
  if (flows.length === 0 && (status === 'decoded' || status === 'held')) {
    row('flow', 'none found: the fragment that names its ports did not come')
  }
}

/** "0000  00 11 22 33 44 55 66 77  88 99 aa bb cc dd ee ff  ........ ........" */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    const line = [...bytes.subarray(at, at + BYTES_A_LINE)]
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0'))
    const halves = [hex.slice(0, HALF_LINE), hex.slice(HALF_LINE)].map((half) => half.join(' ').padEnd(23))
    const text = line.map((byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(OFFSET_DIGITS, '0')}  ${halves.join('  ')}  ${text}`)
  }
  return lines
}
