import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/network.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/network')

const igmpQuery = hex('11 64 ee9b 00000000') // general query, maximum response 10 s, checksum
const ospfHello = bytes(2, 1, u16(44), u32(0x0a000001), u32(7), zeros(32))
const pimHello = hex('20 00 dfff') // version 2, hello, checksum
const vrrpAdvertisement = bytes(0x21, 7, 100, 1, 0, 1, 0, 0, 10, 0, 0, 1, zeros(8))
/** Host 1, skew 100, seven words, every second. */
const carp = hex('21016407 0001c431 00010203 04050607 08090a0b 0c0d0e0f 10111213 14151617 18191a1b')
const eigrpHello = bytes(hex('02 05 ecfa 00000000 00000000 00000000 0000 1100'))
const rsvpPath = bytes(0x10, 1, 0, 0, 64, 0, u16(12), zeros(4))
const espFirst = bytes(u32(0x12345678), u32(1), noise(32))
const espSecond = bytes(u32(0x12345678), u32(2), noise(32))
const authenticated = bytes(50, 4, 0, 0, u32(0x1000), u32(9), noise(32))
const sctpData = bytes(0, 3, u16(20), u32(1), u16(0), u16(0), u32(46), noise(4))

testSignatures(test, signatures, {
  matches: [
    { label: 'icmp', name: 'echo data', protocol: 1, bytes: noise(8), strength: 'strong' },
    { label: 'icmpv6', name: 'echo data', protocol: 58, ipVersion: 6, bytes: noise(8), strength: 'strong' },
    { label: 'igmp', name: 'query with checksum', protocol: 2, bytes: igmpQuery, strength: 'strong' },
    {
      label: 'igmp',
      name: 'wrong checksum',
      protocol: 2,
      bytes: hex('11 64 0000 00000000'),
      strength: 'weak',
    },
    { label: 'igmp', name: 'four bytes', protocol: 2, bytes: hex('11 64 ee9b'), strength: 'weak' },
    { label: 'rsvp', name: 'path', protocol: 46, bytes: rsvpPath, strength: 'strong' },
    { label: 'rsvp', name: 'wrong length', protocol: 46, bytes: rsvpPath.subarray(0, 8), strength: 'weak' },
    { label: 'gre', name: 'keep-alive', protocol: 47, bytes: hex('0000 0800 45'), strength: 'strong' },
    { label: 'ipsec', name: 'ESP, first packet', protocol: 50, bytes: espFirst, strength: 'weak' },
    {
      label: 'ipsec',
      name: 'ESP with a reserved SPI',
      protocol: 50,
      bytes: bytes(u32(110), u32(19), noise(32)),
      strength: 'weak',
    },
    {
      label: 'ipsec',
      name: 'ESP, next',
      protocol: 50,
      bytes: espSecond,
      previous: espFirst,
      strength: 'strong',
    },
    { label: 'ipsec', name: 'AH', protocol: 51, bytes: authenticated, strength: 'strong' },
    { label: 'eigrp', name: 'hello', protocol: 88, bytes: eigrpHello, strength: 'strong' },
    {
      label: 'ospf',
      name: 'version 2 hello',
      protocol: 89,
      bytes: ospfHello,
      strength: 'strong',
      extras: { ospf: { version: 2, area: 7 } },
    },
    { label: 'ospf', name: 'version 9', protocol: 89, bytes: bytes(9, zeros(43)), strength: 'weak' },
    {
      label: 'pim',
      name: 'register, whose packet is not in the checksum',
      protocol: 103,
      bytes: bytes(hex('21 00 deff 00000000'), noise(40)),
      strength: 'strong',
    },
    { label: 'pim', name: 'hello', protocol: 103, bytes: pimHello, strength: 'strong' },
    {
      label: 'vrrp',
      name: 'version 2 advertisement',
      protocol: 112,
      bytes: vrrpAdvertisement,
      strength: 'strong',
      extras: { vrrp: { virtual_router: 7, priority: 100 } },
    },
    {
      label: 'carp',
      name: 'advertisement',
      protocol: 112,
      bytes: carp,
      strength: 'strong',
    },
    {
      label: 'vrrp',
      name: 'advertisement of CARP whose checksum is wrong',
      protocol: 112,
      bytes: bytes(carp.subarray(0, 35), carp[35] ^ 1),
      strength: 'weak',
    },
    { label: 'vrrp', name: 'version 7', protocol: 112, bytes: bytes(0x72, noise(19)), strength: 'weak' },
    {
      label: 'sctp',
      name: 'data chunk',
      protocol: 132,
      ports: [40000, 3868],
      bytes: sctpData,
      strength: 'strong',
      extras: { sctp: { payload_protocol: 46 } },
    },
    {
      label: 'sctp',
      name: 'data behind an acknowledgement',
      protocol: 132,
      ports: [40000, 3868],
      bytes: bytes(hex('03 00 0010 00000001 000005dc 0000 0000'), sctpData),
      strength: 'strong',
      role: 'none',
      extras: { sctp: { payload_protocol: 46 } },
    },
    {
      label: 'sctp',
      name: 'start of an association',
      protocol: 132,
      ports: [36412, 36412],
      bytes: hex('01 00 0014 0000004d 000005dc 0002 0002 00000001'),
      strength: 'strong',
      role: 'client',
    },
    { label: 'sctp', name: 'unknown chunk', protocol: 132, bytes: hex('63 00 0004'), strength: 'weak' },
  ],
  misses: [
    { name: 'ESP with SPI 0', protocol: 50, bytes: bytes(u32(0), u32(1), noise(32)) },
    { name: 'TCP is not looked at', protocol: 6, bytes: igmpQuery },
  ],
})
test.run()
