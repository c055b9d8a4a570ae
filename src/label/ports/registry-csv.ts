/**
 * IANA's service name and port number table as IANA publishes it: RFC 4180 CSV of 12 columns, quoted fields over
 * several lines, "lo-hi" ports, a blank transport for all transports. In: the file's text. Out: the same interface
 * as the built-in registry. Bounded: file size, rows, field length. Not supported: other column sets.
 */
import { UsageError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import type { Registry } from '../../types.ts'
import {
  MAX_PORT,
  makeRegistry,
  type NamedPort,
  NOT_LISTED,
  type PortRegistry,
  registration,
  TRANSPORTS,
} from './registry.ts'
import { PREFERRED_NAMES } from './registry-supplement.data.ts'

/** IANA's file has 1.1 million characters and 15,000 rows. */
const MAX_CHARACTERS = 16 * 1024 * 1024
const MAX_ROWS = 200_000
/** Ports of all rows together: every port eight times over for each transport. */
const MAX_ENTRIES = 8 * 4 * 65_536
const MAX_FIELD = 65_536
const MAX_TEXT = 1024

const NAME = 'service name'
const PORT = 'port number'
const TRANSPORT = 'transport protocol'
const DESCRIPTION = 'description'
const MIN_COLUMNS = 4

interface CsvRow {
  /** 1-based line of the row's first character. */
  line: number
  fields: string[]
}

/** Throws a UsageError naming the line. */
export function parseRegistryCsv(text: string, fileName = 'registry'): PortRegistry {
  const place = safeText(fileName)
  if (typeof text !== 'string')
    throw new UsageError(
      'REGISTRY_TEXT',
      place,
      `found ${typeof text}, expected the text of the file, as readFile(path, 'utf8') gives it`,
    )
  if (text.length > MAX_CHARACTERS) {
    throw new UsageError(
      'REGISTRY_SIZE',
      place,
      `${text.length} characters, at most ${MAX_CHARACTERS} expected`,
    )
  }
  const rows = csvRows(text.replace(/^\uFEFF/, ''), place)
  const header = rows.next().value
  if (header === undefined)
    throw new UsageError('REGISTRY_HEADER', place, 'empty, expected the CSV table of IANA')
  const columns = headerColumns(header, place)
  const tables = TRANSPORTS.map(() => new Map<number, Registry>())
  let count = 0
  let entries = 0
  for (const row of rows) {
    if (++count > MAX_ROWS) {
      throw new UsageError('REGISTRY_SIZE', `${place}:${row.line}`, `more than ${MAX_ROWS} rows`)
    }
    if (row.fields.length === 1 && row.fields[0] === '') continue
    if (row.fields.length !== header.fields.length) {
      const found = `${row.fields.length} columns, expected ${header.fields.length} as in the header`
      throw new UsageError('REGISTRY_COLUMNS', `${place}:${row.line}`, `found ${found}`)
    }
    entries += addRow(tables, row, columns, place)
    if (entries > MAX_ENTRIES) {
      throw new UsageError('REGISTRY_SIZE', `${place}:${row.line}`, 'the ranges repeat each other too often')
    }
  }
  if (entries === 0)
    throw new UsageError(
      'REGISTRY_EMPTY',
      place,
      'found no port of tcp, udp, sctp or dccp, expected the whole table; was it cut?',
    )
  return makeRegistry({
    find: (port, transport) => tables[transport].get(port) ?? NOT_LISTED,
    names: () => tableNames(tables),
  })
}

interface Columns {
  name: number
  port: number
  transport: number
  description: number
}

function headerColumns(header: CsvRow, place: string): Columns {
  const titles = header.fields.map((title) => title.trim().toLowerCase())
  const columns = {
    name: titles.indexOf(NAME),
    port: titles.indexOf(PORT),
    transport: titles.indexOf(TRANSPORT),
    description: titles.indexOf(DESCRIPTION),
  }
  const missing = [NAME, PORT, TRANSPORT, DESCRIPTION].filter((title) => !titles.includes(title))
  if (missing.length > 0 || titles.length < MIN_COLUMNS) {
    const expected = 'expected the header of the CSV that IANA publishes as service-names-port-numbers.csv'
    throw new UsageError(
      'REGISTRY_HEADER',
      `${place}:${header.line}`,
      `no column "${missing[0]}"; ${expected}`,
    )
  }
  return columns
}

/** Returns how many ports the row has, over its transports. */
function addRow(tables: Map<number, Registry>[], row: CsvRow, columns: Columns, place: string): number {
  const ports = row.fields[columns.port].trim()
  // Names for DNS service discovery only.
  if (ports === '') return 0
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports)
  const low = match === null ? -1 : Number(match[1])
  const high = match === null ? -1 : Number(match[2] ?? match[1])
  if (low < 0 || high < low || high > MAX_PORT) {
    const found = `found port ${JSON.stringify(safeText(ports.slice(0, MAX_TEXT)))}`
    throw new UsageError(
      'REGISTRY_PORT',
      `${place}:${row.line}`,
      `${found}, expected 0 to ${MAX_PORT} or lo-hi`,
    )
  }
  const transport = row.fields[columns.transport].trim().toLowerCase()
  const answer = registration(
    safeText(row.fields[columns.name].trim().slice(0, MAX_TEXT)),
    plainDescription(row.fields[columns.description]),
  )
  let entries = 0
  for (let i = 0; i < TRANSPORTS.length; i++) {
    if (transport !== '' && TRANSPORTS[i] !== transport) continue
    for (let port = low; port <= high; port++) addAnswer(tables[i], port, answer)
    entries += high - low + 1
  }
  return entries
}

/** The first named row of a number stands, unless a later one has a name people use; a name beats none. */
function addAnswer(table: Map<number, Registry>, port: number, answer: Registry): void {
  const old = table.get(port)
  const better =
    old === undefined ||
    (answer.name !== undefined && (old.name === undefined || PREFERRED_NAMES.has(answer.name)))
  if (better) table.set(port, answer)
}

/** Without the remark that IANA appends where it replaced a historic name. */
function plainDescription(text: string): string {
  const plain = text.replace(/IANA assigned this well-formed service name as a replacement for[\s\S]*$/, '')
  return safeText(plain.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT))
}

function* tableNames(tables: Map<number, Registry>[]): Iterable<NamedPort> {
  for (let i = 0; i < tables.length; i++) {
    for (const [port, { name }] of tables[i]) {
      if (name !== undefined) yield { name, port, transport: TRANSPORTS[i] }
    }
  }
}

/** RFC 4180: fields in double quotes may hold commas, line breaks and doubled quotes. */
function* csvRows(text: string, place: string): Generator<CsvRow, undefined> {
  let at = 0
  let line = 1
  while (at < text.length) {
    const row: CsvRow = { line, fields: [] }
    for (;;) {
      const field = text[at] === '"' ? quotedField(text, at, line, place) : plainField(text, at)
      if (field.end - at > MAX_FIELD) {
        throw new UsageError(
          'REGISTRY_SIZE',
          `${place}:${line}`,
          `a field longer than ${MAX_FIELD} characters`,
        )
      }
      row.fields.push(field.text)
      line += field.breaks
      at = field.end
      if (text[at] !== ',') break
      at++
    }
    if (text[at] === '\r') at++
    if (at < text.length && text[at] !== '\n') {
      throw new UsageError(
        'REGISTRY_QUOTE',
        `${place}:${line}`,
        'found text after a closing quote, expected a comma',
      )
    }
    at++
    line++
    yield row
  }
  return undefined
}

interface Field {
  text: string
  /** Offset after the field. */
  end: number
  /** Line breaks inside. */
  breaks: number
}

const END_OF_FIELD = /[,\r\n]|$/g

function plainField(text: string, at: number): Field {
  END_OF_FIELD.lastIndex = at
  const end = END_OF_FIELD.exec(text)?.index ?? text.length
  return { text: text.slice(at, end), end, breaks: 0 }
}

function quotedField(text: string, at: number, line: number, place: string): Field {
  let end = at + 1
  for (;;) {
    end = text.indexOf('"', end)
    if (end < 0) throw new UsageError('REGISTRY_QUOTE', `${place}:${line}`, 'a quoted field that never ends')
    if (text[end + 1] !== '"') break
    end += 2
  }
  const content = text.slice(at + 1, end)
  return { text: content.replaceAll('""', '"'), end: end + 1, breaks: content.split('\n').length - 1 }
}
