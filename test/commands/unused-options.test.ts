/** Options and kinds of records that would change nothing are refused, and not passed over in silence. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('unused options')

const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-unused-'))
const page = join(folder, 'report.html')
const capture = 'framehawk.pcap'
const records = 'framehawk.ndjson'

test.after(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: fixtures,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  return { status, out: stdout.toString(), err: stderr.toString() }
}

function refused(args: string[], expected: RegExp): void {
  const { status, out, err } = run(...args)
  assert.equal([status, out], [2, ''], args.join(' '))
  assert.match(err, expected)
}

test('what only packets can answer, over records', () => {
  refused(
    ['sessions', records, '--idle-timeout', '5'],
    /^--idle-timeout: found records, .*\(OPTION_IDLE_TIMEOUT\)\n$/,
  )
  refused(['sessions', records, '--ignore-vlan'], /\(OPTION_IGNORE_VLAN\)/)
  refused(['sessions', records, '--decapsulate', 'outer'], /\(OPTION_DECAPSULATE\)/)
  refused(['report', records, '-o', page, '--pool-idle', '5'], /\(OPTION_POOL_IDLE\)/)
  refused(['diff', records, records, '--pool-idle', '5'], /\(OPTION_POOL_IDLE\)/)
  refused(['diff', records, records, '--active-timeout', '5'], /\(OPTION_ACTIVE_TIMEOUT\)/)
})

test('a --pool-idle that would have split sessions of the records; a longer one joins them', () => {
  refused(
    ['sessions', records, '--pool-idle', '20'],
    /^--pool-idle: found 20, but a framehawk session of the records was silent for 102\.730389 s, .*\(OPTION_POOL_IDLE\)\n$/,
  )
  for (const seconds of ['103', '600', '0']) {
    const pools = (input: string) =>
      run('sessions', input, '--pool-idle', seconds, '--records', 'session').out
    assert.is(pools(records).split('\n').length, pools(capture).split('\n').length, seconds)
  }
})

test('records that a recount does not write, and those that only a live run does', () => {
  refused(['sessions', records, '--records', 'pool,flow'], /^--records: found flow, .*\(OPTION_RECORDS\)\n$/)
  refused(
    [capture, '--records', 'stats,open_session'],
    /^--records: found stats,open_session, .*\(OPTION_RECORDS\)\n$/,
  )
  assert.is(run(capture, '--records', 'stats,summary').status, 0)
})

test('a filter of serve without an interface', () => {
  refused(
    ['serve', records, '--filter', 'udp', '--listen', '0'],
    /^--filter: found no --interface, .*\(OPTION_FILTER\)\n$/,
  )
})

test('an empty filter, before the dashboard is there', () => {
  refused(
    ['serve', '--interface', 'none', '--filter=', '--listen', '0'],
    /^--filter: found "", .*\(OPTION_FILTER\)\n$/,
  )
})

// Without root the interface cannot be opened, and the filter is not looked at.
const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? test : test.skip
asRoot('serve passes on that an option of live is wrong', () => {
  const { status, err } = run('serve', '--interface', 'lo', '--filter', 'foo bar', '--listen', '0', '--quiet')
  assert.is(status, 2)
  assert.match(err, /^--filter: .*\(FILTER_SYNTAX\)\nlo: .*\(LIVE_ENDED\)\n$/)
})

test.run()
