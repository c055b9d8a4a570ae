import { suite } from 'uvu'
import { signatures } from '../../../src/label/signatures/databases.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from './probe.ts'

const test = suite('signatures databases')
const TCP = 6

const DESCRIPTION = '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=orcl)))'
function tnsConnect(version: number): Uint8Array {
  const head = bytes(
    u16(34 + DESCRIPTION.length),
    u16(0),
    1,
    0,
    u16(0),
    u16(version),
    zeros(16),
    u16(34),
    zeros(6),
  )
  return bytes(head, DESCRIPTION)
}
const mongo = (request: number, answers: number, operation: number, body = 10) =>
  bytes(le32(16 + body), le32(request), le32(answers), le32(operation), noise(body))
const cql = (version: number, opcode: number, body: Uint8Array) =>
  bytes(version, 0, 0, 0, opcode, u32(body.length), body)
const startup = cql(4, 1, bytes(u16(1), u16(11), 'CQL_VERSION', u16(5), '3.0.0'))
const elastic = bytes('ES', u32(60), zeros(7), 9, 0, u32(6080099), noise(41))
const zkConnect = bytes(u32(44), u32(0), zeros(8), u32(30000), zeros(8), u32(16), zeros(16))
const zkAccepted = bytes(u32(36), u32(0), u32(30000), noise(8), u32(16), noise(16))
const ddm = (code: number) => bytes(u16(20), 0xd0, 0x41, u16(1), u16(14), u16(code), noise(10))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'tns',
      name: 'connect on any port',
      protocol: TCP,
      ports: [40000, 1526],
      bytes: tnsConnect(315),
      strength: 'strong',
      role: 'client',
      extras: { tns: { version: 315, service_name: 'orcl' } },
    },
    {
      label: 'tns',
      name: 'resend',
      protocol: TCP,
      ports: [1526, 1],
      bytes: hex('0008 0000 0b 00 0000'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'tns',
      name: 'accept on the port',
      protocol: TCP,
      ports: [1521, 1],
      bytes: bytes(u16(24), u16(0), 2, 0, u16(0), noise(16)),
      strength: 'strong',
    },
    {
      label: 'mongodb',
      name: 'query',
      protocol: TCP,
      ports: [1, 30000],
      bytes: mongo(1, 0, 2004),
      strength: 'strong',
      role: 'client',
      extras: { mongodb: { operation: 2004 } },
    },
    {
      label: 'mongodb',
      name: 'reply whose request was not captured',
      protocol: TCP,
      ports: [27017, 1],
      bytes: bytes(le32(40), le32(9), le32(1), le32(1), le32(8), zeros(12), le32(1), noise(4)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mongodb',
      name: 'reply',
      protocol: TCP,
      ports: [27017, 1],
      bytes: mongo(9, 1, 1),
      peer: mongo(1, 0, 2004),
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
      label: 'elasticsearch',
      name: 'request',
      protocol: TCP,
      ports: [1, 9300],
      bytes: elastic,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'elasticsearch',
      name: 'ping',
      protocol: TCP,
      ports: [1, 9300],
      bytes: bytes('ES', u32(0xffffffff)),
      strength: 'strong',
    },
    {
      label: 'zookeeper',
      name: 'connect',
      protocol: TCP,
      ports: [1, 2182],
      bytes: zkConnect,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'zookeeper',
      name: 'connected',
      protocol: TCP,
      ports: [2182, 1],
      bytes: zkAccepted,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'zookeeper',
      name: 'ping',
      protocol: TCP,
      ports: [1, 2182],
      bytes: bytes(u32(8), u32(0xfffffffe), u32(11)),
      strength: 'strong',
    },
    {
      label: 'zookeeper',
      name: 'four letters',
      protocol: TCP,
      ports: [1, 2181],
      bytes: bytes('ruok'),
      strength: 'strong',
    },
    {
      label: 'drda',
      name: 'exchange attributes',
      protocol: TCP,
      ports: [1, 60000],
      bytes: ddm(0x1041),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'drda',
      name: 'another command elsewhere',
      protocol: TCP,
      ports: [1, 60000],
      bytes: ddm(0x2001),
      strength: 'weak',
    },
    {
      label: 'tns',
      name: 'data with a length of four bytes',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(48), 6, 0, 0, 0, noise(40)),
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
    {
      label: 'zookeeper',
      name: 'version on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('Zookeeper version: 3.4.1, built on 01/02/2020\n'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
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
    {
      name: 'version of something else',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes('Zookeeper: 3.4.1\n'),
    },
    { name: 'TNS version 1', protocol: TCP, ports: [1, 1526], bytes: tnsConnect(1) },
    { name: 'TNS length', protocol: TCP, ports: [1, 1521], bytes: bytes(tnsConnect(315), 0) },
    { name: 'TNS checksum', protocol: TCP, ports: [1, 1521], bytes: hex('0008 0001 0b 00 0000') },
    { name: 'MongoDB operation 3000', protocol: TCP, ports: [1, 27017], bytes: mongo(1, 0, 3000) },
    {
      name: 'MongoDB reply whose request was not captured, elsewhere',
      protocol: TCP,
      ports: [30000, 1],
      bytes: bytes(le32(40), le32(9), le32(1), le32(1), le32(8), zeros(12), le32(1), noise(4)),
    },
    { name: 'MongoDB length', protocol: TCP, ports: [1, 30000], bytes: bytes(mongo(1, 0, 2004), 0) },
    { name: 'MongoDB reply to nothing', protocol: TCP, ports: [27017, 1], bytes: mongo(9, 1, 1) },
    { name: 'CQL version 9', protocol: TCP, ports: [1, 9042], bytes: cql(9, 1, bytes('CQL_VERSION')) },
    { name: 'CQL length', protocol: TCP, ports: [1, 9042], bytes: bytes(startup, 0) },
    { name: 'ES without a version', protocol: TCP, ports: [1, 9300], bytes: bytes('ES', u32(60), zeros(54)) },
    {
      name: 'ZooKeeper password of 4 bytes',
      protocol: TCP,
      ports: [1, 2181],
      bytes: bytes(u32(44), zeros(24), u32(4), zeros(16)),
    },
    { name: 'four letters elsewhere', protocol: TCP, ports: [1, 2182], bytes: bytes('ruok') },
    {
      name: 'DDM lengths',
      protocol: TCP,
      ports: [1, 50000],
      bytes: bytes(u16(20), 0xd0, 0x41, u16(1), u16(15), u16(0x1041), noise(10)),
    },
    {
      name: 'TNS long length off the port',
      protocol: TCP,
      ports: [1, 1526],
      bytes: bytes(u32(48), 6, 0, 0, 0, noise(40)),
    },
    {
      name: 'TNS long length too short',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(40), 6, 0, 0, 0, noise(40)),
    },
    {
      name: 'TNS long connect',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(48), 1, 0, 0, 0, noise(40)),
    },
  ],
})
test.run()
