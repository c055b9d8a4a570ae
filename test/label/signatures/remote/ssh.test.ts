import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/remote/ssh.ts'
import {
  assertSurvivesMutation,
  assertTruncationsHarmless,
  client,
  converse,
  type Setting,
  server,
  u32,
} from '../conversation.ts'

const test = suite('label/signatures/remote/ssh')

const setting: Setting = { signatures, protocol: 6, serverPort: 22 }
const EXCHANGE = [server('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), client('SSH-2.0-libssh_0.10\r\n')]

test('both identification strings', () => {
  const heard = converse(setting, EXCHANGE)
  assert.is(heard.label, 'ssh')
  assert.is(heard.strength, 'strong')
  assert.equal(heard.roles, ['server', 'client'])
  assert.equal(heard.extras.ssh, { version: '2.0', server: 'OpenSSH_9.2p1 Debian-2', client: 'libssh_0.10' })
})

test('away from port 22 nobody is called the server, and the flow tells whose software it is', () => {
  const [answer, opening] = EXCHANGE
  const heard = converse({ ...setting, clientPort: 1022, serverPort: 60022 }, [opening, answer])
  assert.equal(heard.roles, ['', ''])
  assert.is(heard.extras.ssh.client, 'libssh_0.10')
  assert.is(heard.extras.ssh.server, 'OpenSSH_9.2p1 Debian-2')
})

test('of a banner that was cut nothing is told', () => {
  const banner = client('SSH-2.0-OpenSSH_7.4p1')
  assert.equal(converse(setting, [banner]).extras, {})
  assert.is(converse(setting, [banner]).strength, 'strong')
  assert.is(converse(setting, [client('SSH-2.0-OpenSSH_7.4p1\n')]).extras.ssh.client, 'OpenSSH_7.4p1')
})

test('a server for both versions says 1.99', () => {
  const greeting = server('SSH-1.99-OpenSSH_4.3\n')
  const answer = client('SSH-1.5-1.2.26\n')
  const told = { version: '1.5', server: 'OpenSSH_4.3', client: '1.2.26' }
  assert.equal(converse(setting, [greeting, answer]).extras.ssh, told)
  assert.equal(converse(setting, [answer, greeting]).extras.ssh, told)
  assert.is(converse(setting, [greeting]).extras.ssh.version, '1.99')
})

/** RFC 4253 section 7.1: length, padding, KEXINIT, cookie, names of key exchanges, the other lists. */
const NAMES = 'curve25519-sha256,diffie-hellman-group14-sha256'
const KEXINIT = client(u32(400), 6, 20, new Uint8Array(16).fill(7), u32(NAMES.length), NAMES, u32(0))

test('the key exchange tells where the identification strings were not captured', () => {
  assert.is(converse(setting, [KEXINIT]).strength, 'strong')
  assert.is(converse({ ...setting, serverPort: 2222 }, [KEXINIT]).label, 'ssh')
  const shorter = client(u32(40), KEXINIT.bytes.subarray(4))
  assert.is(converse(setting, [shorter]).label, '', 'names longer than the packet')
  const binary = client(KEXINIT.bytes.subarray(0, 26), new Uint8Array(60).fill(1))
  assert.is(converse(setting, [binary]).label, '', 'names that are none')
})

test('near misses', () => {
  for (const miss of ['SSH-3.0-x\r\n', 'SSH 2.0', 'SSH-2', 'ssh-2.0-x\r\n'])
    assert.is(converse(setting, [client(miss)]).label, '', miss)
})

test('hostile software names come out escaped', () => {
  const heard = converse(setting, [server('SSH-2.0-a\x1b[31m\n')])
  assert.is(heard.extras.ssh.server, 'a\\x1B[31m')
})

test('no truncation reads beyond the payload', () => {
  assertTruncationsHarmless(setting, EXCHANGE)
  assertTruncationsHarmless(setting, [KEXINIT])
})

test('mutations neither throw nor hang', () => assertSurvivesMutation(setting, [...EXCHANGE, KEXINIT]))

test.run()
