import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/kafka.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/messaging/kafka')
const TCP = 6

function request(key: number, version: number, client: string): Uint8Array {
  const rest = bytes(u16(key), u16(version), u32(77), u16(client.length), client, noise(4))
  return bytes(u32(rest.length), rest)
}
const versions = request(18, 3, 'rdkafka')
const answer = bytes(u32(10), u32(77), u16(0), noise(4))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'kafka',
      name: 'ApiVersions',
      protocol: TCP,
      ports: [40000, 9092],
      bytes: versions,
      strength: 'strong',
      role: 'client',
      extras: { kafka: { api_key: 18, api_version: 3, client_id: 'rdkafka' } },
    },
    {
      label: 'kafka',
      name: 'on any port',
      protocol: TCP,
      ports: [40000, 19092],
      bytes: request(3, 9, 'c1'),
      strength: 'strong',
    },
    {
      label: 'kafka',
      name: 'answer',
      protocol: TCP,
      ports: [9092, 40000],
      bytes: answer,
      peer: versions,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'kafka',
      name: 'answer to a client without a name',
      protocol: TCP,
      ports: [9092, 40000],
      bytes: answer,
      peer: bytes(u32(12), u16(18), u16(0), u32(77), u16(0xffff), noise(4)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'kafka',
      name: 'two requests in a segment',
      protocol: TCP,
      ports: [40000, 9092],
      bytes: bytes(request(0, 7, 'producer-1'), request(0, 7, 'producer-1')),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    { name: 'size one too small', protocol: TCP, ports: [1, 9092], bytes: bytes(versions, 0) },
    { name: 'API key 4711', protocol: TCP, ports: [1, 9092], bytes: request(4711, 3, 'rdkafka') },
    { name: 'client that is not text', protocol: TCP, ports: [1, 9092], bytes: request(18, 3, '\x01\x02') },
    {
      name: 'answer to something else',
      protocol: TCP,
      ports: [9092, 1],
      bytes: answer,
      peer: bytes(u32(10), u32(1), u32(2), u32(3)),
    },
    {
      name: "ZooKeeper's answer to a connect request",
      protocol: TCP,
      ports: [9092, 1],
      bytes: hex('00000025 00000000 00007530 0100002461a00000 00000010 d2d95967f79b2171001e24ff980ef752 00'),
      peer: hex('0000002d 00000000 0000000000000000 00007530'),
    },
    {
      name: 'something behind a request',
      protocol: TCP,
      ports: [40000, 9092],
      bytes: bytes(request(0, 7, 'producer-1'), noise(30)),
    },
  ],
})
test.run()
