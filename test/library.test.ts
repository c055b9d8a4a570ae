/** The library as its users call it: open, analyze, packets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  analyze,
  type Captures,
  type FlowhawkRecord,
  InputError,
  open,
  type PacketRecord,
  packets,
  parseRules,
  parseSite,
  UsageError,
} from '../src/index.ts'
import { captureOf, exchange, flowsOf, handshake, sendUdp, sessionsOf, type Way } from './analyzed.ts'
import { arp, ethernet, icmp, ipv4, ipv4Fragments, pcapFile, u8, udp } from './packet-builder.ts'

const test = suite('library')

const folder = mkdtempSync(join(tmpdir(), 'flowhawk-library-'))
test.after(() => rmSync(folder, { recursive: true }))

const HAWK: Way = '10.0.0.1:50001 > 10.1.0.4:3224'
const CAPTURE = captureOf(exchange(0, HAWK, 5), handshake(6, '10.0.0.1:50002 > 10.1.0.5:80'))

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

function without(records: FlowhawkRecord[], type: string): string {
  return JSON.stringify(records.filter((record) => record.type !== type))
}

// ---------------------------------------------------------------- open

test('takes bytes, a path, several paths and a stream alike', async () => {
  const expected = await all(analyze(open(CAPTURE)))
  const path = join(folder, 'a.pcap')
  writeFileSync(path, CAPTURE)
  assert.is(without(await all(analyze(open(path))), 'capture'), without(expected, 'capture'))
  assert.is(without(await all(analyze(open([path]))), 'capture'), without(expected, 'capture'))
  const stream = Readable.from([CAPTURE.subarray(0, 11), CAPTURE.subarray(11)])
  assert.is(JSON.stringify(await all(analyze(open(stream)))), JSON.stringify(expected))
  const [capture] = await all(analyze(open(path)))
  assert.is(capture.type === 'capture' && capture.source, path)
})

test('puts several inputs in the order of their packets', async () => {
  const later = join(folder, '1-later.pcap')
  const earlier = join(folder, '2-earlier.pcap')
  writeFileSync(later, captureOf(exchange(60, HAWK, 5)))
  writeFileSync(earlier, captureOf(exchange(0, HAWK, 5)))
  const records = await all(analyze(open([later, earlier])))
  const sources = records.filter((record) => record.type === 'capture').map(({ source }) => source)
  assert.equal(sources, [earlier, later])
  assert.is(sessionsOf(records).length, 1)
})

test('may be read again, where the input can', async () => {
  const captures = open(CAPTURE)
  const first = JSON.stringify(await all(analyze(captures)))
  assert.is(JSON.stringify(await all(analyze(captures))), first)
})

test('throws an InputError with a code, and only when it is read', async () => {
  for (const [input, code] of [
    [join(folder, 'missing.pcap'), 'INPUT_NOT_FOUND'],
    [u8(1, 2, 3, 4, 5, 6, 7, 8), 'INPUT_NOT_A_CAPTURE'],
  ] as [string | Uint8Array, string][]) {
    const captures = open(input)
    for (const read of [() => all(analyze(captures)), () => all(packets(captures))]) {
      const error: unknown = await read().then(
        () => undefined,
        (thrown) => thrown,
      )
      assert.instance(error, InputError)
      assert.is((error as InputError).code, code)
    }
  }
})

type Thrower = () => unknown

async function errorOf(run: Thrower): Promise<unknown> {
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
    [new ArrayBuffer(24), 'an object'],
  ]) {
    const error = await errorOf(() => open(input as string))
    assert.instance(error, UsageError)
    assert.is((error as UsageError).message, `input: found ${found}, ${expected}`)
  }
  const path = 'capture.pcap' as unknown as Captures
  for (const run of [() => all(analyze(path)), () => all(packets(path))]) {
    const what = 'expected what open() returns, as in analyze(open("capture.pcap"))'
    assert.is(String(await errorOf(run)), `UsageError: captures: found "capture.pcap", ${what} (INPUT_KIND)`)
  }
})

test('an option that means nothing is named, with what was found and what is expected', async () => {
  const captures = open(CAPTURE)
  const wrong = (
    options: object,
    run: (options: object) => Thrower = (given) => () => all(analyze(captures, given)),
  ) => errorOf(run(options)).then(String)
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
    [{ rules: 'pools: []' }, 'rules: found "pools: []", expected what parseRules returns (OPTION_RULES)'],
    [{ site: {} }, 'site: found an object, expected what parseSite returns (OPTION_SITE)'],
    [{ registry: null }, 'registry: found null, expected a PortRegistry (OPTION_REGISTRY)'],
  ] as const)
    assert.is(await wrong(options), `UsageError: ${message}`)
  for (const records of [['flows'], 'flow', [5]])
    assert.match(
      await wrong({ records }),
      /^UsageError: records: found .*, expected a list of capture, flow, session/,
    )
  const opened = await wrong({ chunkSize: 0 }, (given) => () => open(CAPTURE, given))
  assert.is(
    opened,
    'UsageError: chunkSize: found 0, expected a whole number from 1 to 16777216 (OPTION_CHUNK_SIZE)',
  )
  const decoded = await wrong({ decapsulate: 'none' }, (given) => () => all(packets(captures, given)))
  assert.is(
    decoded,
    'UsageError: decapsulate: found "none", expected "inner" or "outer" (OPTION_DECAPSULATE)',
  )
  assert.is((await all(analyze(captures, { idleTimeout: undefined, records: undefined }))).length > 0, true)
})

// ---------------------------------------------------------------- analyze

test('gives exactly the records that are asked for', async () => {
  const types = async (records?: ('flow' | 'concurrency' | 'session')[]) =>
    [...new Set((await all(analyze(open(CAPTURE), { records }))).map(({ type }) => type))].sort()
  assert.equal(await types(['concurrency']), ['concurrency'])
  assert.equal(await types(['session', 'flow']), ['flow', 'session'])
  assert.not((await types()).includes('concurrency'))
})

test('takes the options of the command line', async () => {
  const rules = parseRules('labels: [{ label: own, ports: 80 }]', 'r.yaml')
  const site = parseSite('servers: [{ addresses: [10.1.0.4], pools: [framehawk] }]', 's.yaml')
  const records = await all(
    analyze(open(CAPTURE), { rules, site, candidates: true, time: 'epoch', idleTimeout: 0.5, poolIdle: 0.9 }),
  )
  const web = flowsOf(records).find(({ dst_port }) => dst_port === 80)
  assert.is(web?.label, 'own')
  assert.is(web?.candidates?.[0].label, 'http')
  assert.type(web?.start, 'number')
  const slots = flowsOf(records).filter(({ dst_port }) => dst_port === 3224)
  assert.equal([slots.length, slots[0].certainty], [5, 'confirmed'])
  assert.is(sessionsOf(records).length, 0)
})

test('a reader that stops early ends the reading', async () => {
  const many = captureOf(
    Array.from({ length: 9000 }, (_, i) => sendUdp(i * 61, `10.0.0.1:${1024 + i} > 10.1.0.6:40000`)),
  )
  let seen = 0
  for await (const record of analyze(open(many))) if (record.type === 'flow' && ++seen === 3) break
  assert.is(seen, 3)
})

// ---------------------------------------------------------------- packets

test('packets: every frame with its status, its tuple and its payload', async () => {
  const datagram = udp({ srcPort: 50000, dstPort: 53 }, 'hello')
  const [first, later] = ipv4Fragments(
    { identification: 7 },
    udp({ srcPort: 1, dstPort: 2 }, new Uint8Array(32)),
    24,
  )
  const frames = [
    ethernet(arp()),
    ethernet(ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, datagram)),
    ethernet(later),
    ethernet(first),
    ethernet(ipv4({}, icmp({ type: 8, identifier: 5 }, 'ping'))),
    u8(1, 2, 3),
  ]
  const list: PacketRecord[] = await all(packets(open(pcapFile(frames))))
  assert.equal(
    list.map(({ frame, status, transport }) => [frame, status, transport]),
    [
      [1, 'non_ip', undefined],
      [2, 'decoded', 'udp'],
      [3, 'held', 'udp'],
      [4, 'decoded', 'udp'],
      [5, 'decoded', 'icmp'],
      [6, 'link_cut', undefined],
    ],
  )
  const { payload, ...question } = list[1]
  assert.equal(question, {
    frame: 2,
    time: '2023-11-14T22:13:21.000000000Z',
    wire_bytes: 47,
    status: 'decoded',
    transport: 'udp',
    ip_bytes: 33,
    src_ip: '10.0.0.1',
    src_port: 50000,
    dst_ip: '10.0.0.2',
    dst_port: 53,
    payload_bytes: 5,
  })
  assert.is(Buffer.from(payload ?? []).toString(), 'hello')
  assert.is(list[2].src_port, undefined)
  assert.is(list[4].src_port, undefined, 'ICMP has no ports')
})

test('packets: a payload stays what it was when reading goes on', async () => {
  const frames = Array.from({ length: 50 }, (_, i) =>
    ethernet(ipv4({}, udp({ srcPort: 50000, dstPort: 40000 }, `packet ${i}`))),
  )
  const list = await all(packets(open(pcapFile(frames), { chunkSize: 64 })))
  assert.equal(
    list.map(({ payload }) => Buffer.from(payload ?? []).toString()),
    frames.map((_, i) => `packet ${i}`),
  )
})

test.run()
