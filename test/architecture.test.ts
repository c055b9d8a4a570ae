/**
 * The rules of the source tree: how long a file and a function may be, and that every test file runs exactly one suite.
 * Reads the sources as text; the formatter fixes the layout that this relies on.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { data, everything, none, sources, tests } from './source-files.ts'

const test = suite('architecture')

const MAX_FILE_LINES = 400
const MAX_FUNCTION_LINES = 70
const MAX_PARAMETERS = 4

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
