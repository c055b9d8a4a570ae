import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../src/label/signatures/cache.ts'
import { client, converse, type Setting, server } from './conversation.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from './probe.ts'

const test = suite('signatures cache')
const TCP = 6
const UDP = 17

const get = bytes('*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n')
/** Magic, opcode, key length, extras, type, status, body length, opaque, cas, body. */
const binary = (magic: number, body: number) =>
  bytes(magic, 0, u16(3), 0, 0, u16(0), u32(body), zeros(12), 'key')
const frame = bytes(u16(1), u16(0), u16(1), u16(0))

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
    {
      label: 'memcached',
      name: 'text',
      protocol: TCP,
      ports: [1, 11211],
      bytes: bytes('get some:key\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'memcached',
      name: 'text answer',
      protocol: TCP,
      ports: [11211, 1],
      bytes: bytes('VALUE some:key 0 2\r\nhi\r\nEND\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'memcached',
      name: 'item on any port',
      protocol: TCP,
      ports: [1, 7000],
      bytes: bytes('set k 0 0 5\r\nhello\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'memcached',
      name: 'item found on any port',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('VALUE k 0 5\r\nhello\r\nEND\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'memcached',
      name: 'item stored on any port',
      protocol: TCP,
      ports: [7000, 1],
      bytes: bytes('STORED\r\n'),
      peer: bytes('set k 0 0 5\r\nhello\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'memcached',
      name: 'meta command',
      protocol: TCP,
      ports: [1, 11211],
      bytes: bytes('mg k v t f\r\n'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'memcached',
      name: 'answer to a meta command',
      protocol: TCP,
      ports: [11211, 1],
      bytes: bytes('VA 5 t-1 f0\r\nhello\r\n'),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'memcached',
      name: 'binary request',
      protocol: TCP,
      ports: [1, 9],
      bytes: binary(0x80, 3),
      strength: 'strong',
      role: 'client',
      extras: { memcached: { opcode: 0 } },
    },
    {
      label: 'memcached',
      name: 'binary answer',
      protocol: TCP,
      ports: [9, 1],
      bytes: binary(0x81, 3),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'memcached',
      name: 'datagram',
      protocol: UDP,
      ports: [1, 11211],
      bytes: bytes(frame, 'stats\r\n'),
      strength: 'strong',
    },
    {
      label: 'memcached',
      name: 'next frame of an answer',
      protocol: UDP,
      ports: [11211, 1],
      bytes: bytes(hex('0007 0003 0040 0000'), noise(80)),
      strength: 'strong',
      role: 'server',
      previous: bytes(hex('0007 0002 0040 0000'), noise(80)),
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
    { name: 'text elsewhere', protocol: TCP, ports: [1, 80], bytes: bytes('get some:key\r\n') },
    { name: 'item cut short', protocol: TCP, ports: [1, 80], bytes: bytes('set k 0 0 9\r\nhello\r\n') },
    { name: 'item without numbers', protocol: TCP, ports: [1, 80], bytes: bytes('set k a b 5\r\nhello\r\n') },
    { name: 'STORED unasked', protocol: TCP, ports: [80, 1], bytes: bytes('STORED\r\n') },
    { name: 'meta command elsewhere', protocol: TCP, ports: [1, 80], bytes: bytes('mg k v t f\r\n') },
    { name: 'text without a line end', protocol: TCP, ports: [1, 11211], bytes: bytes('get some:key') },
    { name: 'binary length', protocol: TCP, ports: [1, 9], bytes: binary(0x80, 4) },
    {
      name: 'key longer than its body',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes(0x80, 0, u16(9), 0, 0, u16(0), u32(3), zeros(12), 'key'),
    },
    {
      name: 'datagram 3 of 1',
      protocol: UDP,
      ports: [1, 11211],
      bytes: bytes(u16(1), u16(3), u16(1), u16(0), 'stats\r\n'),
    },
    { name: 'noise', protocol: UDP, ports: [1, 11211], bytes: noise(40) },
    {
      name: 'frame of another answer',
      protocol: UDP,
      ports: [11211, 1],
      bytes: bytes(hex('0007 0003 0040 0000'), noise(80)),
      previous: bytes(hex('0008 0002 0040 0000'), noise(80)),
    },
    {
      name: 'frame behind the last',
      protocol: UDP,
      ports: [11211, 1],
      bytes: bytes(hex('0007 0040 0040 0000'), noise(80)),
      previous: bytes(hex('0007 003f 0040 0000'), noise(80)),
    },
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
