import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/vpn/wireguard.ts'
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

const test = suite('label/signatures/vpn/wireguard')

const setting: Setting = { signatures, protocol: 17, serverPort: 51820 }
const elsewhere: Setting = { ...setting, serverPort: 4242 }
const INITIATION = bytes(hex('01 000000 11223344'), new Uint8Array(140).fill(0x77))
const RESPONSE = bytes(hex('02 000000 55667788 11223344'), new Uint8Array(80).fill(0x66))
/** Receiver, counter (little endian), two blocks. */
function data(counter: number): Uint8Array {
  return bytes(hex('04 000000 55667788'), counter, new Uint8Array(7), new Uint8Array(32).fill(0x99))
}
const HANDSHAKE = [client(INITIATION), server(RESPONSE), client(data(0)), client(data(1))]

test('initiation, response and data', () => {
  const heard = converse(elsewhere, HANDSHAKE)
  assert.is(heard.label, 'wireguard')
  assert.equal(heard.labels, ['wireguard', 'wireguard', '', ''], 'both agree: nothing more is looked for')
  assert.equal(heard.roles.slice(0, 2), ['client', 'server'])
})

test('data alone is weak on its port, strong when the counter rises', () => {
  assert.is(converse(setting, [client(data(5))]).strength, 'weak')
  assert.is(converse(elsewhere, [client(data(5))]).label, '')
  assert.is(converse(elsewhere, [client(data(5)), client(data(6))]).strength, 'strong')
  assert.is(converse(elsewhere, [client(data(6)), client(data(5))]).label, '')
})

test('a cookie answers an initiation', () => {
  const cookie = bytes(hex('03 000000 11223344'), new Uint8Array(56))
  assert.is(converse(elsewhere, [client(INITIATION), server(cookie)]).labels[1], 'wireguard')
  assert.is(converse(elsewhere, [server(cookie)]).label, '')
})

test('reserved bytes in use count once the response has them too', () => {
  const initiation = bytes(1, 7, 8, 9, INITIATION.subarray(4))
  const heard = converse(elsewhere, [client(initiation), server(2, 7, 8, 9, RESPONSE.subarray(4))])
  assert.equal(heard.labels, ['', 'wireguard'])
  assert.is(converse(elsewhere, [client(initiation), server(2, 7, 8, 0, RESPONSE.subarray(4))]).label, '')
})

test('near misses', () => {
  assert.is(converse(elsewhere, [client(INITIATION, 0)]).label, '', 'a byte too many')
  assert.is(converse(elsewhere, [client(1, 1, INITIATION.subarray(2))]).label, '', 'reserved byte')
  const stranger = RESPONSE.slice()
  stranger[8] = 0
  assert.is(converse(elsewhere, [client(INITIATION), server(stranger)]).labels[1], '', 'other receiver')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, HANDSHAKE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, HANDSHAKE))

test.run()
