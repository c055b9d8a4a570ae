/** A session explained: why it began and ended where it did, what supports it, what its slot implies. */
import { endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import type { Evidence, Instant } from '../../types.ts'
import { jsonText } from '../record/json.ts'
import type { SessionRecord, Time } from '../record/record-types.ts'
import { readableTime } from '../record/time.ts'
import { byteText, counted, durationText } from '../terminal/layout.ts'
import { orderedEvidence } from './evidence.ts'
import type { SessionFacts } from './facts.ts'
import { sessionFilters } from './filters.ts'
import { addFilters, createPage, type Page, type TextOptions } from './text.ts'
import { sessionEndText } from './words.ts'

const MILLISECONDS = 3
const MAX_SHOWN = 8

export function sessionJson(facts: SessionFacts): string {
  const { session, flows, before, after, implies } = facts
  return `${jsonText({
    type: 'explanation',
    v: 1,
    of: 'session',
    session,
    began_says: beganText(facts),
    ended_says: sessionEndText(session, facts.idleSec),
    certainty_says: certaintyText(facts),
    slot_says: implies,
    idle_timeout: facts.idleSec,
    evidence: supportOf(facts),
    before: before?.session_id,
    after: after?.session_id,
    flows: flows.map(({ record }) => record),
    filters: sessionFilters(facts),
  })}\n`
}

export function sessionText(facts: SessionFacts, options: TextOptions): string {
  const { session, start, end, flows, idleSec, implies, slots } = facts
  const page = createPage(options)
  const { pool, server_ip: ip, transport, slot, certainty } = session
  page.head(
    `Session ${session.session_id}: pool ${pool} on ${endpoint(ip, slot)}, ${transport}: ${certainty}`,
  )
  const time = `${readableTime(start, MILLISECONDS)} to ${readableTime(end, MILLISECONDS)}`
  page.row('when', `${time} (${durationText(session.duration)})`)
  addClients(page, session)
  page.row('traffic', `${counted(session.packets, 'packet')}, ${byteText(session.ip_bytes)} of IP`)
  page.row('began', beganText(facts))
  page.row('ended', `${session.end_reason}: ${sessionEndText(session, idleSec)}`)
  const never =
    idleSec === 0 ? 'silence never splits a session' : `more than ${idleSec} s would have split it`
  page.row('longest gap', `${durationText(session.longest_gap)} of silence; ${never}`)
  page.row(
    'slot',
    `${slot} is slot ${session.slot_index + 1} of ${slots} (index ${session.slot_index}): ${implies}`,
  )
  page.gap()
  page.head('Evidence')
  page.painted('certainty', `${page.certainty(certainty)}: ${safeText(certaintyText(facts))}`)
  for (const each of orderedEvidence(supportOf(facts))) {
    page.row(
      each.source,
      `${each.weight > 0 ? '+' : ''}${each.weight} ${each.weight < 0 ? 'against' : 'for'} ${each.for}: ${each.says}`,
    )
  }
  page.gap()
  page.head('Flows')
  for (const { record } of flows.slice(0, MAX_SHOWN)) {
    const from = endpoint(record.src_ip, record.src_port)
    const packets = counted(record.src_packets + record.dst_packets, 'packet')
    page.row(
      'flow',
      `${record.flow_id}: ${from}, ${packets}, ${record.label}, ${record.certainty}, ended ${record.end_reason}`,
    )
  }
  const total = session.flow_ids_total ?? session.flow_ids.length
  const more = total - Math.min(MAX_SHOWN, flows.length)
  if (more > 0) page.row('', `and ${counted(more, 'more flow')}`)
  addFilters(page, sessionFilters(facts))
  return page.text()
}

function addClients(page: Page, { clients, clients_total: total = clients.length }: SessionRecord): void {
  for (const { ip, port } of clients.slice(0, MAX_SHOWN)) page.row('client', endpoint(ip, port))
  const more = total - Math.min(MAX_SHOWN, clients.length)
  if (more > 0) page.row('client', `and ${counted(more, 'more endpoint')}`)
}

/** Why the session's first packet is a beginning. */
function beganText(facts: SessionFacts): string {
  const { session, start, before, window, rule, idleSec } = facts
  if (session.open_at_start) {
    const after =
      window === undefined
        ? ''
        : `${durationText(seconds(window.start, start))} after the capture's first packet, `
    return (
      `${after}less than the idle timeout of ${idleSec} s, and without a sign of a beginning: ` +
      'it may have been running before the capture began'
    )
  }
  if (before?.end_reason === 'start_marker' && rule?.startMarker !== undefined) {
    return `its protocol began anew on the slot (${rule.startMarker}), after session ${before.session_id}`
  }
  if (before?.end_reason === 'client_changed') {
    return `another client took the slot; the client of session ${before.session_id} was not seen again`
  }
  const opened = session.transport === 'tcp' && sawSyn(facts) ? 'a SYN opened its first connection; ' : ''
  if (before !== undefined) {
    const gap = durationText(seconds(instantOf(before.end), start))
    return `${opened}the slot had been free for ${gap} since session ${before.session_id} (${before.end_reason})`
  }
  return `${opened}the first session on this slot in the capture`
}

function sawSyn({ flows }: SessionFacts): boolean {
  return flows.some(({ record }) => record.src_tcp_flags?.includes('S') === true)
}

/** The reason for the certainty. */
export function certaintyText(facts: SessionFacts): string {
  const { session, rule, site } = facts
  const { certainty } = session
  const label = rule?.label ?? session.pool
  const companions = rule?.supportedBy ?? []
  if (certainty === 'confirmed') {
    return site && !provedByPayload(facts)
      ? `the site file says that ${session.server_ip} runs the pool, and traffic ran both ways`
      : `the payload shows ${rule?.requires ?? label}`
  }
  if (certainty === 'likely') {
    return provedByPayload(facts) || companions.length === 0
      ? `the payload shows a weak sign of ${rule?.requires ?? label}`
      : `${companions.join(' or ')} was seen by payload at ${session.server_ip} before the session closed`
  }
  const missing =
    companions.length === 0 ? 'payload' : `payload and ${companions.join(' or ')} at the same server`
  return `the port alone; ${missing} would say more, and a site file that lists ${session.server_ip} would confirm it`
}

function provedByPayload(facts: SessionFacts): boolean {
  return supportOf(facts).some(({ source, weight }) => source === 'payload' && weight > 0)
}

/** Evidence of its flows about the pool's label, each sentence once. */
function supportOf({ flows, rule, session }: SessionFacts): Evidence[] {
  const labels = [rule?.label ?? session.pool, rule?.requires]
  const found = new Map<string, Evidence>()
  for (const { record } of flows) {
    for (const each of record.evidence)
      if (labels.includes(each.for)) found.set(`${each.source} ${each.says}`, each)
  }
  return [...found.values()]
}

function seconds(from: Instant, to: Instant): number {
  return Math.max(0, to[0] - from[0] + (to[1] - from[1]) / 1e9)
}

function instantOf(time: Time): Instant {
  if (typeof time === 'number') return [Math.floor(time), Math.round((time - Math.floor(time)) * 1e9)]
  return [Date.parse(`${time.slice(0, 19)}Z`) / 1000, Number(time.slice(20, 29))]
}
