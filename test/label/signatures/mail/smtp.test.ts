import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/mail/smtp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/mail/smtp')

const setting: Setting = { signatures, protocol: 6, serverPort: 25 }
const elsewhere: Setting = { ...setting, serverPort: 10025 }

const strengthOf = (...said: Said[]) => converse(elsewhere, said).strength

const HELP = server('220 ready\r\n214-Commands:\r\n214-    HELO    MAIL    RCPT    DATA\r\n214 QUIT\r\n')
const EXTENDED = server('250-mx.example.org\r\n250-SIZE 1000\r\n250 AUTH LOGIN\r\n')

test('a greeting proves it where it names SMTP or a server that speaks nothing else', () => {
  for (const text of [
    '220 mx.example.org ESMTP Postfix\r\n',
    '220 mx.example.org smtp4dev ready\r\n',
    '220 mx.example.org Sendmail 8.8.8 ready\r\n',
    '220 Example Simple Mail Transfer Service Ready\r\n',
    '220 mx.example.org LMTP server ready\r\n',
    '220-smtp.example.org\r\n220 smtpd\r\n',
    '220\r\n220 mx.example.org ESMTP\r\n',
  ])
    assert.is(strengthOf(server(text)), 'strong', text)
})

test('what comes later names it in capitals, or is weak', () => {
  const late = (text: string) => strengthOf(client('x\r\n'), server(text))
  assert.is(late('220 mx.example.org ESMTP Postfix\r\n'), 'strong')
  assert.is(late('220 people use smtp\r\n'), 'weak')
})

test("a host's name is weak, and nothing where FTP is named", () => {
  assert.is(strengthOf(server('220 smtp.example.org ready\r\n')), 'weak')
  assert.is(strengthOf(server('220-smtp.example.org\r\n220 smtp.example.org ready\r\n')), 'weak')
  assert.is(strengthOf(client('x\r\n'), server('220 smtp.example.org ready\r\n')), '', 'no greeting')
  for (const text of [
    '220 smtp.example.org FTP server\r\n',
    '220 ProFTPD (smtp.example.org)\r\n',
    '220 ready\r\n',
  ])
    assert.is(strengthOf(server(text)), '', text)
})

test('a refusal that names SMTP is weak', () => {
  for (const text of [
    '421 4.3.2 ESMTP service not available\r\n',
    '554 No SMTPd here\r\n',
    '450 SMTP: later\r\n',
  ])
    assert.is(strengthOf(server(text)), 'weak', text)
  for (const text of ['554 No mail here\r\n', '354 SMTP\r\n', '620 SMTP\r\n', '5540 SMTP\r\n'])
    assert.is(strengthOf(server(text)), '', text)
  assert.is(strengthOf(client('x\r\n'), server('554 SMTP synchronization error\r\n')), '', 'no greeting')
})

test('a list of its commands', () => {
  assert.is(strengthOf(HELP), 'strong')
  assert.is(strengthOf(server('214-EHLO RCPT\r\n214 end\r\n')), 'strong')
  assert.is(strengthOf(server('211 DATA HELO EHLO MAIL NOOP\r\n')), 'strong')
  for (const text of ['214-EHLO VRFY\r\n', '214-MAIL RCPT\r\n', '250 EHLO MAIL\r\n', '214-ehlo mail\r\n'])
    assert.is(strengthOf(server(text)), '', text)
})

test('extensions: two, or one in answer to EHLO', () => {
  assert.is(strengthOf(EXTENDED), 'strong')
  const one = server('220 ready\r\n250-hello\r\n250 DSN\r\n')
  assert.is(strengthOf(client('EHLO\r\n'), one), 'strong')
  assert.equal(converse(elsewhere, [client('ehlo\r\n'), one]).roles, ['', 'server'])
  assert.is(strengthOf(one), '')
  for (const text of [
    '250-SIZE 1\r\n250 SIZE 2\r\n',
    '250-SIZE 1\r\nhello\r\n250 DSN\r\n',
    '250-SIZE\r\n451 DSN\r\n',
  ])
    assert.is(strengthOf(server(text)), '', text)
  assert.is(strengthOf(client('EHLO\r\n'), server('250 DSNX\r\n')), '')
  assert.is(strengthOf(client('EHLO\r\n')), '', 'nobody has answered')
})

const TALK = [server('220 smtp.example.org ready\r\n'), client('EHLO\r\n'), EXTENDED]

test('two who answer each other are no client and server', () => {
  assert.equal(converse(elsewhere, [server('220 smtp.example.org\r\n'), client('250 hello\r\n')]).labels, [
    'smtp',
    '',
  ])
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(elsewhere, TALK)
  assertTruncationsHarmless(elsewhere, [HELP])
  assertTruncationsHarmless(elsewhere, [server('421 4.3.2 ESMTP service not available\r\n')])
  assertTruncationsHarmless(elsewhere, [server('220\r\n220 mx.example.org ESMTP\r\n')])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(elsewhere, TALK, 3000)
  assertSurvivesMutation(elsewhere, [HELP], 3000)
})

test.run()
