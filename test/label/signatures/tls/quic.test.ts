import { createCipheriv } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/tls/quic.ts'
import { clientInitialKeys, type InitialKeys } from '../../../../src/label/signatures/tls/quic-crypto.ts'
import { addFrames, createCryptoStream } from '../../../../src/label/signatures/tls/quic-crypto-stream.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
  server,
  u16,
  u32,
} from '../conversation.ts'
import { BROWSER_HELLO, handshake } from './hellos.ts'

const test = suite('label/signatures/tls/quic')

const setting: Setting = { signatures, protocol: 17, serverPort: 443 }
/** The destination connection id of RFC 9001 appendix A. */
const CONNECTION_ID = hex('83 94 c8 f0 3e 51 57 08')
const VERSION_1 = 1
const VERSION_2 = 0x6b3343cf

function keysOf(version: number): InitialKeys {
  const keys = clientInitialKeys(version, CONNECTION_ID)
  assert.ok(keys !== undefined)
  return keys as InitialKeys
}

function toHex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex')
}

/** CRYPTO frame (RFC 9000 section 19.6) with a two-byte offset and length. */
function crypto(offset: number, data: Uint8Array): Uint8Array {
  return bytes(6, u16(0x4000 | offset), u16(0x4000 | data.length), data)
}

/** Protects an Initial packet as RFC 9001 sections 5.3 and 5.4 say, padded to 1,162 bytes of frames. */
function initial(
  frames: Uint8Array,
  options: { version?: number; keysOf?: number; number?: number; firstByte?: number } = {},
): Uint8Array {
  const version = options.version ?? VERSION_1
  const keys = keysOf(options.keysOf ?? version)
  const number = options.number ?? 2
  const plain = bytes(frames, new Uint8Array(Math.max(0, 1162 - frames.length)))
  const header = bytes(
    options.firstByte ?? 0xc3, // long header, Initial, packet number of 4 bytes
    u32(version),
    CONNECTION_ID.length,
    CONNECTION_ID,
    0, // no source connection id
    0, // no token
    u16(0x4000 | (plain.length + 4 + 16)),
    u32(number),
  )
  const nonce = Uint8Array.from(keys.iv)
  nonce[11] ^= number
  const gcm = createCipheriv('aes-128-gcm', keys.key, nonce)
  gcm.setAAD(header)
  const sealed = bytes(gcm.update(plain), gcm.final(), gcm.getAuthTag())
  const mask = createCipheriv('aes-128-ecb', keys.header, null).update(sealed.subarray(0, 16))
  header[0] ^= mask[0] & 0x0f
  for (let i = 0; i < 4; i++) header[header.length - 4 + i] ^= mask[1 + i]
  return bytes(header, sealed)
}

const HELLO = handshake(1, BROWSER_HELLO)
const INITIAL = initial(crypto(0, HELLO))

test('the keys of RFC 9001 appendix A.1 and RFC 9369 appendix A.1', () => {
  const one = keysOf(VERSION_1)
  assert.is(toHex(one.key), '1f369613dd76d5467730efcbe3b1a22d')
  assert.is(toHex(one.iv), 'fa044b2f42a3fd3b46fb255c')
  assert.is(toHex(one.header), '9f50449e04a0e810283a1e9933adedd2')
  const two = keysOf(VERSION_2)
  assert.is(toHex(two.key), '8b1a0bc121284290a29e0971b5cd045d')
  assert.is(toHex(two.iv), '91f73e2351d8fa91660e909f')
  assert.is(toHex(two.header), '45b95e15235d6f45a6b19cbcb0294ba9')
  assert.is(clientInitialKeys(0x12345678, CONNECTION_ID), undefined)
})

test('the Initial packet of a client is opened', () => {
  const heard = converse(setting, [client(INITIAL)])
  assert.is(heard.label, 'quic')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client'])
  assert.is(heard.hostname, 'www.example.org (quic)')
  const { ja4, ...quic } = heard.extras.quic
  assert.equal(quic, { version: '1', sni: 'www.example.org', alpn: ['h2', 'http/1.1'] })
  assert.match(String(ja4), /^q13d0304h2_/)
})

test('version 2 turns the packet types and has keys of its own', () => {
  const heard = converse(setting, [
    client(initial(crypto(0, HELLO), { version: VERSION_2, firstByte: 0xd3 })),
  ])
  assert.is(heard.extras.quic.version, '2')
  assert.is(heard.hostname, 'www.example.org (quic)')
})

test('drafts are opened', () => {
  for (const draft of [22, 23, 28, 29, 32, 33, 34])
    assert.is(
      converse(setting, [client(initial(crypto(0, HELLO), { version: 0xff000000 + draft }))]).hostname,
      'www.example.org (quic)',
      `draft ${draft}`,
    )
})

test('a version that only asks for negotiation is opened with the keys of version 1 or draft 29', () => {
  for (const keysOf of [VERSION_1, 0xff00001d]) {
    const greased = initial(crypto(0, HELLO), { version: 0x1a2a3a4a, keysOf })
    const heard = converse(setting, [client(greased)])
    assert.is(heard.hostname, 'www.example.org (quic)')
    assert.is(heard.extras.quic.version, undefined)
    assert.equal(converse(setting, [client(greased), client(INITIAL)]).extras.quic.version, '1')
  }
})

test('a ClientHello in pieces, out of order, over two packets is joined', () => {
  const piece = (from: number, to: number) => crypto(from, HELLO.subarray(from, to))
  const first = initial(bytes(piece(90, 120), 1, piece(0, 40)))
  const second = initial(bytes(piece(40, 95), piece(120, HELLO.length)), { number: 3 })
  const heard = converse(setting, [client(first), client(second)])
  assert.is(heard.extras.quic.ja4, converse(setting, [client(INITIAL)]).extras.quic.ja4)
  assert.is(heard.hostname, 'www.example.org (quic)')
})

test('an Initial that does not authenticate is quic all the same, but tells nothing', () => {
  const damaged = INITIAL.slice()
  damaged[600] ^= 1
  const heard = converse(setting, [client(damaged)])
  assert.is(heard.label, 'quic')
  assert.equal(heard.extras.quic, { version: '1' })
})

/** RFC 9000 section 17.2.1. */
const NEGOTIATION = bytes(hex('80 00000000 00 08'), CONNECTION_ID, hex('1a2a3a4a 00000001 6b3343cf'))

test('version negotiation comes from the server', () => {
  const heard = converse(setting, [server(NEGOTIATION)])
  assert.is(heard.label, 'quic')
  assert.equal(heard.roles, ['server'])
  assert.is(heard.extras.quic.version, '1')
  assert.is(converse(setting, [server(NEGOTIATION, 0)]).label, '', 'a byte too many')
  assert.is(converse(setting, [server(NEGOTIATION.subarray(0, 19))]).label, '', 'only an unknown version')
})

test('handshake and retry packets are known by their lengths', () => {
  const handshakePacket = bytes(hex('e0 00000001 04 01020304 00 14'), new Uint8Array(20))
  assert.is(converse(setting, [client(handshakePacket)]).strength, 'strong')
  assert.is(converse(setting, [client(handshakePacket.subarray(0, 30))]).label, '')
  const retry = bytes(hex('f0 00000001 00 04 01020304'), 'token', new Uint8Array(16))
  assert.equal(converse(setting, [server(retry)]).roles, ['server'])
})

/** Q043: flags with version and connection id, then a CHLO in the clear behind packet number and hash. */
const GOOGLE = bytes(
  hex('09 0102030405060708'),
  'Q043',
  new Uint8Array(18),
  'CHLO',
  hex('02 00 00 00'),
  'SNI\0',
  hex('0b 00 00 00'),
  'UAID',
  hex('11 00 00 00'),
  'example.org',
  'Chrome',
)

test("Google's early versions tell name and agent", () => {
  const heard = converse(setting, [client(GOOGLE)])
  assert.is(heard.hostname, 'example.org (quic)')
  assert.equal(heard.extras.quic, { version: 'Q043', sni: 'example.org', user_agent: 'Chrome' })
})

test('near misses do not match', () => {
  const change = (at: number, value: number) => {
    const copy = INITIAL.slice()
    copy[at] = value
    return copy
  }
  const misses: [string, Uint8Array][] = [
    ['unknown version', change(4, 9)],
    ['connection id of 21 bytes', change(5, 21)],
    ['length beyond the datagram', change(16, 0x4f)],
    ['fixed bit missing', change(0, 0x83)],
    ['short header', change(0, 0x43)],
    ['early header without version', bytes(hex('08 0102030405060708'), 'Q043', new Uint8Array(30))],
    ['early version that is none', bytes(hex('09 0102030405060708'), 'Q4x3', new Uint8Array(30))],
  ]
  for (const [what, miss] of misses) assert.is(converse(setting, [client(miss)]).label, '', what)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, [client(INITIAL.subarray(0, 60)), server(NEGOTIATION)])
  assertTruncationsHarmless(setting, [client(GOOGLE)])
  assertTruncationsHarmless(setting, [client(INITIAL)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(setting, [client(INITIAL)], 2000)
  assertSurvivesMutation(setting, [client(GOOGLE), server(NEGOTIATION)], 8000)
})

test('mutated frames inside a packet that authenticates neither throw nor hang', () => {
  const frames = bytes(
    crypto(0, HELLO.subarray(0, 60)),
    hex('02 05 00 01 00 03 02'),
    crypto(60, HELLO.subarray(60)),
  )
  for (let round = 0; round < 1000; round++) {
    const mutated = frames.slice()
    mutated[(round * 31) % mutated.length] = (round * 97) & 0xff
    assert.is(converse(setting, [client(initial(mutated))]).label, 'quic')
  }
})

test('behind an Initial that is not opened no other of its datagram is tried', () => {
  const damaged = INITIAL.slice()
  damaged[600] ^= 1
  assert.equal(converse(setting, [client(bytes(damaged, INITIAL))]).extras.quic, { version: '1' })
  const opened = converse(setting, [client(bytes(INITIAL, damaged))])
  assert.is(opened.hostname, 'www.example.org (quic)')
})

test('pieces of a stream are joined without ordering them all for each', () => {
  const { sort } = Array.prototype
  let sorted = 0
  Array.prototype.sort = function (this: unknown[], compare) {
    sorted++
    return sort.call(this, compare)
  }
  const stream = createCryptoStream()
  const seen = new Uint8Array(1000)
  try {
    for (let i = 0; i < 400; i++) {
      const from = (i * 389) % 950
      const piece = new Uint8Array(1 + (i % 40)).fill(1)
      if (stream.ranges.length < 64) seen.set(piece, from)
      addFrames(stream, crypto(from, piece))
      const ranges = [...seen.join('').matchAll(/1+/g)].map(({ index, 0: run }) => [
        index,
        index + run.length,
      ])
      assert.equal(stream.ranges, ranges)
    }
  } finally {
    Array.prototype.sort = sort
  }
  assert.is(sorted, 0)
})

test.run()
