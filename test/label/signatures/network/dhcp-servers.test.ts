import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/dhcp-servers.ts'
import { bytes, hex, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/network/dhcp-servers')
const TCP = 6

const failover = (type: number, ...options: Uint8Array[]) => {
  const body = bytes(...options)
  return bytes(u16(12 + body.length), type, 12, u32(0x6b03d51e), u32(7), body)
}
const state = hex('0018 0001 06  0017 0001 01  0019 0004 6b03d519')

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
  ],
})

test.run()
