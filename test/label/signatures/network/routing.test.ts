import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/routing.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/routing')
const TCP = 6
const UDP = 17
const marker = new Uint8Array(16).fill(0xff)

const open = bytes(marker, u16(29), 1, 4, u16(65001), u16(180), u32(0x0a000001), 0)
const bfd = (own: number, peer: number) =>
  bytes(0x20, 0xc0, 3, 24, u32(own), u32(peer), u32(1000), u32(1000), u32(0))
const rip = (version: number, family = 2) =>
  bytes(2, version, 0, 0, u16(family), 0, 0, u32(0x0a000000), zeros(8), u32(1))
const ripng = bytes(2, 1, 0, 0, noise(16), 0, 0, 64, 1)
const ldp = bytes(u16(1), u16(16), u32(0x0a000001), 0, 0, u16(0x100), u16(6), noise(6))
const hsrp = (state: number, operation = 0) =>
  bytes(0, operation, state, 3, 10, 100, 7, 0, 'cisco', 0, 0, 0, u32(0x0a000001))
const hsrp2 = bytes(1, 40, 2, 0, 6, 4, u16(300), zeros(34))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'hsrp',
      name: 'advertisement, length of what follows',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: bytes(0, 3, u16(1), u16(10), zeros(10)),
      strength: 'strong',
    },
    {
      label: 'bgp',
      name: 'open',
      protocol: TCP,
      ports: [40000, 179],
      bytes: open,
      strength: 'strong',
      extras: { bgp: { message_type: 1, autonomous_system: 65001 } },
    },
    {
      label: 'bgp',
      name: 'open with a number of four bytes',
      protocol: TCP,
      ports: [40000, 179],
      // As FRR sends it for 4200000001: multiprotocol, route refresh, four-byte number.
      bytes: bytes(
        marker,
        hex('0035 01 04 5ba0 00b4 0a090b01 18 0206 0104 0001 0001 0202 0200'),
        hex('0206 4104 fa56ea01 0202 0600'),
      ),
      strength: 'strong',
      extras: { bgp: { message_type: 1, autonomous_system: 4200000001 } },
    },
    {
      label: 'bgp',
      name: 'keep-alive',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(marker, u16(19), 4),
      strength: 'strong',
    },
    {
      label: 'bfd',
      name: 'control',
      protocol: UDP,
      ports: [49152, 3784],
      bytes: bfd(1, 0),
      strength: 'strong',
      extras: { bfd: { state: 3 } },
    },
    {
      label: 'bfd',
      name: 'padded',
      protocol: UDP,
      ports: [49152, 3784],
      bytes: bytes(bfd(1, 0), 0),
      strength: 'weak',
    },
    {
      label: 'bfd',
      name: 'padded, echoes',
      protocol: UDP,
      ports: [49152, 3784],
      bytes: bytes(bfd(1, 9), 0),
      peer: bfd(9, 1),
      strength: 'strong',
    },
    {
      label: 'bfd',
      name: 'authenticated',
      protocol: UDP,
      ports: [49152, 3784],
      bytes: bytes(0x20, 0xc4, 3, 52, bfd(1, 9).subarray(4), 5, 28, noise(26)),
      strength: 'strong',
    },
    {
      label: 'hsrp',
      name: 'hello with a signature',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: bytes(hsrp(16), 4, 28, noise(28)),
      strength: 'strong',
    },
    {
      label: 'hsrp',
      name: 'hello and something behind it',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: bytes(hsrp(16), 1),
      strength: 'weak',
    },
    {
      label: 'rip',
      name: 'version 2 response',
      protocol: UDP,
      ports: [520, 520],
      bytes: rip(2),
      strength: 'strong',
    },
    {
      label: 'ripng',
      name: 'response',
      protocol: UDP,
      ipVersion: 6,
      ports: [521, 521],
      bytes: ripng,
      strength: 'strong',
    },
    { label: 'ldp', name: 'hello', protocol: UDP, ports: [646, 646], bytes: ldp, strength: 'strong' },
    {
      label: 'hsrp',
      name: 'hello',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: hsrp(16),
      strength: 'strong',
      extras: { hsrp: { group: 7 } },
    },
    {
      label: 'hsrp',
      name: 'advertisement',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: bytes(0, 3, zeros(14)),
      strength: 'weak',
    },
    {
      label: 'hsrp',
      name: 'advertisement of an interface state',
      protocol: UDP,
      ports: [1985, 1985],
      bytes: bytes(0, 3, u16(1), u16(14), zeros(10)),
      strength: 'strong',
    },
    {
      label: 'hsrp',
      name: 'version 2 group state',
      protocol: UDP,
      ports: [2029, 2029],
      bytes: hsrp2,
      strength: 'strong',
      extras: { hsrp: { group: 300 } },
    },
    {
      label: 'hsrp',
      name: 'version 2 interface state',
      protocol: UDP,
      ports: [2029, 2029],
      bytes: hex('0204 00000001'),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'STUN on the port of LDP',
      protocol: UDP,
      ports: [40000, 646],
      bytes: bytes(u16(1), u16(16), hex('2112a442'), noise(12), u16(6), u16(12), noise(12)),
    },
    {
      name: 'marker with a hole',
      protocol: TCP,
      ports: [1, 179],
      bytes: bytes(marker.subarray(1), 0, u16(19), 4),
    },
    { name: 'BGP type 9', protocol: TCP, ports: [1, 179], bytes: bytes(marker, u16(19), 9) },
    {
      name: 'BGP keep-alive of 20 bytes',
      protocol: TCP,
      ports: [1, 179],
      bytes: bytes(marker, u16(20), 4, 0),
    },
    {
      name: 'BFD whose flag and length differ on authentication',
      protocol: UDP,
      ports: [1, 3784],
      bytes: bytes(0x20, 0xc4, bfd(1, 9).subarray(2)),
    },
    {
      name: 'BFD that polls and answers at once',
      protocol: UDP,
      ports: [1, 3784],
      bytes: bytes(0x20, 0xf0, bfd(1, 9).subarray(2)),
    },
    {
      name: 'BFD with an interval of an hour',
      protocol: UDP,
      ports: [1, 3784],
      bytes: bytes(bfd(1, 9).subarray(0, 12), u32(3_600_000_000), u32(1000), u32(0)),
    },
    { name: 'BFD version 2', protocol: UDP, ports: [1, 3784], bytes: bytes(0x40, bfd(1, 0).subarray(1)) },
    { name: 'BFD without discriminator', protocol: UDP, ports: [1, 3784], bytes: bfd(0, 0) },
    { name: 'BFD elsewhere', protocol: UDP, ports: [1, 3999], bytes: bfd(1, 0) },
    { name: 'RIP version 7', protocol: UDP, ports: [520, 520], bytes: rip(7) },
    { name: 'RIP of an unknown family', protocol: UDP, ports: [520, 520], bytes: rip(2, 99) },
    {
      name: 'RIPng prefix of 200 bits',
      protocol: UDP,
      ports: [521, 521],
      bytes: bytes(2, 1, 0, 0, noise(16), 0, 0, 200, 1),
    },
    {
      name: 'LDP longer than the datagram',
      protocol: UDP,
      ports: [646, 646],
      bytes: bytes(u16(1), u16(99), noise(16)),
    },
    { name: 'HSRP state 3', protocol: UDP, ports: [1985, 1985], bytes: hsrp(3) },
    { name: 'HSRP version 2 that overruns', protocol: UDP, ports: [2029, 2029], bytes: hex('0209 00000001') },
  ],
})
test.run()
