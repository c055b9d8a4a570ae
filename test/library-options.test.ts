/** What the library is given wrongly, as plain JavaScript may: each mistake is named. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  analyze,
  type Captures,
  open,
  packets,
  parseRegistryCsv,
  parseRules,
  parseSite,
  UsageError,
} from '../src/index.ts'
import { captureOf, exchange } from './analyzed.ts'

const test = suite('library-options')

const CAPTURE = captureOf(exchange(0, '10.0.0.1:50001 > 10.1.0.4:3224', 5))

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error
  }
}

test('a wrong input is named at once, and one that is no capture when it is analysed', async () => {
  const expected = 'expected a path, a list of paths, "-", a Uint8Array or a readable stream (INPUT_KIND)'
  for (const [input, found] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    ['', '""'],
    [{}, 'an object'],
    [[], '[]'],
    [['a', 5], '["a",5]'],
    [['a\0'], '["a\\u0000"]'],
    [new ArrayBuffer(24), 'an object of class ArrayBuffer'],
    [[CAPTURE], '[an object of class Uint8Array]'],
    // From Node 22 on it has a class.
    [[CAPTURE].values(), 'Iterator' in globalThis ? 'an object of class Iterator' : 'an object'],
    [5n, '5n'],
  ]) {
    const error = await errorOf(() => open(input as string))
    assert.instance(error, UsageError)
    assert.is((error as UsageError).message, `input: found ${found}, ${expected}`)
  }
  assert.match(
    String(await errorOf(() => open(['-', 'a.pcap', '-']))),
    /: input: found - more .*\(INPUT_REPEATED\)$/,
  )
  const path = 'capture.pcap' as unknown as Captures
  for (const run of [() => all(analyze(path)), () => all(packets(path))]) {
    const what = 'expected what open() returns, as in analyze(open("capture.pcap"))'
    assert.is(String(await errorOf(run)), `UsageError: captures: found "capture.pcap", ${what} (INPUT_KIND)`)
  }
})

const analyzing = async (options: object) => String(await errorOf(() => all(analyze(open(CAPTURE), options))))

test('an option that means nothing is named, with what was found and what is expected', async () => {
  for (const [options, message] of [
    [{ idle_timeout: 5 }, '"idle_timeout": no such option; did you mean idleTimeout? (OPTION_UNKNOWN)'],
    [
      { idleTimeout: -1 },
      'idleTimeout: found -1, expected seconds from 0 to 1000000000, 0 for never (OPTION_IDLE_TIMEOUT)',
    ],
    [
      { poolIdle: Number.NaN },
      'poolIdle: found NaN, expected seconds from 0 to 1000000000, 0 for never (OPTION_POOL_IDLE)',
    ],
    [
      { activeTimeout: '5' },
      'activeTimeout: found "5", expected seconds from 0 to 1000000000, 0 for never (OPTION_ACTIVE_TIMEOUT)',
    ],
    [{ maxFlows: 0 }, 'maxFlows: found 0, expected a whole number from 1 to 100000000 (OPTION_MAX_FLOWS)'],
    [
      { communityIdSeed: 65_536 },
      'communityIdSeed: found 65536, expected a whole number from 0 to 65535 (OPTION_COMMUNITY_ID_SEED)',
    ],
    [{ ignoreVlan: 1 }, 'ignoreVlan: found 1, expected true or false (OPTION_IGNORE_VLAN)'],
    [{ time: 'unix' }, 'time: found "unix", expected "iso" or "epoch" (OPTION_TIME)'],
    [
      { idleTimeout: 5n },
      'idleTimeout: found 5n, expected seconds from 0 to 1000000000, 0 for never (OPTION_IDLE_TIMEOUT)',
    ],
    [
      { from: 5 },
      'from: found 5, expected a time as 2026-01-02T09:05:00Z, with a zone or in UTC, or seconds since 1970 as text, or a Date (OPTION_FROM)',
    ],
    [
      { from: '5', to: '4' },
      '--to: found a time that is not after --from; give a later one, or leave one of them out (OPTION_TO)',
    ],
    [['flow'], 'options: found ["flow"], expected an object, or nothing (OPTIONS)'],
    [
      new Map([['maxFlows', 5]]),
      'options: found an object of class Map, expected an object, or nothing (OPTIONS)',
    ],
    [Object.create({ time: 'unix' }), 'time: found "unix", expected "iso" or "epoch" (OPTION_TIME)'],
    [{ site: {} }, 'site: found an object, expected what parseSite returns (OPTION_SITE)'],
    [{ registry: null }, 'registry: found null, expected what parseRegistryCsv returns (OPTION_REGISTRY)'],
  ] as const)
    assert.is(await analyzing(options), `UsageError: ${message}`)
  const used = { idleTimeout: undefined, records: undefined }
  assert.ok((await all(analyze(open(CAPTURE), used))).length > 0)
})

test('so is a rule set that no parser has made, a list of no records, and an option of open or packets', async () => {
  const network = { cidr: '10.0.0.0/8' }
  for (const rules of [
    'pools: []',
    {},
    { pools: [{ name: 'a', ports: '1-2' }], labels: [] },
    { pools: [], labels: [network] },
  ])
    assert.match(
      await analyzing({ rules }),
      /^UsageError: rules: found .*, expected what parseRules returns, or a list/,
    )
  for (const site of [{}, { servers: [{ addresses: ['10.1.0.4'] }], internal: [] }])
    assert.is(
      await analyzing({ site }),
      'UsageError: site: found an object, expected what parseSite returns (OPTION_SITE)',
    )
  const lookup = { lookup: 1, registered: 1, label: 1, names: 1 }
  assert.match(await analyzing({ registry: lookup }), /^UsageError: registry: found an object/)
  const endless: unknown[] = ['flow']
  endless.push(endless)
  assert.match(
    await analyzing({ records: endless }),
    /^UsageError: records: found \["flow",\[…\]\], expected/,
  )
  assert.match(await analyzing({ site: { constructor: 5 } }), /^UsageError: site: found an object, expected/)
  for (const records of [['flows'], 'flow', [5], []])
    assert.match(
      await analyzing({ records }),
      /^UsageError: records: found .*, expected a list of one or more of capture, flow, session/,
    )
  assert.is(
    String(await errorOf(() => open(CAPTURE, { chunkSize: 0 }))),
    'UsageError: chunkSize: found 0, expected a whole number from 1 to 16777216 (OPTION_CHUNK_SIZE)',
  )
  const options = { decapsulate: 'none' as 'inner' }
  assert.is(
    String(await errorOf(() => all(packets(open(CAPTURE), options)))),
    'UsageError: decapsulate: found "none", expected "inner" or "outer" (OPTION_DECAPSULATE)',
  )
})

test('a pool of the site that no rules have is named, as on the command line', async () => {
  const site = parseSite('servers: [{ addresses: [10.1.0.4], pools: [framehawk, own-poo] }]')
  const expected = 'expected one of framehawk, citrix-audio, mosh, asterisk-rtp, x11, vnc'
  assert.is(
    await analyzing({ site }),
    `UsageError: site: servers[0].pools[1]: found "own-poo", ${expected} (RULE_POOL)`,
  )
  const rules = parseRules('pools: [{ name: own-pool, transport: udp, ports: 5000-5009 }]')
  const hint = 'own-pool; did you mean "own-pool"? (RULE_POOL)'
  assert.ok((await analyzing({ site, rules })).endsWith(hint))
  const right = parseSite('servers: [{ addresses: [10.1.0.4], pools: [framehawk, own-pool] }]')
  assert.is(await analyzing({ site: right, rules }), 'undefined')
})

test('a rule of bytes without their mask is none that parseRules returns', async () => {
  const payload = { offset: 0, bytes: new Uint8Array(2), direction: 'both', minLength: 2 }
  const wrong = await analyzing({ rules: { pools: [], labels: [{ label: 'own', payload }] } })
  assert.match(wrong, /^UsageError: rules: found an object, expected what parseRules returns/)
})

test('a rule file is given as its text, and needs no name', async () => {
  const bytes = Buffer.from('labels: []') as unknown as string
  const expected = "found object, expected the text of the file, as readFile(path, 'utf8') gives it"
  for (const [parse, place, code] of [
    [parseRules, 'rules', 'RULE_TEXT'],
    [parseSite, 'site', 'RULE_TEXT'],
    [parseRegistryCsv, 'registry', 'REGISTRY_TEXT'],
  ] as const)
    assert.is(String(await errorOf(() => parse(bytes))), `UsageError: ${place}: ${expected} (${code})`)
})

test.run()
