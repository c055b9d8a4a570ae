import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../src/errors.ts'
import { type Flags, readOptions } from '../src/options.ts'

const test = suite('options')

const choice = { names: ['flow', 'pool', 'summary'], byDefault: ['flow', 'summary'] } as const
const read = (flags: Flags = {}) => readOptions({ input: ['a.pcap'], ...flags }, choice)

function complaint(flags: Flags): string {
  try {
    read(flags)
  } catch (error) {
    assert.instance(error, UsageError)
    return (error as UsageError).message
  }
  return 'accepted'
}

test('has the defaults of the contract', () => {
  assert.equal(read(), {
    inputs: ['a.pcap'],
    output: undefined,
    format: 'ndjson',
    records: new Set(['flow', 'summary']),
    rules: [],
    site: undefined,
    registry: undefined,
    idleTimeoutSec: undefined,
    activeTimeoutSec: 0,
    poolIdleSec: undefined,
    maxFlows: 1_000_000,
    span: undefined,
    decapsulate: 'inner',
    ignoreVlan: false,
    time: 'iso',
    candidates: false,
    jobs: 1,
    quiet: false,
    color: 'auto',
    communityIdSeed: 0,
  })
})

test('takes every flag', () => {
  const options = read({
    output: 'out/',
    format: 'ndjson',
    records: 'pool,flow',
    rules: ['a.yaml', 'b.yaml'],
    site: 's.yaml',
    registry: 'r.csv',
    'idle-timeout': '0',
    'active-timeout': '0.5',
    'pool-idle': '180',
    'max-flows': '10',
    decapsulate: 'outer',
    'ignore-vlan': true,
    time: 'epoch',
    candidates: true,
    jobs: '1',
    quiet: true,
    color: 'never',
    'community-id-seed': '65535',
  })
  assert.equal([...options.records], ['pool', 'flow'])
  assert.equal(options.rules, ['a.yaml', 'b.yaml'])
  assert.is(options.idleTimeoutSec, 0)
  assert.is(options.activeTimeoutSec, 0.5)
  assert.is(options.poolIdleSec, 180)
  assert.is(options.maxFlows, 10)
  assert.is(options.decapsulate, 'outer')
  assert.ok(options.ignoreVlan && options.candidates && options.quiet)
  assert.is(options.communityIdSeed, 65_535)
})

test('joins repeated lists of records', () => {
  assert.equal([...read({ records: ['pool', 'summary, pool'] }).records], ['pool', 'summary'])
})

test('reads a stretch of time', () => {
  assert.equal(read({ from: '5.5' }).span, { from: [5, 500_000_000], to: undefined })
  const to = read({ from: '5', to: '1970-01-01T00:00:06+00:00' }).span?.to
  assert.equal(to, [6, 0])
})

test('names flag, value and expectation of everything wrong', () => {
  for (const [flags, expected] of [
    [{ 'idle-timeout': 'abc' }, /^--idle-timeout: found "abc", expected seconds .*\(OPTION_IDLE_TIMEOUT\)$/],
    [{ 'idle-timeout': '-1' }, /found "-1"/],
    [{ 'idle-timeout': '1e3' }, /found "1e3"/],
    [{ 'idle-timeout': '9999999999' }, /found "9999999999"/],
    [{ 'idle-timeout': '' }, /found ""/],
    [{ 'active-timeout': 'x' }, /\(OPTION_ACTIVE_TIMEOUT\)$/],
    [{ 'pool-idle': 'x' }, /\(OPTION_POOL_IDLE\)$/],
    [{ 'max-flows': '0' }, /expected a whole number from 1 .*\(OPTION_MAX_FLOWS\)$/],
    [{ 'max-flows': '1.5' }, /\(OPTION_MAX_FLOWS\)$/],
    [{ decapsulate: 'both' }, /expected inner or outer \(OPTION_DECAPSULATE\)$/],
    [{ time: 'utc' }, /expected iso or epoch \(OPTION_TIME\)$/],
    [{ color: 'yes' }, /\(OPTION_COLOR\)$/],
    [
      { records: 'flow,flows' },
      /found "flows", expected one or more of flow,pool,summary \(OPTION_RECORDS\)$/,
    ],
    [{ records: 'flow,' }, /found ""/],
    [{ from: 'yesterday' }, /^--from: found "yesterday", expected a time as 2026-.*\(OPTION_FROM\)$/],
    [{ to: '2026-02-30' }, /\(OPTION_TO\)$/],
    [{ from: '6', to: '6' }, /^--to: found a time that is not after --from; .*\(OPTION_TO\)$/],
    [{ jobs: '0' }, /\(OPTION_JOBS\)$/],
    [
      { format: 'csv' },
      /^--format: csv holds one kind of record a file, found flow,summary; add --records flow .* DIR\/ for .*\(OPTION_FORMAT\)$/,
    ],
    [{ format: 'zeek-tsv', output: 'conn.log' }, /\(OPTION_FORMAT\)$/],
    [
      { format: 'eve', time: 'epoch' },
      /^--time: found epoch, but eve has times of its own; .*\(OPTION_TIME\)$/,
    ],
    [{ format: 'xml' }, /found "xml", expected one of ndjson, .*parquet \(OPTION_FORMAT\)$/],
    [{ time: ['iso', 'iso'] }, /^--time: found 2 times, expected once; .*\(OPTION_REPEATED\)$/],
    [{ output: '' }, /\(OPTION_OUTPUT\)$/],
    [{ input: [] }, /\(INPUT_MISSING\)$/],
    [{ input: ['-', 'a.pcap', '-'] }, /^flowhawk: found - more than once; .*\(INPUT_REPEATED\)$/],
  ] as [Flags, RegExp][]) {
    assert.match(complaint(flags), expected)
  }
})

test('takes a format with the records that it can hold', () => {
  const events = { names: ['capture', 'flow'], byDefault: ['capture', 'flow'] } as const
  const input = ['a.pcap']
  assert.is(read({ format: 'csv', records: 'flow' }).format, 'csv')
  assert.is(read({ format: 'parquet', output: 'out/' }).records.size, 2)
  assert.equal([...readOptions({ input, format: 'eve' }, events).records], ['flow'])
  assert.throws(
    () => readOptions({ input, format: 'ecs', records: 'capture' }, events),
    /found "capture", expected one or more of flow \(OPTION_RECORDS\)/,
  )
  const pools = { names: ['pool', 'session'], byDefault: ['pool', 'session'] } as const
  assert.throws(() => readOptions({ input, format: 'csv' }, pools), /add --records session /)
})

test.run()
