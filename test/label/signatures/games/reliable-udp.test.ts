import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/reliable-udp.ts'
import { bytes, hex, le16, le32, noise, type Part, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/games/reliable-udp')
const UDP = 17

const limits = (mtu: number) => bytes(u32(mtu), u32(0x8000), u32(2))
const connect = (mtu = 1400) =>
  bytes(hex('8fff 1234 82ff0001 0000 ffff'), limits(mtu), u32(0), u32(0), u32(5000), u32(2), u32(2), noise(8))
const verify = bytes(
  hex('83ff0001 0000 0000'),
  limits(1392),
  u32(0),
  u32(0),
  u32(5000),
  u32(2),
  u32(2),
  noise(4),
)
const photonCommand = (type: number, rest: Uint8Array, more = 0) =>
  bytes(type, 0xff, 1, 4, u32(12 + rest.length + more), u32(1), rest)
const photon = (flag: number, count: number, ...rest: Part[]) =>
  bytes(u16(0xffff), flag, count, noise(8), ...rest)
const segment = (
  command: number,
  size: number,
  extra: Uint8Array = new Uint8Array(),
  conversation = 0x1234,
) =>
  bytes(
    le32(conversation),
    extra,
    command,
    0,
    le16(128),
    le32(1000),
    le32(3),
    le32(2),
    le32(size),
    noise(size),
  )
const hello = bytes(8, u16(1), 0, hex('80d90203'), 6, 'player')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'netcode',
      name: 'request',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(0, 'NETCODE 1.02', 0, noise(1064)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'enet',
      name: 'connect',
      protocol: UDP,
      ports: [1, 2],
      bytes: connect(),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'enet',
      name: 'connect with a checksum',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('8fff 1234'), noise(4), connect().subarray(4)),
      strength: 'strong',
    },
    {
      label: 'enet',
      name: 'verify with an acknowledgement behind it',
      protocol: UDP,
      ports: [2, 1],
      bytes: bytes(hex('8000 0093'), verify, hex('01ff0001 00011234')),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'photon',
      name: 'connect',
      protocol: UDP,
      ports: [1, 2],
      bytes: photon(0, 1, photonCommand(2, noise(32))),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'photon',
      name: 'acknowledgement and answer, with checksum',
      protocol: UDP,
      ports: [5055, 1],
      bytes: photon(0xcc, 2, noise(4), photonCommand(3, noise(32)), photonCommand(6, noise(9))),
      strength: 'strong',
      role: 'server',
    },
    { label: 'kcp', name: 'data', protocol: UDP, ports: [1, 2], bytes: segment(81, 40), strength: 'strong' },
    {
      label: 'kcp',
      name: 'acknowledgement and data behind a token',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(segment(82, 0, noise(4)), segment(81, 10, noise(4))),
      strength: 'strong',
    },
    {
      label: 'kcp',
      name: 'acknowledgement of a known conversation',
      protocol: UDP,
      ports: [2, 1],
      bytes: segment(82, 0),
      peer: segment(81, 40),
      strength: 'strong',
    },
    {
      label: 'kcp',
      name: 'acknowledgement alone',
      protocol: UDP,
      ports: [2, 1],
      bytes: segment(82, 0),
      strength: 'weak',
    },
    {
      label: 'kcp',
      name: 'handshake',
      protocol: UDP,
      ports: [1, 22101],
      bytes: hex('000000ff 00000000 00000000 499602d2 ffffffff'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'kcp',
      name: 'answer in the handshake',
      protocol: UDP,
      ports: [22101, 1],
      bytes: bytes(hex('00000145'), noise(8), hex('499602d2 14514545')),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'hazel',
      name: 'hello',
      protocol: UDP,
      ports: [1, 2],
      bytes: hello,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'hazel',
      name: 'hello with more behind the name',
      protocol: UDP,
      ports: [1, 22023],
      bytes: bytes(hello, noise(12)),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'hazel',
      name: 'acknowledgement',
      protocol: UDP,
      ports: [22023, 1],
      bytes: hex('0a0001ff'),
      peer: hello,
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'NETCODE 2', protocol: UDP, ports: [1, 2], bytes: bytes(0, 'NETCODE 2.00', 0, noise(1064)) },
    { name: 'short NETCODE', protocol: UDP, ports: [1, 2], bytes: bytes(0, 'NETCODE 1.02', 0, noise(64)) },
    { name: 'ENet with an MTU of 100', protocol: UDP, ports: [1, 2], bytes: connect(100) },
    { name: 'ENet connect cut', protocol: UDP, ports: [1, 2], bytes: connect().subarray(0, 40) },
    {
      name: 'Photon, one command too many',
      protocol: UDP,
      ports: [1, 5055],
      bytes: photon(0, 2, photonCommand(2, noise(32))),
    },
    {
      name: 'Photon, another length',
      protocol: UDP,
      ports: [1, 5055],
      bytes: photon(0, 1, photonCommand(2, noise(32), 1)),
    },
    {
      name: 'Photon, command 99',
      protocol: UDP,
      ports: [1, 5055],
      bytes: photon(0, 1, photonCommand(99, noise(32))),
    },
    {
      name: 'Photon, no command',
      protocol: UDP,
      ports: [1, 5055],
      bytes: photon(0, 0, photonCommand(2, noise(32))),
    },
    { name: 'KCP, command 80', protocol: UDP, ports: [1, 2], bytes: segment(80, 40) },
    { name: 'KCP, another length', protocol: UDP, ports: [1, 2], bytes: bytes(segment(81, 40), 0) },
    {
      name: 'KCP, conversation 0',
      protocol: UDP,
      ports: [1, 2],
      bytes: segment(81, 40, new Uint8Array(), 0),
    },
    {
      name: 'KCP, two conversations',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(segment(82, 0), segment(81, 4, new Uint8Array(), 9)),
    },
    {
      name: 'handshake with another number',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(zeros(12), hex('499602d3 ffffffff')),
    },
    {
      name: 'hello with number 2',
      protocol: UDP,
      ports: [1, 22023],
      bytes: bytes(8, u16(2), hello.subarray(3)),
    },
    { name: 'hello without a name', protocol: UDP, ports: [1, 22023], bytes: bytes(8, u16(1), zeros(20)) },
    { name: 'acknowledgement of nothing', protocol: UDP, ports: [22023, 1], bytes: hex('0a0001ff') },
    {
      name: 'acknowledgement of another',
      protocol: UDP,
      ports: [22023, 1],
      bytes: hex('0a0002ff'),
      peer: hello,
    },
  ],
})
test.run()
