/** One sound frame per protocol, by name: what the truncation, fuzz and oracle tests go through. */
import {
  arp,
  ascii,
  concat,
  dccp,
  ethernet,
  geneve,
  gre,
  gtpu,
  hex,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  ipv6Extension,
  ipv6Fragment,
  mac,
  mpls,
  ppp,
  pppoe,
  sctp,
  snap,
  tcp,
  u8,
  u16,
  u32,
  udp,
  udplite,
  vlan,
  vxlan,
} from '../packet-builder.ts'
import { LINK_SAMPLES } from './catalogue-links.ts'

export interface Sample {
  name: string
  linkType: number
  frame: Uint8Array
  /** Innermost flow as flowText() writes it; '' where it carries no IP. */
  flow: string
  encapsulation: string
}

const FLOW = '10.0.0.1:1000 > 10.0.0.2:2000 17'
const FLOW6 = '2001:db8::1:1000 > 2001:db8::2:2000 17'
const TUNNEL = { src: '192.0.2.1', dst: '192.0.2.2' }

const ports = { srcPort: 1000, dstPort: 2000 }
const dgram = () => udp(ports, 'payload!')
const inner = () => ipv4({}, dgram())
const inner6 = () => ipv6({}, dgram())

/** An 802.11 data frame to the access point with its LLC header. */
export function wifi(control: string, body: Uint8Array, sequence = 0): Uint8Array {
  return concat(
    hex(control),
    u16(0),
    mac('020000000001'),
    mac('020000000002'),
    mac('020000000003'),
    u16(sequence),
    body,
  )
}

/** Radiotap with a flags field. */
export function radiotap(flags: number, frame: Uint8Array): Uint8Array {
  return concat(hex('00 00 09 00 02 00 00 00'), u8(flags), frame)
}

export function greProtocol(
  type: number,
  flags: number,
  fields: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  return concat(u16(flags, type), fields, payload)
}

function tunnelled(protocol: number, payload: Uint8Array): Uint8Array {
  return ethernet(ipv4({ ...TUNNEL, protocol }, payload))
}

function overUdp(dstPort: number, payload: Uint8Array): Uint8Array {
  return ethernet(ipv4(TUNNEL, udp({ srcPort: 40000, dstPort }, payload)))
}

const links: [string, number, Uint8Array][] = [
  ['ethernet', 1, ethernet(inner())],
  ['802.3 snap', 1, concat(mac('02000000000b'), mac('02000000000a'), u16(44), snap(inner()))],
  ['llc ip', 1, concat(mac('02000000000b'), mac('02000000000a'), u16(39), hex('06 06 03'), inner())],
  ['raw 101', 101, inner()],
  ['raw 12', 12, inner()],
  ['raw 14', 14, inner()],
  ['ipv4 link', 228, inner()],
  ['null little', 0, concat(hex('02 00 00 00'), inner())],
  ['null big', 0, concat(hex('00 00 00 02'), inner())],
  ['loop', 108, concat(hex('00 00 00 02'), inner())],
  ['sll', 113, concat(hex('0000 0001 0006 020000000001 0000 0800'), inner())],
  ['sll2', 276, concat(hex('0800 0000 00000003 0001 00 06 0200000000010000'), inner())],
  ['ppp', 9, ppp(inner())],
  ['ppp hdlc', 50, ppp(inner(), { hdlc: true })],
  ['ppp short', 9, concat(hex('21'), inner())],
  ['cisco hdlc', 104, concat(hex('0f 00 0800'), inner())],
  ['cisco hdlc as ppp', 50, concat(hex('0f 00 0800'), inner())],
  ['frame relay', 107, concat(hex('18 41 03 cc'), inner())],
  ['frame relay snap', 107, concat(hex('18 41 03 00 80 000000 0800'), inner())],
  ['frame relay bridged', 107, concat(hex('18 41 03 00 80 0080c2 0007'), ethernet(inner()))],
  ['frame relay cisco', 107, concat(hex('18 41 0800'), inner())],
  ['802.11', 105, wifi('08 01', snap(inner()))],
  ['802.11 wds qos', 105, concat(wifi('88 03', concat(mac('020000000004'), hex('00 00'), snap(inner()))))],
  [
    '802.11 a-msdu',
    105,
    wifi('88 01', concat(hex('80 00'), mac('020000000004'), mac('020000000005'), u16(44), snap(inner()))),
  ],
  ['radiotap', 127, radiotap(0, wifi('08 01', snap(inner())))],
  ['radiotap fcs', 127, radiotap(0x10, concat(wifi('08 01', snap(inner())), u32(0)))],
  ['radiotap padded', 127, radiotap(0x20, wifi('88 01', concat(hex('00 00 0000'), snap(inner()))))],
  ['ppi', 192, concat(hex('00 00 08 00 69 00 00 00'), wifi('08 01', snap(inner())))],
  ['prism', 119, concat(new Uint8Array(144), wifi('08 01', snap(inner())))],
  ['avs', 163, concat(hex('80211001 00000040'), new Uint8Array(56), wifi('08 01', snap(inner())))],
  ['nflog', 239, concat(hex('02 00 0000 0800 0100 00000000'), u8(4 + 36, 0, 9, 0), inner())],
  ['pflog', 117, concat(hex('3d 02'), new Uint8Array(62), inner())],
  ['rfc 1483', 100, snap(inner())],
  ['rfc 1483 bridged', 100, concat(hex('aaaa03 0080c2 0007 0000'), ethernet(inner()))],
  ['ip over fc', 122, concat(new Uint8Array(16), snap(inner()))],
  ['ipnet', 226, concat(hex('01 02 0000 00000024'), new Uint8Array(16), inner())],
]

const ipv6Links: [string, number, Uint8Array][] = [
  ['ethernet ipv6', 1, ethernet(inner6())],
  ['raw ipv6', 101, inner6()],
  ['ipv6 link', 229, inner6()],
  ['ipv6 behind the link type of IPv4', 228, inner6()],
  ...[10, 23, 24, 28, 30].map((family): [string, number, Uint8Array] => [
    `null ${family}`,
    0,
    concat(u8(family, 0, 0, 0), inner6()),
  ]),
  ['ppp ipv6', 9, ppp(inner6())],
  ['ipv6 hop-by-hop', 1, ethernet(ipv6({}, ipv6Extension(0, dgram())))],
  ['ipv6 chain', 1, ethernet(ipv6({}, ipv6Extension(0, ipv6Extension(43, ipv6Extension(60, dgram())))))],
  ['ipv6 atomic fragment', 1, ethernet(ipv6({}, ipv6Fragment({}, dgram())))],
  [
    'ipv6 ah',
    1,
    ethernet(
      ipv6({ nextHeader: 51 }, concat(hex('11 04 0000 00000001 00000001'), new Uint8Array(12), dgram())),
    ),
  ],
]

const tags: [string, Uint8Array, string][] = [
  ['vlan', ethernet(vlan(12, inner())), 'vlan:12'],
  ['qinq', ethernet(vlan(3, vlan(4, inner()), { tpid: 0x88a8 })), 'vlan:3 vlan:4'],
  ['vlan 9100', ethernet(vlan(3, inner(), { tpid: 0x9100 })), 'vlan:3'],
  ['mpls', ethernet(mpls([16, 17], inner())), 'mpls:16 mpls:17'],
  ['mpls pseudowire', ethernet(mpls([18], concat(u32(0), ethernet(inner())))), 'mpls:18'],
  ['mpls pseudowire vlan', ethernet(mpls([18], ethernet(vlan(7, inner())))), 'mpls:18 vlan:7'],
  ['nsh', ethernet(concat(hex('0fc2 02 01 00002a ff'), inner()), { etherType: 0x894f }), 'nsh:42'],
  [
    'nsh ethernet',
    ethernet(concat(hex('0fc3 02 03 00002a fe 00000000'), ethernet(inner())), { etherType: 0x894f }),
    'nsh:42',
  ],
  [
    'arista 64',
    ethernet(concat(hex('0001 0010 5ceeed57 384f59c8 0800'), inner()), { etherType: 0xd28b }),
    '',
  ],
  ['arista 48', ethernet(concat(hex('0001 0120 ed57 384f59c8 0800'), inner()), { etherType: 0xd28b }), ''],
  ['pppoe', ethernet(pppoe(7, inner())), 'pppoe:7'],
  ['macsec clear', ethernet(concat(hex('00 00 00000001 0800'), inner()), { etherType: 0x88e5 }), ''],
  ['802.1ah', ethernet(concat(hex('00 000005'), ethernet(inner())), { etherType: 0x88e7 }), ''],
]

const tunnels: [string, Uint8Array, string][] = [
  ['ipip', tunnelled(4, inner()), 'ipip'],
  ['gre', tunnelled(47, gre({}, inner())), 'gre'],
  ['gre key', tunnelled(47, gre({ key: 7, sequence: 1, checksum: true }, inner())), 'gre:7'],
  [
    'gre routing',
    tunnelled(47, greProtocol(0x0800, 0x4000, hex('00000000 0800 00 04 0a000001 0000 00 00'), inner())),
    'gre',
  ],
  ['gre bridge', tunnelled(47, gre({ protocol: 0x6558 }, ethernet(inner()))), 'gre'],
  [
    'pptp',
    tunnelled(47, greProtocol(0x880b, 0x3001, concat(u16(40, 9), u32(1)), ppp(inner(), { hdlc: true }))),
    'pptp:9',
  ],
  ['erspan i', tunnelled(47, gre({ protocol: 0x88be }, ethernet(inner()))), 'erspan'],
  [
    'erspan ii',
    tunnelled(
      47,
      gre({ protocol: 0x88be, sequence: 1 }, concat(hex('1001 0003 00000000'), ethernet(inner()))),
    ),
    'erspan:3',
  ],
  [
    'erspan iii',
    tunnelled(
      47,
      gre(
        { protocol: 0x22eb, sequence: 1 },
        concat(hex('2001 0003 00000000 0000 0001'), new Uint8Array(8), ethernet(inner())),
      ),
    ),
    'erspan:3',
  ],
  ['etherip', tunnelled(97, concat(hex('3000'), ethernet(inner()))), 'gre'],
  ['l2tp', overUdp(1701, concat(hex('4002 0030 0001 0005'), ppp(inner(), { hdlc: true }))), 'l2tp:5'],
  [
    'l2tp sequence offset',
    overUdp(1701, concat(hex('0a02 0001 0005 0000 0000 0002 0000'), ppp(inner()))),
    'l2tp:5',
  ],
  ['l2tpv3 udp', overUdp(1701, concat(hex('0003 0000 00000009'), ethernet(inner()))), 'l2tp:9'],
  ['l2tpv3 ip', tunnelled(115, concat(hex('00000009 01020304 00000000'), ethernet(inner()))), 'l2tp:9'],
  ['vxlan', ethernet(ipv4(TUNNEL, vxlan(5000, ethernet(inner())))), 'vxlan:5000'],
  ['vxlan 8472', ethernet(ipv4(TUNNEL, vxlan(5000, ethernet(inner()), 8472))), 'vxlan:5000'],
  ['vxlan gbp', overUdp(4789, concat(hex('88000010 00138800'), ethernet(inner()))), 'vxlan:5000'],
  [
    'vxlan-gpe nsh',
    overUdp(4790, concat(hex('0c000004 00000100 0fc2 02 01 00002a ff'), inner())),
    'vxlan:1 nsh:42',
  ],
  ['mpls in ip', tunnelled(137, mpls([16, 17], inner())), 'mpls:16 mpls:17'],
  ['mpls in udp', overUdp(6635, mpls([16], inner())), 'mpls:16'],
  ['vxlan-gpe', overUdp(4790, concat(hex('0c000001 00000100'), inner())), 'vxlan:1'],
  [
    'geneve',
    ethernet(ipv4(TUNNEL, geneve(9, ethernet(inner()), { options: new Uint8Array(8) }))),
    'geneve:9',
  ],
  ['geneve ip', ethernet(ipv4(TUNNEL, geneve(9, inner()))), 'geneve:9'],
  ['gtp-u', ethernet(ipv4(TUNNEL, gtpu(77, inner()))), 'gtp-u:77'],
  [
    'gtp-u extension',
    overUdp(2152, concat(hex('34 ff 002c 0000004d 0000 00 85 01 10 05 00'), inner())),
    'gtp-u:77',
  ],
  ['capwap', overUdp(5247, concat(hex('00 10 03 00 0000 0000'), wifi('08 01', snap(inner())))), 'capwap'],
  [
    'capwap swapped',
    overUdp(5247, concat(hex('00 10 03 00 0000 0000'), wifi('01 08', snap(inner())))),
    'capwap',
  ],
  ['capwap 802.3', overUdp(5247, concat(hex('00 10 02 00 0000 0000'), ethernet(inner()))), 'capwap'],
  ['tzsp', overUdp(37008, concat(hex('01 00 0001 00 0a 01 05 01'), ethernet(inner()))), 'tzsp'],
  [
    'vlan vxlan gre',
    ethernet(vlan(1, ipv4(TUNNEL, vxlan(2, ethernet(ipv4(TUNNEL, gre({}, inner()))))))),
    'vlan:1 vxlan:2 gre',
  ],
]

const tunnels6: [string, Uint8Array, string][] = [
  ['6in4', tunnelled(41, inner6()), '6in4'],
  ['teredo', overUdp(3544, inner6()), 'teredo'],
  [
    'teredo origin',
    overUdp(3544, concat(hex('0001 01 01 aa bb 0000000000000000 00 0000 1234 fefefefe'), inner6())),
    'teredo',
  ],
]

const transports: [string, Uint8Array, string][] = [
  ['tcp', ethernet(ipv4({}, tcp({ ...ports, flags: 'PA' }, 'GET /'))), '10.0.0.1:1000 > 10.0.0.2:2000 6'],
  [
    'tcp options',
    ethernet(ipv4({ options: hex('94040000') }, tcp({ ...ports, flags: 'S', options: hex('020405b4') }))),
    '10.0.0.1:1000 > 10.0.0.2:2000 6',
  ],
  ['udp-lite', ethernet(ipv4({}, udplite(ports, 'x'))), '10.0.0.1:1000 > 10.0.0.2:2000 136'],
  ['sctp', ethernet(ipv4({}, sctp(ports, hex('00 03 0004')))), '10.0.0.1:1000 > 10.0.0.2:2000 132'],
  ['dccp', ethernet(ipv4({}, dccp(ports, 'x'))), '10.0.0.1:1000 > 10.0.0.2:2000 33'],
  ['icmp echo', ethernet(ipv4({}, icmp({ type: 8, identifier: 5 }, 'ping'))), '10.0.0.1:8 > 10.0.0.2:0 1'],
  ['icmp error', ethernet(ipv4({}, icmp({ type: 3, code: 3 }, inner()))), '10.0.0.1:3 > 10.0.0.2:3 1'],
  [
    'icmpv6 echo',
    ethernet(ipv6({}, icmpv6({ type: 128, identifier: 5 }, 'ping'))),
    '2001:db8::1:128 > 2001:db8::2:129 58',
  ],
  ['esp', ethernet(ipv4({ protocol: 50 }, hex('00000001 00000001 0102'))), '10.0.0.1:0 > 10.0.0.2:0 50'],
  ['ospf', ethernet(ipv4({ protocol: 89 }, hex('02 01 0004'))), '10.0.0.1:0 > 10.0.0.2:0 89'],
]

const nonIp: [string, number, Uint8Array][] = [
  ['arp', 1, ethernet(arp())],
  ['stp', 1, concat(mac('0180c2000000'), mac('02000000000a'), u16(7), hex('42 42 03 0000 00 00'))],
  ['pppoe discovery', 1, ethernet(hex('11 09 0000 0004 0101 0000'), { etherType: 0x8863 })],
  ['lcp', 9, ppp(hex('01 01 0004'), { protocol: 0xc021 })],
  ['802.11 beacon', 105, concat(hex('80 00'), new Uint8Array(22), ascii('ssid'))],
]

export const SAMPLES: Sample[] = [
  ...links.map(([name, linkType, frame]) => ({ name, linkType, frame, flow: FLOW, encapsulation: '' })),
  ...ipv6Links.map(([name, linkType, frame]) => ({ name, linkType, frame, flow: FLOW6, encapsulation: '' })),
  ...tags.map(([name, frame, encapsulation]) => ({ name, linkType: 1, frame, flow: FLOW, encapsulation })),
  ...tunnels.map(([name, frame, encapsulation]) => ({ name, linkType: 1, frame, flow: FLOW, encapsulation })),
  ...tunnels6.map(([name, frame, encapsulation]) => ({
    name,
    linkType: 1,
    frame,
    flow: FLOW6,
    encapsulation,
  })),
  ...transports.map(([name, frame, flow]) => ({ name, linkType: 1, frame, flow, encapsulation: '' })),
  ...nonIp.map(([name, linkType, frame]) => ({ name, linkType, frame, flow: '', encapsulation: '' })),
  ...LINK_SAMPLES,
]
