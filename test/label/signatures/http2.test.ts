import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/http2.ts'
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

const test = suite('label/signatures/http2')

const setting: Setting = { signatures, protocol: 6, serverPort: 80 }
const SETTINGS = hex('00000c 04 00 00000000  0003 00000064  0004 0000ffff')
const PREFACE = bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', SETTINGS)
const EXCHANGE = [client(PREFACE), server(SETTINGS)]

test('preface and settings', () => {
  const heard = converse(setting, EXCHANGE)
  assert.is(heard.label, 'http2')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
})

test('the answer may be empty settings, which alone are nothing', () => {
  const empty = hex('000000 04 00 00000000')
  assert.is(converse(setting, [client(PREFACE), server(empty)]).labels[1], 'http2')
  assert.is(converse(setting, [server(empty)]).label, '')
})

test('near misses', () => {
  assert.is(converse(setting, [client('PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n')]).label, '')
  assert.is(
    converse(setting, [server(hex('00000c 04 00 00000001  0003 00000064  0004 0000ffff'))]).label,
    '',
    'stream 1',
  )
  assert.is(
    converse(setting, [server(hex('000006 04 00 00000000  0063 00000064'))]).label,
    '',
    'unknown setting',
  )
  assert.is(
    converse(setting, [server(hex('000007 04 00 00000000  0003 00000064 00'))]).label,
    '',
    'odd length',
  )
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
