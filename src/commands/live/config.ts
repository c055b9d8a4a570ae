/**
 * The configuration file of `flowhawk live`: a YAML mapping of the long names of its options, and `interface`. In: the
 * flags of the command line and the file's text. Out: the joined flags. Promised: the command line has precedence; a key
 * that is no option, a value of the wrong kind and a wrong value are UsageErrors with file, line and key. Not supported:
 * nesting, anchors.
 */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { UsageError } from '../../errors.ts'
import { nearest } from '../../label/nearest.ts'
import type { Flags } from '../../options.ts'
import { safeText } from '../../text.ts'
import type { FlagTable } from '../command.ts'

const MAX_CHARACTERS = 65_536
/** The key of the argument that is no flag. */
const INTERFACE = 'interface'

/** The content of the file: values as the command line would give them, and their lines. */
export interface Config {
  flags: Record<string, unknown>
  /** By key, 1-based. */
  lines: ReadonlyMap<string, number>
  file: string
}

export function parseConfig(text: string, fileName: string, table: FlagTable): Config {
  const file = safeText(fileName)
  const lineCounter = new LineCounter()
  const lineOf = (node: Node) => lineCounter.linePos(node.range?.[0] ?? 0).line
  const wrong = (code: string, line: number, what: string) => new UsageError(code, `${file}:${line}`, what)
  if (text.length > MAX_CHARACTERS) {
    throw new UsageError('CONFIG_SIZE', file, `${text.length} characters, at most ${MAX_CHARACTERS} expected`)
  }
  const document = parseYaml(text, file, lineCounter)
  const [error] = document.errors
  if (error !== undefined) {
    throw wrong(
      'CONFIG_SYNTAX',
      lineCounter.linePos(error.pos[0]).line,
      safeText(error.message.split('\n')[0]),
    )
  }
  const { contents } = document
  const flags: Record<string, unknown> = {}
  const lines = new Map<string, number>()
  if (contents === null) return { flags, lines, file }
  if (!isMap(contents)) {
    throw wrong(
      'CONFIG_SYNTAX',
      lineOf(contents),
      'found no mapping, expected lines such as output: flows.ndjson',
    )
  }
  for (const { key, value } of contents.items) {
    if (!isScalar(key))
      throw wrong('CONFIG_KEY', lineOf(contents), 'expected the long name of an option as key')
    const name = String(key.value)
    const line = lineOf(key)
    if (name !== INTERFACE && !(Object.hasOwn(table, name) && name !== 'config')) {
      throw wrong('CONFIG_KEY', line, unknownKey(name, table))
    }
    if (lines.has(name)) {
      throw wrong('CONFIG_KEY', line, `${name}: stands in line ${lines.get(name)} already; keep one`)
    }
    lines.set(name, line)
    const isSwitch = name !== INTERFACE && table[name].value === undefined
    const read = isSwitch ? switchOf(value) : textOf(value)
    if (read === undefined) {
      const expected = isSwitch ? 'true or false' : 'a text, a number or a list of these'
      throw wrong('CONFIG_VALUE', line, `${name}: found ${kindOf(value)}, expected ${expected}`)
    }
    flags[name] = read
  }
  return { flags, lines, file }
}

/** Deep nesting exhausts the parser's stack even within the limit of length. */
function parseYaml(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  const options = { lineCounter, uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const
  try {
    const document = parseDocument(text, options)
    if (document.errors.every(({ code }) => code !== 'RESOURCE_EXHAUSTION')) return document
  } catch {
    // Which of the two it is depends on the depth.
  }
  const what = 'nested too deeply, expected lines such as output: flows.ndjson'
  throw new UsageError('CONFIG_SYNTAX', file, what)
}

function unknownKey(name: string, table: FlagTable): string {
  const known = [INTERFACE, ...Object.keys(table)].filter((each) => each !== 'config')
  const near = nearest(name, known)
  const hint = near === undefined ? 'see flowhawk live --help' : `did you mean ${near}?`
  return `found the key ${JSON.stringify(safeText(name.slice(0, 40)))}, expected the long name of an option; ${hint}`
}

function switchOf(value: unknown): boolean | undefined {
  return isScalar(value) && typeof value.value === 'boolean' ? value.value : undefined
}

/** The text of the value in the file: the option decides about 0x10 and 1e3. */
function textOf(value: unknown): string | string[] | undefined {
  if (isSeq(value)) {
    const texts = value.items.map(scalarText)
    return texts.length > 0 && texts.every((text) => text !== undefined) ? texts : undefined
  }
  return scalarText(value)
}

function scalarText(value: unknown): string | undefined {
  if (!isScalar(value)) return undefined
  if (typeof value.value === 'string') return value.value
  return typeof value.value === 'number' ? (value.source ?? String(value.value)) : undefined
}

function kindOf(value: unknown): string {
  if (isSeq(value)) return 'a list'
  if (isMap(value)) return 'a mapping'
  if (!isScalar(value)) return 'nothing, or an alias'
  return value.value === null
    ? 'nothing'
    : `the ${typeof value.value} ${safeText(String(value.value).slice(0, 40))}`
}

/** The command line's flags, and those of the file that it does not set. */
export function joinFlags(flags: Flags, config: Config): Flags {
  const { [INTERFACE]: device, ...rest } = config.flags
  const words = Array.isArray(flags.input) ? flags.input : []
  const input = words.length > 0 || device === undefined ? words : [device].flat()
  return { ...rest, ...flags, input }
}

/** Reads the joined flags; a wrong value in the file is reported with its line. */
export function readJoined<T>(flags: Flags, config: Config, read: (joined: Flags) => T): T {
  try {
    return read(joinFlags(flags, config))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const name = error.place.replace(/^--/, '')
    const line = config.lines.get(name)
    if (line === undefined || flags[name] !== undefined) throw error
    const what = error.message.slice(`${error.place}: `.length, -` (${error.code})`.length)
    throw new UsageError(error.code, `${config.file}:${line}`, `${name}: ${what}`)
  }
}
