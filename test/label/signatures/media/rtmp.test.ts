import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/rtmp.ts'
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

const test = suite('label/signatures/media/rtmp')

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

test('on any port, segments that end where the handshake ends', () => {
  const parts = (from: typeof client, whole: Uint8Array) => [
    from(whole.subarray(0, 1448)),
    ...(whole.length > 2896 ? [from(whole.subarray(1448, 2896))] : []),
    from(whole.subarray(whole.length > 2896 ? 2896 : 1448)),
  ]
  const answer = bytes(hex('03 000a0000 00000000'), RANDOM, C1.subarray(1))
  const heard = converse(elsewhere, [...parts(client, C1), ...parts(server, answer)])
  assert.is(heard.label, 'rtmp')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['', 'client', '', '', 'server'])
  assert.is(converse(elsewhere, parts(client, bytes(C1, 0))).label, '', 'a byte more')
  assert.is(converse(elsewhere, parts(client, C1.subarray(0, 1536))).label, '', 'a byte less')
  const [first, second] = parts(client, C1)
  assert.is(converse(elsewhere, [first, server(hex('00')), second]).label, '', 'interrupted')
})

test('near misses', () => {
  assert.is(converse(elsewhere, [client(hex('03 0007aa57 12345678'), RANDOM)]).label, '')
  assert.is(converse(setting, [client(C1.subarray(0, 300))]).label, '')
  assert.is(converse(setting, [client(hex('06'), C1.subarray(1))]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, HANDSHAKE)
  assertTruncationsHarmless(elsewhere, [client(C1.subarray(0, 1448)), client(C1.subarray(1448))])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, HANDSHAKE))

test.run()
