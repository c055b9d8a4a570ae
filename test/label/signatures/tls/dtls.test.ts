import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/tls/dtls.ts'
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
  u24,
} from '../conversation.ts'
import { clientHelloBody, list16, RANDOM, serverHelloBody, serverName } from './hellos.ts'

const test = suite('label/signatures/tls/dtls')

const setting: Setting = { signatures, protocol: 17, serverPort: 4433 }

/** RFC 6347 section 4.1: type, version, epoch 0, sequence, length. */
function record(type: number, sequence: number, body: Uint8Array): Uint8Array {
  return bytes(type, hex('fe fd 00 00 00 00 00 00 00'), sequence, u16(body.length), body)
}

/** RFC 6347 section 4.2.2: one fragment, or the first `length` bytes of a message. */
function handshake(type: number, body: Uint8Array, length = body.length): Uint8Array {
  return bytes(type, u24(body.length), u16(0), u24(0), u24(length), body.subarray(0, length))
}

const HELLO = clientHelloBody({
  version: 0xfefd,
  ciphers: [0xc02b, 0xc02f],
  cookie: hex('c0 0c 1e'),
  extensions: [serverName('turn.example.org'), list16(13, 0x0403)],
})
const CLIENT_HELLO = record(22, 0, handshake(1, HELLO))
const SERVER_HELLO = record(22, 0, handshake(2, bytes(hex('fe fd'), RANDOM, 0, hex('c0 2b 00'))))
const FLIGHT = [client(CLIENT_HELLO), server(SERVER_HELLO)]

test('records with a connection id, met after the handshake', () => {
  const withId = (id: Uint8Array, ...after: number[]) =>
    bytes(hex('19 fe fd 00 01 00 00 00 00 00 07'), id, u16(32), RANDOM, after)
  for (const length of [1, 4, 8, 20])
    assert.is(converse(setting, [client(withId(RANDOM.subarray(0, length)))]).strength, 'strong', `${length}`)
  assert.is(converse(setting, [client(withId(RANDOM.subarray(0, 8), 0))]).label, '', 'a byte more')
  const epoch0 = withId(RANDOM.subarray(0, 8))
  epoch0[4] = 0
  assert.is(converse(setting, [client(epoch0)]).label, '', 'no keys yet')
})

test('both hellos name server, version, cipher and fingerprint', () => {
  const heard = converse(setting, FLIGHT)
  assert.is(heard.label, 'dtls')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.hostname, 'turn.example.org (sni)')
  assert.is(heard.extras.dtls.version, 'DTLS 1.2')
  assert.is(heard.extras.dtls.cipher, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')
  assert.match(String(heard.extras.dtls.ja4), /^dd2d020200_/)
})

test('a hello in several fragments tells what its first one holds, without a fingerprint', () => {
  const heard = converse(setting, [client(record(22, 0, handshake(1, HELLO, 78)))])
  assert.is(heard.label, 'dtls')
  assert.is(heard.extras.dtls.sni, 'turn.example.org')
  assert.is(heard.extras.dtls.ja4, undefined)
})

/** The message in fragments of `size` bytes, each a record of its own. */
function fragments(body: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    const message = bytes(1, u24(body.length), u16(0), u24(at), u24(part.length), part)
    parts.push(record(22, parts.length, message))
  }
  return parts
}

test('the fragments of a hello are joined, from one datagram or several', () => {
  const whole = converse(setting, [client(CLIENT_HELLO)]).extras.dtls
  for (const size of [30, 50, 78, HELLO.length - 1]) {
    const parts = fragments(HELLO, size)
    const apart = parts.map((part) => client(part))
    assert.equal(converse(setting, apart).extras.dtls, whole, `${size} bytes each`)
    assert.equal(converse(setting, [client(bytes(...parts))]).extras.dtls, whole, `${size} in one datagram`)
    const twice = apart.flatMap((part) => [part, part])
    assert.equal(converse(setting, twice).extras.dtls, whole, `${size} and each twice`)
    assertTruncationsHarmless(setting, apart)
    assertSurvivesMutation(setting, apart, 2000)
  }
  const [first, , third] = fragments(HELLO, 30)
  assert.is(converse(setting, [client(first), client(third)]).extras.dtls.ja4, undefined, 'with a gap')
  const [half, rest] = fragments(HELLO, 78)
  const otherWay = converse(setting, [client(half), server(rest)])
  assert.is(otherWay.extras.dtls.ja4, undefined, 'the rest from the other side')
  const stun = client(hex('0001 0000 2112a442 000000000000000000000000'))
  assert.equal(converse(setting, [client(half), stun, client(rest)]).extras.dtls, whole, 'STUN between')
})

test('several records in a datagram chain, also with those of DTLS 1.3 behind', () => {
  const data = record(23, 5, new Uint8Array(40))
  assert.is(converse(setting, [server(data, data)]).strength, 'strong')
  assert.is(
    converse(setting, [server(SERVER_HELLO, hex('2e 12 34 56'), new Uint8Array(20))]).strength,
    'strong',
  )
})

test('the version before the first RFC is known', () => {
  const old = CLIENT_HELLO.slice()
  old.set([0x01, 0x00], 1)
  assert.is(converse(setting, [client(old)]).label, 'dtls')
})

test('near misses do not match', () => {
  const data = record(23, 5, new Uint8Array(40))
  const change = (at: number, value: number) => {
    const copy = data.slice()
    copy[at] = value
    return copy
  }
  const misses: [string, Uint8Array][] = [
    ['type 30', change(0, 30)],
    ['version of TLS', change(2, 0x03)],
    ['epoch beyond any session', change(3, 0x80)],
    ['length too long', change(12, 41)],
    ['bytes behind the record', bytes(data, hex('00 00'))],
    [
      'fragment longer than its message',
      record(22, 0, bytes(1, u24(5), u16(0), u24(0), u24(9), new Uint8Array(9))),
    ],
    ['no DTLS at all', serverHelloBody(0x1301)],
  ]
  for (const [what, miss] of misses) assert.is(converse(setting, [client(miss)]).label, '', what)
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, FLIGHT))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, FLIGHT))

test.run()
