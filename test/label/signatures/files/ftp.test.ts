import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/files/ftp.ts'
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

const test = suite('label/signatures/files/ftp')

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

const ELSEWHERE = { ...setting, serverPort: 2100 }
const strengthOf = (...said: Said[]) => converse(ELSEWHERE, said).strength

test('AUTH TLS proves it on any port, where the server has greeted with 220', () => {
  for (const command of ['AUTH TLS\r\n', 'AUTH SSL\r\n'])
    assert.is(strengthOf(server('220 Authorized users only\r\n'), client(command)), 'strong')
  assert.is(strengthOf(client('AUTH TLS\r\n')), '')
  assert.is(strengthOf(server('200 hello\r\n'), client('AUTH TLS\r\n')), '')
  assert.is(strengthOf(server('220 hello\r\n'), client('AUTH LOGIN\r\n')), '')
})

const HELP = server(
  '220 \r\n214-The following commands are recognized:\r\n USER PASS CWD RETR\r\n214 end\r\n',
)

test('a greeting proves it on any port where it names FTP, FileZilla, or has the words of RFC 959', () => {
  for (const text of [
    '220 Ftp service ready\r\n',
    '220-FileZilla Server\r\n',
    '220 Service ready for new user.\r\n',
    '220 smtp.example.org FTP server\r\n',
    '220\r\n220 FileZilla Server version 1\r\n',
  ])
    assert.is(strengthOf(server(text)), 'strong', text)
  const late = converse(ELSEWHERE, [server('220\r\n220 FileZilla Server\r\n')])
  assert.equal(late.extras.ftp, { greeting: 'FileZilla Server' })
  for (const text of [
    '220 Service ready\r\n',
    '220\r\nFileZilla\r\n',
    '220FTP\r\n',
    '220 ftp.example.org ESMTP\r\n',
  ])
    assert.is(strengthOf(server(text)), '', text)
})

test('a refusal that names FTP is weak', () => {
  for (const text of [
    '421 FTP server busy\r\n',
    '500 Example Ftp shut down\r\n',
    '120 FTP ready in 3 minutes\r\n',
  ])
    assert.is(strengthOf(server(text)), 'weak', text)
  for (const text of ['421 server busy\r\n', '450 FTP\r\n', '650 FTP\r\n', '554 no SMTP, no FTP\r\n'])
    assert.is(strengthOf(server(text)), '', text)
  assert.is(strengthOf(client('x\r\n'), server('500 FTP server shut down\r\n')), '', 'no greeting')
  assert.is(strengthOf(client('x\r\n'), server('220 ftp files to go\r\n')), 'weak', 'no greeting')
})

test('a list of its commands', () => {
  assert.is(strengthOf(HELP), 'strong')
  assert.is(strengthOf(server('214-PASV\r\n STOR\r\n214 end\r\n')), 'strong')
  for (const text of ['214-RETR\r\n214 end\r\n', '213 RETR STOR\r\n', '214-retr stor\r\n'])
    assert.is(strengthOf(server(text)), '', text)
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

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, TRANSFER)
  assertTruncationsHarmless(ELSEWHERE, [HELP])
  assertTruncationsHarmless(ELSEWHERE, [server('220\r\n220 FileZilla Server\r\n')])
  assertTruncationsHarmless(ELSEWHERE, [server('421 FTP server busy\r\n')])
})

test('mutations neither throw nor hang', () => {
  assertSurvivesMutation(setting, TRANSFER)
  assertSurvivesMutation(ELSEWHERE, [HELP], 3000)
})

test.run()
