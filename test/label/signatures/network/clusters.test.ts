import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/clusters.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/clusters')
const TCP = 6
const UDP = 17

const failover = (type: number, ...options: Uint8Array[]) => {
  const body = bytes(...options)
  return bytes(u16(12 + body.length), type, 12, u32(0x6b03d51e), u32(7), body)
}
const state = hex('0018 0001 06  0017 0001 01  0019 0004 6b03d519')
const roce = (operation: number, queue: number, sequence: number, rest: number) =>
  bytes(operation, 0x40, 0xff, 0xff, u32(queue), u32(sequence), noise(rest))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'dhcp-failover',
      name: 'state',
      protocol: TCP,
      ports: [40000, 6470],
      bytes: failover(10, state),
      strength: 'strong',
    },
    {
      label: 'dhcp-failover',
      name: 'update that asks for nothing, and another message',
      protocol: TCP,
      ports: [40000, 6470],
      bytes: bytes(failover(7), failover(10, state)),
      strength: 'strong',
    },
    {
      label: 'dhcp-failover',
      name: 'without options',
      protocol: TCP,
      ports: [40000, 647],
      bytes: failover(7),
      strength: 'weak',
    },
    {
      label: 'omapi',
      name: 'greeting',
      protocol: TCP,
      ports: [40000, 7911],
      bytes: hex('00000064 00000018'),
      strength: 'strong',
    },
    {
      label: 'omapi',
      name: 'greeting and a message',
      protocol: TCP,
      ports: [40000, 17911],
      bytes: hex('00000064 00000018 00000000 00000000 00000001 00000000 6b8b4567 00000000'),
      strength: 'strong',
    },
    {
      label: 'roce',
      name: 'alone',
      protocol: UDP,
      ports: [49152, 4791],
      bytes: roce(4, 0x000011, 0x80000100 | 0, 32),
      strength: 'weak',
    },
    {
      label: 'roce',
      name: 'the next of its queue',
      protocol: UDP,
      ports: [49152, 4791],
      bytes: roce(4, 0x000011, 0x80000101 | 0, 32),
      previous: roce(4, 0x000011, 0x80000100 | 0, 32),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'failover whose option leads beyond the end',
      protocol: TCP,
      ports: [40000, 647],
      bytes: failover(10, hex('0018 0009 06')),
    },
    {
      name: 'failover of unknown type',
      protocol: TCP,
      ports: [40000, 647],
      bytes: failover(13, state),
    },
    {
      name: 'failover whose length disagrees',
      protocol: TCP,
      ports: [40000, 647],
      bytes: bytes(failover(10, state), 0),
    },
    {
      name: 'OMAPI of another version',
      protocol: TCP,
      ports: [40000, 7911],
      bytes: hex('00000065 00000018'),
    },
    {
      name: 'greeting of OMAPI later',
      protocol: TCP,
      ports: [40000, 7911],
      bytes: hex('00000064 00000018'),
      ordinal: 2,
    },
    { name: 'RoCE with reserved bits', protocol: UDP, ports: [1, 4791], bytes: roce(4, 0x01000011, 1, 32) },
    { name: 'RoCE of odd length', protocol: UDP, ports: [1, 4791], bytes: roce(4, 17, 1, 33) },
    { name: 'RoCE to queue 0', protocol: UDP, ports: [1, 4791], bytes: roce(4, 0, 1, 32) },
    { name: 'zeros on the port of RoCE', protocol: UDP, ports: [1, 4791], bytes: zeros(64) },
  ],
})

test.run()
