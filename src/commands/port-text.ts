/** The description of ports as text: a block for each port, or a table. */
import { endpoint } from '../address.ts'
import type { PortInfo } from '../label/ports/portinfo.ts'
import type { Registry } from '../types.ts'
import { type Listener, type Listening, noteFor } from './listeners.ts'

const LABEL_WIDTH = 12
const MIN_TEXT_WIDTH = 40
const STATUS_TEXT = { reserved: 'reserved', unassigned: 'unassigned', not_listed: 'not listed' } as const

/** One block a port, with an empty line between. `columns`: width of the terminal. */
export function portBlocks(infos: readonly PortInfo[], listening: Listening, columns: number): string {
  return infos.map((info) => block(info, listening, columns)).join('\n')
}

function block(info: PortInfo, listening: Listening, columns: number): string {
  const lines: string[] = []
  const add = (label: string, text: string) => lines.push(...row(label, text, columns))
  for (const text of registryTexts(info)) add('registry', text)
  if (info.assignee !== undefined) add('assignee', info.assignee)
  for (const { transport, use, source } of info.uses)
    add('use', `${onTransport(transport)}${use} (${source})`)
  if (info.uses.length === 0) add('use', 'nothing common is known; a registration does not say what runs')
  for (const { pool, slotIndex, slots, transport, implies } of info.pools) {
    add('pool', `${pool}: ${transport} slot ${slotIndex + 1} of ${slots} (index ${slotIndex})`)
    add('', implies)
  }
  for (const { when, says } of info.history) add('history', `${when}: ${says}`)
  for (const command of info.check) add('check', command)
  const here = listening.listeners.filter(({ port }) => port === info.port)
  for (const listener of here) add('here', listenerText(listener))
  if (here.length === 0) add('here', 'nothing listens on this host now')
  const note = noteFor(info.port, listening)
  if (note !== undefined) add('', note)
  return `port ${info.port}\n${withoutRepeats(lines).join('\n')}\n`
}

/** A row with its label; long texts wrap below their start. */
function row(label: string, text: string, columns: number): string[] {
  const width = Math.max(MIN_TEXT_WIDTH, columns - LABEL_WIDTH - 2)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.length - 1
    if (last >= 0 && lines[last].length + 1 + word.length <= width) lines[last] += ` ${word}`
    else lines.push(word)
  }
  return lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`)
}

/** Rows of one kind show their label once. */
function withoutRepeats(lines: readonly string[]): string[] {
  let shown = ''
  return lines.map((line) => {
    const label = line.slice(2, 2 + LABEL_WIDTH).trim()
    if (label === '') return line
    if (label === shown) return ' '.repeat(2 + LABEL_WIDTH) + line.slice(2 + LABEL_WIDTH)
    shown = label
    return line
  })
}

/** Transports with the same text share a line. */
function registryTexts(info: PortInfo): string[] {
  const texts = new Map<string, string[]>()
  for (const { transport, entry } of info.registry) {
    const text = registryText(entry)
    texts.set(text, [...(texts.get(text) ?? []), transport])
  }
  return [...texts].map(([text, transports]) => `${transports.join(', ')}: ${text}`)
}

function registryText({ status, name, description }: Registry): string {
  if (status !== 'registered') {
    const text = STATUS_TEXT[status]
    const plain = description === undefined || description.toLowerCase() === text
    return plain ? text : `${text} (${description})`
  }
  if (name === undefined) return `registered without a name (${description})`
  const same = description === undefined || description.toLowerCase() === name.toLowerCase()
  return same ? `registered as ${name}` : `registered as ${name} (${description})`
}

function onTransport(transport: string): string {
  return transport === 'any' ? '' : `${transport}: `
}

function listenerText({ transport, address, port, pid, process, user }: Listener): string {
  const who =
    pid === undefined
      ? 'a process'
      : `${process ?? 'process'} (pid ${pid}${user === undefined ? '' : `, ${user}`})`
  return `${who} listens on ${endpoint(address, port)}, ${transport}`
}

/** A table with a line a port: names, pool slot, listener, most specific use. Lines are cut at `columns`. */
export function portTable(
  infos: readonly PortInfo[],
  { listeners, note }: Listening,
  columns: number,
): string {
  const rows = [['PORT', 'TCP', 'UDP', 'POOL SLOT', 'USE']]
  for (const info of infos) {
    const name = (transport: string) =>
      shortName(info.registry.find((each) => each.transport === transport)?.entry)
    const slots = info.pools.map(({ pool, slotIndex, slots: total }) => `${pool} ${slotIndex + 1}/${total}`)
    const here = listeners
      .filter(({ port }) => port === info.port)
      .map(({ process }) => process ?? 'a process')
    const listens = here.length > 0 ? `listening here: ${[...new Set(here)].join(', ')}; ` : ''
    rows.push([
      String(info.port),
      name('tcp'),
      name('udp'),
      slots.join(', ') || '-',
      `${listens}${mostSpecific(info)}`,
    ])
  }
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column].length)))
  const lines = rows.map((cells) => {
    const left = cells
      .slice(0, 4)
      .map((cell, i) => (i === 0 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
    return `${left.join('  ')}  ${cells[4]}`.slice(0, Math.max(columns, MIN_TEXT_WIDTH)).trimEnd()
  })
  return `${lines.join('\n')}\n${note === undefined ? '' : `${note}\n`}`
}

function shortName(entry: Registry | undefined): string {
  if (entry === undefined) return '-'
  return entry.status === 'registered' ? (entry.name ?? entry.description ?? '-') : STATUS_TEXT[entry.status]
}

/** The use of the port alone, before those of a range that contains it; pools have a column of their own. */
function mostSpecific(info: PortInfo): string {
  const other = info.uses.filter(({ label }) => !info.pools.some((pool) => pool.label === label))
  return other[0]?.use ?? ''
}
