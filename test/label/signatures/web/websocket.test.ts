import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/web/websocket.ts'
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

const test = suite('label/signatures/web/websocket')

const setting: Setting = { signatures, protocol: 6, serverPort: 9000 }
const MASK = hex('12 34 56 78')

function masked(text: string): Uint8Array {
  return bytes(text).map((byte, i) => byte ^ MASK[i & 3])
}

const FROM_CLIENT = bytes(0x81, 0x80 | 12, MASK, masked('hello socket'))
const FROM_SERVER = bytes(0x81, 8, '{"a": 1}')
const EXCHANGE = [client(FROM_CLIENT), server(FROM_SERVER)]

test('text frames are weak in each direction', () => {
  const heard = converse(setting, EXCHANGE)
  assert.equal(heard.labels, ['websocket', 'websocket'])
  assert.is(heard.strength, 'weak')
  assert.equal(heard.roles, ['client', 'server'])
})

test('a length of two bytes', () => {
  assert.is(converse(setting, [server(hex('81 7e 00c8'), 'x'.repeat(200))]).label, 'websocket')
  assert.is(converse(setting, [server(hex('81 7e 0064'), 'x'.repeat(100))]).label, '', 'needlessly long')
})

test('short frames of any kind, of which only the client masks its own', () => {
  const binary = bytes(0x82, 0x80 | 5, MASK, hex('0102030405'))
  const pairs = [server(0x89, 0), client(binary), server(0x82, 2, hex('0102'))]
  const heard = converse(setting, pairs)
  assert.equal(heard.labels, ['', 'websocket', 'websocket'])
  assert.equal(heard.roles, ['', 'client', 'server'])
  assert.is(converse(setting, [server(0x89, 0), client(0x8a, 0)]).label, '', 'nobody masks')
  assert.is(converse(setting, [server(0x89, 0), client(0x8a, 0x80, MASK, 1)]).label, '', 'length')
  assert.is(converse(setting, [client(binary)]).label, '', 'one side')
})

test('short texts of the package ws, in the middle of its connection', () => {
  const said = [client(hex('81 85 1f2e3d4c 725d5a6c 2b')), server(hex('81 05 6d73672034'))]
  const heard = converse(setting, said)
  assert.equal(heard.labels, ['', 'websocket'])
  assert.equal(heard.roles, ['', 'server'])
  assert.is(converse(setting, [server(hex('81 05 6d73672034')), said[1]]).label, '', 'nobody masks')
})

test('near misses', () => {
  assert.is(converse(setting, [server(0x81, 9, '{"a": 1}')]).label, '', 'length')
  assert.is(converse(setting, [server(0x81, 8, '{"a": \x01}')]).label, '', 'no text')
  assert.is(
    converse(setting, [client(0x81, 0x80 | 12, hex('00 00 00 01'), masked('hello socket'))]).label,
    '',
    'mask',
  )
  assert.is(converse(setting, [server(0x81, 2, 'ab')]).label, '', 'too short to tell')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
