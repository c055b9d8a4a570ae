import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/x11.ts'
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

const test = suite('label/signatures/remote/x11')

const setting: Setting = { signatures, protocol: 6, serverPort: 6000 }
/** Little endian, version 11.0, name of 18 and data of 16 bytes, each padded to four. */
const SETUP = bytes(
  hex('6c 00 0b00 0000 1200 1000 0000'),
  'MIT-MAGIC-COOKIE-1',
  hex('0000'),
  new Uint8Array(16),
)
/** Success, version 11.0, two words more. */
const SUCCESS = bytes(hex('01 00 0b00 0000 0200'), new Uint8Array(8))
const EXCHANGE = [client(SETUP), server(SUCCESS)]

test('setup and answer', () => {
  const heard = converse({ ...setting, serverPort: 16000 }, EXCHANGE)
  assert.is(heard.label, 'x11')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['client', 'server'])
})

test('the other byte order', () => {
  const setup = bytes(hex('42 00 000b 0000 0000 0000 0000'))
  assert.is(converse(setting, [client(setup), server(hex('01 00 000b 0000 0000'))]).roles[1], 'server')
})

test('near misses', () => {
  const version = SETUP.slice()
  version[2] = 12
  assert.is(converse(setting, [client(version)]).label, '')
  assert.is(converse(setting, [client(SETUP, 0)]).label, '', 'a byte too many')
  assert.is(converse(setting, [server(SUCCESS)]).label, '', 'an answer to nothing')
  assert.is(converse(setting, [client('lorem ipsum dolor')]).label, '')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
