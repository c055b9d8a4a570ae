/** Tor's link certificates among those of other TLS servers. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures as tls } from '../../../../src/label/signatures/tls/tls.ts'
import { signatures } from '../../../../src/label/signatures/tls/tor.ts'
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
  u24,
} from '../conversation.ts'
import { BROWSER_HELLO, handshake, record, serverHelloBody } from './hellos.ts'

const test = suite('label/signatures/tls/tor')

const setting: Setting = { signatures, protocol: 6, serverPort: 443 }
const HELLO = handshake(2, serverHelloBody(0xc02f))

function der(tag: number, ...parts: (number | string | Uint8Array)[]): Uint8Array {
  const body = bytes(...parts)
  return body.length < 128
    ? bytes(tag, body.length, body)
    : bytes(tag, 0x82, body.length >> 8, body.length, body)
}

const commonName = (name: string, tag = 0x0c) =>
  der(0x30, der(0x31, der(0x30, hex('06 03 55 04 03'), der(tag, name))))
const VALIDITY = der(0x30, der(0x17, '130101000000Z'), der(0x17, '140101000000Z'))

/** The beginning of a certificate as far as its key, in a certificate message. */
function certificate(issuer: Uint8Array, subject: Uint8Array): Uint8Array {
  const version = hex('a0 03 02 01 02')
  const serial = der(0x02, hex('00 5a 11 22 33 44 55 66'))
  const algorithm = hex('30 0d 06 09 2a 86 48 86 f7 0d 01 01 05 05 00')
  const signed = der(0x30, version, serial, algorithm, issuer, VALIDITY, subject, '\x30\x81'.repeat(40))
  const whole = der(0x30, signed)
  return handshake(11, bytes(u24(whole.length + 3), u24(whole.length), whole))
}

const ISSUER = commonName('www.xkgk7fdx362yyyxib.com')
const SUBJECT = commonName('www.g6ghvisevf3ibuu5.net')
const RELAY = certificate(ISSUER, SUBJECT)

const labelOf = (...said: Said[]) => converse(setting, said).label

test('the certificate is told in the same record and in the next', () => {
  assert.is(labelOf(server(record(22, bytes(HELLO, RELAY)))), 'tls')
  assert.is(labelOf(server(record(22, HELLO), record(22, RELAY))), 'tls')
})

test('it is TLS all the same, with version and cipher', () => {
  const heard = converse({ ...setting, signatures: [...signatures, ...tls] }, [
    client(record(22, handshake(1, BROWSER_HELLO))),
    server(record(22, HELLO), record(22, RELAY)),
  ])
  assert.equal(heard.labels, ['tls', 'tls'])
  assert.is(heard.extras.tls.cipher, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')
})

test('any other pair of names is no evidence', () => {
  const near: [string, Uint8Array, Uint8Array][] = [
    ['a company', commonName('Example CA'), SUBJECT],
    ['itself as issuer', ISSUER, ISSUER],
    ['other digits', commonName('www.xkgk8fdx362yyyxib.com'), SUBJECT],
    ['too short', commonName('www.abcdefg.com'), SUBJECT],
    ['too long', commonName(`www.${'a'.repeat(21)}.com`), SUBJECT],
    ['a subdomain', commonName('www.abcd.efghi.com'), SUBJECT],
    ['another string type', commonName('www.xkgk7fdx362yyyxib.com', 0x16), SUBJECT],
    ['more than a name', der(0x30, ISSUER.subarray(2), ISSUER.subarray(2)), SUBJECT],
  ]
  for (const [name, issuer, subject] of near)
    assert.is(labelOf(server(record(22, bytes(HELLO, certificate(issuer, subject))))), '', name)
})

test('without a certificate behind the hello there is none', () => {
  assert.is(labelOf(server(record(22, HELLO))), '')
  assert.is(labelOf(server(record(22, RELAY))), '')
  assert.is(labelOf(client(record(22, handshake(1, BROWSER_HELLO)))), '')
})

const FLIGHT = [server(record(22, HELLO), record(22, RELAY))]

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, FLIGHT))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, FLIGHT))

test.run()
