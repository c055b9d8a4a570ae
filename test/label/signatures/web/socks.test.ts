import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/web/socks.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
  server,
} from '../conversation.ts'
import { BROWSER_HELLO, handshake, record } from '../tls/hellos.ts'

const test = suite('label/signatures/web/socks')

const setting: Setting = { signatures, protocol: 6, serverPort: 1080 }
const elsewhere: Setting = { ...setting, serverPort: 9050 }
const REQUEST5 = bytes(hex('05 01 00 03 0b'), 'example.org', hex('01 bb'))
const SOCKS5 = [client(hex('05 02 00 02')), server(hex('05 00')), client(REQUEST5)]
const REQUEST4 = bytes(hex('04 01 0050 c0000201'), 'user', 0)
const SOCKS4 = [client(REQUEST4), server(hex('00 5a 0000 00000000'))]

test('version 5: the answer picks one of the methods offered', () => {
  const heard = converse(elsewhere, SOCKS5)
  assert.is(heard.label, 'socks')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['', 'server', 'client'])
  assert.equal(heard.extras.socks, { version: 5, host: 'example.org' })
  assert.is(heard.hostname, 'example.org (socks)')
  assert.is(converse(elsewhere, [client(hex('05 02 00 02')), server(hex('05 01'))]).label, '')
  assert.is(converse(elsewhere, [client(hex('05 03 00 02')), server(hex('05 00'))]).label, '')
})

test('an address that is asked for is told, and names nobody', () => {
  const four = converse(setting, SOCKS4)
  assert.equal(four.extras.socks, { version: 4, host: '192.0.2.1' })
  const [greeting, answer] = SOCKS5
  const v4 = client(hex('05 01 00 01 c0000201 01 bb'))
  const v6 = client(hex('05 01 00 04 20010db8000000000000000000000007 01 bb'))
  assert.equal(converse(elsewhere, [greeting, answer, v4]).extras.socks, { version: 5, host: '192.0.2.1' })
  assert.equal(converse(elsewhere, [greeting, answer, v6]).extras.socks, { version: 5, host: '2001:db8::7' })
  for (const heard of [four, converse(elsewhere, [greeting, answer, v4])]) assert.is(heard.hostname, '')
  const cut = { ...v6, captured: 12 }
  assert.equal(converse(elsewhere, [greeting, answer, cut]).extras.socks, { version: 5 })
})

test('the hello of TLS behind the proxy is read, and the label stays', () => {
  const hello = client(record(22, handshake(1, BROWSER_HELLO)))
  const byAddress = client(hex('05 01 00 01 c0000201 01 bb'))
  const reply = server(hex('05 00 00 01 00000000 0000'))
  const five = converse(elsewhere, [...SOCKS5.slice(0, 2), byAddress, reply, hello])
  const four = converse(elsewhere, [...SOCKS4, hello])
  for (const heard of [five, four]) {
    assert.is(heard.label, 'socks')
    assert.is(heard.hostname, 'www.example.org (sni)')
    assert.ok(heard.extras.tls?.ja4)
  }
  const refused = [SOCKS4[0], server(hex('00 5b 0000 00000000')), hello]
  assert.is(converse(elsewhere, refused).extras.tls, undefined)
})

test('version 5 with a password: the name asked for, never the password', () => {
  const greeting = client(hex('05 03 00 01 02'))
  const login = client(hex('01 01'), 'u', hex('08'), 'secretpw')
  const talk = [greeting, server(hex('05 02')), login, server(hex('01 00')), client(REQUEST5)]
  for (const place of [setting, elsewhere]) {
    const heard = converse(place, talk)
    assert.is(heard.strength, 'strong')
    assert.equal(heard.extras.socks, { version: 5, host: 'example.org' })
    assert.is(heard.hostname, 'example.org (socks)')
  }
  const refused = [greeting, server(hex('05 02')), login, server(hex('01 01')), client(REQUEST5)]
  assert.equal(converse(elsewhere, refused).extras.socks, { version: 5 })
  assert.is(converse(setting, SOCKS5).hostname, 'example.org (socks)')
})

test('a greeting alone is weak on port 1080 and nothing elsewhere', () => {
  assert.is(converse(setting, [client(hex('05 01 00'))]).strength, 'weak')
  assert.is(converse(elsewhere, [client(hex('05 01 00'))]).label, '')
})

const EARLY = bytes(hex('05 02 00 02'), REQUEST5)
const REPLY = hex('05 00 05 00 00 01 c0000201 01bb')

test('a request in one segment with the greeting, and the reply with the answer', () => {
  const heard = converse(setting, [client(EARLY), server(REPLY)])
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  assert.equal(heard.extras.socks, { version: 5, host: 'example.org' })
  assert.is(heard.hostname, 'example.org (socks)')
  assert.is(converse(setting, [client(EARLY)]).strength, 'weak')
  assert.is(converse(elsewhere, [client(EARLY)]).label, '', 'nobody has answered')
  assert.equal(converse(elsewhere, [client(EARLY), server(REPLY)]).roles, ['', 'server'])
  assert.is(converse(elsewhere, [client(EARLY, 'GET /'), server(REPLY, 'HTTP')]).strength, 'strong')
  for (const answer of ['05 00', '05 02', '05 ff'])
    assert.is(converse(elsewhere, [client(EARLY), server(hex(answer))]).strength, 'strong', answer)
})

test('near misses of an early request', () => {
  for (const miss of ['05 02 00 02 05 04 00 01', '05 02 00 02 05 01 01 01', '05 02 00 02 05 01 00 02'])
    assert.is(converse(setting, [client(hex(miss), hex('c0000201 0050'))]).label, '', miss)
  assert.is(converse(setting, [client(EARLY.subarray(0, -1))]).label, '', 'a byte is missing')
  const answers = [
    '05 01',
    '05 00 05',
    '05 00 05 09 00 01',
    '05 00 05 00 01 01',
    '05 00 05 00 00 02',
    '05 02 05 00 00 01',
  ]
  for (const answer of answers)
    assert.equal(converse(elsewhere, [client(EARLY), server(hex(answer))]).labels, ['', ''], answer)
  assert.is(converse(elsewhere, [SOCKS5[0], server(REPLY)]).label, '', 'a reply to no request')
})

test('version 4 and 4a', () => {
  const heard = converse(elsewhere, SOCKS4)
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
  const named = bytes(hex('04 01 0050 00000001 00'), 'www.example.org', 0)
  assert.is(converse(elsewhere, [client(named)]).extras.socks.host, 'www.example.org')
  assert.is(converse(elsewhere, [client(hex('04 01 0050 c0000201 41 42'))]).label, '', 'no end of the user')
  assert.is(converse(elsewhere, [client(REQUEST4, 0)]).label, '', 'a byte behind')
  assert.is(converse(elsewhere, [server(hex('00 5a 0000 00000000'))]).label, '', 'an answer to nothing')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(elsewhere, SOCKS5)
  assertTruncationsHarmless(elsewhere, SOCKS4)
  for (const where of [setting, elsewhere]) assertTruncationsHarmless(where, [client(EARLY), server(REPLY)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(elsewhere, SOCKS5, 5000)
  assertSurvivesMutation(elsewhere, SOCKS4, 5000)
  assertSurvivesMutation(setting, [client(EARLY), server(REPLY)], 5000)
})

test.run()
