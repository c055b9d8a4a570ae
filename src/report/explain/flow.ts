/**
 * A flow explained: in words for a person, or as one JSON object. In: the flow's facts, its sessions, what would
 * change its verdict. Out: text. Strings from packets are those of the record, escaped already.
 */
import { endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import { jsonText } from '../record/json.ts'
import type { FlowRecord, SessionRecord } from '../record/record-types.ts'
import { readableTime } from '../record/time.ts'
import { byteText, counted, durationText } from '../terminal/layout.ts'
import { changesText, orderedEvidence } from './evidence.ts'
import type { FlowExplanation, FlowFacts } from './facts.ts'
import { flowFilters } from './filters.ts'
import { addFilters, createPage, type Page, type TextOptions } from './text.ts'
import {
  ANOMALIES,
  CERTAINTIES,
  CONNECTION_STATES,
  DATAGRAM_STATES,
  FLOW_ENDS,
  ORIENTATIONS,
} from './words.ts'

/** Related flows that are shown one by one. */
const MAX_SHOWN = 8
const MICROSECONDS = 6
/** The fields of the record besides its payload groups. */
const FIXED_GROUPS = ['evidence', 'candidates', 'registry', 'process', 'encapsulation', 'anomalies']

export function flowJson({ flow: facts, sessions, changes }: FlowExplanation): string {
  const { record, source, related, sameEnds } = facts
  return `${jsonText({
    type: 'explanation',
    v: 1,
    of: 'flow',
    source: source === undefined ? undefined : safeText(source),
    flow: record,
    orientation_says: ORIENTATIONS[record.orientation],
    certainty_says: CERTAINTIES[record.certainty],
    end_says: FLOW_ENDS[record.end_reason],
    anomalies: anomaliesOf(record),
    would_change: changes,
    related: related.map(({ relation, record: other }) => ({ relation, ...shortFlow(other) })),
    same_ends: sameEnds,
    sessions,
    filters: flowFilters(facts),
  })}\n`
}

function shortFlow(record: FlowRecord): Record<string, unknown> {
  const { flow_id, start, end, end_reason, src_packets, dst_packets, label, certainty } = record
  return { flow_id, start, end, end_reason, src_packets, dst_packets, label, certainty }
}

function anomaliesOf({ anomalies = [] }: FlowRecord): { name: string; says: string }[] {
  return anomalies.map((name) => ({ name, says: ANOMALIES[name] ?? name }))
}

export function flowText(explanation: FlowExplanation, options: TextOptions): string {
  const page = createPage(options)
  const { flow: facts, sessions, changes } = explanation
  const { record } = facts
  page.head(headline(record))
  addFacts(page, facts)
  addVerdict(page, record)
  if (changes.length > 0) changesText(page, changes)
  addNames(page, record)
  addRelated(page, facts, sessions)
  addFilters(page, flowFilters(facts))
  return page.text()
}

function headline(record: FlowRecord): string {
  const { transport, icmp_type: type, icmp_code: code } = record
  const from = endpoint(record.src_ip, record.src_port)
  const to = endpoint(record.dst_ip, record.dst_port)
  const icmp = type === undefined ? '' : ` type ${type} code ${code}`
  return `Flow ${record.flow_id}: ${from} to ${to}, ${transport}${icmp}: ${record.label}, ${record.certainty}`
}

function addFacts(page: Page, { record, source, start, end }: FlowFacts): void {
  const time = `${readableTime(start, MICROSECONDS)} to ${readableTime(end, MICROSECONDS)}`
  page.row('when', `${time} (${durationText(record.duration)})`)
  page.row('client', sideText(record, 'src'))
  page.row('server', sideText(record, 'dst'))
  page.row('orientation', `${record.orientation}: ${ORIENTATIONS[record.orientation]}`)
  if (record.encapsulation !== undefined) page.row('inside', record.encapsulation.join(', '))
  if (record.conn_state !== undefined) {
    const states = record.transport === 'tcp' ? CONNECTION_STATES : DATAGRAM_STATES
    const says = states[record.conn_state]
    const history = record.history === undefined ? '' : `, history ${record.history}`
    page.row('state', `${record.conn_state}${says === undefined ? '' : `: ${says}`}${history}`)
  }
  page.row('ended', `${record.end_reason}: ${FLOW_ENDS[record.end_reason]}`)
  if (record.handshake_rtt_ms !== undefined) page.row('handshake', `round trip ${record.handshake_rtt_ms} ms`)
  page.row('first', `frame ${record.first_frame}${source === undefined ? '' : ` of ${source}`}`)
  page.row('ids', `community ID ${record.community_id}`)
  for (const { name, says } of anomaliesOf(record)) page.row('anomaly', `${name}: ${says}`)
}

function sideText(record: FlowRecord, side: 'src' | 'dst'): string {
  const src = side === 'src'
  const end = src ? endpoint(record.src_ip, record.src_port) : endpoint(record.dst_ip, record.dst_port)
  const packets = src ? record.src_packets : record.dst_packets
  if (packets === 0) return `${end} sent nothing`
  const bytes = src ? record.src_wire_bytes : record.dst_wire_bytes
  const payload = src ? record.src_payload_bytes : record.dst_payload_bytes
  const again = (src ? record.src_retransmissions : record.dst_retransmissions) ?? 0
  const late = again > 0 ? `, ${counted(again, 'segment')} sent again` : ''
  return `${end} sent ${counted(packets, 'packet')}, ${byteText(bytes)}, of which ${byteText(payload)} payload${late}`
}

function addVerdict(page: Page, record: FlowRecord): void {
  page.gap()
  page.head('Evidence')
  const category = record.category === undefined ? '' : `, ${safeText(record.category)}`
  page.painted(
    'verdict',
    `${page.strong(record.label)}${category}, ${page.certainty(record.certainty)}: ${CERTAINTIES[record.certainty]}`,
  )
  if (record.evidence.length === 0) page.row('', 'there is no evidence for any label')
  for (const each of orderedEvidence(record.evidence)) {
    const weight = each.weight > 0 ? `+${each.weight}` : String(each.weight)
    page.row(each.source, `${weight} ${each.weight < 0 ? 'against' : 'for'} ${each.for}: ${each.says}`)
  }
  for (const { label, certainty, weight } of record.candidates ?? []) {
    page.row('lost', `${label} would be ${certainty} without what outranks it (net weight ${weight})`)
  }
  const { registry } = record
  if (registry !== undefined) page.row('registered', registryText(record, registry))
}

function registryText(
  record: FlowRecord,
  { status, name, description }: NonNullable<FlowRecord['registry']>,
): string {
  const port = `${record.dst_port}/${record.transport}`
  if (status === 'not_listed') return `${port} is not in the registry`
  if (status !== 'registered') return `${port} is ${status}`
  const more = description === undefined || description === name ? '' : ` (${description})`
  return `${port} is registered as ${name ?? 'something without a name'}${more}: who claimed the number, not what runs`
}

function addNames(page: Page, record: FlowRecord): void {
  const groups = Object.entries(record).filter(
    (entry): entry is [string, object] =>
      typeof entry[1] === 'object' && entry[1] !== null && !FIXED_GROUPS.includes(entry[0]),
  )
  if (record.hostname === undefined && groups.length === 0) return
  page.gap()
  page.head('What it told')
  if (record.hostname !== undefined)
    page.row('hostname', `${record.hostname} (from ${record.hostname_source})`)
  for (const [name, group] of groups) {
    for (const [field, value] of Object.entries(group)) {
      page.row(name, `${field}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    }
  }
}

function addRelated(page: Page, { related, sameEnds }: FlowFacts, sessions: readonly SessionRecord[]): void {
  if (related.length === 0 && sessions.length === 0) return
  page.gap()
  page.head('Belongs to')
  for (const session of sessions) {
    const { session_id: id, pool, slot, start, end, certainty } = session
    page.row('session', `${id} on slot ${slot} of pool ${pool}, ${start} to ${end}, ${certainty}`)
  }
  const words = { continued: 'goes on from', continued_by: 'goes on in', same_ends: 'same ends' } as const
  const ordered = [...related].sort(
    (a, b) => Number(a.relation === 'same_ends') - Number(b.relation === 'same_ends'),
  )
  for (const { relation, record } of ordered.slice(0, MAX_SHOWN)) {
    const packets = counted(record.src_packets + record.dst_packets, 'packet')
    page.row(
      words[relation],
      `${record.flow_id}, ${record.start} to ${record.end}, ${packets}, ${record.label}`,
    )
  }
  const more = sameEnds.flows - 1 - Math.min(MAX_SHOWN, ordered.length)
  if (more > 0) page.row('', `and ${counted(more, 'more flow')} of the same ends`)
}
