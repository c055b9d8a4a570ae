import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/peers.ts'
import { bytes, hex, le32, noise, type Part, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/peers/peers')
const TCP = 6
const UDP = 17

const text = (value: string) => bytes(le32(value.length), value)
const message = (...parts: Part[]) => {
  const content = bytes(...parts)
  return bytes(le32(content.length), content)
}
const login = (hash: number) =>
  message(le32(1), text('user'), text('secret'), le32(160), le32(hash), noise(32), le32(17))
const ledger = (magic: string, command: string) =>
  bytes(hex(magic), command, zeros(12 - command.length), le32(100), noise(4), noise(100))
const raft = (address: string, size = 16) =>
  bytes(le32(1), zeros(4), noise(8), le32(size), zeros(4), address, zeros(16 - address.length))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'soulseek',
      name: 'login',
      protocol: TCP,
      ports: [1, 2],
      bytes: login(32),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'soulseek',
      name: 'logged in',
      protocol: TCP,
      ports: [2242, 1],
      bytes: message(le32(1), 1, text('Welcome'), noise(4), text('hash')),
      peer: login(32),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'soulseek',
      name: 'peer',
      protocol: TCP,
      ports: [1, 2],
      bytes: message(1, text('user'), text('P'), le32(0)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'libp2p',
      name: 'start',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(19, '/multistream/1.0.0\n', 7, '/noise\n'),
      strength: 'strong',
    },
    {
      label: 'bitmessage',
      name: 'version',
      protocol: TCP,
      ports: [1, 8444],
      bytes: ledger('e9beb4d9', 'version'),
      strength: 'strong',
    },
    {
      label: 'bitcoin',
      name: 'version of a kin (Zcash)',
      protocol: TCP,
      ports: [1, 8233],
      bytes: ledger('24e92764', 'version'),
      strength: 'strong',
    },
    {
      label: 'raft',
      name: 'handshake',
      protocol: TCP,
      ports: [1, 9001],
      bytes: raft('192.0.2.1:9001'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'ripe-atlas',
      name: 'probe',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes('MGLNDD_192.0.2.1_4712\n'),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    { name: 'token alone', protocol: TCP, ports: [1, 2234], bytes: message(0, noise(4)) },
    {
      name: 'version of Bitcoin itself',
      protocol: TCP,
      ports: [1, 8333],
      bytes: ledger('f9beb4d9', 'version'),
    },
    { name: 'login with another hash', protocol: TCP, ports: [1, 2242], bytes: login(31) },
    {
      name: 'login, more in its length',
      protocol: TCP,
      ports: [1, 2242],
      bytes: bytes(200, login(32).subarray(1)),
    },
    { name: 'login later', protocol: TCP, ports: [1, 2242], bytes: login(32), ordinal: 4 },
    {
      name: 'answer with success 7',
      protocol: TCP,
      ports: [2242, 1],
      bytes: message(le32(1), 7, text('Welcome')),
      peer: login(32),
    },
    {
      name: 'peer of kind X',
      protocol: TCP,
      ports: [1, 2234],
      bytes: message(1, text('user'), text('X'), le32(0)),
    },
    {
      name: 'peer with a longer token',
      protocol: TCP,
      ports: [1, 2234],
      bytes: message(1, text('user'), text('P'), le32(0), 0),
    },
    { name: 'multistream 2', protocol: TCP, ports: [1, 4001], bytes: bytes(19, '/multistream/2.0.0\n') },
    {
      name: 'inventory behind an unknown magic',
      protocol: TCP,
      ports: [1, 2],
      bytes: ledger('01020304', 'inv'),
    },
    {
      name: 'version without padding',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(1), 'version 1.0 of a text', noise(20)),
    },
    { name: 'Raft without a port', protocol: TCP, ports: [1, 9001], bytes: raft('192.0.2.1') },
    { name: 'Raft, address of 17 bytes', protocol: TCP, ports: [1, 9001], bytes: raft('192.0.2.1:9001', 17) },
    {
      name: 'Raft, protocol 2',
      protocol: TCP,
      ports: [1, 9001],
      bytes: bytes(2, raft('192.0.2.1:9001').subarray(1)),
    },
    { name: 'other text', protocol: UDP, ports: [1, 2], bytes: bytes('MGLNDE_192.0.2.1', u16(0)) },
  ],
})
test.run()
