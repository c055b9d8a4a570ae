/** `flowhawk sessions` over the records of several sensors. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord, PoolRecord, SummaryRecord } from '../../src/report/record/record-types.ts'

const test = suite('sessions command')

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-sessions-'))
const east = join(folder, 'east.ndjson')
const west = join(folder, 'west.ndjson')

function run(
  args: string[],
  input?: Uint8Array,
): { status: number | null; out: FlowhawkRecord[]; err: string } {
  const { FLOWHAWK_DEBUG: _debug, NODE_V8_COVERAGE: _coverage, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    env,
    input,
    timeout: 60_000,
  })
  const lines = stdout.toString().split('\n').slice(0, -1)
  return { status, out: lines.map((line) => JSON.parse(line)), err: stderr.toString() }
}

const poolOf = (records: FlowhawkRecord[]) =>
  records.find((each): each is PoolRecord => each.type === 'pool' && each.server_ip === undefined)

test.before(() => {
  run([join(fixtures, 'framehawk.pcap'), '-o', east])
  run([join(fixtures, 'framehawk.pcap'), '-o', west])
})
test.after(() => rmSync(folder, { recursive: true }))

test('a session that two sensors saw counts once; the summary comes last', () => {
  const { status, out } = run(['sessions', east, west])
  assert.is(status, 0)
  const direct = run(['sessions', join(fixtures, 'framehawk.pcap')]).out
  const { sessions, peak, peak_at, mean } = poolOf(direct)!
  const recounted = poolOf(out)!
  assert.equal(
    [recounted.sessions, recounted.peak, recounted.peak_at, recounted.mean],
    [sessions, peak, peak_at, mean],
  )
  assert.is(out.at(-1)?.type, 'summary')
})

test('the sessions of a killed run, which told no window, count beside those of a later one', () => {
  const killed = join(folder, 'killed.ndjson')
  const later = join(folder, 'later.ndjson')
  const lines = readFileSync(east, 'utf8').split('\n')
  writeFileSync(killed, lines.filter((line) => !/^\{"type":"(pool|summary)"/.test(line)).join('\n'))
  run([join(fixtures, 'mosh.pcap'), '-o', later])
  const { sessions, peak, peak_at } = poolOf(run(['sessions', east]).out)!
  const counted = poolOf(run(['sessions', killed, later]).out)!
  assert.equal(
    [counted.pool, counted.sessions, counted.peak, counted.peak_at],
    ['framehawk', sessions, peak, peak_at],
  )
})

test('what the sensors did not count as flows stays in the summary', () => {
  const records = join(folder, 'vlan.ndjson')
  run([join(fixtures, 'vlan-qinq.pcap'), '-o', records])
  const { non_ip } = run(['sessions', records, records]).out.at(-1) as SummaryRecord
  assert.equal(non_ip, { '0x0806': 4, '0x88cc': 2 })
})

test('a stretch of time is cut from packets, not from records', () => {
  const capture = join(fixtures, 'framehawk.pcap')
  const whole = poolOf(run(['sessions', capture]).out)!
  const { status, out } = run([
    'sessions',
    capture,
    '--from',
    '2018-03-14T09:05:00Z',
    '--to',
    '2018-03-14 09:07',
  ])
  assert.is(status, 0)
  const { window_start, window_end, peak, peak_at } = poolOf(out)!
  assert.equal([peak, peak_at], [whole.peak, whole.peak_at])
  assert.ok(String(window_start) >= '2018-03-14T09:05' && String(window_end) < '2018-03-14T09:07')
  assert.ok((out.at(-1) as SummaryRecord).packets_outside! > 0)

  const refused = run(['sessions', east, '--to', '2026-01-01'])
  assert.is(refused.status, 2)
  assert.match(refused.err, /^--from, --to: found records, .*\(OPTION_FROM\)\n$/)
})

test('where all packets are outside it says when they were', () => {
  const { status, out, err } = run(['sessions', join(fixtures, 'framehawk.pcap'), '--from', '2027-01-01'])
  assert.equal([status, out.length], [0, 1])
  assert.match(
    err,
    /^--from, --to: all [\d,]+ packets are outside, from 2018-.*Z to 2018-.*\(TIME_OUTSIDE\)\n$/,
  )
})

test('standard input may carry records, also compressed, or a capture', () => {
  const expected = run(['sessions', east]).out
  const records = readFileSync(east)
  assert.equal(run(['sessions', '-'], records), { status: 0, out: expected, err: '' })
  assert.equal(run(['sessions', '-'], gzipSync(records)).out, expected)
  assert.equal(run(['sessions', '-', west], records).out, run(['sessions', east, west]).out)
  const capture = join(fixtures, 'framehawk.pcap')
  assert.equal(run(['sessions', '-'], readFileSync(capture)).out, run(['sessions', capture]).out)
  assert.is(run(['sessions', '-', capture], records).status, 2)
  assert.match(run(['sessions', '-'], new Uint8Array(0)).err, /^-: no bytes; .* \(INPUT_EMPTY\)\n$/)
  assert.is(run(['diff', '-', east], records).status, 0)
})

test('a folder may hold a file for each kind of record', () => {
  const parts = join(folder, 'parts/')
  run([join(fixtures, 'framehawk.pcap'), '-o', parts])
  assert.equal(run(['sessions', parts]).out, run(['sessions', east]).out)
  const page = join(folder, 'parts.html')
  assert.is(run(['report', parts, '-o', page]).status, 0)
  assert.match(readFileSync(page, 'utf8'), /10\.1\.0\.4/)
})

test('a folder that live rotates is read whole: finished files first, compressed or not', () => {
  const parts = join(folder, 'rotated/')
  run([join(fixtures, 'framehawk.pcap'), '-o', parts])
  const lines = readFileSync(join(parts, 'flow.ndjson'), 'utf8').trimEnd().split('\n')
  const put = (name: string, from: number, to: number, made = (text: string): string | Uint8Array => text) =>
    writeFileSync(join(parts, name), made(`${lines.slice(from, to).join('\n')}\n`))
  put('flow-20260102T030000Z.ndjson.gz', 0, 10, gzipSync)
  put('flow-20260102T030000Z_000002.ndjson', 10, 20)
  // Just compressed, and not yet deleted.
  put('flow-20260102T030000Z_000002.ndjson.gz', 10, 20, gzipSync)
  put('flow.ndjson', 20, lines.length)
  put('flow-20260102T030000Z.ndjson.gz.part', 0, 10)
  const page = join(folder, 'rotated.html')
  const pageOf = (input: string) => {
    assert.is(run(['report', input, '-o', page]).status, 0)
    return /"flows":.*/.exec(readFileSync(page, 'utf8'))?.[0]
  }
  assert.is(pageOf(parts), pageOf(join(folder, 'parts/')))
  const { status, out } = run(['diff', parts, join(folder, 'parts/')])
  assert.equal([status, out.length], [0, 1])
  const whole = gzipSync(readFileSync(join(parts, 'session.ndjson')))
  rmSync(join(parts, 'session.ndjson'))
  writeFileSync(join(parts, 'session.ndjson.gz'), whole)
  assert.equal(run(['sessions', parts]).out, run(['sessions', east]).out)
})

test('a named pipe is opened once: its writer would be gone the second time', () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const writer = spawn('cp', [join(fixtures, 'framehawk.pcap'), pipe], { stdio: 'ignore' })
  const { status, out } = run(['sessions', pipe])
  writer.kill()
  assert.is(status, 0)
  assert.equal(poolOf(out), poolOf(run(['sessions', join(fixtures, 'framehawk.pcap')]).out))
})

test('a damaged line is named, the rest is counted, status 3', () => {
  const lines = readFileSync(east, 'utf8').split('\n')
  const at = lines.findIndex((line) => line.startsWith('{"type":"session"'))
  const cut = join(folder, 'cut.ndjson')
  writeFileSync(cut, lines.map((line, i) => (i === at ? line.slice(0, 50) : line)).join('\n'))
  const { status, out, err } = run(['sessions', cut])
  assert.is(status, 3)
  assert.match(err, new RegExp(`^[^\\n]*cut\\.ndjson: byte \\d+: line ${at + 1}: .*\\(RECORD_INVALID\\)\\n$`))
  const { damaged } = out.at(-1) as SummaryRecord
  assert.is(damaged.length, 1)
  assert.is(poolOf(out)!.sessions, poolOf(run(['sessions', east]).out)!.sessions - 1)
})

test('gzip is read; captures and records are not mixed', () => {
  const packed = join(folder, 'west.ndjson.gz')
  writeFileSync(packed, gzipSync(readFileSync(west)))
  assert.equal(poolOf(run(['sessions', packed]).out), poolOf(run(['sessions', west]).out))
  const mixed = run(['sessions', packed, join(fixtures, 'mosh.pcap')])
  assert.is(mixed.status, 2)
  assert.match(mixed.err, /^sessions: found captures and NDJSON records together, .*\(INPUT_MIXED\)\n$/)
})

test.run()
