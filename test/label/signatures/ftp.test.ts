import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/ftp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Setting,
  server,
} from './conversation.ts'

const test = suite('label/signatures/ftp')

const setting: Setting = { signatures, protocol: 6, serverPort: 21 }
const LOGIN = [server('220 (vsFTPd 3.0.3)\r\n'), client('USER anonymous\r\n'), server('331 Please\r\n')]

test('greeting, USER and its answer', () => {
  const heard = converse({ ...setting, serverPort: 2100 }, LOGIN)
  assert.is(heard.label, 'ftp')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['server', 'client', 'server'])
  assert.equal(heard.extras.ftp, { greeting: '(vsFTPd 3.0.3)', user: 'anonymous' })
})

test('what POP3, SMTP and IRC say too counts only on port 21, weakly', () => {
  assert.is(converse(setting, [client('USER a\r\n')]).strength, 'weak')
  assert.is(converse(setting, [server('220 hello\r\n')]).strength, 'weak')
  const elsewhere = { ...setting, serverPort: 110 }
  assert.is(converse(elsewhere, [client('USER a\r\n')]).label, '')
  assert.is(converse(elsewhere, [server('220 hello\r\n')]).label, '')
  assert.is(converse(setting, [server('220 mx ESMTP\r\n')]).label, '')
})

test('near misses', () => {
  for (const miss of ['220FTP', '22 FTP\r\n', '331 Please\r\n', 'USERS\r\n', '220 FTP\x01\r\n'])
    assert.is(converse(setting, [server(miss)]).label, '', miss)
})

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, LOGIN))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, LOGIN))

test.run()
