import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/ftp.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Said,
  type Setting,
  server,
} from './conversation.ts'
import { BROWSER_HELLO, handshake, record, selectedVersion, serverHelloBody } from './hellos.ts'

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

test('the hellos behind AUTH TLS are read', () => {
  const hello = record(22, handshake(1, BROWSER_HELLO))
  const answer = record(22, handshake(2, serverHelloBody(0x1301, selectedVersion(0x0304))))
  const heard = converse(setting, [
    LOGIN[0],
    client('AUTH TLS\r\n'),
    server('234 Proceed.\r\n'),
    client(hello.subarray(0, 60)),
    client(hello.subarray(60)),
    server(answer),
  ])
  assert.is(heard.label, 'ftp')
  assert.is(heard.hostname, 'www.example.org (sni)')
  assert.is(heard.extras.tls.version, 'TLS 1.3')
  assert.match(String(heard.extras.tls.ja4), /^t13d0304h2_/)
  assert.is(converse(setting, [client(hello)]).label, '', 'nothing was FTP before')
})

test('what POP3, SMTP and IRC say too counts only on port 21, weakly', () => {
  assert.is(converse(setting, [client('USER a\r\n')]).strength, 'weak')
  assert.is(converse(setting, [server('220 hello\r\n')]).strength, 'weak')
  const elsewhere = { ...setting, serverPort: 110 }
  assert.is(converse(elsewhere, [client('USER a\r\n')]).label, '')
  assert.is(converse(elsewhere, [server('220 hello\r\n')]).label, '')
  assert.is(converse(setting, [server('220 mx ESMTP\r\n')]).label, '')
})

test('met in its middle, commands and replies count on port 21', () => {
  const middle = converse(setting, [client('CWD pub\r\n'), server('250 Directory changed.\r\n')])
  assert.equal(middle.labels, ['ftp', 'ftp'])
  assert.equal(middle.roles, ['client', 'server'])
  const reply = converse(setting, [server('230-Welcome\r\n230 Login successful.\r\n')])
  assert.is(reply.label, 'ftp')
  assert.is(reply.strength, 'weak')
  assert.is(converse({ ...setting, serverPort: 25 }, [server('250 fine\r\n')]).label, '')
  for (const miss of ['CWD pub', 'cwdpub\r\n', 'NOOP\r\n'])
    assert.is(converse(setting, [client(miss)]).label, '', miss)
  for (const miss of ['250 fine', '250_fine\r\n', '650 fine\r\n'])
    assert.is(converse(setting, [server(miss)]).label, '', miss)
})

const announced = (...said: Said[]) => converse(setting, [...LOGIN, ...said]).announced

test('replies to PASV and EPSV announce a data connection at the server', () => {
  const passive = [client('PASV\r\n'), server('227 Entering Passive Mode (10,0,0,9,195,80).\r\n')]
  assert.equal(announced(...passive), ['ftp-data at sender:50000/tcp in its reply to PASV for 300 s'])
  const extended = [client('epsv\r\n'), server('229 Entering Extended Passive Mode (|||6446|)\r\n')]
  assert.equal(announced(...extended), ['ftp-data at sender:6446/tcp in its reply to EPSV for 300 s'])
})

test('PORT and EPRT announce one at the client', () => {
  const active = (line: string) => announced(client(line)).map((text) => text.split(' for ')[0])
  assert.equal(active('PORT 10,0,0,7,4,1\r\n'), ['ftp-data at sender:1025/tcp in a PORT command'])
  assert.equal(active('EPRT |1|10.0.0.7|6275|\r\n'), ['ftp-data at sender:6275/tcp in an EPRT command'])
  assert.equal(active('EPRT |2|2001:db8::7|6275|\r\n'), ['ftp-data at sender:6275/tcp in an EPRT command'])
})

test('numbers that are no port, or were cut, announce nothing', () => {
  for (const line of [
    'PORT 10,0,0,7,256,1\r\n',
    'PORT 10,0,0,7,0,0\r\n',
    'PORT 10,0,0,7,4\r\n',
    'PORT 10,0,0,7,4,1',
    'EPRT |1|10.0.0.7|99999|\r\n',
    'EPRT |1|10.0.0.7|627',
    'RETR 10,0,0,7,4,1\r\n',
  ])
    assert.equal(announced(client(line)), [], line)
  assert.equal(announced(client('PASV\r\n'), server('500 (10,0,0,9,195,80)\r\n')), [])
})

test('the dialogue goes on only in a flow that is FTP, as answers to one another', () => {
  const labels = (...said: Said[]) => converse({ ...setting, serverPort: 2100 }, said).labels
  assert.equal(labels(client('PASV\r\n'), server('227 (10,0,0,9,195,80)\r\n')), ['', ''])
  assert.equal(labels(...LOGIN, client('PASS x\r\n'), server('230 ok\r\n')).slice(3), ['ftp', 'ftp'])
  assert.equal(labels(...LOGIN, client('EHLO x\r\n'), server('250 ok\r\n')).slice(3), ['', ''])
})

test('near misses', () => {
  for (const miss of ['220FTP', '22 FTP\r\n', '331Please\r\n', 'USERS\r\n', '220 FTP\x01\r\n'])
    assert.is(converse(setting, [server(miss)]).label, '', miss)
})

const TRANSFER = [
  ...LOGIN,
  client('PORT 10,0,0,7,4,1\r\n'),
  server('200 ok\r\n'),
  client('EPSV\r\n'),
  server('229 Entering Extended Passive Mode (|||6446|)\r\n'),
]

test('no truncation reads beyond the payload', () => assertTruncationsHarmless(setting, TRANSFER))

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, TRANSFER))

test.run()
