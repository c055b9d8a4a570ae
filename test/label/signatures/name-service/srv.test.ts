/** The servers that DNS SRV answers announce. */
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

const test = suite('label/signatures/name-service/srv')

const setting: Setting = { signatures, protocol: 17, serverPort: 53 }

function name(text: string): Uint8Array {
  return bytes(...text.split('.').flatMap((label) => [label.length, label]), 0)
}

interface Answer {
  owner?: string
  port?: number
  target?: string
}

/** A response of SRV records, with the addresses of `additional` behind them. */
function response(answers: readonly Answer[], additional: readonly string[] = []): Uint8Array {
  const owner = answers[0].owner ?? '_ldap._tcp.example.org'
  const records = answers.map(({ owner: own = owner, port = 389, target = 'dc1.example.org' }) => {
    const data = bytes(hex('0000 0064'), u16(port), target === '.' ? 0 : name(target))
    return bytes(name(own), hex('0021 0001 00000258'), u16(data.length), data)
  })
  const more = additional.map((host) => bytes(name(host), hex('0001 0001 0000003c 0004 c0000201')))
  return bytes(
    hex('1234 8180 0001'),
    u16(records.length),
    hex('0000'),
    u16(more.length),
    name(owner),
    hex('0021 0001'),
    ...records,
    ...more,
  )
}

/** What such a response answers. */
const QUESTION = bytes(hex('1234 0100 0001 0000 0000 0000'), name('_ldap._tcp.example.org'), hex('0021 0001'))

const announced = (...answers: Answer[]) => converse(setting, [server(response(answers))]).announced

test('target and port under the label of the service, for the TTL and a minute', () => {
  assert.equal(announced({}), ['ldap at dc1.example.org:389/tcp in a DNS SRV answer for 660 s'])
})

test('every server of an answer counts', () => {
  const two = announced({}, { target: 'dc2.example.org', port: 3890 })
  assert.match(two.join(), /dc1\.example\.org:389.*dc2\.example\.org:3890/)
})

test('services have the labels that flows have', () => {
  const label = (service: string) => announced({ owner: `${service}.example.org` })[0]?.split(' ')[0]
  assert.is(label('_xmpp-client._tcp'), 'xmpp')
  assert.is(label('_kerberos._udp'), 'kerberos')
  assert.is(label('_gc._tcp'), 'ldap')
  assert.is(label('_SIP._UDP'), 'sip')
  assert.is(label('_minecraft._tcp'), 'minecraft')
})

test('what has no label, no port, no target or no service announces nothing', () => {
  assert.equal(announced({ owner: '_nobody-knows._tcp.example.org' }), [])
  assert.equal(announced({ owner: 'ldap.tcp.example.org' }), [])
  assert.equal(announced({ port: 0 }), [])
  assert.equal(announced({ target: '.' }), [])
  assert.equal(announced({ target: 'a b\x1b' }), [])
})

test("the targets' addresses that come along go to the name cache, and no others", () => {
  const message = response([{}], ['dc1.example.org', 'www.example.org'])
  assert.equal(converse(setting, [client(QUESTION), server(message)]).answers, [
    `dc1.example.org 60 0 0 0 ${0xc0000201 | 0}`,
  ])
})

test('over TCP too', () => {
  const message = response([{}], ['dc1.example.org'])
  const question = client(u16(QUESTION.length), QUESTION)
  const heard = converse({ ...setting, protocol: 6 }, [question, server(u16(message.length), message)])
  assert.equal([heard.announced.length, heard.answers.length], [1, 1])
})

const EXCHANGE = [server(response([{}, { target: 'dc2.example.org' }], ['dc1.example.org']))]

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test('names of records are read up to a number of characters', () => {
  const long = Array.from({ length: 4 }, (_, i) => 'abcd'[i].repeat(60)).join('.')
  const answers = Array.from({ length: 60 }, (_, i) => ({
    owner: `_ldap._tcp.${i}.example.org`,
    target: long,
  }))
  const listed = announced(...answers)
  assert.ok(listed.length > 20 && listed.length * (long.length + 20) <= 8192 + 300, String(listed.length))
  const short = Array.from({ length: 60 }, (_, i) => ({ target: `dc${i}.example.org` }))
  assert.is(announced(...short).length, 60)
})

test.run()
