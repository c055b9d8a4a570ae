/** The library as its users call it: open, analyze, packets. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  analyze,
  type FlowhawkRecord,
  InputError,
  type NoticeRecord,
  open,
  type PacketRecord,
  packets,
  parseRegistryCsv,
  parseRules,
  parseSite,
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

test('takes streams of the web and whatever gives bytes one after the other', async () => {
  const expected = await all(analyze(open(CAPTURE)))
  async function* pieces(end?: Error) {
    yield CAPTURE.subarray(0, 100)
    yield new Uint8Array(0)
    yield CAPTURE.subarray(100, 300)
    if (end !== undefined) throw end
    yield CAPTURE.subarray(300)
  }
  // As a file's readableWebStream() gives them.
  const buffers = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(CAPTURE).buffer)
      controller.close()
    },
  })
  for (const input of [
    new Blob([CAPTURE]).stream(),
    Readable.toWeb(Readable.from(pieces())),
    pieces(),
    buffers,
  ])
    assert.is(without(await all(analyze(open(input))), 'capture'), without(expected, 'capture'))
  const [summary] = (await all(analyze(open(pieces(new Error('gone')))))).slice(-1)
  assert.is(summary.type === 'summary' && summary.damaged?.[0].code, 'INPUT_READ')

  async function* text(): AsyncGenerator<unknown> {
    yield 'no bytes'
  }
  const locked = new Blob([CAPTURE]).stream()
  locked.getReader()
  for (const input of [text() as AsyncIterable<Uint8Array>, Readable.toWeb(Readable.from(['text'])), locked])
    assert.is(await codeOf(() => all(analyze(open(input)))), 'INPUT_READ')
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

async function codeOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

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

test('takes several rule files, a registry, and options of any class', async () => {
  const [first, second] = ['first', 'second'].map((label) =>
    parseRules(`labels: [{ label: ${label}, ports: 80 }]`),
  )
  const columns = 'Service Name,Port Number,Transport Protocol,Description'
  const registry = parseRegistryCsv(`${columns}\nown-name,3224,udp,Own\n`)
  class Options {
    readonly rules = Object.freeze([first, second])
    get registry() {
      return registry
    }
  }
  const flows = flowsOf(await all(analyze(open(CAPTURE), new Options())))
  const web = flows.find(({ dst_port }) => dst_port === 80)
  assert.equal(
    web?.evidence.filter(({ source }) => source === 'rule').map((each) => each.for),
    ['first', 'second'],
  )
  assert.is(flows.find(({ dst_port }) => dst_port === 3224)?.registry?.name, 'own-name')
})

test('a reader that stops early ends the reading', async () => {
  const many = captureOf(
    Array.from({ length: 9000 }, (_, i) => sendUdp(i * 61, `10.0.0.1:${1024 + i} > 10.1.0.6:40000`)),
  )
  let seen = 0
  for await (const record of analyze(open(many))) if (record.type === 'flow' && ++seen === 3) break
  assert.is(seen, 3)
})

test('a reader that stops early does not wait for a stream that goes on, and leaves no file open', async () => {
  const waiting = new PassThrough()
  waiting.write(CAPTURE)
  let next = false
  async function* sources() {
    yield* open(waiting).sources()
    next = true
  }
  for await (const { type } of analyze({ sources })) if (type === 'capture') break
  await setTimeout(20)
  assert.equal([waiting.destroyed, next], [true, false])
  async function* faulty() {
    for await (const source of open(CAPTURE).sources())
      yield Object.assign(source, { close: () => Promise.reject(new Error('not closed')) })
  }
  for await (const { type } of analyze({ sources: faulty })) if (type === 'capture') break
  await setTimeout(20)
  let cancelled = false
  const web = new ReadableStream({
    start: (controller) => controller.enqueue(CAPTURE),
    cancel: () => {
      cancelled = true
    },
  })
  for await (const { type } of analyze(open(web))) if (type === 'capture') break
  assert.ok(cancelled)

  if (!existsSync('/proc/self/fd')) return
  const path = join(folder, 'open.pcap')
  writeFileSync(path, CAPTURE)
  const count = () => readdirSync('/proc/self/fd').length
  const before = count()
  for await (const _ of analyze(open([path, path]))) break
  assert.is(await codeOf(() => all(analyze(open([path, join(folder, 'none')])))), 'INPUT_NOT_FOUND')
  assert.is(count(), before)
})

test('bytes in memory leave the program time for its timers', async () => {
  const some = captureOf(Array.from({ length: 5000 }, (_, i) => sendUdp(i, `10.0.0.1:${i} > 10.1.0.6:9`)))
  const many = Buffer.concat([some, ...Array<Uint8Array>(30).fill(some.subarray(24))])
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  for await (const _ of packets(open(many)));
  const whilePackets = ticks
  for await (const _ of analyze(open(many), { idleTimeout: 0 }));
  clearInterval(timer)
  assert.ok(whilePackets > 1, 'packets')
  assert.ok(ticks > whilePackets + 1, 'analyze')
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

// ---------------------------------------------------------------- types

test('the type of a notice takes all that one is about', () => {
  const notice: NoticeRecord = {
    type: 'notice',
    v: 1,
    notice: 'unexplained_pool_traffic',
    says: 'unexplained',
    at: '2018-03-14T09:01:02.379259000Z',
    ports: [3224],
    slots: 1,
    files: ['flow.ndjson'],
  }
  assert.equal(notice.ports, [3224])
})

test('its types are complete without any other package, that of Node too', () => {
  const files = new Set(['index.d.ts'])
  for (const file of files) {
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8')
    assert.not.match(text, /\b(NodeJS|Buffer|URL)\b(?!.*\*)/, file)
    for (const [, from] of text.matchAll(/(?:from |import\()['"]([^'"]+)/g)) {
      assert.match(from, /^\./, file)
      files.add(join(dirname(file), from.replace(/\.[jt]s$/, '.d.ts')))
    }
  }
  assert.ok(files.size > 5)
})

test.run()
