/** The preface, frames in the middle, and what the first header blocks of a real client and server tell. */

import { once } from 'node:events'
import { connect, createServer } from 'node:http2'
import { type AddressInfo, connect as connectTcp, createServer as createProxy } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/web/http2.ts'
import { searchOn, startSearch } from '../../../../src/label/signatures/web/http2-frames.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/web/http2')

const setting: Setting = { signatures, protocol: 6, serverPort: 80 }
const SETTINGS = hex('00000c 04 00 00000000  0003 00000064  0004 0000ffff')
const PREFACE = bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', SETTINGS)
const EXCHANGE = [client(PREFACE), server(SETTINGS)]

test('preface and settings', () => {
  const heard = converse(setting, EXCHANGE)
  assert.is(heard.label, 'http2')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
})

test('the answer may be empty settings, which alone are nothing', () => {
  const empty = hex('000000 04 00 00000000')
  assert.is(converse(setting, [client(PREFACE), server(empty)]).labels[1], 'http2')
  assert.is(converse(setting, [server(empty)]).label, '')
})

test('near misses', () => {
  assert.is(converse(setting, [client('PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n')]).label, '')
  assert.is(
    converse(setting, [server(hex('00000c 04 00 00000001  0003 00000064  0004 0000ffff'))]).label,
    '',
    'stream 1',
  )
  assert.is(
    converse(setting, [server(hex('000006 04 00 00000000  0063 00000064'))]).label,
    '',
    'unknown setting',
  )
  assert.is(
    converse(setting, [server(hex('000007 04 00 00000000  0003 00000064 00'))]).label,
    '',
    'odd length',
  )
})

/** A GET by Node's own client of HTTP/2, answered by its server: what each side wrote, in the order of time. */
async function record(): Promise<Said[]> {
  const said: Said[] = []
  const web = createServer()
  web.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/plain', server: 'node' })
    stream.end('hello')
  })
  await once(web.listen(0, '127.0.0.1'), 'listening')
  const proxy = createProxy((near) => {
    const far = connectTcp((web.address() as AddressInfo).port, '127.0.0.1')
    near.on('data', (data: Buffer) => said.push(client(data)) && far.write(data))
    far.on('data', (data: Buffer) => said.push(server(data)) && near.write(data))
    near.on('close', () => far.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const session = connect(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  const request = session.request({
    ':authority': 'www.example.org:8080',
    ':path': '/a?b=c',
    'user-agent': 'probe/1',
    cookie: 'secret=1',
  })
  request.resume()
  await once(request, 'close')
  session.destroy()
  proxy.close()
  web.close()
  return said
}

const TOLD = {
  method: 'GET',
  path: '/a?b=c',
  host: 'www.example.org:8080',
  user_agent: 'probe/1',
  status: 200,
  content_type: 'text/plain',
  server: 'node',
}

/** Each message in segments of so many bytes. */
function inSegments(said: readonly Said[], size: number): Said[] {
  return said.flatMap(({ from, bytes: message }) => {
    const parts: Said[] = []
    for (let at = 0; at < message.length; at += size)
      parts.push({ from, bytes: message.subarray(at, at + size) })
    return parts
  })
}

test('the first request and its response are told', async () => {
  const said = await record()
  const heard = converse(setting, said)
  assert.is(heard.label, 'http2')
  assert.equal(heard.extras.http, TOLD)
  assert.is(heard.hostname, 'www.example.org (http)')
  for (const size of [40, 60, 100]) assert.equal(converse(setting, inSegments(said, size)).extras.http, TOLD)
  const twice = said.flatMap((one, i) => [one, { ...one, sequence: before(said, i) }])
  assert.equal(converse(setting, twice).extras.http, TOLD, 'each segment twice')
  assertTruncationsHarmless(setting, said)
  assertSurvivesMutation(setting, said)
})

/** Sequence number of a message. */
function before(said: readonly Said[], index: number): number {
  return said
    .slice(0, index)
    .filter(({ from }) => from === said[index].from)
    .reduce((sum, { bytes: message }) => sum + message.length, 0)
}

const HEADERS = hex('00000b 01 05 00000001 828684 41 06 686f73742e78')
const WINDOW_UPDATE = hex('000004 08 00 00000000 0000ffff')
const PING = hex('000008 06 01 00000000 0102030405060708')
const DATA = hex('000003 00 01 00000003 616263')

test('padding, priority and continuations do not hide the block', () => {
  const padded = hex('000013 01 28 00000001 04 00000000 10 8286 84 41 00 00000000 00 00')
  assert.is(converse(setting, [client(PREFACE, padded)]).extras.http?.method, undefined, 'no end of headers')
  const whole = hex('00000d 01 2c 00000001 04 00000000 10 828684 00000000')
  assert.equal(converse(setting, [client(PREFACE, whole)]).extras.http, { method: 'GET', path: '/' })
  const parts = bytes(hex('000001 01 01 00000001 82'), hex('000002 09 04 00000001 8684'))
  assert.equal(converse(setting, [client(PREFACE, parts)]).extras.http, { method: 'GET', path: '/' })
  const astray = hex('000001 09 04 00000001 82')
  assert.is(
    converse(setting, [client(PREFACE, astray, HEADERS)]).extras.http,
    undefined,
    'goes on with nothing',
  )
  assert.equal(converse(setting, [client(PREFACE), client(WINDOW_UPDATE), client(HEADERS)]).extras.http, {
    method: 'GET',
    path: '/',
    host: 'host.x',
  })
})

test('of headers that were cut or lost what came is told', () => {
  const all = bytes(PREFACE, HEADERS)
  const cut = { ...client(all), captured: all.length - 3 }
  assert.equal(converse(setting, [cut]).extras.http, { method: 'GET', path: '/' })
  const lost = [client(PREFACE), { ...client(HEADERS), sequence: 5000 }]
  assert.is(converse(setting, lost).extras.http, undefined)
  const interim = [client(all), server(SETTINGS, hex('000005 01 04 00000001 48 03 313033'))]
  assert.is(converse(setting, interim).extras.http.status, undefined, '103')
})

test('frames in the middle are known by their lengths', () => {
  const strengthOf = (...parts: Uint8Array[]) => converse(setting, [client(bytes(...parts))]).strength
  for (const one of [WINDOW_UPDATE, PING]) assert.is(strengthOf(one), 'strong')
  assert.is(strengthOf(DATA, DATA), 'strong')
  assert.is(strengthOf(DATA), 'weak')
  assert.is(strengthOf(DATA.subarray(0, 11)), '', 'longer than the payload')
  assert.is(strengthOf(bytes(DATA, [0])), '', 'shorter than it')
  assert.is(strengthOf(hex('000004 08 00 80000000 0000ffff')), '', 'a reserved bit')
  assert.is(strengthOf(hex('000004 08 01 00000000 0000ffff')), '', 'no such flag')
  assert.is(strengthOf(hex('000003 00 01 00000000 616263')), '', 'data of no stream')
  assert.is(strengthOf(hex('000008 06 00 00000001 0102030405060708')), '', 'a ping of a stream')
  assert.is(strengthOf(hex('000003 0a 00 00000001 616263')), '', 'no such type')
})

test('a header block in the middle tells who asks', () => {
  const roleOf = (block: string) => {
    const size = hex(block).length.toString(16).padStart(6, '0')
    return converse(setting, [server(hex(`${size} 01 04 00000003 ${block}`), DATA)]).roles[0]
  }
  assert.is(roleOf('83 86 c5 c4 c3 c2 c1'), 'client', 'POST, as grpc-js sends it again and again')
  assert.is(roleOf('88 c0 bf be'), 'server', 'status 200')
  assert.is(roleOf('3f e1 1f 48 03 343034'), 'server', 'status 404 behind a new size of the table')
  assert.is(roleOf('20 0f 0a 01 61'), '', 'a field of the table behind the pseudo-header fields')
  assert.is(roleOf('c0 bf'), '', 'fields of before, as in trailers')
  const padded = hex('00000d 01 2d 00000001 02 80000000 10 83 86 c1 c0 be 00 00')
  assert.is(converse(setting, [server(padded, DATA)]).roles[0], 'client', 'behind padding and priority')
})

test('headers without end are not kept', () => {
  const endless = bytes(hex('003fff 01 04 00000001'), [0x82], new Uint8Array(1400).fill(0x84))
  const heard = converse(setting, [
    client(PREFACE),
    client(endless),
    ...Array(8).fill(client(new Uint8Array(1400))),
  ])
  assert.is(heard.extras.http.method, 'GET')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

/** Fields as literals without index or Huffman code (RFC 7541 section 6.2.2). */
function literals(fields: Readonly<Record<string, string>>): Uint8Array {
  const short = (text: string) => [text.length, text]
  const long = (text: string) => [0x7f, ((text.length - 0x7f) & 0x7f) | 0x80, (text.length - 0x7f) >> 7, text]
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    0,
    ...short(name),
    ...(value.length < 0x7f ? short(value) : long(value)),
  ])
  return bytes(...parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)))
}

function headersFrame(fields: Readonly<Record<string, string>>): Uint8Array {
  const block = literals(fields)
  return bytes(Uint8Array.of(0, block.length >> 8, block.length & 0xff, 1, 4, 0, 0, 0, 1), block)
}

test('what has come of a block does not change with the buffer it came in', () => {
  const search = startSearch()
  const block = literals({ ':method': 'GET' })
  const buffer = bytes(Uint8Array.of(0, 0, block.length, 1, 0, 0, 0, 0, 1), block)
  searchOn(search, buffer, 0, buffer.length)
  buffer.fill(0)
  assert.equal([...search.block], [...block])
})

test('nobody is told a password, of whatever length', () => {
  const password = '1'.repeat(1100)
  const requests: Readonly<Record<string, string>>[] = [
    { ':authority': `user:${password}@a.example` },
    { ':authority': `user:a@${password}@a.example` },
    { ':path': `http://user:${password}@a.example/` },
  ]
  for (const fields of requests) {
    const request = headersFrame({ ':method': 'GET', ...fields })
    const { http } = converse(setting, [client(PREFACE), client(request)]).extras
    assert.not.ok(JSON.stringify(http).includes('11'), Object.keys(fields)[0])
  }
})

test('a frame that is sent back proves nothing, nor does one on a stream of no client', () => {
  const data = hex('000001 00 00 00000001  41')
  assert.equal(converse(setting, [client(data), server(data)]).labels, ['http2', ''])
  assert.is(converse(setting, [client(hex('000001 00 00 04100000  00'))]).label, '')
  assert.is(converse(setting, [client(hex('000004 03 00 00010000  00000000'))]).label, '')
})

test('a block of thousands of frames takes no longer than another', () => {
  const search = startSearch()
  const frames = bytes(
    ...Array.from({ length: 6000 }, (_, i) => hex(`000001 ${i === 0 ? '01' : '09'} 00 00000001  82`)),
  )
  searchOn(search, frames, 0, frames.length)
  assert.ok(search.ended && search.block.length <= 128)
})

test('a method is a word', () => {
  const request = headersFrame({ ':method': 'GET\n:authority', ':path': '/' })
  assert.equal(converse(setting, [client(PREFACE), client(request)]).extras, {})
})

test('a status has three digits, and a server asks nothing', () => {
  for (const status of ['200.5', '2e2', ' 200', '1200', ''])
    assert.equal(
      converse(setting, [client(PREFACE), server(bytes(SETTINGS, headersFrame({ ':status': status })))])
        .extras,
      {},
    )
  const asks = bytes(SETTINGS, headersFrame({ ':method': 'GET', ':path': '/' }))
  const heard = converse(setting, [client(PREFACE), server(asks)])
  assert.equal(heard.extras, {})
  assert.equal(heard.roles, ['client', 'server'])
})

test.run()
