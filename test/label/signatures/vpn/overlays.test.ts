import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/vpn/overlays.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/vpn/overlays')
const TCP = 6
const UDP = 17
const ends = [40000, 40001] as const

const disco = bytes(hex('5453f09f92ac'), noise(32), noise(24), noise(30))
const one = [0x3a, 0x46, 0xf1, 0xbf, 0x30]
const other = [0x99, 0x2f, 0xcf, 0x1d, 0xb7]
const zeroTier = (to: number[], from: number[], flags: number, verb: number, rest: Uint8Array) =>
  bytes(noise(8), to, from, flags, noise(8), verb, rest)
const hello = (identity: number[]) =>
  zeroTier(other, one, 0, 1, bytes([13, 1, 14], u16(2), noise(8), identity, 0, noise(64)))
const nebula = (type: number, index: number, counter: number) =>
  bytes(0x10 | type, 0, u16(0), u32(index), u32(0), u32(counter), noise(40))
const n2n3 = bytes(3, 2, u16(0x23), 'mycommunity', zeros(9), noise(40))
const n2n1 = (type: number, name: string) => bytes(1, type, 0, 0, name, zeros(3), noise(40))
const fastdFields = (number: number) =>
  bytes(hex('0000 0100'), number, hex('0300 0100 01'), hex('0d00 0300 763232'), noise(20))
const fastd = (number: number) => bytes(1, 0, u16(fastdFields(number).length), fastdFields(number))
const line = (text: string) => bytes(text, zeros(50 - text.length))
const beacon = bytes(noise(32), hex('fe80000000000000'), noise(8), u16(42261))

testSignatures(test, signatures, {
  matches: [
    { label: 'tailscale', name: 'ping', protocol: UDP, ports: ends, bytes: disco, strength: 'strong' },
    { label: 'zerotier', name: 'hello', protocol: UDP, ports: ends, bytes: hello(one), strength: 'strong' },
    {
      label: 'zerotier',
      name: 'ciphertext that answers',
      protocol: UDP,
      ports: [9993, 9993],
      bytes: zeroTier(one, other, 0x18, 0x77, noise(40)),
      peer: zeroTier(other, one, 0x18, 0x12, noise(9)),
      strength: 'strong',
    },
    {
      label: 'nebula',
      name: 'first handshake',
      protocol: UDP,
      ports: ends,
      bytes: nebula(0, 0, 1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'nebula',
      name: 'second handshake',
      protocol: UDP,
      ports: ends,
      bytes: nebula(0, 0x339c1f96, 2),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nebula',
      name: 'message after another',
      protocol: UDP,
      ports: ends,
      bytes: nebula(1, 0x339c1f96, 101),
      previous: nebula(3, 0x339c1f96, 99),
      strength: 'strong',
    },
    { label: 'n2n', name: 'version 3', protocol: UDP, ports: ends, bytes: n2n3, strength: 'strong' },
    {
      label: 'n2n',
      name: 'version 1 alone',
      protocol: UDP,
      ports: ends,
      bytes: n2n1(1, 'mycomm'),
      strength: 'weak',
    },
    {
      label: 'n2n',
      name: 'version 1, the same community',
      protocol: UDP,
      ports: ends,
      bytes: n2n1(4, 'mycomm'),
      peer: n2n1(1, 'mycomm'),
      strength: 'strong',
    },
    {
      label: 'fastd',
      name: 'handshake',
      protocol: UDP,
      ports: ends,
      bytes: fastd(1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'fastd',
      name: 'answer behind a header of L2TP',
      protocol: UDP,
      ports: ends,
      bytes: bytes(hex('c803000c 00000000 00000000'), fastd(2)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'vtun',
      name: 'greeting',
      protocol: TCP,
      ports: [5001, 40000],
      bytes: line('VTUN server ver 3.X 05/14/2022\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'vtun',
      name: 'who the client is',
      protocol: TCP,
      ports: [40000, 5001],
      bytes: line('HOST: hx\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'vtun',
      name: 'challenge',
      protocol: TCP,
      ports: [5001, 40000],
      bytes: line('OK CHAL: <lhphikiak>\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'yggdrasil',
      name: 'handshake',
      protocol: TCP,
      ports: ends,
      bytes: bytes('meta', u16(4), noise(32)),
      strength: 'strong',
    },
    {
      label: 'yggdrasil',
      name: 'handshake with its length',
      protocol: TCP,
      ports: ends,
      bytes: bytes('meta', u16(118), noise(118)),
      strength: 'strong',
    },
    {
      label: 'yggdrasil',
      name: 'beacon',
      protocol: UDP,
      ports: [9001, 9001],
      bytes: beacon,
      toGroup: true,
      strength: 'strong',
    },
    {
      label: 'tinc',
      name: 'greeting',
      protocol: TCP,
      ports: [1, 655],
      bytes: bytes('0 nodea 17.7\n'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'Tailscale magic and too little', protocol: UDP, ports: ends, bytes: disco.subarray(0, 60) },
    { name: 'ZeroTier hello of another', protocol: UDP, ports: ends, bytes: hello(other) },
    {
      name: 'ZeroTier to itself',
      protocol: UDP,
      ports: [9993, 9993],
      bytes: zeroTier(one, one, 0x18, 0x77, noise(40)),
      peer: zeroTier(one, one, 0x18, 0x12, noise(9)),
    },
    {
      name: 'ZeroTier between others',
      protocol: UDP,
      ports: [9993, 9993],
      bytes: zeroTier(other, one, 0x18, 0x77, noise(40)),
      peer: zeroTier(other, one, 0x18, 0x12, noise(9)),
    },
    { name: 'zeros answer zeros', protocol: UDP, ports: ends, bytes: zeros(60), peer: zeros(60) },
    { name: 'Nebula handshake without counter', protocol: UDP, ports: ends, bytes: nebula(0, 0, 0) },
    {
      name: 'Nebula message alone',
      protocol: UDP,
      ports: ends,
      bytes: nebula(1, 0x339c1f96, 99),
    },
    { name: 'Nebula without index', protocol: UDP, ports: ends, bytes: nebula(1, 0, 7) },
    { name: 'Nebula of unknown type', protocol: UDP, ports: ends, bytes: nebula(7, 1, 7) },
    {
      name: 'n2n of version 3 with something behind the name',
      protocol: UDP,
      ports: ends,
      bytes: bytes(n2n3.subarray(0, 20), 1, n2n3.subarray(21)),
    },
    {
      name: 'n2n without a name',
      protocol: UDP,
      ports: ends,
      bytes: bytes(3, 2, u16(0x23), zeros(20), noise(40)),
    },
    { name: 'fastd whose length disagrees', protocol: UDP, ports: ends, bytes: bytes(fastd(1), 0) },
    { name: 'fastd of no number', protocol: UDP, ports: ends, bytes: fastd(4) },
    { name: 'VTun line without padding', protocol: TCP, ports: ends, bytes: bytes('HOST: hx\n') },
    { name: 'text that begins with meta', protocol: TCP, ports: ends, bytes: bytes('metadata of something') },
    { name: 'beacon to a host', protocol: UDP, ports: [9001, 9001], bytes: beacon },
    { name: 'tinc version 18', protocol: TCP, ports: [1, 655], bytes: bytes('0 nodea 18\n') },
  ],
})

test.run()
