/** `flowhawk diff`: captures and records, exit status, golden records. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { allRecordsSchema } from '../../src/report/record/schema.ts'
import { captureOf, exchange } from '../analyzed.ts'

const test = suite('diff command')

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-diff-'))
test.after(() => rmSync(folder, { recursive: true }))

const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(allRecordsSchema())

/** Run among the fixtures, so that names are the same everywhere. */
function diff(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'diff', ...args], { cwd: fixtures })
  const out = stdout.toString()
  const records = out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
  for (const record of records) assert.ok(validate(record), JSON.stringify([record, validate.errors]))
  return { status, out, records, err: stderr.toString() }
}

test('a capture and its own records are the same: status 0', () => {
  for (const [a, b] of [
    ['framehawk.pcap', 'framehawk.ndjson'],
    ['framehawk.ndjson', 'framehawk.pcap'],
    ['tunnels.pcap', 'tunnels.pcap'],
  ]) {
    const { status, records, err } = diff(a, b)
    assert.is(err, '')
    assert.is(status, 0)
    assert.equal(
      records.map((record) => record.type),
      ['diff'],
    )
  }
})

test('the same bytes as committed: status 4', () => {
  const { status, out } = diff('framehawk.ndjson', 'framehawk.pcap', '--pool-idle', '60')
  assert.is(status, 4)
  assert.is(out, readFileSync(join(fixtures, 'diff', 'pool-idle.ndjson'), 'utf8'))
})

test('new, gone and changed flows of two captures', () => {
  const write = (name: string, ...sent: Parameters<typeof captureOf>) => {
    const path = join(folder, name)
    writeFileSync(path, captureOf(...sent))
    return path
  }
  const both = exchange(0, '10.0.0.1:51111 > 10.0.0.2:53', 3)
  const before = write('before.pcap', both, exchange(5, '10.0.0.1:52222 > 10.0.0.2:53'))
  const after = write('after.pcap', both.slice(0, 4), exchange(7, '10.0.0.1:53333 > 10.0.0.2:53'))
  const { status, records } = diff(before, after)
  assert.is(status, 4)
  assert.equal(
    records.map((record) => [record.change ?? 'diff', record.src_port]),
    [
      ['changed', 51111],
      ['new', 53333],
      ['gone', 52222],
      ['diff', undefined],
    ],
  )
  assert.equal([records[0].before.src_packets, records[0].after.src_packets], [3, 2])
})

test('exactly the kinds asked for, into a file', () => {
  const file = join(folder, 'changes.ndjson')
  const { status, out } = diff('framehawk.pcap', 'saturated.pcap', '--records', 'pool', '-o', file)
  assert.is(status, 4)
  assert.is(out, '')
  const records = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(
    records.map((record) => record.of ?? record.type),
    ['pool', 'pool', 'diff'],
  )
  assert.equal([records[0].before.peak, records[0].after.peak], [9, 101])
})

test('services of captures and of records alike: other clients make no other service', () => {
  const one = join(folder, 'one.pcap')
  const other = join(folder, 'other.pcap')
  writeFileSync(one, captureOf(exchange(0, '10.0.0.1:51111 > 10.0.0.2:53')))
  writeFileSync(other, captureOf(exchange(9, '10.0.0.1:52222 > 10.0.0.2:53')))
  assert.is(diff(one, other).status, 4)
  const { status, records } = diff(one, other, '--records', 'service')
  assert.equal([status, records.length, records[0].services.same], [0, 1, 1])

  const changed = diff('framehawk.ndjson', 'saturated.pcap', '--records', 'service').records
  assert.equal(changed, diff('framehawk.pcap', 'saturated.pcap', '--records', 'service').records.map(named))
  const slot = changed.find((record) => record.server_port === 3225 && record.change === 'changed')
  assert.equal([slot.before.clients, slot.after.clients], [2, 1])
})

/** As if the records had been read. */
function named(record: { type: string }) {
  return record.type === 'diff' ? { ...record, before: 'framehawk.ndjson' } : record
}

test('a folder that analyze wrote is a side', () => {
  const out = join(folder, 'written')
  const run = spawnSync(process.execPath, [cli, 'framehawk.pcap', '-o', `${out}/`], { cwd: fixtures })
  assert.is(run.status, 0)
  assert.is(diff(`${out}/`, 'framehawk.pcap').status, 0)
})

test('one input, three inputs and missing ones', () => {
  assert.match(diff('framehawk.pcap').err, /^diff: found 1 input, expected two: .*\(DIFF_INPUTS\)\n$/)
  assert.is(diff('framehawk.pcap').status, 2)
  assert.is(diff('a', 'b', 'c').status, 2)
  const missing = diff('framehawk.pcap', 'nowhere.pcap')
  assert.is(missing.status, 1)
  assert.match(missing.err, /^nowhere\.pcap: .*\(INPUT_NOT_FOUND\)\n$/)
  const asOutput = diff('framehawk.ndjson', 'framehawk.pcap', '-o', 'framehawk.ndjson')
  assert.is(asOutput.status, 2)
  assert.match(asOutput.err, /\(OUTPUT_IS_INPUT\)\n$/)
})

test('a folder is no place for its records', () => {
  const { status, err } = diff('framehawk.pcap', 'framehawk.ndjson', '-o', `${folder}/`)
  assert.is(status, 1)
  assert.match(err, /: cannot be written, it is a folder; name a file in it \(OUTPUT_OPEN\)\n$/)
})

test('damage is told; differences before it', () => {
  const cut = join(folder, 'cut.ndjson')
  const lines = readFileSync(join(fixtures, 'framehawk.ndjson'), 'utf8').split('\n')
  writeFileSync(cut, [...lines.slice(0, 5), '{"type":', ...lines.slice(5)].join('\n'))
  const same = diff(cut, 'framehawk.pcap')
  assert.is(same.status, 3)
  assert.match(same.err, /line 6: .*\(RECORD_INVALID\)\n$/)
  writeFileSync(cut, [...lines.slice(0, 5), '{"type":', ...lines.slice(6)].join('\n'))
  assert.is(diff(cut, 'framehawk.pcap').status, 4)
})

test('strings of records that are not ours are made harmless', () => {
  const hostile = join(folder, 'hostile.ndjson')
  const text = readFileSync(join(fixtures, 'framehawk.ndjson'), 'utf8')
  writeFileSync(hostile, text.replaceAll('"label":"dns"', '"label":"\\u001b[2J\u202e\u009b"'))
  const { status, out, records } = diff('framehawk.ndjson', hostile)
  assert.is(status, 4)
  assert.is(records[0].after.label, '\\x1B[2J\\u202e\\x9B')
  assert.not.match(out, /[\u001b\u202e\u009b]/)
})

test.run()
