/**
 * Golden records: for every fixture the same bytes as committed, through the command line tool, and in process
 * whatever the chunk size and the hash seed; every record valid against its JSON Schema; for every bad input the
 * exit status and the exact words on stderr.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  ALL_RECORDS,
  analyzeBad,
  analyzeGolden,
  badCases,
  FIXTURES,
  type GoldenCase,
  goldenCases,
} from '../scripts/golden/cases.ts'
import { resolveInputs } from '../src/capture/inputs.ts'
import { loadRegistry, type PortRegistry } from '../src/label/ports/registry.ts'
import { builtinRules } from '../src/label/rules/knowledge.ts'
import { runPipeline } from '../src/pipeline.ts'
import { createLineWriter } from '../src/report/ndjson.ts'
import { RECORD_NAMES, type RecordName } from '../src/report/record/record.ts'
import { recordSchema } from '../src/report/record/schema.ts'
import { createNdjsonSink } from '../src/report/sink.ts'
import type { PacketSource } from '../src/types.ts'

const test = suite('golden')

interface Variation {
  chunkSize: number
  seed: number
}

const VARIATIONS: Variation[] = [
  { chunkSize: 1, seed: 1 },
  { chunkSize: 97, seed: 0x7fffffff },
  { chunkSize: 4096, seed: -5 },
]
/** One byte at a time is slow: only for captures up to this size. */
const MAX_BYTE_BY_BYTE = 20_000

/** Where two texts part, for a readable failure. */
function firstDifference(actual: string, expected: string): string {
  const [a, b] = [actual.split('\n'), expected.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  if (at < 0) return `${b.length - a.length} lines are missing`
  return `line ${at + 1}:\n  actual   ${a[at]}\n  expected ${b[at]}`
}

function same(actual: string, expected: string, what: string): void {
  assert.ok(actual === expected, `${what}: ${firstDifference(actual, expected)}`)
}

const expectedOf = (item: GoldenCase) => readFileSync(join(FIXTURES, item.golden), 'utf8')

async function inProcess(item: GoldenCase, variation: Variation, registry: PortRegistry): Promise<string> {
  const chunks: Buffer[] = []
  const writer = createLineWriter(async (bytes) => {
    chunks.push(Buffer.from(bytes))
  })
  const records = new Set(ALL_RECORDS.split(',') as RecordName[])
  const sink = createNdjsonSink(() => writer, { records })
  const found = await resolveInputs(item.inputs, { chunkSize: variation.chunkSize })
  async function* sources(): AsyncGenerator<PacketSource> {
    for (const input of found.inputs) yield await input.open()
  }
  const options = {
    activeTimeoutSec: 0,
    maxFlows: 1_000_000,
    decapsulate: 'inner',
    ignoreVlan: false,
    candidates: false,
    flows: true,
    concurrency: true,
    rules: builtinRules(),
    registry,
    seed: variation.seed,
  } as const
  await runPipeline(sources(), options, sink)
  await sink.end()
  return Buffer.concat(chunks).toString('utf8')
}

const cases = goldenCases()

test('every fixture has its golden records', () => {
  for (const item of cases)
    assert.ok(existsSync(join(FIXTURES, item.golden)), `${item.golden}: run npm run golden`)
  const known = new Set(cases.map((item) => item.golden))
  for (const name of readdirSync(FIXTURES)) {
    assert.ok(!name.endsWith('.ndjson') || known.has(name), `${name} belongs to no fixture`)
  }
})

for (const item of cases) {
  test(`${item.inputs.join(' and ')}: same bytes`, () => {
    const run = analyzeGolden(item)
    assert.is(run.stderr, '')
    assert.is(run.status, 0)
    same(run.stdout.toString('utf8'), expectedOf(item), item.golden)
  })
}

test('same bytes whatever the chunk size and the hash seed', async () => {
  const registry = await loadRegistry()
  const before = process.cwd()
  process.chdir(FIXTURES)
  try {
    for (const item of cases) {
      const bytes = item.inputs.reduce((sum, name) => sum + readFileSync(join(FIXTURES, name)).length, 0)
      for (const variation of VARIATIONS) {
        if (variation.chunkSize === 1 && bytes > MAX_BYTE_BY_BYTE) continue
        const actual = await inProcess(item, variation, registry)
        same(
          actual,
          expectedOf(item),
          `${item.golden}, chunks of ${variation.chunkSize}, seed ${variation.seed}`,
        )
      }
    }
  } finally {
    process.chdir(before)
  }
})

test('every record is valid against its schema', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  const validators = new Map<string, ValidateFunction>(
    RECORD_NAMES.map((name) => [name, ajv.compile(recordSchema(name))]),
  )
  const seen = new Set<string>()
  for (const item of cases) {
    for (const [i, line] of expectedOf(item).trimEnd().split('\n').entries()) {
      const record = JSON.parse(line)
      const type: string = record.type
      const validate = validators.get(type)
      assert.ok(validate !== undefined, `${item.golden}:${i + 1}: type ${type}`)
      const valid = validate(record)
      assert.ok(valid, `${item.golden}:${i + 1}: ${ajv.errorsText(validate.errors)}`)
      seen.add(type)
    }
  }
  assert.equal([...seen].sort(), ALL_RECORDS.split(',').sort())
})

test('sums agree: packets and sessions of the records are those of the summary', () => {
  for (const item of cases) {
    const records = expectedOf(item)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const summary = records.at(-1)
    assert.is(summary.type, 'summary', item.golden)
    const counts = (named: Record<string, number> = {}) => Object.values(named).reduce((sum, n) => sum + n, 0)
    const flows = records.filter((record) => record.type === 'flow')
    const inFlows = flows.reduce((sum, flow) => sum + flow.src_packets + flow.dst_packets, 0)
    assert.is(summary.packets, inFlows + counts(summary.non_ip) + counts(summary.undecoded), item.golden)
    assert.is(summary.flows, flows.length, item.golden)
    assert.is(summary.sessions, records.filter((record) => record.type === 'session').length, item.golden)
    assert.is(new Set(flows.map((flow) => flow.flow_id)).size, flows.length, `${item.golden}: flow_id twice`)
  }
})

for (const name of badCases()) {
  test(`bad/${name}: exit status and message`, () => {
    const expected = readFileSync(join(FIXTURES, 'bad', `${name}.expected`), 'utf8')
    same(analyzeBad(name), expected, name)
    assert.match(expected, /^[13]\n[^\n]+ \([A-Z0-9_]+\)\n/, 'a status and one line with a code')
    assert.not.match(expected, /^\s+at /m)
  })
}

test.run()
