import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { joinFlags, parseConfig, readJoined } from '../../../src/commands/live/config.ts'
import { live } from '../../../src/commands/live/live.ts'
import { readLiveOptions } from '../../../src/commands/live/options.ts'
import type { Flags } from '../../../src/options.ts'

const test = suite('commands/config')

const parse = (text: string) => parseConfig(text, 'live.yaml', live.flags)
const options = (text: string, flags: Flags = {}) => readJoined(flags, parse(text), readLiveOptions)

function fault(text: string, flags: Flags = {}): string {
  try {
    options(text, flags)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'no fault'
}

test('says what the command line would', () => {
  const found = options(`
# of this host
interface: eth0
filter: udp portrange 3224-3324
promiscuous: true
records: [flow, session]
rules: [a.yaml, b.yaml]
output: /var/log/flowhawk/flows.ndjson
rotate: 1h
keep: 48
compress: gzip
ring-size: 128
stats-interval: 0.5
quiet: false
`)
  assert.is(found.interface, 'eth0')
  assert.equal(found.capture, {
    backend: 'auto',
    filter: 'udp portrange 3224-3324',
    promiscuous: true,
    ringBytes: 128 * 1024 * 1024,
  })
  assert.equal([...found.records], ['flow', 'session'])
  assert.equal(found.rules, ['a.yaml', 'b.yaml'])
  assert.equal(found.rotation, { everySec: 3600, maxBytes: Infinity, keep: 48, compress: true })
  assert.equal([found.statsIntervalSec, found.quiet], [0.5, false])
})

test('takes every option by its long name, and no other', () => {
  for (const [name, { value }] of Object.entries(live.flags)) {
    if (name === 'config') continue
    assert.equal(parse(`${name}: ${value === undefined ? 'true' : 'x'}`).flags, {
      [name]: value === undefined ? true : 'x',
    })
  }
  assert.match(fault('config: other.yaml'), /^live\.yaml:1: found the key "config", /)
})

test('the command line wins', () => {
  const config = parse('interface: eth0\nrules: [a.yaml]\nkeep: 3\nquiet: true')
  assert.equal(joinFlags({ input: ['eth1'], rules: 'b.yaml' }, config), {
    input: ['eth1'],
    rules: 'b.yaml',
    keep: '3',
    quiet: true,
  })
  assert.equal(joinFlags({ input: [] }, config).input, ['eth0'])
})

test('an empty file says nothing', () => {
  assert.equal(parse('').flags, {})
  assert.equal(parse('# nothing yet\n').flags, {})
})

test('every fault has its line', () => {
  const base = 'interface: eth0\n'
  for (const [text, expected] of [
    ['a: [', /^live\.yaml:1: .* \(CONFIG_SYNTAX\)$/],
    ['- interface\n', /^live\.yaml:1: found no mapping, .*\(CONFIG_SYNTAX\)$/],
    [`${base}outptu: x`, /^live\.yaml:2: found the key "outptu", .*; did you mean output\? \(CONFIG_KEY\)$/],
    [
      `${base}__proto__: x`,
      /^live\.yaml:2: found the key "__proto__", .*; see flowhawk live --help \(CONFIG_KEY\)$/,
    ],
    [`${base}keep: 2\nkeep: 3`, /^live\.yaml:3: keep: stands in line 2 already; keep one \(CONFIG_KEY\)$/],
    [`${base}? [a]\n: x`, /\(CONFIG_KEY\)$/],
    [
      `${base}quiet: "yes"`,
      /^live\.yaml:2: quiet: found the string yes, expected true or false \(CONFIG_VALUE\)$/,
    ],
    [
      `${base}keep: true`,
      /^live\.yaml:2: keep: found the boolean true, expected a text, .*\(CONFIG_VALUE\)$/,
    ],
    [`${base}keep:`, /^live\.yaml:2: keep: found nothing, .*\(CONFIG_VALUE\)$/],
    [`${base}keep: {a: b}`, /^live\.yaml:2: keep: found a mapping, .*\(CONFIG_VALUE\)$/],
    [`${base}rules: [a, [b]]`, /^live\.yaml:2: rules: found a list, .*\(CONFIG_VALUE\)$/],
    [`${base}rules: []`, /\(CONFIG_VALUE\)$/],
    [`${base}site: &a x\nrules: *a`, /^live\.yaml:3: rules: found nothing, or an alias, .*\(CONFIG_VALUE\)$/],
    [
      `${base}\nstats-interval: soon`,
      /^live\.yaml:3: stats-interval: found "soon", .*\(OPTION_STATS_INTERVAL\)$/,
    ],
    [`${base}site: [a, b]`, /^live\.yaml:2: site: found 2 times, .*\(OPTION_REPEATED\)$/],
    [`${base}rotate: 1h`, /^live\.yaml:2: rotate: found no file to rotate, .*\(OPTION_ROTATE\)$/],
    [`${base}user: root`, /^live\.yaml:2: user: found "root", which is root, .*\(OPTION_USER\)$/],
    [`x: ${'x'.repeat(70_000)}`, /^live\.yaml: 70003 characters, at most 65536 expected \(CONFIG_SIZE\)$/],
    ['['.repeat(20_000), /^live\.yaml: nested too deeply, .*\(CONFIG_SYNTAX\)$/],
    ['['.repeat(60_000), /^live\.yaml: nested too deeply, .*\(CONFIG_SYNTAX\)$/],
  ] as const) {
    assert.match(fault(text), expected)
  }
})

test('a fault of the command line stays its own', () => {
  assert.match(fault('interface: eth0\nkeep: 3', { keep: 'x' }), /^--keep: found "x", .*\(OPTION_KEEP\)$/)
  assert.match(fault('keep: 3', {}), /^live: found no interface, .*\(INTERFACE_MISSING\)$/)
})

test.run()
