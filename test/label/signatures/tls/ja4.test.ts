import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type ClientHello,
  isGrease,
  parseClientHello,
} from '../../../../src/label/signatures/tls/client-hello.ts'
import { ja4, offeredVersion } from '../../../../src/label/signatures/tls/ja4.ts'
import { BROWSER_HELLO, clientHelloBody } from './hellos.ts'

const test = suite('label/signatures/tls/ja4')

/** The example of JA4's description: ciphers and extensions as sent, GREASE taken out. */
const EXAMPLE: ClientHello = {
  complete: true,
  version: 0x0303,
  ciphers: [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
  ],
  extensions: [
    0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b, 0xff01,
    0x000b, 0x000a, 0x0015,
  ],
  signatureAlgorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  supportedVersions: [0x0304, 0x0303],
  sni: 'example.org',
  alpnTotal: 1,
  alpn: ['h2', 'http/1.1'],
  alpnFirst: 0x68,
  alpnLast: 0x32,
}

test('the published example', () => {
  assert.is(ja4(EXAMPLE, 't'), 't13d1516h2_8daaf6152771_e5627efa2ab1')
})

test('transport, version, name and protocol stand in front', () => {
  const plain = {
    ...EXAMPLE,
    extensions: EXAMPLE.extensions.filter((type) => type !== 0),
    supportedVersions: [],
  }
  assert.is(ja4({ ...plain, alpnFirst: -1 }, 'q').slice(0, 10), 'q12i151500')
  assert.is(
    ja4({ ...plain, version: 0xfefd, alpnFirst: 0xab, alpnLast: 0xcd }, 'd').slice(0, 10),
    'dd2i1515ad',
  )
})

test('no ciphers and no extensions are twelve zeros', () => {
  assert.is(ja4({ ...EXAMPLE, ciphers: [], extensions: [] }, 't'), 't13i0000h2_000000000000_000000000000')
})

test('name and protocol alone are no extensions to hash', () => {
  const bare = {
    ...EXAMPLE,
    extensions: [0x0000, 0x0010],
    signatureAlgorithms: [],
    supportedVersions: [0x0301],
  }
  assert.is(ja4(bare, 't'), 't10d1502h2_8daaf6152771_000000000000')
})

test('DTLS counts its versions downwards', () => {
  assert.is(offeredVersion({ ...EXAMPLE, supportedVersions: [0xfefd, 0xfefc] }), 0xfefc)
  assert.is(offeredVersion({ ...EXAMPLE, supportedVersions: [] }), 0x0303)
})

test('GREASE is the sixteen values of RFC 8701', () => {
  let count = 0
  for (let value = 0; value < 0x10000; value++) if (isGrease(value)) count++
  assert.is(count, 16)
  assert.ok(isGrease(0x0a0a) && isGrease(0xfafa) && !isGrease(0x0a1a))
})

test('a parsed hello leaves GREASE out', () => {
  const hello = parseClientHello(BROWSER_HELLO, 0, BROWSER_HELLO.length, false)
  assert.ok(hello.complete)
  assert.equal(hello.ciphers, [0x1301, 0x1302, 0xc02b])
  assert.equal(hello.extensions, [0, 16, 13, 43])
  assert.equal(hello.supportedVersions, [0x0304, 0x0303])
})

test('a hello without extensions is whole, a cut one is not', () => {
  const hello = clientHelloBody({ ciphers: [0x002f], extensions: [] })
  assert.ok(parseClientHello(hello, 0, hello.length - 2, false).complete)
  for (let end = 0; end < hello.length - 2; end++) assert.not(parseClientHello(hello, 0, end, false).complete)
})

test.run()
