import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/stun.ts'
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

const test = suite('label/signatures/media/stun')

const setting: Setting = { signatures, protocol: 17, serverPort: 3478 }
const elsewhere: Setting = { signatures, protocol: 17, serverPort: 40000 }
const overTcp: Setting = { signatures, protocol: 6, serverPort: 443 }

const ID = hex('b7 e7 a7 01 bc 34 d6 86 fa 87 df ae')
const SOFTWARE = bytes(hex('80 22 00 05'), 'coturn'.slice(0, 5), hex('00 00 00'))
const REALM = bytes(hex('00 14 00 0b'), 'example.org', 0)
const REQUEST = bytes(hex('0001 000c 2112a442'), ID, SOFTWARE)
const ALLOCATE_ERROR = bytes(hex('0113 0010 2112a442'), ID, REALM)
/** RFC 3489: sixteen bytes of transaction id where the cookie stands now. */
const CLASSIC_ID = hex('00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff')
const CLASSIC = bytes(hex('0001 0008'), CLASSIC_ID, hex('0003 0004 00000000'))
const CLASSIC_ANSWER = bytes(hex('0101 000c'), CLASSIC_ID, hex('0001 0008 0001 9c40 c0000201'))

test('the magic cookie is enough on any port', () => {
  const heard = converse(elsewhere, [client(REQUEST)])
  assert.is(heard.label, 'stun')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.extras.stun, { method: 'binding', software: 'cotur' })
  assert.equal(heard.roles, [''], 'with ICE both ends ask')
})

test("TURN's methods tell who serves, and the realm names it", () => {
  const heard = converse(setting, [server(ALLOCATE_ERROR)])
  assert.equal(heard.roles, ['server'])
  assert.equal(heard.extras.stun, { method: 'allocate', realm: 'example.org' })
  assert.is(heard.hostname, 'example.org (stun)')
})

test('a realm without characters is none', () => {
  const empty = bytes(hex('0113 0004 2112a442 000102030405060708090a0b'), hex('0014 0000'))
  assert.equal(converse(setting, [server(empty)]).extras.stun, { method: 'allocate' })
  assert.is(converse(setting, [server(empty), server(ALLOCATE_ERROR)]).extras.stun.realm, 'example.org')
})

test('a classic message is weak until the answer echoes its id', () => {
  assert.is(converse(elsewhere, [client(CLASSIC)]).strength, 'weak')
  const heard = converse(elsewhere, [client(CLASSIC), server(CLASSIC_ANSWER)])
  assert.is(heard.strength, 'strong')
  const otherId = CLASSIC_ANSWER.slice()
  otherId[9] ^= 1
  assert.is(converse(elsewhere, [client(CLASSIC), server(otherId)]).strength, 'weak')
})

test('over TCP it stands alone or behind a length', () => {
  assert.is(converse(overTcp, [client(REQUEST)]).strength, 'strong')
  assert.is(converse(overTcp, [client(u16(REQUEST.length), REQUEST)]).strength, 'strong')
  assert.is(converse(overTcp, [client(hex('00 00 00'), REQUEST)]).label, '')
})

test('channel data without STUN is turn when the channel comes again', () => {
  const data = bytes(hex('4001 0008'), new Uint8Array(8))
  assert.is(converse(setting, [client(data)]).label, '')
  assert.is(converse(setting, [client(data), server(data)]).label, 'turn')
  assert.is(converse({ ...overTcp, serverPort: 3478 }, [client(data), server(data)]).label, 'turn')
  const other = bytes(hex('4002 0008'), new Uint8Array(8))
  assert.is(converse(setting, [client(data), server(other)]).label, '')
  assert.is(converse(elsewhere, [client(data), server(data)]).label, '')
})

test('near misses do not match', () => {
  const change = (message: Uint8Array, at: number, value: number) => {
    const copy = message.slice()
    copy[at] = value
    return copy
  }
  const misses: [string, Uint8Array][] = [
    ['first bits', change(REQUEST, 0, 0x40)],
    ['cookie', change(ALLOCATE_ERROR, 4, 0x22)],
    ['length beyond the datagram', change(REQUEST, 3, 0x40)],
    ['classic length', change(CLASSIC, 3, 4)],
    ['classic attribute beyond the end', change(CLASSIC, 23, 40)],
    ['classic method 5', change(CLASSIC, 1, 5)],
    ['bare classic header', bytes(hex('0001 0000'), CLASSIC_ID)],
  ]
  for (const [what, miss] of misses) assert.is(converse(elsewhere, [client(miss)]).label, '', what)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, [client(REQUEST), server(ALLOCATE_ERROR)])
  assertTruncationsHarmless(elsewhere, [client(CLASSIC), server(CLASSIC_ANSWER)])
  assertTruncationsHarmless(overTcp, [client(u16(REQUEST.length), REQUEST)])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(setting, [client(REQUEST), server(ALLOCATE_ERROR)], 5000)
  assertSurvivesMutation(elsewhere, [client(CLASSIC), server(CLASSIC_ANSWER)], 5000)
})

test.run()
