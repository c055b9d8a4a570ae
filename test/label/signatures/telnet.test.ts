import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/telnet.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  hex,
  type Setting,
  server,
} from './conversation.ts'

const test = suite('label/signatures/telnet')

const setting: Setting = { signatures, protocol: 6, serverPort: 23 }
/** WILL echo, DO window size, subnegotiation of the terminal type. */
const OPTIONS = hex('ff fb 01  ff fd 1f  ff fa 18 01 ff f0')
const EXCHANGE = [server(OPTIONS), client(hex('ff fd 01'))]

test('two options are strong, a single one weak', () => {
  const heard = converse({ ...setting, serverPort: 2323 }, EXCHANGE)
  assert.is(heard.label, 'telnet')
  assert.is(converse(setting, [server(OPTIONS)]).strength, 'strong')
  assert.is(converse(setting, [client(hex('ff fd 01'))]).strength, 'weak')
})

test('text may follow the options', () => {
  assert.is(converse(setting, [server(OPTIONS, '\r\nlogin: ')]).strength, 'strong')
})

test('commands of two bytes, on the port', () => {
  assert.is(converse(setting, [client(hex('ff f4 ff fd 06'))]).strength, 'weak', 'interrupt and timing mark')
  assert.is(converse(setting, [client(hex('ff f1'))]).strength, 'weak', 'no operation')
  assert.is(converse({ ...setting, serverPort: 99 }, [client(hex('ff f1'))]).label, '')
  assert.is(converse({ ...setting, serverPort: 99 }, [client(hex('ff f3 ff f1'))]).label, '')
})

test('near misses', () => {
  const misses = ['ff fb 80', 'ff ff ff', 'ff fb', 'ff fa 18 01 ff', 'ff f1 01', '00 ff fb 01']
  for (const miss of misses) assert.is(converse(setting, [client(hex(miss))]).label, '', miss)
  assert.is(converse({ ...setting, serverPort: 99 }, [client(hex('ff fb 01 41 42'))]).label, '')
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
