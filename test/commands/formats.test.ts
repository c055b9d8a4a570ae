/** The formats at the command line: from a capture to files that hold only what they may. */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { back, captureOf, handshake, sendTcp, sendUdp, type Way } from '../analyzed.ts'

const test = suite('formats')

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const fixture = fileURLToPath(new URL('../../../fixtures/framehawk.pcap', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-formats-'))
test.after(() => rmSync(folder, { recursive: true }))

const FORMATS = ['zeek-json', 'zeek-tsv', 'eve', 'ecs', 'csv', 'parquet']
const KINDS = ['flow', 'notice', 'pool', 'session', 'summary']

function flowhawk(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { maxBuffer: 1 << 26 })
  return { status, stdout, stderr: stderr.toString('utf8') }
}

test('one kind of record, the same bytes on a pipe, in a file and in a folder', () => {
  for (const format of FORMATS) {
    const piped = flowhawk(fixture, '--format', format, '--records', 'session')
    assert.is(piped.stderr, '')
    assert.is(piped.status, 0)
    assert.ok(piped.stdout.length > 1000, format)
    const file = join(folder, `sessions.${format}`)
    assert.is(flowhawk(fixture, '--format', format, '--records', 'session', '-o', file).status, 0)
    assert.ok(readFileSync(file).equals(piped.stdout), format)
    const out = join(folder, `one-${format}`)
    assert.is(flowhawk(fixture, '--format', format, '--records', 'session', '-o', `${out}/`).status, 0)
    const [name] = readdirSync(out)
    assert.ok(readFileSync(join(out, name)).equals(piped.stdout), `${format}: ${name}`)
  }
})

test('a folder gets a file for each kind, named as its readers expect', () => {
  const names = (format: string) => {
    const out = join(folder, format)
    assert.is(flowhawk(fixture, '--format', format, '-o', `${out}/`).status, 0)
    return readdirSync(out).sort()
  }
  const zeek = [
    'conn',
    'flowhawk_capture',
    'flowhawk_notice',
    'flowhawk_pool',
    'flowhawk_session',
    'flowhawk_summary',
  ]
  assert.equal(
    names('zeek-tsv'),
    zeek.map((name) => `${name}.log`),
  )
  assert.equal(
    names('csv'),
    ['capture', ...KINDS].map((name) => `${name}.csv`),
  )
  assert.equal(
    names('parquet'),
    ['capture', ...KINDS].map((name) => `${name}.parquet`),
  )
  assert.equal(
    names('eve'),
    KINDS.map((name) => `${name}.json`),
  )
})

test('events of all kinds share a stream', () => {
  for (const format of ['eve', 'ecs']) {
    const { status, stdout } = flowhawk(fixture, '--format', format)
    assert.is(status, 0)
    const kinds = stdout
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .flatMap((line) => Object.keys(JSON.parse(line).flowhawk ?? {}))
    assert.equal([...new Set(kinds)].sort(), ['flow', 'pool', 'session', 'summary'])
  }
})

test('wrong combinations say what to type', () => {
  for (const [args, expected] of [
    [['--format', 'csv'], /--records flow .* --output DIR\/ .*\(OPTION_FORMAT\)\n$/],
    [['--format', 'parquet', '--records', 'flow,pool'], /found flow,pool; .*\(OPTION_FORMAT\)\n$/],
    [['--format', 'zeek-json', '-o', join(folder, 'conn.log')], /\(OPTION_FORMAT\)\n$/],
    [['--format', 'eve', '--records', 'capture'], /expected one or more of flow,.*\(OPTION_RECORDS\)\n$/],
    [['--format', 'ecs', '--time', 'epoch'], /leave the option out \(OPTION_TIME\)\n$/],
  ] as [string[], RegExp][]) {
    const { status, stderr } = flowhawk(fixture, ...args)
    assert.is(status, 2)
    assert.match(stderr, expected)
    assert.is(stderr.split('\n').length, 2)
  }
})

const onFull = existsSync('/dev/full') || process.env.CI ? test : test.skip
if (onFull === test.skip) process.stdout.write('skipped: this system has no /dev/full\n')

onFull('a full disk is said in one line', () => {
  for (const format of ['csv', 'eve', 'parquet']) {
    const { status, stderr } = flowhawk(fixture, '--format', format, '--records', 'flow', '-o', '/dev/full')
    assert.is(status, 1)
    assert.match(stderr, /^\/dev\/full: byte 0: no space left; .*\(OUTPUT_FULL\)\n$/)
  }
})

onFull('a full standard output is an error of every command, a full standard error of none', () => {
  const full = openSync('/dev/full', 'w')
  for (const args of [['--version'], ['--help'], ['port', '53'], ['explain', fixture, '--packet', '1']]) {
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
      stdio: ['ignore', full, 'pipe'],
    })
    assert.is(status, 1)
    assert.match(String(stderr), /^standard output: byte 0: no space left; .*\(OUTPUT_FULL\)\n$/)
  }
  const cut = join(folder, 'cut.pcap')
  writeFileSync(cut, readFileSync(fixture).subarray(0, -5))
  const silenced = (...args: string[]) =>
    spawnSync(process.execPath, [cli, ...args], { stdio: ['ignore', 'ignore', full] }).status
  assert.equal([silenced('--nonsense', fixture), silenced(cut)], [2, 3])
  closeSync(full)
})

test('a site file says what is local to Zeek', () => {
  const site = join(folder, 'site.yaml')
  writeFileSync(site, 'internal: [10.1.0.0/16]\n')
  const { stdout } = flowhawk(fixture, '--format', 'zeek-json', '--records', 'flow', '--site', site)
  const first = JSON.parse(stdout.toString('utf8').split('\n')[0])
  assert.equal([first.local_orig, first.local_resp], [false, true])
})

/** DNS names of every kind of byte, and an HTTP Host and user agent of some 60 KB. */
function hostileCapture(): Uint8Array {
  const names = [
    '<script>alert(1)</script>',
    '\x1b[2J\x1b]0;x\x07',
    '=cmd|calc',
    '\u202egpj.exe',
    '\xff\xfe\x80',
  ]
  const questions = names.flatMap((name, i) => {
    const way: Way = `10.0.0.1:${50_000 + i} > 10.0.0.53:53`
    const label = Buffer.from(name, i === 4 ? 'latin1' : 'utf8')
    const question = Buffer.concat([Buffer.from([label.length]), label, Buffer.from([0, 0, 1, 0, 1])])
    const header = (flags: number) => Buffer.from([0, i, flags, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    return [
      sendUdp(i, way, Buffer.concat([header(1), question])),
      sendUdp(i + 0.1, back(way), Buffer.concat([header(0x81), question])),
    ]
  })
  const web: Way = '10.0.0.1:60000 > 10.0.0.80:80'
  const long = '=<b>\x1b[31m\xff'.repeat(3000)
  const request = Buffer.from(`GET / HTTP/1.1\r\nUser-Agent: ${long}\r\nHost: ${long}\r\n\r\n`, 'latin1')
  const sent = [...questions, ...handshake(9, web), sendTcp(9.1, web, 'PA', request)]
  return captureOf(sent, sendTcp(9.2, back(web), 'PA', 'HTTP/1.1 200 OK\r\n\r\n'))
}

test('hostile bytes of packets are harmless in every format', () => {
  const capture = join(folder, 'hostile.pcap')
  writeFileSync(capture, hostileCapture())
  mkdirSync(join(folder, 'hostile'))
  for (const format of FORMATS.filter((name) => name !== 'parquet')) {
    const { status, stdout } = flowhawk(capture, '--format', format, '--records', 'flow')
    assert.is(status, 0)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(stdout)
    assert.ok(text.split('\n').length > 6, format)
    assert.not.match(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    assert.not.match(text, /(^|,)"?[=+@]/m, `${format} begins a cell like a formula`)
    for (const line of text.split('\n')) assert.ok(line.length < 50_000, `${format}: ${line.length}`)
  }
})

test.run()
