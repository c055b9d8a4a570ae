import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/vnc.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/remote/vnc')

const setting: Setting = { signatures, protocol: 6, serverPort: 5901 }
const EXCHANGE = [server('RFB 003.008\n'), client('RFB 003.008\n')]

test('the server speaks first', () => {
  const heard = converse({ ...setting, serverPort: 12345 }, EXCHANGE)
  assert.is(heard.label, 'vnc')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['server', ''])
  assert.equal(heard.extras.vnc, { version: '003.008' })
})

test('near misses', () => {
  for (const miss of ['RFB 003.008', 'RFB 0a3.008\n', 'RFB 003-008\n', 'RFB 003.008 '])
    assert.is(converse(setting, [server(miss)]).label, '', miss)
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, EXCHANGE))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
