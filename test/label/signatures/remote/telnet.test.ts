import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/telnet.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  hex,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/remote/telnet')

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

const ELSEWHERE = { ...setting, serverPort: 99 }

test('a single option before the text of a greeting is weak on any port', () => {
  const greeting = server(hex('ff fb 01'), '\n\r\x1b[2JUser name: ')
  assert.is(converse(ELSEWHERE, [greeting]).strength, 'weak')
  assert.is(converse(ELSEWHERE, [server(hex('ff fd 18'), 'login:\r\0 ')]).strength, 'weak')
  assert.is(converse(ELSEWHERE, [client('x\r\n'), greeting]).label, '', 'no greeting')
  for (const miss of ['abc', 'log\0in: ', 'caf\xe9 login: '])
    assert.is(converse(ELSEWHERE, [server(hex('ff fb 01'), miss)]).label, '', miss)
  for (const option of ['ff fe 01', 'ff fc 01'])
    assert.is(converse(ELSEWHERE, [server(hex(option), '\n\rUser name: ')]).label, '', option)
  const audio = hex('ff fb 30 c4 00 00 00 00 00 00 00 00')
  assert.is(converse(ELSEWHERE, [server(audio)]).label, '', 'a frame of MP3')
})

test('options in a greeting: two on any port, one on port 23', () => {
  const behind = (options: string) => [server('Example login: ', hex(options), '\r\n')]
  for (const where of [setting, ELSEWHERE]) {
    const heard = converse(where, behind('ff fd 03 ff fb 03 ff fb 01'))
    assert.is(heard.strength, 'weak')
    assert.equal(heard.roles, ['server'])
    assert.is(converse(where, [client('x\r\n'), ...behind('ff fd 03 ff fb 03')]).label, '', 'no greeting')
  }
  assert.is(converse(setting, behind('ff fb 01')).strength, 'weak')
  for (const miss of ['ff fb 01', 'ff fb 01 ff', 'ff fb 01 ff fb 80', 'ff fb 01 00 ff fb 03'])
    assert.is(converse(ELSEWHERE, behind(miss)).label, '', miss)
  assert.is(converse(setting, [server('caf\xe9 ', hex('ff fb 01'))]).label, '')
})

test('two options prove it, whatever follows', () => {
  assert.is(converse(ELSEWHERE, [server(hex('ff fb 03 ff fb 00 ff 0d'), 'Front door')]).strength, 'strong')
  assert.is(converse(ELSEWHERE, [server(hex('ff fb 03 ff 0d'), 'Front door')]).label, '')
})

test('near misses', () => {
  const misses = ['ff fb 80', 'ff ff ff', 'ff fb', 'ff fa 18 01 ff', 'ff f1 01', '00 ff fb 01']
  for (const miss of misses) assert.is(converse(setting, [client(hex(miss))]).label, '', miss)
  assert.is(converse({ ...setting, serverPort: 99 }, [client(hex('ff fb 01 41 42'))]).label, '')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, EXCHANGE)
  for (const where of [setting, ELSEWHERE]) {
    assertTruncationsHarmless(where, [server('login: ', hex('ff fd 03 ff fb 01'), 'x')])
    assertTruncationsHarmless(where, [server(hex('ff fd 03'), 'login: ')])
  }
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, EXCHANGE))

test.run()
