import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/mail/imap.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'

const test = suite('label/signatures/mail/imap')

const setting: Setting = { signatures, protocol: 6, serverPort: 143 }
const elsewhere: Setting = { ...setting, serverPort: 10143 }

const strengthOf = (where: Setting, ...said: Said[]) => converse(where, said).strength

const PLAIN = server('* OK Dovecot ready.\r\n')

test('a greeting proves it where it names IMAP or has a response code', () => {
  for (const text of [
    '* OK IMAP4rev1 ready\r\n',
    '* OK imap.example.org ready\r\n',
    '* OK [CAPABILITY IMAP4rev1] ready\r\n',
    '* OK [ALERT] moved\r\n',
    '* PREAUTH welcome\r\n',
    '* BYE Example IMAP4 server wants TLS\r\n',
  ])
    assert.is(strengthOf(elsewhere, server(text)), 'strong', text)
})

test('a greeting that names nothing is weak away from the port', () => {
  assert.is(strengthOf(setting, PLAIN), 'strong')
  assert.is(strengthOf(elsewhere, PLAIN), 'weak')
  assert.is(strengthOf(elsewhere, PLAIN, client('a1 LOGIN u p\r\n')), 'strong')
  assert.is(strengthOf(elsewhere, server('* OK [ready]\r\n')), 'weak', 'small letters are no response code')
  assert.is(strengthOf(elsewhere, client('hello\r\n'), PLAIN), '', 'not the first thing said')
  assert.is(
    strengthOf(elsewhere, client('\r\n'), server('* OK IMAP4 ready\r\n')),
    'strong',
    'to who spoke first',
  )
})

test('who else greets like this', () => {
  for (const text of [
    '* OK MUPDATE "mail.example.org" "Cyrus Murder" "v2.2"\r\n',
    '* OK imap.example.org Cyrus sync server v2.3.7\r\n',
    '* OK Cyrus IMSP version 1.7 ready\r\n',
    '* OK SSP Example SysInfo Server\n',
  ])
    assert.is(strengthOf(elsewhere, server(text)), '', text)
})

test('near misses', () => {
  for (const text of [
    '* BYE Connection refused\r\n',
    '* OKAY imap\r\n',
    '* OK imap',
    '* hello imap\r\n',
    '*OK imap\r\n',
  ])
    assert.is(strengthOf(elsewhere, server(text)), '', text)
  const late = [server('hello\r\n'), server('* BYE see you, imap fans\r\n')]
  assert.is(strengthOf(elsewhere, ...late), '', 'no greeting')
})

const TALK = [PLAIN, client('a1 LOGIN u p\r\n'), server('* OK [ALERT] moved\r\na1 OK done\r\n')]

test('two who answer each other are no client and server', () => {
  assert.equal(converse(elsewhere, [PLAIN, client('* OK hello\r\n')]).labels, ['imap', ''])
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(elsewhere, TALK)
  assertTruncationsHarmless(elsewhere, [server('* BYE Example IMAP4 server wants TLS\r\n')])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(elsewhere, TALK, 3000))

test.run()
