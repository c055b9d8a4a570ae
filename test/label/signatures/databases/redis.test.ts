import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/databases/redis.ts'
import { client, converse, type Setting, server } from '../conversation.ts'
import { bytes, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/redis')
const TCP = 6

const get = bytes('*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'redis',
      name: 'command on any port',
      protocol: TCP,
      ports: [1, 7000],
      bytes: get,
      strength: 'strong',
      role: 'client',
      extras: { redis: { command: 'GET' } },
    },
    {
      label: 'redis',
      name: 'answer to a command',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('$5\r\nhello\r\n'),
      peer: get,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'command on a line of its own',
      protocol: TCP,
      ports: [1, 6379],
      bytes: bytes('set key "a value"\r\n'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'redis',
      name: 'OK to a command of several segments',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('+OK\r\n'),
      peer: bytes('vvvvvvvv\r\n'),
      labelSoFar: 'redis',
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'refusal of a command',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('-DENIED Redis is running in protected mode because\r\n'),
      peer: get,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'OK on the port',
      protocol: TCP,
      ports: [6379, 1],
      bytes: bytes('+OK\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'what was published, met in the middle',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$4\r\nmsg0\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'the same as a push of RESP 3',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('>3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$4\r\nmsg0\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'map of RESP 3 in answer to HELLO',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n'),
      peer: bytes('*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'null of RESP 3',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('_\r\n'),
      peer: get,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'redis',
      name: 'message of the cluster bus',
      protocol: TCP,
      ports: [1, 17000],
      bytes: bytes('RCmb', u32(256), u16(1), u16(7000), u16(2), u16(0), zeros(240)),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'answer to what only begins like a command',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('-NO such thing\r\n'),
      peer: bytes('*1 hello there all\r\n'),
    },
    { name: 'a line that is no Redis command', protocol: TCP, ports: [1, 6379], bytes: bytes('GETS a\r\n') },
    { name: 'Redis command without its end', protocol: TCP, ports: [1, 6379], bytes: bytes('GET a') },
    { name: 'Redis command elsewhere', protocol: TCP, ports: [1, 6380], bytes: bytes('PING\r\n') },
    {
      name: 'array without bulk strings',
      protocol: TCP,
      ports: [1, 7000],
      bytes: bytes('*2\r\n:3\r\n:4\r\n'),
    },
    { name: 'null without a command', protocol: TCP, ports: [6379, 1], bytes: bytes('_\r\n') },
    { name: 'map elsewhere', protocol: TCP, ports: [7000, 1], bytes: bytes('%1\r\n$1\r\na\r\n:1\r\n') },
    { name: 'push of a number', protocol: TCP, ports: [7000, 1], bytes: bytes('>3\r\n:7\r\n') },
    {
      name: 'cluster bus of version 9',
      protocol: TCP,
      ports: [1, 17000],
      bytes: bytes('RCmb', u32(256), u16(9), zeros(246)),
    },
    { name: 'status in small letters', protocol: TCP, ports: [6379, 1], bytes: bytes('+Ok\r\n') },
    { name: 'OK elsewhere', protocol: TCP, ports: [110, 1], bytes: bytes('+OK\r\n') },
    { name: 'POP3 greeting', protocol: TCP, ports: [110, 1], bytes: bytes('+OK ready\r\n'), peer: get },
    { name: 'number without a line end', protocol: TCP, ports: [6379, 1], bytes: bytes('$12345') },
  ],
})

test('values of the server are not told as a command', () => {
  const setting: Setting = { signatures, protocol: 6, serverPort: 6379 }
  const values = server('*1\r\n$14\r\nhunter2-secret\r\n')
  const heard = converse(setting, [client('LRANGE a 0 1\r\n'), values])
  assert.is(heard.label, 'redis')
  assert.equal(heard.extras, {})
  assert.not.equal(heard.roles[1], 'client')
})
test.run()
