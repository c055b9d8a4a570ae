import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/rtmp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  bytes,
  client,
  converse,
  hex,
  type Setting,
  server,
} from './conversation.ts'

const test = suite('label/signatures/rtmp')

const setting: Setting = { signatures, protocol: 6, serverPort: 1935 }
const elsewhere: Setting = { ...setting, serverPort: 6002 }
const RANDOM = Uint8Array.from({ length: 1528 }, (_, i) => (i * 37) & 0xff)
/** C0 version 3; C1 time, zero, random. */
const C1 = bytes(hex('03 0007aa57 00000000'), RANDOM)
const HANDSHAKE = [client(C1), server(hex('03 000a0000 00000000'), RANDOM, RANDOM)]

test('the handshake, on any port', () => {
  const heard = converse(elsewhere, HANDSHAKE)
  assert.is(heard.label, 'rtmp')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
})

test('the handshake in two segments is weak on its port, and answered', () => {
  assert.is(converse(setting, [client(C1.subarray(0, 1460))]).strength, 'weak')
  assert.is(converse(elsewhere, [client(C1.subarray(0, 1460))]).label, '')
  const player = bytes(hex('03 00000000 09007c02'), RANDOM)
  assert.is(converse(elsewhere, [client(player.subarray(0, 1348))]).strength, 'strong', 'a Flash player')
})

test('near misses', () => {
  assert.is(converse(elsewhere, [client(hex('03 0007aa57 12345678'), RANDOM)]).label, '')
  assert.is(converse(setting, [client(C1.subarray(0, 300))]).label, '')
  assert.is(converse(setting, [client(hex('06'), C1.subarray(1))]).label, '')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, HANDSHAKE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, HANDSHAKE))

test.run()
