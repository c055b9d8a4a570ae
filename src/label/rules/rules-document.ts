/**
 * A rule or site file as text: parsed as YAML (JSON is YAML), bounded, with the line of every value at hand, so
 * that a fault can name its place. Shared by rules.ts and site.ts.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
  type YAMLWarning,
} from 'yaml'
import { UsageError } from '../../errors.ts'
import { safeText } from '../../text.ts'

export const MAX_FILE_BYTES = 1024 * 1024
/** Values an alias may stand for, counted as the YAML library counts; more is a bomb. */
const MAX_ALIASES = 100
/** Anchors and aliases in the text: the library looks for each among all. */
const MAX_ANCHORS = 1000
const MAX_DEPTH = 200
/** Commas and line breaks: what it costs to parse. */
const MAX_VALUES = 100_000
/** Faults that are reported, and doubts. */
export const MAX_FAULTS = 100
const MAX_SHOWN = 60
const MAX_SHOWN_DEPTH = 3
const MAX_SHOWN_ENTRIES = 20

export type Path = readonly (string | number)[]

/** One fault, or one doubt, of a file. */
export interface Fault {
  /** 1-based; 0 when the fault has no place. */
  line: number
  column: number
  /** "pools[0].ports"; "" for the file as a whole. */
  path: string
  /** What was found, what was expected, what to do. */
  says: string
  code: string
  /** All of it on one line, as it is printed. */
  text: string
}

export interface Checked<T> {
  /** What could be read; complete only without faults. */
  value: T
  faults: Fault[]
  /** Doubts: the file can be used. */
  warnings: Fault[]
}

export class RuleDocument {
  readonly file: string
  readonly faults: Fault[] = []
  readonly warnings: Fault[] = []
  /** Plain values; undefined when the text could not be parsed. */
  readonly value: unknown
  readonly #document: Document.Parsed | undefined
  readonly #lines = new LineCounter()
  #firstAlias: number | undefined

  constructor(text: string, fileName: string) {
    this.file = safeText(fileName)
    if (typeof text !== 'string') {
      this.#push(
        [0, 0],
        '',
        `found ${typeof text}, expected the text of the file, as readFile(path, 'utf8') gives it`,
        'RULE_TEXT',
      )
      return
    }
    if (text.length > MAX_FILE_BYTES) {
      this.#push([0, 0], '', `${text.length} characters, at most ${MAX_FILE_BYTES} expected`, 'RULE_SIZE')
      return
    }
    const bomb = bombOf(text)
    if (bomb !== undefined) {
      this.#push([1, 1], '', bomb.says, bomb.code)
      return
    }
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      // The library compares every key with every other; duplicates are looked for below.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
      stringKeys: true,
      // Sets, dates and bytes are no values of JSON, which the schemas are for.
      resolveKnownTags: false,
    })
    for (const error of [...this.#document.errors, ...this.#document.warnings]) {
      this.#push(this.#place(error.pos[0]), '', syntaxFault(error), 'RULE_SYNTAX')
    }
    if (this.faults.length > 0) return
    this.#findDuplicateKeys(this.#document)
    this.#findUnknownAliases(this.#document)
    if (this.faults.length > 0) return
    this.value = this.#toValue(this.#document)
  }

  /** The limit of faults is reached: no more are reported. */
  get full(): boolean {
    return this.faults.length >= MAX_FAULTS
  }

  /** A fault at the value that `path` leads to, or as near as there is one. */
  fault(path: Path, says: string, code: string): void {
    if (this.full) return
    this.#push(this.#place(this.#offset(path, false)), pathText(path), says, code)
  }

  /** A fault at the key that `path` ends with. */
  keyFault(path: Path, says: string, code: string): void {
    this.#push(this.#place(this.#offset(path, true)), pathText(path), says, code)
  }

  warn(path: Path, says: string, code: string): void {
    if (this.warnings.length >= MAX_FAULTS) return
    const [line, column] = this.#place(this.#offset(path, false))
    this.warnings.push(makeFault(this.file, { line, column, path: pathText(path), says, code }))
  }

  #push([line, column]: readonly [number, number], path: string, says: string, code: string): void {
    if (this.faults.length < MAX_FAULTS)
      this.faults.push(makeFault(this.file, { line, column, path, says, code }))
  }

  #toValue(document: Document.Parsed): unknown {
    try {
      return document.toJS({ maxAliasCount: MAX_ALIASES })
    } catch {
      const says = `aliases that stand for more than ${MAX_ALIASES} values; write them out`
      this.#push(this.#place(this.#firstAlias ?? 0), '', says, 'RULE_ALIAS')
      return undefined
    }
  }

  #findDuplicateKeys(document: Document.Parsed): void {
    visit(document, {
      Map: (_, node) => {
        const seen = new Set<unknown>()
        for (const { key } of node.items) {
          if (!isScalar(key)) continue
          if (seen.has(key.value)) {
            const says = `the key ${show(key.value)} stands twice in one mapping; keep one`
            this.#push(this.#place(key.range?.[0] ?? 0), '', says, 'RULE_DUPLICATE_KEY')
          }
          seen.add(key.value)
        }
      },
    })
  }

  /** An alias may only name an anchor before it. */
  #findUnknownAliases(document: Document.Parsed): void {
    const anchors = new Set<string>()
    visit(document, {
      Node: (_, node) => {
        if (!isAlias(node)) {
          if (node.anchor !== undefined) anchors.add(node.anchor)
          return
        }
        const offset = startOf(node) ?? 0
        this.#firstAlias ??= offset
        if (anchors.has(node.source)) return
        const says = `found the alias ${show(`*${node.source}`)}, expected one of an anchor before it`
        this.#push(this.#place(offset), '', says, 'RULE_ALIAS')
      },
    })
  }

  #place(offset: number): readonly [line: number, column: number] {
    const { line, col } = this.#lines.linePos(offset)
    return [Math.max(line, 1), Math.max(col, 1)]
  }

  #offset(path: Path, wantKey: boolean): number {
    const document = this.#document
    if (document === undefined) return 0
    let node: unknown = document.contents
    let offset = startOf(node) ?? 0
    for (let depth = 0; depth < path.length; depth++) {
      if (isAlias(node)) node = node.resolve(document)
      const step = path[depth]
      const child: unknown = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && key.value === step)
        : isSeq(node)
          ? node.items[Number(step)]
          : undefined
      if (child === undefined) break
      const key = isPair(child) ? child.key : undefined
      node = isPair(child) ? (child.value ?? child.key) : child
      const last = depth === path.length - 1
      offset = startOf(wantKey && last ? (key ?? node) : node) ?? offset
    }
    return offset
  }
}

/** The value, or a UsageError for the first fault that says how many more there are. */
export function valueOrThrow<T>(checked: Checked<T>, fileName: string): T {
  const [first, ...more] = checked.faults
  if (first === undefined) return checked.value
  const place = first.line > 0 ? `${safeText(fileName)}:${first.line}` : safeText(fileName)
  const least = checked.faults.length < MAX_FAULTS ? '' : 'at least '
  const rest =
    more.length > 0
      ? `; and ${least}${more.length} more, see: flowhawk rules check ${safeText(fileName)}`
      : ''
  throw new UsageError(first.code, place, (first.path === '' ? '' : `${first.path}: `) + first.says + rest)
}

/** As they stand in the file. */
export function byLine(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

function makeFault(file: string, fault: Omit<Fault, 'text'>): Fault {
  const place = fault.line > 0 ? `${file}:${fault.line}` : file
  const path = fault.path === '' ? '' : `${fault.path}: `
  return { ...fault, text: `${place}: ${path}${fault.says} (${fault.code})` }
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range
  return range?.[0]
}

export function pathText(path: Path): string {
  let text = ''
  for (const step of path) {
    text +=
      typeof step === 'number'
        ? `[${step}]`
        : `${text === '' ? '' : '.'}${safeText(step).slice(0, MAX_SHOWN)}`
  }
  return text
}

/** A value as a person wrote it, short and harmless. Bounded before it is built: it may be huge, or hold itself. */
export function show(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return shorten(JSON.stringify(safeText(value.slice(0, MAX_SHOWN + 1))))
  if (typeof value !== 'object') return String(value)
  if (depth === MAX_SHOWN_DEPTH) return '…'
  const entries = Object.entries(value).slice(0, MAX_SHOWN_ENTRIES)
  if (Array.isArray(value)) return shorten(`[${entries.map(([, item]) => show(item, depth + 1)).join(',')}]`)
  const members = entries.map(([key, item]) => `${show(key)}:${show(item, depth + 1)}`)
  return shorten(`{${members.join(',')}}`)
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

/** In the words of the library, but for those that are meant for its callers. */
function syntaxFault({ code, message }: YAMLParseError | YAMLWarning): string {
  if (code === 'MULTIPLE_DOCS') return 'found a second document, expected one; take out the line "---"'
  if (code === 'NON_STRING_KEY') return 'found a key that is no text; put it in quotes'
  if (code === 'TAG_RESOLVE_FAILED') return `${firstLine(message)}; take the tag out`
  return firstLine(message)
}

function firstLine(text: string): string {
  return safeText(text.split('\n', 1)[0])
}

/** What makes a text too costly to parse, found without parsing it. */
function bombOf(text: string): { says: string; code: string } | undefined {
  const values = text.match(/[,\n]/g)?.length ?? 0
  if (values > MAX_VALUES) return { says: `more than ${MAX_VALUES} values`, code: 'RULE_SIZE' }
  const aliases = text.match(/(?:^|[\s,:[{-])[&*][^\s,]/gm)?.length ?? 0
  if (aliases > MAX_ANCHORS) {
    return { says: `more than ${MAX_ANCHORS} anchors and aliases; write the values out`, code: 'RULE_ALIAS' }
  }
  if (deepest(text) > MAX_DEPTH) {
    return { says: `nested more than ${MAX_DEPTH} levels deep`, code: 'RULE_DEPTH' }
  }
  return undefined
}

/**
 * A bound for the nesting of a YAML text, from brackets and block indicators: the library's parser is recursive.
 * Brackets inside strings count too; no rule file has so many.
 */
function deepest(withComments: string): number {
  const text = withComments.replace(/(^|\s)#.*$/gm, '$1')
  let depth = 0
  let deepestSeen = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5b || code === 0x7b) depth++
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--
    if (depth > deepestSeen) deepestSeen = depth
  }
  return Math.max(deepestSeen, deepestBlock(text))
}

/** Most "- " or "? " indicators on one line, and most levels of growing indentation. */
function deepestBlock(text: string): number {
  let deepestSeen = 0
  const levels: number[] = []
  for (const line of text.split('\n')) {
    const lead = /^[ ]*(?:[-?:][ \t]+)*/.exec(line)?.[0] ?? ''
    if (lead.length === line.trimEnd().length && !/[-?:]/.test(lead)) continue
    const indent = lead.search(/[^ ]|$/)
    while (levels.length > 0 && levels[levels.length - 1] >= indent) levels.pop()
    levels.push(indent)
    const indicators = lead.replace(/[^-?:]/g, '').length
    deepestSeen = Math.max(deepestSeen, levels.length + indicators)
  }
  return deepestSeen
}
