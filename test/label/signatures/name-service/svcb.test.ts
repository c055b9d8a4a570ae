/** What DNS HTTPS answers announce. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/name-service/dns.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  converse,
  hex,
  type Setting,
  server,
  u16,
} from '../conversation.ts'

const test = suite('label/signatures/name-service/svcb')

const setting: Setting = { signatures, protocol: 17, serverPort: 53 }
const QUESTION = bytes(3, 'www', 7, 'example', 3, 'org', 0, hex('0041 0001'))

function response(data: Uint8Array): Uint8Array {
  return bytes(
    hex('1234 8180 0001 0001 0000 0000'),
    QUESTION,
    hex('c00c 0041 0001 0000012c'),
    u16(data.length),
    data,
  )
}

const parameter = (key: number, ...value: (string | number)[]) => {
  const body = bytes(...value)
  return bytes(u16(key), u16(body.length), body)
}
const alpn = (...names: string[]) => parameter(1, ...names.flatMap((name) => [name.length, name]))
const NO_DEFAULT = parameter(2)
const SELF = bytes(0)

/** Of a record of priority 1. */
function announced(target: Uint8Array, ...parameters: Uint8Array[]): string[] {
  const heard = converse(setting, [server(response(bytes(u16(1), target, ...parameters)))])
  return heard.announced.map((text) => text.replace(' in a DNS HTTPS answer for 360 s', ''))
}

test('HTTP over QUIC where h3 is named, over TLS by default', () => {
  assert.equal(announced(SELF, alpn('h3', 'h2')), [
    'quic at www.example.org:443/udp',
    'tls at www.example.org:443/tcp',
  ])
  assert.equal(announced(SELF, alpn('h3')), announced(SELF, alpn('h3', 'h2')))
  assert.equal(announced(SELF), ['tls at www.example.org:443/tcp'])
})

test('the default may be taken back', () => {
  assert.equal(announced(SELF, alpn('h3'), NO_DEFAULT), ['quic at www.example.org:443/udp'])
  assert.is(announced(SELF, alpn('h2', 'h3'), NO_DEFAULT).length, 2)
})

test('port and target may be others', () => {
  const cdn = bytes(3, 'cdn', 7, 'example', 0)
  assert.equal(announced(cdn, alpn('h2'), parameter(3, 0x20, 0xfb)), ['tls at cdn.example:8443/tcp'])
})

test('aliases and records that do not fit say nothing', () => {
  const alias = response(bytes(u16(0), 3, 'cdn', 7, 'example', 0))
  assert.equal(converse(setting, [server(alias)]).announced, [])
  assert.equal(announced(SELF, alpn('h3').subarray(0, 6)), [])
  assert.equal(announced(SELF, bytes(0)), [])
  assert.equal(announced(bytes(9, 'cut')), [])
  assert.equal(announced(SELF, parameter(3, 0, 0)), [])
  assert.equal(announced(bytes(3, 'a b', 0)), [])
})

const EXCHANGE = [
  server(response(bytes(u16(1), 3, 'cdn', 7, 'example', 0, alpn('h3', 'h2'), parameter(3, 1, 187)))),
]

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
