import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinSignatures } from '../../../../src/label/signatures/all.ts'
import { signatures } from '../../../../src/label/signatures/tls/tls.ts'
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
  u16,
} from '../conversation.ts'
import {
  alpn,
  BROWSER_HELLO,
  clientHelloBody,
  handshake,
  record,
  selectedVersion,
  serverHelloBody,
} from './hellos.ts'

const test = suite('label/signatures/tls/tls')

const web: Setting = { signatures, protocol: 6, serverPort: 443 }
const CLIENT_HELLO = record(22, handshake(1, BROWSER_HELLO))
const SERVER_HELLO = record(22, handshake(2, serverHelloBody(0x1301, selectedVersion(0x0304))))
const OLD_SERVER_HELLO = record(22, handshake(2, serverHelloBody(0xc02f, alpn('h2'))))
const HANDSHAKE = [client(CLIENT_HELLO), server(SERVER_HELLO)]

test('both hellos name server, versions, cipher and fingerprint', () => {
  const heard = converse(web, HANDSHAKE)
  assert.is(heard.label, 'tls')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.is(heard.hostname, 'www.example.org (sni)')
  const { ja4, ...tls } = heard.extras.tls
  assert.equal(tls, {
    sni: 'www.example.org',
    alpn: ['h2', 'http/1.1'],
    version: 'TLS 1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
  })
  assert.match(String(ja4), /^t13d0304h2_[0-9a-f]{12}_[0-9a-f]{12}$/)
})

const RDP_REQUEST = hex('03000013 0ee000000000 00 01 00 0800 0b000000')

/** What asks for TLS in the protocol's own words, up to the ClientHello. */
const ASKED: [label: string, port: number, ...said: Said[]][] = [
  ['postgresql', 6432, client(hex('00000008 04d2162f')), server('S')],
  ['rdp', 13389, client(RDP_REQUEST), server(hex('03000013 0ed000001234 00 02 1f 0800 02000000'))],
  [
    'mysql',
    13306,
    server(hex('35000000 0a'), '8.0.36\0', new Uint8Array(12), 0, hex('fff7'), new Uint8Array(31)),
    client(hex('20000001 85aea200 00000001 2d'), new Uint8Array(23)),
  ],
  [
    'xmpp',
    15222,
    client("<?xml version='1.0'?><stream:stream to='example.org'>"),
    server("<?xml version='1.0'?><stream:stream from='example.org'>"),
    server('<stream:features/>'),
    client("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    server("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
  ],
]

test('TLS that another protocol has asked for is read, and the flow keeps its name', () => {
  for (const [label, serverPort, ...asked] of ASKED) {
    const begun = [client(CLIENT_HELLO.subarray(0, 60)), client(CLIENT_HELLO.subarray(60))]
    const heard = converse({ ...web, serverPort, signatures: builtinSignatures() }, [
      ...asked,
      ...begun,
      server(SERVER_HELLO),
    ])
    assert.is(heard.label, label)
    assert.is(heard.hostname, 'www.example.org (sni)', label)
    assert.is(heard.extras.tls?.cipher, 'TLS_AES_128_GCM_SHA256', label)
    assert.match(String(heard.extras.tls?.ja4), /^t13d0304h2_/, label)
  }
})

test('of many protocols that a ClientHello offers the first hundred are told, and how many there were', () => {
  const names = Array.from({ length: 130 }, (_, i) => `p${i}`)
  const body = clientHelloBody({ ciphers: [0x1301], extensions: [alpn(...names)] })
  const heard = converse(web, [client(record(22, handshake(1, body)))])
  assert.equal(heard.extras.tls.alpn, names.slice(0, 100))
  assert.is(heard.extras.tls.alpn_total, 130)
})

test('the server alone tells version, cipher and protocol', () => {
  const heard = converse(web, [server(OLD_SERVER_HELLO)])
  assert.equal(heard.roles, ['server'])
  assert.equal(heard.extras.tls, {
    version: 'TLS 1.2',
    cipher: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    alpn_selected: 'h2',
  })
})

test('a ClientHello over three segments is joined', () => {
  const whole = converse(web, [client(CLIENT_HELLO)])
  const parts = [CLIENT_HELLO.subarray(0, 60), CLIENT_HELLO.subarray(60, 110), CLIENT_HELLO.subarray(110)]
  const heard = converse(web, [...parts.map((part) => client(part)), server(SERVER_HELLO)])
  assert.is(heard.extras.tls.ja4, whole.extras.tls.ja4)
  assert.is(heard.extras.tls.cipher, 'TLS_AES_128_GCM_SHA256')
  assert.is(heard.hostname, 'www.example.org (sni)')
})

test('a ClientHello is joined wherever it was cut, whatever byte the second segment begins with', () => {
  const whole = converse(web, [client(CLIENT_HELLO)])
  for (let cut = 1; cut < CLIENT_HELLO.length; cut++) {
    const heard = converse(web, [client(CLIENT_HELLO.subarray(0, cut)), client(CLIENT_HELLO.subarray(cut))])
    assert.is(heard.extras.tls.ja4, whole.extras.tls.ja4, `cut at ${cut}`)
  }
})

test('a ClientHello over two records is joined', () => {
  const message = handshake(1, BROWSER_HELLO)
  const halves = bytes(record(22, message.subarray(0, 70)), record(22, message.subarray(70)))
  const heard = converse(web, [client(halves)])
  assert.is(heard.extras.tls.ja4, converse(web, [client(CLIENT_HELLO)]).extras.tls.ja4)
})

test('a ClientHello that comes byte by byte is joined', () => {
  const heard = converse(
    web,
    [...CLIENT_HELLO].map((byte) => client([byte])),
  )
  assert.is(heard.label, 'tls')
  assert.is(heard.strength, 'strong')
})

test('hellos in records of one to five bytes are read', () => {
  const whole = converse(web, HANDSHAKE)
  const records = (type: number, body: Uint8Array, size: number) => {
    const message = handshake(type, body)
    const parts = []
    for (let at = 0; at < message.length; at += size) parts.push(record(22, message.subarray(at, at + size)))
    return bytes(...parts)
  }
  const answer = serverHelloBody(0x1301, selectedVersion(0x0304))
  for (let size = 1; size <= 5; size++) {
    const said = [client(records(1, BROWSER_HELLO, size)), server(records(2, answer, size))]
    const heard = converse(web, said)
    assert.equal(heard.extras, whole.extras, `records of ${size}`)
    assert.equal(heard.roles, whole.roles)
    assertTruncationsHarmless(web, said)
  }
  assert.is(converse(web, [client(records(1, bytes([1, 0], BROWSER_HELLO), 3))]).label, '')
})

test('records of a byte each are joined without a view on each', () => {
  const message = handshake(1, BROWSER_HELLO)
  const hello = client(bytes(...[...message].map((byte) => record(22, bytes(byte)))))
  const { subarray } = Uint8Array.prototype
  let views = 0
  Uint8Array.prototype.subarray = function (this: Uint8Array, from, to) {
    views++
    return subarray.call(this, from, to)
  } as typeof subarray
  try {
    converse(web, [hello])
  } finally {
    Uint8Array.prototype.subarray = subarray
  }
  assert.ok(views < message.length / 2, `${views} views for ${message.length} records`)
})

test('segments of a ClientHello that come again, overlap or overtake each other are joined by their numbers', () => {
  const whole = converse(web, [client(CLIENT_HELLO)])
  const part = (from: number, to?: number) => ({ ...client(CLIENT_HELLO.subarray(from, to)), sequence: from })
  const orders = {
    again: [part(0, 60), part(60, 110), part(0, 60), part(60, 110), part(110)],
    overlapping: [part(0, 60), part(0, 80), part(40, 110), part(50, 70), part(90)],
    whole: [part(0, 60), part(0)],
    overtaken: [part(0, 60), part(110, 130), part(130), part(60, 110)],
    'overtaken, and filled by more': [part(0, 60), part(110, 130), part(60, 120), part(120)],
    'sent again when all is filled': [part(0, 60), part(110, 130), part(60, 140), part(140)],
  }
  for (const [name, segments] of Object.entries(orders)) {
    const heard = converse(web, [...segments, server(SERVER_HELLO)])
    assert.is(heard.extras.tls.ja4, whole.extras.tls.ja4, name)
    assert.is(heard.hostname, whole.hostname, name)
  }
  const { tls } = converse(web, [part(0, 40), part(90), server(SERVER_HELLO)]).extras
  assert.equal([tls.sni, tls.ja4], [undefined, undefined], 'nothing is made of what a gap tears apart')
})

test('a hello cut by the snaplen gives its name without a fingerprint', () => {
  const heard = converse(web, [{ from: 'client', bytes: CLIENT_HELLO, captured: 110 }])
  assert.is(heard.extras.tls.sni, 'www.example.org')
  assert.is(heard.extras.tls.ja4, undefined)
})

test('TLS on the ports of mail carries the name of the protocol inside', () => {
  for (const [port, label] of [
    [465, 'smtps'],
    [587, 'smtps'],
    [993, 'imaps'],
    [995, 'pop3s'],
  ] as const)
    assert.is(converse({ ...web, serverPort: port }, HANDSHAKE).label, label)
})

test('records of encrypted data are known in the middle of a flow when their lengths chain', () => {
  const data = bytes(hex('17 03 03 00 20'), new Uint8Array(32))
  assert.is(converse(web, [server(data, data)]).strength, 'strong')
  // The record goes on in the next segment: version and type alone are weak.
  assert.is(converse(web, [server(hex('17 03 03 08 00'), new Uint8Array(100))]).strength, 'weak')
  assert.is(converse(web, [server(data, hex('00 01 02'))]).label, '')
})

test('alerts and changes of cipher are known', () => {
  assert.is(converse(web, [server(hex('15 03 01 00 02 02 28'))]).strength, 'strong')
  assert.is(converse(web, [server(hex('14 03 03 00 01 01'))]).strength, 'strong')
  assert.is(converse(web, [server(hex('15 03 01 00 02 07 28'))]).label, '')
  assert.is(converse(web, [server(hex('14 03 03 00 01 02'))]).label, '')
})

/** RFC 5246 appendix E.2: cipher specs, session id and challenge add up to the length. */
const SSL2_HELLO = bytes(
  hex('80 1f 01 03 01 00 06 00 00 00 10'),
  hex('01 00 80 00 00 2f'),
  new Uint8Array(16),
)

test('the hello of SSL 2.0 is known by its three lengths', () => {
  const heard = converse(web, [client(SSL2_HELLO)])
  assert.is(heard.label, 'tls')
  assert.is(heard.extras.tls.version, 'TLS 1.0')
  const wrong = SSL2_HELLO.slice()
  wrong[6] = 9
  assert.is(converse(web, [client(wrong)]).label, '')
})

test('near misses do not match', () => {
  const misses: [string, Uint8Array][] = [
    ['version 2.1', hex('16 02 01 00 40 01 00 00 3c 03 03 00')],
    ['length 0', hex('16 03 01 00 00 01 00 00 3c 03 03 00')],
    ['length over 2^14 + 2048', hex('16 03 01 48 01 01 00 00 3c 03 03 00')],
    ['hello of a later version 4', hex('16 03 01 00 40 01 00 00 3c 04 03 00')],
    ['text', bytes('GET / HTTP/1.1\r\n\r\n')],
    ['application data of 3 bytes', hex('17 03 03 00 03 01 02 03')],
  ]
  for (const [what, miss] of misses) assert.is(converse(web, [client(miss)]).label, '', what)
})

test('hostile names come out escaped, and a list that never ends is bounded', () => {
  const ciphers = Array.from({ length: 4000 }, (_, i) => i)
  const hello = bytes(
    hex('03 03'),
    new Uint8Array(32),
    0,
    u16(8000),
    ciphers.flatMap(u16),
    hex('01 00 00 00'),
  )
  const heard = converse(web, [client(record(22, handshake(1, hello)))])
  assert.match(String(heard.extras.tls.ja4), /^t12i9900/)
  const name = BROWSER_HELLO.slice()
  name[name.indexOf(0x77)] = 0x1b
  assert.match(String(converse(web, [client(record(22, handshake(1, name)))]).extras.tls.sni), /^\\x1Bww/)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(web, HANDSHAKE)
  assertTruncationsHarmless(web, [client(SSL2_HELLO)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(web, HANDSHAKE)
})

test.run()
