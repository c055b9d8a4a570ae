/**
 * The difference of two runs for a person. In: the changes, one by one, and the counts. Out: lines of text for a
 * terminal of a given width: what changed most first, MAX_ROWS of each kind. Promised: bounded memory, no string
 * from a packet or a file leaves unescaped, no line is wider than the terminal.
 */
import { endpoint } from '../../address.ts'
import { safeText } from '../../text.ts'
import type { ChangeRecord, DiffCounts, DiffRecord } from '../record/record-types.ts'
import { byteText, counted, displayWidth, fold, grouped, padEnd } from '../terminal/layout.ts'

const MAX_ROWS = 10
const MAX_ROW_LINES = 4
const MIN_COLUMNS = 40
/** Columns reserved for the description of a change, so that one long address does not wrap those of all others. */
const HOW_COLUMNS = 36
const HANGING = 4
const NOTHING = 'none'
const UNTOLD = ['label', 'certainty', 'category']

type Fields = Readonly<Record<string, unknown>>

interface Row {
  what: string
  how: string
  /** The greater, the earlier. */
  weight: number
}

interface Section {
  title: string
  rows: Row[]
  total: number
}

export interface DiffTally {
  add(change: ChangeRecord): void
  readonly sections: readonly Section[]
}

export interface DiffTextOptions {
  columns: number
  color: boolean
}

export function createDiffTally(): DiffTally {
  const section = (title: string): Section => ({ title, rows: [], total: 0 })
  const pools = section('Pools')
  const sessions = section('Sessions')
  const services = section('Services')
  const labels = section('Labels')
  const appeared = section('New flows')
  const gone = section('Gone flows')
  const changed = section('Changed flows')

  function sectionOf({ of, change, after }: ChangeRecord): Section {
    if (of === 'pool') return pools
    if (of === 'session') return sessions
    if (of === 'service') return services
    if (change === 'new') return appeared
    if (change === 'gone') return gone
    return after !== undefined && 'label' in after ? labels : changed
  }

  return {
    add: (change) => keep(sectionOf(change), rowOf(change)),
    sections: [pools, sessions, services, labels, appeared, gone, changed],
  }
}

export function diffText(tally: DiffTally, counts: DiffRecord, { columns, color }: DiffTextOptions): string {
  const width = Math.max(MIN_COLUMNS, columns)
  const strong = (text: string) => (color ? `\u001b[1m${text}\u001b[22m` : text)
  const [first, ...others] = headlines(counts)
  const lines = [...fold(first, width).map(strong), ...others.flatMap((line) => fold(line, width))]
  for (const section of tally.sections) {
    if (section.total > 0) lines.push('', ...sectionLines(section, width))
  }
  return `${lines.join('\n')}\n`
}

/** Adds a row; sorts and cuts the list only when it has grown to a multiple of its size. */
function keep(section: Section, row: Row): void {
  section.total++
  section.rows.push(row)
  if (section.rows.length >= 16 * MAX_ROWS) order(section)
}

function order({ rows }: Section): void {
  rows.sort((a, b) => b.weight - a.weight)
  rows.length = Math.min(rows.length, MAX_ROWS)
}

function sectionLines(section: Section, width: number): string[] {
  order(section)
  const { title, rows, total } = section
  const column = Math.min(width - HOW_COLUMNS, Math.max(...rows.map(({ what }) => displayWidth(what))))
  const lines = rows.flatMap(({ what, how }) => rowLines(`  ${padEnd(what, column)}  ${how}`, width))
  const rest = total - rows.length
  return [title, ...lines, ...(rest > 0 ? [`  and ${grouped(rest)} more`] : [])]
}

/** Addresses are never cut; a long list of changes is cut after its first lines. */
function rowLines(row: string, width: number): string[] {
  const lines = fold(row, width, HANGING)
  if (lines.length <= MAX_ROW_LINES) return lines
  return [...lines.slice(0, MAX_ROW_LINES), `${' '.repeat(HANGING)}…`]
}

function headlines({ before, after, flows, sessions, pools, services }: DiffRecord): string[] {
  const parts = [
    countsText('flow', flows),
    flows.label_changes > 0 ? `${counted(flows.label_changes, 'label')} changed` : '',
    countsText('session', sessions),
    countsText('pool', pools),
    pools.peak_changes > 0 ? `${counted(pools.peak_changes, 'peak')} changed` : '',
    services === undefined ? '' : countsText('service', services),
  ].filter((part) => part !== '')
  const names = `${safeText(before)} and ${safeText(after)}`
  if (parts.length > 0) return [`${names} differ`, ...parts]
  const same = [
    counted(flows.same, 'flow'),
    counted(sessions.same, 'session'),
    counted(pools.same, 'pool'),
    ...(services === undefined ? [] : [counted(services.same, 'service')]),
  ]
  return [`${names} are the same: ${same.join(', ')}`]
}

function countsText(noun: string, { same, changed, new: appeared, gone }: DiffCounts): string {
  if (changed + appeared + gone === 0) return ''
  const parts = [`${grouped(same)} the same`]
  if (appeared > 0) parts.push(`${grouped(appeared)} new`)
  if (gone > 0) parts.push(`${grouped(gone)} gone`)
  if (changed > 0) parts.push(`${grouped(changed)} changed`)
  return `${noun}s: ${parts.join(', ')}`
}

function rowOf(change: ChangeRecord): Row {
  const { before = {}, after = {} } = change
  return {
    what: whatText(change),
    how: howText(change, before, after),
    weight: weightOf(change, before, after),
  }
}

function whatText(change: ChangeRecord): string {
  return safeText(whatWords(change).join(' '))
}

function whatWords(change: ChangeRecord): unknown[] {
  switch (change.of) {
    case 'flow': {
      const client = end(change.src_ip, change.src_port)
      return [change.transport, client, '>', end(change.dst_ip, change.dst_port)]
    }
    case 'session':
      return [change.pool, `slot ${change.slot}`, 'on', change.server_ip]
    case 'pool':
      return [change.pool, change.server_ip === undefined ? 'over all servers' : `on ${change.server_ip}`]
    case 'service':
      return [change.transport, end(change.server_ip, change.server_port)]
  }
}

function end(ip: unknown, port: unknown): string {
  return endpoint(String(ip), port as number | undefined)
}

const FACTS: Record<ChangeRecord['of'], (fields: Fields) => string> = {
  flow: flowFacts,
  session: sessionFacts,
  pool: poolFacts,
  service: serviceFacts,
}

function howText({ of, change }: ChangeRecord, before: Fields, after: Fields): string {
  if (change === 'changed') return safeText(changesText(before, after))
  const facts = FACTS[of](change === 'new' ? after : before)
  return safeText(of === 'flow' ? facts : `${change}: ${facts}`)
}

/** The label first, in words; then fields by name. */
function changesText(before: Fields, after: Fields): string {
  const parts: string[] = []
  if ('label' in after || 'certainty' in after) parts.push(`${verdict(before)} → ${verdict(after)}`)
  for (const name of Object.keys(after)) {
    if (!UNTOLD.includes(name)) parts.push(`${name} ${valueText(before[name])} → ${valueText(after[name])}`)
  }
  return parts.join(', ')
}

function verdict({ label, certainty }: Fields): string {
  return [label, certainty].filter((word) => typeof word === 'string').join(' ')
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return NOTHING
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function flowFacts(fields: Fields): string {
  const packets = Number(fields.src_packets) + Number(fields.dst_packets)
  return `${verdict(fields)}, ${counted(packets, 'packet')}, ${byteText(bytesOf(fields))}`
}

function sessionFacts({ clients, packets, certainty }: Fields): string {
  const ends = (clients as { ip: string; port: number }[]).map(({ ip, port }) => end(ip, port))
  return `${ends.join(', ')}, ${counted(Number(packets), 'packet')}, ${certainty}`
}

function poolFacts({ sessions, peak, certainty }: Fields): string {
  return `${counted(Number(sessions), 'session')}, peak ${peak}, ${certainty}`
}

function serviceFacts(fields: Fields): string {
  const { hostname, clients, flows, wire_bytes } = fields
  const name = hostname === undefined ? '' : ` ${hostname}`
  const numbers = `${counted(Number(clients), 'client')}, ${counted(Number(flows), 'flow')}`
  return `${verdict(fields)}${name}, ${numbers}, ${byteText(Number(wire_bytes))}`
}

function bytesOf(fields: Fields): number {
  return (
    Number(fields.wire_bytes ?? 0) + Number(fields.src_wire_bytes ?? 0) + Number(fields.dst_wire_bytes ?? 0)
  )
}

/** Bytes of a flow or service, or their change; for sessions the change of bytes, for pools that of the peak. */
function weightOf(change: ChangeRecord, before: Fields, after: Fields): number {
  if (change.of === 'pool') return Math.abs(Number(after.peak ?? 0) - Number(before.peak ?? 0))
  if (change.of === 'session') return Math.abs(Number(after.ip_bytes ?? 0) - Number(before.ip_bytes ?? 0))
  return Math.abs(bytesOf(after) - bytesOf(before))
}
