import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/mail/pop3.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/mail/pop3')

const elsewhere: Setting = { signatures, protocol: 6, serverPort: 10110 }

const strengthOf = (...said: Said[]) => converse(elsewhere, said).strength

test('a greeting with text is weak on any port', () => {
  for (const text of ['+OK Dovecot ready.\r\n', '+OK \r\n', '+OK hello\r\n-ERR unknown\r\n']) {
    assert.is(strengthOf(server(text)), 'weak', text)
    assert.is(strengthOf(client('x\r\n'), server(text)), '', 'not the first thing said')
  }
  assert.equal(converse(elsewhere, [server('+OK hello\r\n')]).roles, ['server'])
  assert.is(strengthOf(server('+OK POP3 ready\r\n')), 'strong')
})

test('a refusal is weak where it has a code or names the protocol', () => {
  for (const text of [
    '-ERR [SYS/PERM] TLS failed\r\n',
    '-ERR [IN-USE] later\r\n',
    '-ERR no POP3 service here\r\n',
    '-ERR cannot connect to POP server\r\n',
  ])
    assert.is(strengthOf(server(text)), 'weak', text)
})

test('near misses', () => {
  const misses = [
    '+OK\r\n',
    '+OKAY hello\r\n',
    '+OK hello',
    '+OK a\0b\r\n',
    '-ERR popular\r\n',
    '-ERR [BUSY]\r\n',
  ]
  for (const miss of [...misses, '-ERR max number of clients reached\r\n'])
    assert.is(strengthOf(server(miss)), '', miss)
})

const TALK = [server('+OK ready\r\n'), client('USER u\r\n'), server('+OK\r\n')]

test('two who answer each other are no client and server', () => {
  assert.equal(converse(elsewhere, [server('+OK hello\r\n'), client('+OK hello\r\n')]).labels, ['pop3', ''])
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(elsewhere, TALK)
  assertTruncationsHarmless(elsewhere, [server('-ERR [SYS/PERM] no POP3\r\n')])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(elsewhere, TALK, 3000))

test.run()
