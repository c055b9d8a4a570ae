import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures as imapSignatures } from '../../../../src/label/signatures/mail/imap.ts'
import { signatures as pop3Signatures } from '../../../../src/label/signatures/mail/pop3.ts'
import { signatures as smtpSignatures } from '../../../../src/label/signatures/mail/smtp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Said,
  type Setting,
  server,
} from '../conversation.ts'
import { BROWSER_HELLO, handshake, record, selectedVersion, serverHelloBody } from '../tls/hellos.ts'

const test = suite('label/signatures/mail/mail')

const signatures = [...smtpSignatures, ...pop3Signatures, ...imapSignatures]
const smtp: Setting = { signatures, protocol: 6, serverPort: 25 }
const pop3: Setting = { signatures, protocol: 6, serverPort: 110 }
const imap: Setting = { signatures, protocol: 6, serverPort: 143 }

const SMTP = [
  server('220 mx.example.org ESMTP Postfix\r\n'),
  client('EHLO client.example.org\r\n'),
  server('250-mx.example.org\r\n250 STARTTLS\r\n'),
]
const POP3 = [
  server('+OK POP3 ready <1.2@mail.example>\r\n'),
  client('CAPA\r\n'),
  server('+OK\r\nSTLS\r\n.\r\n'),
]
const IMAP = [
  server('* OK [CAPABILITY IMAP4rev1] ready\r\n'),
  client('a1 CAPABILITY\r\n'),
  server('a1 OK done\r\n'),
]

test('SMTP by greeting and EHLO', () => {
  const heard = converse(smtp, SMTP)
  assert.is(heard.label, 'smtp')
  assert.equal(heard.roles, ['server', 'client', 'server'])
  assert.equal(heard.extras.smtp, { greeting: 'mx.example.org ESMTP Postfix', helo: 'client.example.org' })
  assert.is(heard.hostname, 'mx.example.org (smtp)')
  assert.is(converse(smtp, [server('220 [10.0.0.1] ESMTP\r\n')]).hostname, '')
  assert.is(converse({ ...smtp, serverPort: 7 }, [client('MAIL FROM:<a@b.example>\r\n')]).strength, 'strong')
})

test('a greeting that names nothing counts only on a port of SMTP', () => {
  assert.is(converse(smtp, [server('220 hello\r\n')]).strength, 'weak')
  assert.is(converse({ ...smtp, serverPort: 21 }, [server('220 hello\r\n')]).label, '')
})

test('POP3 by a greeting with timestamp, else weakly and on its port', () => {
  assert.is(converse({ ...pop3, serverPort: 9 }, POP3).label, 'pop3')
  assert.is(converse(pop3, [server('+OK hello\r\n')]).strength, 'weak')
  assert.is(converse({ ...pop3, serverPort: 6379 }, [server('+OK\r\n')]).label, '', 'Redis answers alike')
  assert.equal(converse(pop3, [server('+OK hello\r\n'), client('USER a\r\n')]).roles, ['server', 'client'])
})

test('POP3 on any port by what follows a greeting that names nothing', () => {
  const elsewhere = { ...pop3, serverPort: 10110 }
  const greeting = server('+OK Dovecot ready.\r\n')
  const login = [greeting, client('USER u\r\n')]
  assert.is(converse(elsewhere, login).strength, 'strong')
  assert.is(converse(elsewhere, [...login, server('+OK\r\n')]).label, 'pop3')
  assert.is(converse(elsewhere, [greeting, client('STLS\r\n')]).label, 'pop3s')
  assert.equal(converse(elsewhere, [greeting, client('hello\r\n')]).labels, ['pop3', ''])
  assert.is(
    converse(elsewhere, [client('USER u\r\n'), server('+OK\r\n')]).label,
    '',
    'the server greets first',
  )
})

test('IMAP on any port by what is said of messages and mailboxes', () => {
  const said = (text: string) => converse({ ...imap, serverPort: 10143 }, [server(text)]).label
  assert.is(said('* FLAGS (\\Answered \\Seen)\r\n* 2 EXISTS\r\n'), 'imap')
  assert.is(said('* 2 FETCH (FLAGS (\\Seen))\r\n'), 'imap')
  assert.is(said('* 12 EXISTS\r\n'), 'imap')
  assert.is(said('* 12 things\r\n'), '')
  assert.is(said('* FETCH (FLAGS)\r\n'), '')
})

test('IMAP by greeting and tagged commands', () => {
  const heard = converse({ ...imap, serverPort: 9 }, IMAP)
  assert.is(heard.label, 'imap')
  assert.equal(heard.roles, ['server', 'client', 'server'])
  assert.is(converse(imap, [client('x LOGIN a b\r\n')]).strength, 'strong')
})

test('IMAP in midstream', () => {
  for (const said of ['12 UID SEARCH ALL\r\n', '12 FETCH 1 (FLAGS)\r\n', '12 STATUS INBOX (MESSAGES)\r\n']) {
    assert.is(converse(imap, [client(said)]).strength, 'strong', said)
    assert.is(converse({ ...imap, serverPort: 1 }, [client(said)]).label, '', said)
  }
  for (const said of ['* SEARCH 1 2 3\r\n', '* STATUS INBOX (MESSAGES 3)\r\n']) {
    assert.is(converse(imap, [server(said)]).strength, 'strong', said)
    assert.is(converse({ ...imap, serverPort: 1 }, [server(said)]).label, '', said)
  }
})

test('STARTTLS makes them smtps, pop3s and imaps', () => {
  assert.is(converse(smtp, [...SMTP, client('STARTTLS\r\n')]).label, 'smtps')
  assert.is(converse(pop3, [...POP3, client('STLS\r\n')]).label, 'pop3s')
  assert.is(converse(imap, [...IMAP, client('a2 STARTTLS\r\n')]).label, 'imaps')
  assert.is(converse(imap, [...IMAP, client('. STARTTLS\r\n')]).label, 'imaps')
  assert.is(converse({ ...smtp, serverPort: 7 }, [client('STARTTLS\r\n')]).label, '')
})

test('the hellos behind STARTTLS are read, also where the client sends its own in two segments', () => {
  const hello = record(22, handshake(1, BROWSER_HELLO))
  const answer = server(record(22, handshake(2, serverHelloBody(0x1301, selectedVersion(0x0304)))))
  const openings: [Setting, Said[]][] = [
    [smtp, [...SMTP, client('STARTTLS\r\n'), server('220 go ahead\r\n')]],
    [pop3, [...POP3, client('STLS\r\n'), server('+OK\r\n')]],
    [imap, [...IMAP, client('a2 STARTTLS\r\n'), server('a2 OK\r\n')]],
    [imap, IMAP],
  ]
  for (const [setting, opening] of openings) {
    const heard = converse(setting, [
      ...opening,
      client(hello.subarray(0, 60)),
      client(hello.subarray(60)),
      answer,
    ])
    assert.match(heard.label, /s$/)
    assert.is(heard.extras.tls.sni, 'www.example.org')
    assert.is(heard.extras.tls.cipher, 'TLS_AES_128_GCM_SHA256')
    assert.match(String(heard.extras.tls.ja4), /^t13d0304h2_/)
  }
})

test('TLS in a flow that spoke in the clear tells the same, where the command was lost', () => {
  const hello = client(0x16, 3, 1, 0, 80, 1, 0, 0, 76, 3, 3)
  assert.is(converse(smtp, [...SMTP, hello]).label, 'smtps')
  assert.is(converse({ ...smtp, serverPort: 465 }, [...SMTP, hello]).label, 'smtps')
  assert.is(converse(pop3, [...POP3, hello]).label, 'pop3s')
  assert.is(converse(imap, [...IMAP, hello]).label, 'imaps')
  assert.is(converse(imap, [hello]).label, '')
})

test('near misses', () => {
  const login = converse({ ...imap, serverPort: 21 }, [server('230 Login successful.\r\n')])
  assert.is(login.label, '', "FTP's answer is no tagged command")
  const elsewhere = { ...smtp, serverPort: 7 }
  for (const miss of ['EHLOX\r\n', '220\r\n', '* OKAY', '+OX\r\n', 'a b c d\r\n', 'HELO \x01\x02\r\n'])
    assert.is(converse(elsewhere, [client(miss)]).label, '', miss)
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(smtp, [...SMTP, client('STARTTLS\r\n')])
  assertTruncationsHarmless(pop3, POP3)
  assertTruncationsHarmless(imap, IMAP)
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(smtp, SMTP, 4000)
  assertSurvivesMutation(pop3, POP3, 3000)
  assertSurvivesMutation(imap, IMAP, 3000)
})

test.run()
