import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/aaa.ts'
import { bytes, noise, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/operations/aaa')
const TCP = 6
const UDP = 17

function radius(code: number, ...attributes: Uint8Array[]): Uint8Array {
  const list = bytes(...attributes)
  return bytes(code, 0x2a, u16(20 + list.length), noise(16), list)
}
const request = radius(1, bytes(1, 7, 'alice'), bytes(32, 6, 'nas1'))
const diameter = (flags: number, length = 32) =>
  bytes(1, 0, u16(length), flags, 0, u16(257), u32(0), noise(8), u32(264), 0x40, 0, u16(12), noise(4))
const tacacs = (sequence: number, length = 8) => bytes(0xc1, 1, sequence, 0, noise(4), u32(length), noise(8))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'radius',
      name: 'challenge with two attributes elsewhere',
      protocol: UDP,
      ports: [21812, 4],
      bytes: radius(11, bytes(24, 4, 1, 2), bytes(27, 6, 0, 0, 0, 9)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'radius',
      name: 'over TCP',
      protocol: TCP,
      ports: [40000, 1812],
      bytes: request,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'radius',
      name: 'access request',
      protocol: UDP,
      ports: [40000, 1812],
      bytes: request,
      strength: 'strong',
      role: 'client',
      extras: { radius: { code: 1, user_name: 'alice', nas_identifier: 'nas1' } },
    },
    {
      label: 'radius',
      name: 'one attribute elsewhere, which random bytes have now and then',
      protocol: UDP,
      ports: [21812, 4],
      bytes: radius(11, bytes(24, 4, 1, 2)),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'radius',
      name: 'one attribute to the port of a Cisco that takes orders',
      protocol: UDP,
      ports: [40000, 1700],
      bytes: radius(43, bytes(1, 5, 'bob')),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'radius',
      name: 'damaged attributes on the port',
      protocol: UDP,
      ports: [1, 1812],
      bytes: radius(1, bytes(1, 99, 'x')),
      strength: 'weak',
    },
    {
      label: 'radius',
      name: 'bare accept that echoes the id',
      protocol: UDP,
      ports: [1812, 1],
      bytes: radius(2),
      peer: request,
      strength: 'strong',
    },
    {
      label: 'diameter',
      name: 'capabilities exchange',
      protocol: TCP,
      ports: [40000, 3868],
      bytes: diameter(0x80),
      strength: 'strong',
      role: 'client',
      extras: { diameter: { command: 257, application: 0 } },
    },
    {
      label: 'diameter',
      name: 'answer',
      protocol: TCP,
      ports: [3868, 40000],
      bytes: diameter(0),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'tacacs',
      name: 'authentication start',
      protocol: TCP,
      ports: [40000, 49],
      bytes: tacacs(1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'tacacs',
      name: 'reply',
      protocol: TCP,
      ports: [49, 40000],
      bytes: tacacs(2),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'radius',
      name: 'bare answer on any port',
      protocol: UDP,
      ports: [11812, 40000],
      bytes: bytes(2, 7, u16(20), noise(16)),
      peer: bytes(1, 7, u16(25), noise(16), 1, 5, 'bob'),
      labelSoFar: 'radius',
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'TPKT whose reserved byte the peer has, too',
      protocol: TCP,
      ports: [40000, 1812],
      bytes: bytes(3, 0, u16(31), 2, 0xf0, 0x80, noise(24)),
      peer: bytes(3, 0, u16(25), 2, 0xf0, 0x80, noise(18)),
    },
    { name: 'more than the length over TCP', protocol: TCP, ports: [40000, 1812], bytes: bytes(request, 0) },
    { name: 'over TCP elsewhere', protocol: TCP, ports: [40000, 21812], bytes: request },
    { name: 'RADIUS code 99', protocol: UDP, ports: [1, 1812], bytes: radius(99, bytes(1, 7, 'alice')) },
    {
      name: 'RADIUS length beyond the datagram',
      protocol: UDP,
      ports: [1, 1812],
      bytes: request.subarray(0, 30),
    },
    {
      name: 'damaged attributes elsewhere',
      protocol: UDP,
      ports: [1, 9812],
      bytes: radius(1, bytes(1, 99, 'x')),
    },
    { name: 'Diameter reserved flags', protocol: TCP, ports: [1, 3868], bytes: diameter(0x8f) },
    { name: 'Diameter length not of words', protocol: TCP, ports: [1, 3868], bytes: diameter(0x80, 31) },
    { name: 'TACACS+ length', protocol: TCP, ports: [1, 49], bytes: tacacs(1, 9) },
    { name: 'TACACS+ sequence 0', protocol: TCP, ports: [1, 49], bytes: tacacs(0) },
  ],
})
test.run()
