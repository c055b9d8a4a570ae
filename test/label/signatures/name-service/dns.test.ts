import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/name-service/dns.ts'
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
} from '../conversation.ts'

const test = suite('label/signatures/name-service/dns')

const setting: Setting = { signatures, protocol: 17, serverPort: 53 }
const overTcp: Setting = { signatures, protocol: 6, serverPort: 53 }

const NAME = bytes(3, 'www', 7, 'example', 3, 'org', 0)
const QUESTION = bytes(NAME, hex('0001 0001'))
const QUERY = bytes(hex('1234 0100 0001 0000 0000 0000'), QUESTION)
/** CNAME, then A and AAAA under it, names compressed (RFC 1035 section 4.1.4). */
const RESPONSE = bytes(
  hex('1234 8180 0001 0003 0000 0000'),
  QUESTION,
  hex('c00c 0005 0001 0000003c 0006'),
  bytes(3, 'cdn', hex('c010')),
  hex('c02d 0001 0001 0000003c 0004 c0000201'), // 192.0.2.1
  hex('c02d 001c 0001 0000012c 0010 20010db8000000000000000000000007'),
)
const EXCHANGE = [client(QUERY), server(RESPONSE)]

test('query and response tell name, type, code and answers', () => {
  const heard = converse(setting, EXCHANGE)
  assert.is(heard.label, 'dns')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.equal(heard.extras.dns, {
    query: 'www.example.org',
    qtype: 'A',
    rcode: 'NOERROR',
    answers: ['cdn.example.org', '192.0.2.1', '2001:db8::7'],
  })
})

test('the first answer is told though a question crosses it, or a part of one comes before', () => {
  const { dns } = converse(setting, EXCHANGE).extras
  const crossing = bytes(hex('4321 0100 0001 0000 0000 0000'), QUESTION)
  assert.equal(converse(setting, [client(QUERY), server(crossing), server(RESPONSE)]).extras.dns, dns)
  const cut = server(RESPONSE.subarray(0, 40))
  assert.is(converse(setting, [client(QUERY), cut]).extras.dns.rcode, undefined)
  assert.equal(converse(setting, [client(QUERY), cut, client(QUERY), server(RESPONSE)]).extras.dns, dns)
})

test('of two questions the one answered first is told, with its own answers', () => {
  const other = bytes(NAME, hex('001c 0001'))
  const asked = client(hex('1235 0100 0001 0000 0000 0000'), other)
  const none = server(hex('1235 8183 0001 0000 0000 0000'), other)
  const both = converse(setting, [client(QUERY), asked, none, server(RESPONSE)]).extras.dns
  assert.equal(both, { query: 'www.example.org', qtype: 'AAAA', rcode: 'NXDOMAIN' })
  const inOrder = converse(setting, [client(QUERY), asked, server(RESPONSE), none]).extras.dns
  assert.equal(inOrder, converse(setting, EXCHANGE).extras.dns)
})

test('an error may come as a header alone, with the id of the question', () => {
  const refused = hex('1234 8105 0000 0000 0000 0000')
  const heard = converse(setting, [client(QUERY), server(refused)])
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.equal(heard.extras.dns, { query: 'www.example.org', qtype: 'A', rcode: 'REFUSED' })
  for (const miss of ['1235 8105', '1234 0105', '1234 8100', '1234 8145'])
    assert.equal(
      converse(setting, [client(QUERY), server(hex(miss), hex('0000 0000 0000 0000'))]).roles,
      ['client', ''],
      miss,
    )
  assert.is(converse(setting, [server(refused)]).label, '', 'nobody has asked')
})

test('a message without questions and answers tells nothing', () => {
  const inverse = bytes(hex('1234 0900 0000 0001 0000 0000 00 0001 0001 00000000 0004 c0000201'))
  assert.equal(converse(setting, [client(inverse)]).extras, {})
})

test('addresses go to the name cache under the name that was asked', () => {
  assert.equal(converse(setting, EXCHANGE).answers, [
    `www.example.org 60 0 0 0 ${0xc0000201 | 0}`,
    `www.example.org 300 ${0x20010db8} 0 0 7`,
  ])
})

test('addresses of a zone that is transferred go under the names of their records', () => {
  const zone = '0265 7803 6e65 7400 00fc 0001'
  const asked = hex(`0018 6ee1 0020 0001 0000 0000 0000 ${zone}`)
  // As BIND sent it: SOA, ns.ex.net, q.ex.net.
  const told = hex(`0063 6ee1 8400 0001 0003 0000 0000 ${zone}
    c00c 0006 0001 0000003c 001d 026e73c00c 0161c00c 00000002 0000003c 0000003c 0000003c 0000003c
    c024 0001 0001 0000003c 0004 0a4d0001
    0171c00c 0001 0001 0000003c 0004 01020304`)
  assert.equal(converse(overTcp, [client(asked), server(told)]).answers, [
    `ns.ex.net 60 0 0 0 ${0x0a4d0001}`,
    `q.ex.net 60 0 0 0 ${0x01020304}`,
  ])
})

test('what nobody asked for names no address: one datagram proves nothing', () => {
  const { answers, extras } = converse(setting, [server(RESPONSE)])
  assert.equal(answers, [])
  assert.is(extras.dns?.query, 'www.example.org')
})

test('of a name that the snaplen cut nothing is told, nor of what an earlier message had there', () => {
  for (let captured = 12; captured < 12 + QUESTION.length; captured++) {
    const { label, extras } = converse(setting, [{ ...client(QUERY), captured }])
    const query = captured < 12 + NAME.length ? undefined : 'www.example.org'
    assert.equal(
      [label, extras.dns?.query, extras.dns?.qtype],
      ['dns', query, undefined],
      `${captured} bytes`,
    )
  }
  const root = bytes(hex('1234 8180 0001 0001 0000 0000'), hex('00 0001 0001'))
  const record = hex('00 0001 0001 0000003c 0004 c0000207')
  const name = bytes(63, 'name', record, Buffer.alloc(44), hex('00 0001 0001'))
  const cut = { ...server(hex('1234 8180 0001 0001 0000 0000'), name), captured: 40 }
  const asked = client(hex('1234 0100 0001 0000 0000 0000'), hex('00 0001 0001'))
  assert.equal(converse(setting, [asked, server(root), cut]).answers, [])
  assert.equal(converse(setting, [server(root), cut]).extras.dns, { rcode: 'NOERROR' })
})

test('away from port 53 the whole message must fit, and ask for a type in use', () => {
  const elsewhere = { ...setting, serverPort: 9953 }
  assert.is(converse(elsewhere, [client(QUERY)]).strength, 'strong')
  assert.is(converse(elsewhere, [client(QUERY, 0)]).label, '', 'a byte behind the question')
  assert.is(converse(elsewhere, [client(QUERY.subarray(0, 32))]).label, '', 'cut inside the question')
  const odd = QUERY.slice()
  odd[30] = 0x77
  assert.is(converse(elsewhere, [client(odd)]).label, '', 'type nobody uses')
})

test('on port 53 a damaged message is likely', () => {
  assert.is(converse(setting, [client(QUERY.subarray(0, 20))]).strength, 'weak')
  const damaged = QUERY.slice()
  damaged[5] = 0x80
  assert.is(converse(setting, [client(damaged)]).strength, 'weak')
})

test('on port 53 a message that asks nothing and does not fill its length is no more than likely', () => {
  const other = bytes(hex('00000005 00000001 00000000'), new Uint8Array(40))
  assert.is(converse(setting, [client(other)]).strength, 'weak')
  const pushed = bytes(hex('1234 8400 0000 0001 0000 0000'), NAME, hex('0001 0001 00000078 0004 c0000201'))
  assert.is(converse(setting, [server(pushed)]).strength, 'strong')
})

test('a certificate query of DNSCrypt on its own port is not dns', () => {
  const query = bytes(
    hex('1234 0100 0001 0000 0000 0000'),
    1,
    '2',
    13,
    'dnscrypt-cert',
    3,
    'org',
    hex('00 0010 0001'),
  )
  assert.is(converse({ ...setting, serverPort: 443 }, [client(query)]).label, '')
  assert.is(converse(setting, [client(query)]).label, 'dns')
})

test('over TCP each message follows its length', () => {
  const framed = [client(u16(QUERY.length), QUERY), server(u16(RESPONSE.length), RESPONSE)]
  const heard = converse(overTcp, framed)
  assert.is(heard.label, 'dns')
  assert.is(heard.answers.length, 2)
  assert.is(converse(overTcp, [client(u16(QUERY.length + 1), QUERY)]).label, 'dns')
  assert.is(converse({ ...overTcp, serverPort: 99 }, [client(u16(QUERY.length + 1), QUERY)]).label, '')
})

test('over TCP a message longer than its segment shows a whole question', () => {
  const first = client(u16(QUERY.length + 99), QUERY)
  assert.is(converse(overTcp, [first]).label, 'dns')
  const others: [string, Uint8Array][] = [
    ['a question cut', bytes(u16(QUERY.length + 99), QUERY.subarray(0, 30))],
    ['GIOP 1.0', bytes('GIOP', 1, 0, 0, 0, [0, 0, 0, 60], [0, 0, 0, 0, 0, 0, 0, 4])],
    ['Zabbix', bytes('ZBXD', 1, 96, 0, 0, 0, 0, 0, 0, 0, '{"request":"active checks"}')],
    [
      'Raft',
      bytes(1, [0, 0, 0, 0, 0, 0, 0], 7, [0, 0, 0, 0, 0, 0, 0], 14, [0, 0, 0, 0, 0, 0, 0], '127.0.0.1:9001'),
    ],
  ]
  for (const [what, other] of others) assert.is(converse(overTcp, [client(other)]).label, '', what)
})

test('an answer that is cut in its question tells no answers, though the message before had some there', () => {
  const record = hex('c00c 0001 0001 0000003c 0004 c0000201')
  const cut = bytes(hex('4321 8180 0001 0001 0000 0000'), 60, 'x'.repeat(20), record, 'x'.repeat(40))
  const heard = converse(setting, [client(QUERY), { ...server(cut), captured: 60 }])
  assert.equal(heard.answers, [])
  assert.is(heard.extras.dns.answers, undefined)
})

test('mdns and llmnr are DNS messages on their ports only', () => {
  const announcement = bytes(
    hex('0000 8400 0000 0001 0000 0000'),
    NAME,
    hex('0001 8001 00000078 0004 c0000201'),
  )
  assert.is(
    converse({ ...setting, serverPort: 5353, clientPort: 5353 }, [client(announcement)]).label,
    'mdns',
  )
  assert.is(converse({ ...setting, serverPort: 5355 }, [client(QUERY)]).label, 'llmnr')
  assert.is(converse({ ...setting, serverPort: 5354 }, [client(announcement)]).label, '')
})

test('a name that points at itself ends', () => {
  const loop = bytes(
    hex('1234 8180 0001 0001 0000 0000 c00c 0001 0001'),
    hex('c00c 0005 0001 00000001 0002 c01e'),
  )
  const heard = converse(setting, [server(loop)])
  assert.is(heard.label, 'dns')
  assert.is(heard.extras.dns.query, '.')
})

test('names are bounded and escaped', () => {
  const label = bytes(63, '\x1b'.repeat(63))
  const long = bytes(
    hex('1234 0100 0001 0000 0000 0000'),
    label,
    label,
    label,
    label,
    label,
    hex('00 0001 0001'),
  )
  const query = converse(setting, [client(long)]).extras.dns?.query
  assert.ok(query === undefined || String(query).length < 1400)
  const hostile = bytes(hex('1234 0100 0001 0000 0000 0000'), 3, 'a\x1bb', hex('00 0001 0001'))
  assert.is(converse(setting, [client(hostile)]).extras.dns.query, 'a\\x1Bb')
})

test('at most 100 answers are listed, with their total beside them', () => {
  const answer = hex('c00c 0001 0001 0000003c 0004 c0000201')
  const many = bytes(
    hex('1234 8180 0001 00c8 0000 0000'),
    QUESTION,
    ...Array.from({ length: 200 }, () => answer),
  )
  const { answers, answers_total } = converse(setting, [server(many)]).extras.dns
  assert.is((answers as string[]).length, 100)
  assert.is(answers_total, 200)
})

test('pointers to long names make neither long records nor long work', () => {
  // 90 aliases of 12 bytes each, all of them a name of 126 labels.
  const labels = bytes(...Array.from({ length: 126 }, () => [1, 0x61]).flat(), 0)
  const amplified = bytes(
    hex('1234 8180 0001 005a 0000 0000'),
    labels,
    hex('0001 0001'),
    ...Array.from({ length: 90 }, () => hex('c00c 0005 0001 0000003c 0002 c00c')),
  )
  const { answers, answers_total } = converse(setting, [server(amplified)]).extras.dns
  assert.is((answers as string[]).join('').length, 17 * 251)
  assert.is(answers_total, 90)
})

test('near misses do not match', () => {
  const change = (at: number, value: number) => {
    const copy = QUERY.slice()
    copy[at] = value
    return copy
  }
  const elsewhere = { ...setting, serverPort: 9953 }
  const misses: [string, Uint8Array][] = [
    ['opcode 9', change(2, 0x49)],
    ['reserved bit', change(3, 0x40)],
    ['no question at all', change(5, 0)],
    ['class 7', change(32, 7)],
    ['label of 64 bytes', change(12, 64)],
  ]
  for (const [what, miss] of misses) assert.is(converse(elsewhere, [client(miss)]).label, '', what)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, EXCHANGE)
  assertTruncationsHarmless(overTcp, [
    client(u16(QUERY.length), QUERY),
    server(u16(RESPONSE.length), RESPONSE),
  ])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
