import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/cassandra.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/cassandra')
const TCP = 6

const cql = (version: number, opcode: number, body: Uint8Array) =>
  bytes(version, 0, 0, 0, opcode, u32(body.length), body)
const startup = cql(4, 1, bytes(u16(1), u16(11), 'CQL_VERSION', u16(5), '3.0.0'))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'cassandra',
      name: 'startup of version 1 on any port',
      protocol: TCP,
      ports: [1, 9999],
      bytes: bytes(1, 0, 0, 1, u32(22), u16(1), u16(11), 'CQL_VERSION', u16(5), '3.0.0'),
      strength: 'strong',
      role: 'client',
      extras: { cassandra: { version: 1 } },
    },
    {
      label: 'cassandra',
      name: 'ready of version 2',
      protocol: TCP,
      ports: [9042, 1],
      bytes: bytes(0x82, 0, 0, 2, u32(0)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'cassandra',
      name: 'version 2 refused on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(0x82, 0, 0, 0, u32(45), u32(10), u16(39), 'Invalid or unsupported protocol version'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'cassandra',
      name: 'startup on any port',
      protocol: TCP,
      ports: [1, 9999],
      bytes: startup,
      strength: 'strong',
      role: 'client',
      extras: { cassandra: { version: 4 } },
    },
    {
      label: 'cassandra',
      name: 'ready',
      protocol: TCP,
      ports: [9042, 1],
      bytes: cql(0x84, 2, zeros(0)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'cassandra',
      name: 'node to node',
      protocol: TCP,
      ports: [1, 7000],
      bytes: hex('ca552dfa 0c0a0c11'),
      strength: 'strong',
    },
    {
      label: 'cassandra',
      name: 'another version on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: cql(0x85, 0, bytes(u32(10), u16(39), 'Invalid or unsupported protocol version')),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'CQL version 2 with the header of 3',
      protocol: TCP,
      ports: [1, 9042],
      bytes: cql(2, 5, zeros(0)),
    },
    {
      name: 'CQL version 1 query elsewhere',
      protocol: TCP,
      ports: [1, 9999],
      bytes: bytes(1, 0, 0, 7, u32(4), noise(4)),
    },
    {
      name: 'error of another kind',
      protocol: TCP,
      ports: [45000, 1],
      bytes: cql(0x85, 0, bytes(u32(0x2000), u16(39), 'Invalid or unsupported protocol version')),
    },
    {
      name: 'unsupported version asked',
      protocol: TCP,
      ports: [45000, 1],
      bytes: cql(5, 0, bytes(u32(10), u16(39), 'Invalid or unsupported protocol version')),
    },
    {
      name: 'other protocol error',
      protocol: TCP,
      ports: [45000, 1],
      bytes: cql(0x85, 0, bytes(u32(10), u16(5), 'Hello')),
    },
    { name: 'CQL version 9', protocol: TCP, ports: [1, 9042], bytes: cql(9, 1, bytes('CQL_VERSION')) },
    { name: 'CQL length', protocol: TCP, ports: [1, 9042], bytes: bytes(startup, 0) },
  ],
})
test.run()
