import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/cluster-members.ts'
import { bytes, le16, le32, noise, testSignatures, u16, zeros } from '../probe.ts'
import { CLIENT, matched, missed } from '../rows.ts'

const test = suite('label/signatures/operations/cluster-members')
const UDP = 17
const TCP = 6

const ping = bytes(0, 0x82, 0xa5, 'SeqNo', 1, 0xa4, 'Node', 0xa2, 'n1')
const compound = bytes(7, 2, u16(ping.length), u16(ping.length), ping, ping)
const hazelcast = bytes('CP2', le32(47), le16(0xc000), le32(0x100), noise(60))
const raft = (address: string, size = 16) =>
  bytes(le32(1), zeros(4), noise(8), le32(size), zeros(4), address, zeros(16 - address.length))

testSignatures(test, signatures, {
  matches: [
    matched('hazelcast', 'member', bytes('HZC'), { strength: 'weak' }),
    matched('hazelcast', 'client', hazelcast, CLIENT),
    matched('memberlist', 'ping', ping, { protocol: UDP }),
    matched('memberlist', 'ping with a checksum', bytes(12, noise(4), ping), { protocol: UDP }),
    matched('memberlist', 'several', bytes(12, noise(4), compound), { protocol: UDP }),
    matched('memberlist', 'compressed state', bytes(9, 0x82, 0xa4, 'Algo', 0, 0xa3, 'Buf', 0xc5, noise(40))),
    {
      label: 'raft',
      name: 'handshake',
      protocol: TCP,
      ports: [1, 9001],
      bytes: raft('192.0.2.1:9001'),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    missed('three letters in mid-flow', bytes('HZC'), { ordinal: 3 }),
    missed('three other letters', bytes('HZX')),
    missed('another field', bytes(0, 0x82, 0xa5, 'SeqNr', 1, 0xa4, 'Node', 0xa2, 'n1'), { protocol: UDP }),
    missed('several of other lengths', bytes(compound, 0), { protocol: UDP }),
    { name: 'Raft without a port', protocol: TCP, ports: [1, 9001], bytes: raft('192.0.2.1') },
    { name: 'Raft, address of 17 bytes', protocol: TCP, ports: [1, 9001], bytes: raft('192.0.2.1:9001', 17) },
    {
      name: 'Raft, protocol 2',
      protocol: TCP,
      ports: [1, 9001],
      bytes: bytes(2, raft('192.0.2.1:9001').subarray(1)),
    },
  ],
})
test.run()
