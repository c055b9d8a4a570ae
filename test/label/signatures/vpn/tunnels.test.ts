import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/vpn/tunnels.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/vpn/tunnels')
const TCP = 6
const UDP = 17

/** RFC 2661: T, L and S, version 2; then the message type as the first element. */
const l2tp = bytes(0xc8, 2, u16(20), zeros(8), hex('8008 0000 0000 0001'))
const pptp = (type: number) => bytes(u16(156), u16(1), hex('1a2b3c4d'), u16(type), zeros(146))
const gtp1 = (flags: number, length: number) => bytes(0x30 | flags, 1, u16(length), u32(0), u16(7), 0, 0)
/** TEID, sequence, spare byte, an element of four bytes. */
const gtp2 = bytes(0x48, 32, u16(16), u32(0), noise(3), 0, 1, u16(4), 0, noise(4))
const gtp2Echo = bytes(0x40, 1, u16(9), noise(3), 0, 3, u16(1), 0, 7)
/** TS 32.295: echo request with the header of six bytes. */
const gtpPrime = bytes(0x0f, 1, u16(0), u16(7))
const ipv6 = (source: string) =>
  bytes(0x60, 0, 0, 0, u16(8), 58, 255, hex(source), noise(12), hex('ff020000'), noise(12), noise(8))
const teredo = bytes(u16(1), 0, 0, noise(8), 0, ipv6('fe800000'))
const sctpInit = hex('8e3c8e3c 000004d2 b1b7f0be 01000014 0000004d 000005dc 0002 0002 00000001')
const vxlan = bytes(u32(0x08000000), u32(5000 << 8), noise(20))
const geneve = bytes(0x02, 0x40, u16(0x6558), u32(10 << 8), noise(8), noise(20))
const capwap = bytes(0, 0x10, 2, zeros(5), u32(1), 0, u16(7), 0, zeros(4))
const inner = bytes(0x45, 0, u16(28), noise(24))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'l2tp',
      name: 'data of version 3',
      protocol: UDP,
      ports: [1701, 1701],
      bytes: bytes(u32(0x00030000), u32(77), noise(60)),
      strength: 'weak',
    },
    {
      label: 'gtp',
      name: 'version 0',
      protocol: UDP,
      ports: [40000, 3386],
      bytes: bytes(0x1e, 16, u16(4), u16(7), u16(0), hex('ff ffffff'), noise(8), noise(4)),
      strength: 'strong',
      extras: { gtp: { version: 0, message_type: 16 } },
    },
    {
      label: 'l2tp',
      name: 'control',
      protocol: UDP,
      ports: [1701, 1701],
      bytes: l2tp,
      strength: 'strong',
      extras: { l2tp: { version: 2 } },
    },
    {
      label: 'l2tp',
      name: 'control elsewhere',
      protocol: UDP,
      ports: [1, 2],
      bytes: l2tp,
      strength: 'strong',
    },
    {
      label: 'l2tp',
      name: 'data',
      protocol: UDP,
      ports: [1701, 1701],
      bytes: bytes(0, 2, noise(20)),
      strength: 'weak',
    },
    {
      label: 'pptp',
      name: 'start request',
      protocol: TCP,
      ports: [40000, 1723],
      bytes: pptp(1),
      strength: 'strong',
      role: 'client',
      extras: { pptp: { control_type: 1 } },
    },
    {
      label: 'pptp',
      name: 'start reply',
      protocol: TCP,
      ports: [1723, 40000],
      bytes: pptp(2),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gtp',
      name: 'version 1 echo',
      protocol: UDP,
      ports: [2152, 2152],
      bytes: gtp1(2, 4),
      strength: 'strong',
      extras: { gtp: { version: 1, message_type: 1 } },
    },
    {
      label: 'gtp',
      name: 'version 2 control',
      protocol: UDP,
      ports: [40000, 2123],
      bytes: gtp2,
      strength: 'strong',
    },
    {
      label: 'gtp',
      name: 'version 2 with a message behind it',
      protocol: UDP,
      ports: [40000, 2123],
      bytes: bytes(0x58, gtp2.subarray(1), gtp2),
      strength: 'strong',
    },
    {
      label: 'gtp',
      name: 'version 2 echo without TEID',
      protocol: UDP,
      ports: [2123, 2123],
      bytes: gtp2Echo,
      strength: 'strong',
    },
    {
      label: 'gtp',
      name: "GTP' echo",
      protocol: UDP,
      ports: [40000, 3386],
      bytes: gtpPrime,
      strength: 'strong',
      extras: { gtp: { version: 0, message_type: 1 } },
    },
    {
      label: 'gtp',
      name: "GTP' over TCP, two messages",
      protocol: TCP,
      ports: [40000, 3386],
      bytes: bytes(0x4e, 240, u16(4), u16(7), noise(4), 0x4e, 1, u16(0), u16(8)),
      strength: 'strong',
    },
    {
      label: 'teredo',
      name: 'solicitation with authentication',
      protocol: UDP,
      ports: [40000, 3544],
      bytes: teredo,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'teredo',
      name: 'data off the port',
      protocol: UDP,
      ports: [40000, 5000],
      bytes: ipv6('20010000'),
      strength: 'strong',
    },
    {
      label: 'sctp',
      name: 'INIT in UDP',
      protocol: UDP,
      ports: [9899, 9899],
      bytes: sctpInit,
      strength: 'strong',
    },
    {
      label: 'vxlan',
      name: 'header',
      protocol: UDP,
      ports: [40000, 4789],
      bytes: vxlan,
      strength: 'strong',
      extras: { vxlan: { vni: 5000 } },
    },
    {
      label: 'geneve',
      name: 'header',
      protocol: UDP,
      ports: [40000, 6081],
      bytes: geneve,
      strength: 'strong',
      extras: { geneve: { vni: 10 } },
    },
    {
      label: 'capwap',
      name: 'control',
      protocol: UDP,
      ports: [40000, 5246],
      bytes: capwap,
      strength: 'strong',
    },
    {
      label: 'capwap',
      name: 'DTLS inside',
      protocol: UDP,
      ports: [40000, 5246],
      bytes: bytes(1, 0, 0, 0, 22, 0xfe, 0xff, zeros(10)),
      strength: 'strong',
    },
    {
      label: 'lisp',
      name: 'data',
      protocol: UDP,
      ports: [40000, 4341],
      bytes: bytes(noise(8), inner),
      strength: 'strong',
    },
    {
      label: 'lisp',
      name: 'control that carries an IP packet',
      protocol: UDP,
      ports: [40000, 4342],
      bytes: bytes(0x80, 0, 0, 0, inner),
      strength: 'strong',
    },
    {
      label: 'lisp',
      name: 'register',
      protocol: UDP,
      ports: [4342, 4342],
      bytes: bytes(0x30, 0, 1, 1, noise(8), u16(1), u16(20), noise(20)),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'L2TP 3, session 0',
      protocol: UDP,
      ports: [1701, 1701],
      bytes: bytes(u32(0x00030000), u32(0), noise(60)),
    },
    {
      name: 'L2TP 3 data elsewhere',
      protocol: UDP,
      ports: [1, 9],
      bytes: bytes(u32(0x00030000), u32(77), noise(60)),
    },
    {
      name: 'GTP 0, spare bytes',
      protocol: UDP,
      ports: [40000, 3386],
      bytes: bytes(0x1e, 16, u16(4), u16(7), u16(0), hex('ff ff00ff'), noise(8), noise(4)),
    },
    {
      name: 'SCTP in UDP with a wrong checksum',
      protocol: UDP,
      ports: [9899, 9899],
      bytes: bytes(sctpInit.subarray(0, 31), 2),
    },
    {
      name: 'LISP control with something that is no IP packet inside',
      protocol: UDP,
      ports: [1, 4342],
      bytes: bytes(0x80, 0, 0, 0, 0x45, noise(30)),
    },
    {
      name: 'LISP register without a key',
      protocol: UDP,
      ports: [4342, 4342],
      bytes: bytes(0x30, 0, 1, 1, noise(28)),
    },
    { name: 'L2TP length', protocol: UDP, ports: [1701, 1701], bytes: bytes(l2tp, 0) },
    { name: 'L2TP version 5', protocol: UDP, ports: [1701, 1701], bytes: bytes(0xc8, 5, l2tp.subarray(2)) },
    {
      name: 'PPTP cookie',
      protocol: TCP,
      ports: [1, 1723],
      bytes: bytes(u16(156), u16(1), hex('1a2b3c4e'), u16(1), zeros(146)),
    },
    { name: 'GTP length', protocol: UDP, ports: [2152, 2152], bytes: gtp1(2, 5) },
    {
      name: 'GTP flags without their fields',
      protocol: UDP,
      ports: [1, 2123],
      bytes: hex('3703 0000 42000000'),
    },
    {
      name: 'GTP version 2 with a spare byte',
      protocol: UDP,
      ports: [1, 2123],
      bytes: bytes(gtp2.subarray(0, 11), 1, gtp2.subarray(12)),
    },
    {
      name: 'GTP version 2 with something behind it',
      protocol: UDP,
      ports: [1, 2123],
      bytes: bytes(gtp2, gtp2),
    },
    {
      name: "GTP' of an unknown type",
      protocol: UDP,
      ports: [1, 3386],
      bytes: bytes(0x0f, 99, gtpPrime.subarray(2)),
    },
    {
      name: "GTP' without its spare bits",
      protocol: UDP,
      ports: [1, 3386],
      bytes: bytes(0x01, gtpPrime.subarray(1)),
    },
    { name: 'GTP elsewhere', protocol: UDP, ports: [1, 9], bytes: gtp2 },
    {
      name: 'IPv6 between addresses that nobody has, on the port',
      protocol: UDP,
      ports: [1, 3544],
      bytes: ipv6('80000000'),
    },
    { name: 'IPv6 that is not Teredo', protocol: UDP, ports: [1, 2], bytes: ipv6('fe800000') },
    {
      name: 'VXLAN reserved byte',
      protocol: UDP,
      ports: [1, 4789],
      bytes: bytes(u32(0x08000000), u32((5000 << 8) | 1), noise(20)),
    },
    { name: 'VXLAN to another port', protocol: UDP, ports: [1, 4790], bytes: vxlan },
    {
      name: 'GENEVE of an unknown type',
      protocol: UDP,
      ports: [1, 6081],
      bytes: bytes(2, 0, u16(0x1234), u32(10 << 8), noise(28)),
    },
    { name: 'CAPWAP header length 0', protocol: UDP, ports: [1, 5246], bytes: zeros(20) },
    { name: 'LISP inner length', protocol: UDP, ports: [1, 4341], bytes: bytes(noise(8), inner, 0) },
    { name: 'LISP type 15', protocol: UDP, ports: [4342, 4342], bytes: bytes(0xf0, 0, 1, 1, noise(20)) },
  ],
})
test.run()
