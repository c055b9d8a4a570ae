/** The built command line as a user meets it: a process with arguments, streams and an exit status. */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
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
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord, PoolRecord } from '../src/report/record/record-types.ts'
import { SCHEMA_NAMES } from '../src/report/record/schema.ts'

const test = suite('cli')

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const mosh = join(fixtures, 'mosh.pcap')
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-cli-'))

interface Run {
  status: number | null
  out: string
  err: string
}

function run(args: string[], input?: Buffer): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, env: cleanEnv() })
  return { status, out: stdout.toString(), err: stderr.toString() }
}

function cleanEnv(): NodeJS.ProcessEnv {
  const { FLOWHAWK_DEBUG: _debug, NODE_V8_COVERAGE: _coverage, ...env } = process.env
  return env
}

function records(text: string): FlowhawkRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

test.after(() => rmSync(folder, { recursive: true }))

test('prints its version and its help', () => {
  const { version } = JSON.parse(readFileSync(join(fixtures, '../package.json'), 'utf8'))
  for (const flag of ['--version', '-V'])
    assert.equal(run([flag]), { status: 0, out: `${version}\n`, err: '' })
  const help = run(['--help'])
  assert.is(help.status, 0)
  assert.match(help.out, 'analyze <input..>')
  assert.match(run(['sessions', '--help']).out, '--pool-idle SECONDS')
})

test('writes only records where standard output is no terminal', () => {
  const { status, out, err } = run([mosh])
  assert.is(status, 0)
  assert.is(err, '')
  const types = records(out).map(({ type }) => type)
  assert.is(types[0], 'capture')
  assert.is(types.at(-1), 'summary')
  assert.ok(types.includes('flow') && types.includes('session') && types.includes('pool'))
  assert.not(types.includes('concurrency'))
})

test('takes analyze, no command, standard input and a file name behind -- alike', () => {
  const expected = run([mosh, '--records', 'session,pool']).out
  assert.ok(expected.length > 0)
  assert.is(run(['analyze', mosh, '--records', 'session,pool']).out, expected)
  assert.is(run(['-', '--records', 'session,pool'], readFileSync(mosh)).out, expected)
  assert.is(run(['--records=session,pool', '--', mosh]).out, expected)
})

test('counts the sessions of the mosh fixture', () => {
  const { out } = run(['sessions', mosh])
  assert.equal([...new Set(records(out).map(({ type }) => type))], ['session', 'pool', 'summary'])
  const pool = records(out).find((record): record is PoolRecord => record.type === 'pool')
  assert.is(pool?.pool, 'mosh')
  assert.is(pool?.sessions, 4)
  assert.is(pool?.peak, 3)
})

test('recounts the records of several sensors as one network', () => {
  const files = ['rotated-1', 'rotated-2'].map((name) => {
    const file = join(folder, `${name}.ndjson`)
    assert.is(run([join(fixtures, `${name}.pcap`), '-o', file]).status, 0)
    return file
  })
  const [session, ...more] = records(run(['sessions', ...files, '--records', 'session']).out)
  const [whole] = records(
    run(['sessions', join(fixtures, 'rotated-1.pcap'), join(fixtures, 'rotated-2.pcap')]).out,
  )
  assert.equal(more, [])
  assert.ok(session.type === 'session' && whole.type === 'session')
  assert.equal([session.start, session.end, session.packets], [whole.start, whole.end, whole.packets])
  const twice = run(['sessions', files[0], files[0], '--records', 'session,pool']).out
  assert.is(twice, run(['sessions', files[0], '--records', 'session,pool']).out)
})

test('refuses records that are not its own', () => {
  const bad = join(folder, 'bad.ndjson')
  writeFileSync(bad, '{"type":"summary","v":1}\n')
  const { status, err } = run(['sessions', bad])
  assert.is(status, 1)
  assert.match(err, /bad\.ndjson: line 1: not a summary record of version 1: .*\(RECORD_INVALID\)\n$/)
  const mixed = run(['sessions', bad, mosh])
  assert.is(mixed.status, 2)
  assert.match(mixed.err, /\(INPUT_MIXED\)\n$/)
})

test('a recount needs records of pools; a file without any record of its kind is none', () => {
  const kinds = join(folder, 'kinds/')
  assert.is(run([mosh, '-o', kinds, '--records', 'flow,session,pool,notice,summary']).status, 0)
  const flows = run(['sessions', join(kinds, 'flow.ndjson')])
  assert.is(flows.status, 1)
  assert.is(flows.out, '')
  assert.match(flows.err, /flow\.ndjson: holds no session, pool or summary record, .*\(RECORD_KINDS\)\n$/)
  const names = readdirSync(kinds)
  assert.is(readFileSync(join(kinds, 'notice.ndjson'), 'utf8'), '')
  const all = run(['sessions', ...names.map((name) => join(kinds, name)), '--records', 'pool'])
  assert.equal([all.status, all.err], [0, ''])
  assert.is(all.out, readFileSync(join(kinds, 'pool.ndjson'), 'utf8'))
})

test('refuses a value for a switch, but those of scripts', () => {
  const maybe = run([mosh, '--quiet=maybe'])
  assert.is(maybe.status, 2)
  assert.is(
    maybe.err,
    '--quiet: found "maybe", expected no value: --quiet is on or left out (OPTION_VALUE)\n',
  )
  assert.is(run([mosh, '-q=1']).status, 2)
  assert.is(run([mosh, '--quiet=true', '--ignore-vlan=false', '--records', 'summary']).status, 0)
})

test('shows where an error comes from only when asked to, and never a line without end', () => {
  const plain = run([join(folder, 'missing.pcap')])
  assert.is(plain.err.split('\n').length, 2)
  const { stderr } = spawnSync(process.execPath, [cli, join(folder, 'missing.pcap')], {
    env: { ...cleanEnv(), FLOWHAWK_DEBUG: '1' },
  })
  assert.match(stderr.toString(), /^[^\n]* \(INPUT_NOT_FOUND\)\nInputError: [^\n]*\n +at /)
  const long = run(['port', 'x'.repeat(60_000)])
  assert.is(long.status, 2)
  assert.ok(long.err.length < 1200)
  assert.match(long.err, /^port: found "xxx.*…x.*\(PORT_UNKNOWN\)\n$/)
})

test('writes to a file, and to a folder with a file for each kind', () => {
  const file = join(folder, 'out.ndjson')
  assert.equal(run([mosh, '-o', file]), { status: 0, out: '', err: '' })
  assert.is(readFileSync(file, 'utf8'), run([mosh, '-o', '-']).out)
  assert.is(run([mosh, '-o', join(folder, 'parts/'), '--records', 'flow,session']).status, 0)
  assert.equal(readdirSync(join(folder, 'parts')), ['flow.ndjson', 'session.ndjson'])
})

test('never empties an input', () => {
  const copy = join(folder, 'copy.pcap')
  writeFileSync(copy, readFileSync(mosh))
  const { status, err } = run([copy, '-o', copy])
  assert.is(status, 2)
  assert.match(err, /\(OUTPUT_IS_INPUT\)\n$/)
  assert.equal(readFileSync(copy), readFileSync(mosh))
})

test('never empties a capture of a folder, what standard input reads, or a rule file', () => {
  const captures = join(folder, 'precious')
  mkdirSync(captures)
  const copy = join(captures, 'copy.pcap')
  writeFileSync(copy, readFileSync(mosh))
  const rules = join(folder, 'precious.yaml')
  writeFileSync(rules, 'labels: [{ label: x, ports: 9 }]\n')
  const site = join(folder, 'precious-site.yaml')
  writeFileSync(site, 'internal: [10.0.0.0/8]\n')
  const records = join(folder, 'precious-records/')
  assert.is(run([mosh, '-o', records, '--records', 'flow']).status, 0)
  const flows = readFileSync(join(records, 'flow.ndjson'))
  const descriptor = openSync(copy, 'r')
  for (const args of [
    [captures, '-o', copy],
    ['-', '-o', copy],
    [mosh, '--rules', rules, '-o', rules],
    ['report', mosh, '--rules', rules, '-o', rules],
    ['report', mosh, '--site', site, '-o', site],
    ['diff', mosh, mosh, '--rules', rules, '-o', rules],
    ['diff', records, mosh, '--site', site, '-o', site],
    ['diff', captures, mosh, '-o', copy],
    ['diff', mosh, records, '-o', join(records, 'flow.ndjson')],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
      env: cleanEnv(),
      stdio: [descriptor, 'pipe', 'pipe'],
    })
    assert.is(status, 2, args.join(' '))
    assert.match(stderr.toString(), /\(OUTPUT_IS_INPUT\)\n$/)
  }
  closeSync(descriptor)
  assert.equal(readFileSync(copy), readFileSync(mosh))
  assert.ok(readFileSync(rules).length > 0)
  assert.ok(readFileSync(site).length > 0)
  assert.equal(readFileSync(join(records, 'flow.ndjson')), flows)
})

test('tells wrong usage in one line, status 2', () => {
  for (const [args, expected] of [
    [[], /^flowhawk: no input; .*\(INPUT_MISSING\)\n$/],
    [['analyze'], /\(INPUT_MISSING\)\n$/],
    [['help', 'frobnicate'], /^frobnicate: neither a command nor a file; .*\(COMMAND_UNKNOWN\)\n$/],
    [['frobnicate'], /^frobnicate: neither a command nor a file; .*\(COMMAND_UNKNOWN\)\n$/],
    [['serve'], /^serve: found nothing to show, .*\(INPUT_MISSING\)\n$/],
    [['serve', '-', '-'], /^serve: found - more than once; .*\(INPUT_REPEATED\)\n$/],
    ...['sessions', 'report', 'diff', 'explain'].map((name): [string[], RegExp] => [
      [name, '-', '-', ...(name === 'explain' ? ['--packet', '1'] : [])],
      /^flowhawk: found - more than once; .*\(INPUT_REPEATED\)\n$/,
    ]),
    [[mosh, '--bogus'], /unknown option --bogus; see flowhawk analyze --help \(OPTION_WRONG\)\n$/],
    [[mosh, '--formt', 'csv'], /unknown option --formt; did you mean --format\? \(OPTION_WRONG\)\n$/],
    [['analyse', mosh], /^analyse: .* did you mean analyze\? \(COMMAND_UNKNOWN\)\n$/],
    [[mosh, '--records'], /found no value behind --records; .*\(OPTION_WRONG\)\n$/],
    [[mosh, '--records', 'flows'], /\(OPTION_RECORDS\)\n$/],
    [
      [mosh, '--idle-timeout', 'soon'],
      /^--idle-timeout: found "soon", expected .*\(OPTION_IDLE_TIMEOUT\)\n$/,
    ],
    [[mosh, '--rules', '/no/such.yaml'], /^\/no\/such\.yaml: no such file; .*\(FILE_UNREADABLE\)\n$/],
    [['schema', 'flows'], /\(SCHEMA_RECORD\)\n$/],
  ] as [string[], RegExp][]) {
    const { status, out, err } = run(args)
    assert.is(status, 2, args.join(' '))
    assert.is(out, '')
    assert.match(err, expected)
    assert.is(err.split('\n').length, 2)
  }
})

test('reports unusable inputs after the rest is done, status 1', () => {
  const missing = join(folder, 'missing.pcap')
  const alone = run([missing])
  assert.equal(alone, { status: 1, out: '', err: `${missing}: no such file (INPUT_NOT_FOUND)\n` })
  const beside = run([missing, mosh, '--records', 'session'])
  assert.is(beside.status, 1)
  assert.is(beside.err, alone.err)
  assert.is(beside.out, run([mosh, '--records', 'session']).out)
})

test('reports damage with status 3, after the records before it', () => {
  const cut = join(folder, 'cut.pcap')
  const whole = readFileSync(mosh)
  writeFileSync(cut, whole.subarray(0, whole.length - 5))
  const { status, out, err } = run([cut])
  assert.is(status, 3)
  assert.match(err, /^[^\n]*cut\.pcap: byte \d+: .*\(PCAP_CUT\)\n$/)
  const summary = records(out).at(-1)
  assert.is(summary?.type === 'summary' && summary.damaged[0].code, 'PCAP_CUT')
})

test('counts what it skips in a folder', () => {
  const captures = mkdtempSync(join(folder, 'captures-'))
  writeFileSync(join(captures, 'a.pcap'), readFileSync(mosh))
  writeFileSync(join(captures, 'notes.txt'), 'no capture\n')
  const { status, out } = run([captures, '--records', 'summary'])
  assert.is(status, 0)
  const [summary] = records(out)
  assert.equal(summary.type === 'summary' && summary.skipped_inputs, [join(captures, 'notes.txt')])
  rmSync(join(captures, 'a.pcap'))
  const none = run([captures])
  assert.is(none.status, 1)
  assert.match(none.err, /no capture found in it; name one \(INPUT_NO_CAPTURE\)\n$/)
  writeFileSync(join(captures, 'flows-20260102T030000Z.ndjson.gz'), 'records\n')
  for (const command of ['sessions', 'report']) {
    const { status, err } = run([command, captures])
    assert.is(status, 1)
    assert.match(
      err,
      /; sessions, .* named, as .*\/flows-20260102T030000Z\.ndjson\.gz \(INPUT_NO_CAPTURE\)\n$/,
    )
  }
})

test('ends quietly when the reader of its output has gone', async () => {
  const child = spawn(process.execPath, [cli, mosh], { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnv() })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (chunk) => (err += chunk))
  const status = await new Promise((resolve) => child.on('close', resolve))
  assert.is(status, 0)
  assert.is(err, '')
})

test('writes the same bytes twice, whatever the order of the arguments', () => {
  const inputs = ['framehawk.pcap', 'scan.pcap', 'mosh.pcap'].map((name) => join(fixtures, name))
  const first = run([...inputs, '--records', 'flow,session,pool,concurrency,notice,summary']).out
  const second = run([...inputs.reverse(), '--records', 'flow,session,pool,concurrency,notice,summary']).out
  assert.ok(first.length > 10_000)
  assert.ok(first === second)
})

test('prints schemas', () => {
  assert.is(JSON.parse(run(['schema', 'pool']).out).properties.type.const, 'pool')
  assert.equal(Object.keys(JSON.parse(run(['schema']).out).$defs), [...SCHEMA_NAMES])
})

test('what comes through a pipe is told before the pipe ends', async () => {
  const bytes = readFileSync(mosh)
  const child = spawn(process.execPath, [cli, '-', '--records', 'flow'], { env: cleanEnv() })
  // All but the end of the last packet; two flows were idle for long enough before it.
  child.stdin.write(bytes.subarray(0, -1))
  let out = ''
  for await (const chunk of child.stdout) {
    out += chunk
    if (out.includes('\n')) child.stdin.end(bytes.subarray(-1))
  }
  assert.is(out, run([mosh, '-o', '-', '--records', 'flow']).out)
})

test.run()
