/** Sound frames of further link types: a part of the catalogue. */
import {
  arp,
  concat,
  ethernet,
  hex,
  ipv4,
  ipv6,
  mac,
  mpls,
  ppp,
  pppoe,
  snap,
  u16,
  u32,
  udp,
} from '../packet-builder.ts'
import type { Sample } from './catalogue.ts'

const dgram = () => udp({ srcPort: 1000, dstPort: 2000 }, 'payload!')
const inner = () => ipv4({}, dgram())
const inner6 = () => ipv6({}, dgram())

const addresses = () => concat(mac('02000000000b'), mac('02000000000a'))

/** Ethernet with a switch chip's tag behind the addresses. */
export function tagged(tag: string, payload: Uint8Array, type = 0x0800): Uint8Array {
  return concat(addresses(), hex(tag), u16(type), payload)
}

/** The frame with its checksum (IEEE 802.3 section 3.2.9), behind a preamble that ends with `delimiter`. */
export function onWire(delimiter: string, frame: Uint8Array): Uint8Array {
  let crc = ~0
  for (const byte of frame) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  const checksum = u32(~crc >>> 0).reverse()
  return concat(hex('55 55 55 55 55 55 55'), hex(delimiter), frame, checksum)
}

/** A Token Ring frame with routing information. */
export function ring(src: string, routing: string, payload = snap(inner())): Uint8Array {
  return concat(hex('10 40'), mac('02000000000b'), hex(src), hex(routing), payload)
}

const ipv4Links: [string, number, Uint8Array, string?][] = [
  ['broadcom tag', 281, tagged('00 00 20 05', inner())],
  ['broadcom tag prepended', 282, concat(hex('20 00 00 20'), ethernet(inner()))],
  ['dsa untagged', 284, tagged('c0 10 05 39', inner())],
  ['dsa tagged', 284, tagged('60 10 a0 07', inner()), 'vlan:7'],
  ['edsa untagged', 285, tagged('dada 0000 c0 10 05 39', inner())],
  ['edsa tagged', 285, tagged('dada 0000 e0 10 00 0c', inner()), 'vlan:12'],
  ['ipoib', 242, concat(new Uint8Array(20), hex('80 000550'), new Uint8Array(16), hex('0800 0000'), inner())],
  ['ipoib specified', 242, concat(hex('0800 0000'), inner())],
  ['ieee 1394', 138, concat(new Uint8Array(16), hex('0800'), inner())],
  ['netanalyzer', 240, concat(hex('00 04 36 00'), ethernet(inner()), u32(0))],
  ['netanalyzer transparent', 241, concat(hex('00 06 3e 00'), onWire('d5', ethernet(inner())))],
  ['mpacket express', 274, onWire('d5', ethernet(inner()))],
  ['mpacket preemptible', 274, onWire('4c', ethernet(inner()))],
  ['enc little', 109, concat(hex('02000000 00001234 00000c00'), inner())],
  ['enc big', 109, concat(hex('00000002 00001234 00000c00'), inner())],
  ['mpls link', 219, mpls([16, 17], inner()), 'mpls:16 mpls:17'],
  ['token ring', 6, concat(hex('10 40'), addresses(), snap(inner()))],
  ['token ring routed', 6, ring('82 00 00 00 00 0a', '06 30 0011 0020')],
  ['token ring routed by broadcast', 6, ring('82 00 00 00 00 0a', 'c2 70')],
  ['fddi', 10, concat(hex('51'), addresses(), snap(inner()))],
  ['arcnet', 7, concat(hex('0a 0b d4 00 0001'), inner())],
  ['arcnet exception', 7, concat(hex('0a 0b d4 ff ffff d4 00 0001'), inner())],
  ['arcnet rfc 1051', 7, concat(hex('0a 0b f0'), inner())],
  ['arcnet linux', 129, concat(hex('0a 0b 0000 d4 00 0001'), inner())],
  ['atm of bsd', 11, snap(inner())],
  ['atm nlpid', 100, concat(hex('fefe03 cc'), inner())],
  ['atm llc ip', 100, concat(hex('060603'), inner())],
  ['atm cisco nlpid', 100, concat(hex('03 cc'), inner())],
  ['classical ip', 19, inner()],
  ['classical ip snap', 106, snap(inner())],
  ['sunatm llc', 123, concat(hex('82 00 0020'), snap(inner()))],
  ['sunatm raw', 123, concat(hex('00 00 0020'), inner())],
  ['sunatm lane', 123, concat(hex('01 00 0020 0001'), ethernet(inner()))],
  ['slip received', 8, concat(hex('00 45'), new Uint8Array(14), inner())],
  ['slip sent compressed', 8, concat(hex('01 c0 01 1234'), new Uint8Array(11), inner())],
  ['ppp with direction', 204, concat(hex('00'), ppp(inner(), { hdlc: true }))],
  ['ppp bare with direction', 204, concat(hex('01'), ppp(inner()))],
  ['ppp pppd', 166, concat(hex('01 03 0021'), inner())],
  ['cisco hdlc with direction', 205, concat(hex('00 0f 00 0800'), inner())],
  ['frame relay with direction', 206, concat(hex('01 1841 03 cc'), inner())],
  ['multilink frame relay', 182, concat(hex('c0 01 1841 03 cc'), inner())],
  ['pktap', 258, pktap(1, ethernet(inner()))],
  ['pktap raw', 258, pktap(12, inner())],
  [
    'pktap version 2',
    258,
    concat(
      hex('2c 00 00 28 00 00 0100'),
      new Uint8Array(28),
      hex('01000800'),
      hex('656e3000'),
      ethernet(inner()),
    ),
  ],
  ['arcnet linux rfc 1051', 129, concat(hex('0a 0b 0000 f0'), inner())],
]

/** Juniper's header: flags, and the extensions where the flags say so; then the card's cookie. */
export function juniper(flags: string, cookie: string, payload: Uint8Array): Uint8Array {
  return concat(hex('4d4743'), hex(flags), hex(cookie), payload)
}

const SERVICES = '47 000000 00 00 0000'
const SERVICES_IPV6 = '47 000000 00 10 0000'

/** Version 1 of macOS's header, for a frame of the link type. */
export function pktap(linkType: number, frame: Uint8Array, record = 1): Uint8Array {
  const words = u32(2, 1, linkType, record, 108).reverse()
  return concat(words.subarray(0, 12), new Uint8Array(24), words.subarray(12), new Uint8Array(64), frame)
}

const juniperLinks: [string, number, Uint8Array, string?][] = [
  ['juniper ethernet', 178, juniper('01', '', ethernet(inner()))],
  ['juniper extensions', 178, juniper('80', '0006 01 01 ab 02 01 cd', ethernet(inner()))],
  ['juniper without header', 178, ethernet(inner())],
  ['juniper no link', 178, juniper('03', '02000000', inner())],
  ['juniper no link extensions', 178, juniper('82', '0003 01 01 ab 02000000', inner())],
  ['juniper no link mpls', 178, juniper('02', '05000000', mpls([16], inner())), 'mpls:16'],
  ['juniper pppoe', 167, juniper('00', '', ethernet(pppoe(7, inner()))), 'pppoe:7'],
  ['juniper pppoe atm', 168, juniper('00', '8864', pppoe(7, inner())), 'pppoe:7'],
  ['juniper ppp', 179, juniper('00', '', ppp(inner(), { hdlc: true }))],
  ['juniper frame relay', 180, juniper('00', '1841 03 cc', inner())],
  ['juniper cisco hdlc', 181, juniper('00', '0f 00 0800', inner())],
  ['juniper atm1', 137, juniper('00', '01020304', snap(inner()))],
  ['juniper atm1 nlpid', 137, juniper('00', '01020304 03 cc', inner())],
  ['juniper atm1 circuit', 137, juniper('01', '01020304', inner())],
  ['juniper atm2', 135, juniper('01', '0102030400000000', snap(inner()))],
  ['juniper atm2 ethernet', 135, juniper('00', '0102030100000000', ethernet(inner()))],
  ['juniper atm2 ppp', 135, juniper('01', '0102030100000000', ppp(inner()))],
  ['juniper mlppp', 130, juniper('00', '0102', ppp(inner()))],
  ['juniper mlppp link', 130, juniper('00', '', ppp(inner(), { hdlc: true }))],
  ['juniper mlppp link services', 130, juniper('00', '54 010203', ppp(inner()))],
  ['juniper mlppp services', 130, juniper('00', SERVICES, inner())],
  ['juniper mlfr', 131, juniper('00', '0102 03 cc', inner())],
  ['juniper mlfr link services', 131, juniper('00', '54 010203 03 cc', inner())],
  ['juniper mlfr services', 131, juniper('00', SERVICES, inner())],
  ['juniper mfr link', 134, juniper('00', 'c0 01 1841 03 cc', inner())],
  ['juniper mfr link services', 134, juniper('00', '54 0102030405 03 cc', inner())],
  ['juniper mfr services', 134, juniper('00', SERVICES, inner())],
  ['juniper encryption', 132, juniper('00', '0001 40 05 00001234 c0000201 c0000202', inner())],
  ['juniper ggsn', 133, juniper('00', '0200 0500', inner())],
  ['juniper ggsn long', 133, juniper('00', '01 02 02 00 0005 0000', inner())],
  ['juniper monitor', 164, juniper('00', '00 00 0001 00000002', inner())],
  ['juniper services', 136, juniper('00', '00'.repeat(12), inner())],
  ['juniper services incoming', 136, juniper('01', '00'.repeat(16), inner())],
  ['juniper services short', 136, juniper('00', '00'.repeat(8), inner())],
  ['juniper voice', 183, juniper('00', '00'.repeat(18), inner())],
]

const ipv6Links: [string, number, Uint8Array][] = [
  ['dsa ipv6', 284, tagged('c0 10 00 00', inner6(), 0x86dd)],
  ['ipoib ipv6', 242, concat(new Uint8Array(40), hex('86dd 0000'), inner6())],
  ['ipoib specified ipv6', 242, concat(hex('86dd 0000'), inner6())],
  ['token ring ipv6', 6, ring('02 00 00 00 00 0a', '', snap(inner6()))],
  ['fddi ipv6', 10, concat(hex('50'), addresses(), snap(inner6()))],
  ['arcnet ipv6', 7, concat(hex('0a 0b c4 00 0001'), inner6())],
  ['atm nlpid ipv6', 11, concat(hex('fefe03 8e'), inner6())],
  ['slip ipv6', 8, concat(hex('00 60'), new Uint8Array(14), inner6())],
  ['ppp pppd ipv6', 166, concat(hex('00 03 0057'), inner6())],
  ['multilink frame relay ipv6', 182, concat(hex('df ff 1841 03 8e'), inner6())],
  ['juniper no link ipv6', 178, juniper('03', '06000000', inner6())],
  ['juniper atm1 circuit ipv6', 137, juniper('00', '01020304', inner6())],
  ['juniper mlppp services ipv6', 130, juniper('00', SERVICES_IPV6, inner6())],
  ['juniper mlfr services ipv6', 131, juniper('00', SERVICES_IPV6, inner6())],
  ['juniper ggsn ipv6', 133, juniper('00', '0600 0500', inner6())],
  ['arcnet linux ipv6', 129, concat(hex('0a 0b 0000 c4 00 0001'), inner6())],
  ['enc ipv6 openbsd', 109, concat(hex('18000000 00001234 00000c00'), inner6())],
  ['enc ipv6 freebsd', 109, concat(hex('1c000000 00001234 00000c00'), inner6())],
]

const nonIp: [string, number, Uint8Array][] = [
  ['dsa arp', 284, tagged('40 10 00 00', arp(), 0x0806)],
  ['dsa stp', 284, tagged('40 10 00 00', hex('42 42 03 0000 00 00'), 7)],
  ['ipoib arp', 242, concat(new Uint8Array(40), hex('0806 0000'), arp())],
  ['netanalyzer event', 240, concat(hex('00 05 36 00'), ethernet(hex('00 01'), { etherType: 0x88ff }))],
  ['token ring management', 6, concat(hex('10 00'), addresses(), hex('0004 0000'))],
  ['fddi management', 10, concat(hex('41'), addresses(), hex('0201 0001'))],
  ['arcnet arp', 7, concat(hex('0a 0b d5 00 0001'), arp())],
  ['sunatm lane control', 123, concat(hex('01 00 0020'), hex('ff00 01 01 0001 0000'))],
  ['sunatm signalling', 123, concat(hex('06 00 0005'), snap(inner()))],
  ['ppp lcp with direction', 204, concat(hex('00'), ppp(hex('01 01 0004'), { protocol: 0xc021 }))],
  ['multilink frame relay control', 182, hex('e1 00 04 03 06 00000001')],
  ['juniper arp', 178, juniper('00', '', ethernet(arp()))],
  ['juniper atm1 management', 137, juniper('00', '80000000', inner())],
  ['juniper atm2 management', 135, juniper('00', '0102030000000010', inner())],
  ['pktap without packet', 258, pktap(1, ethernet(inner()), 0)],
  ['arcnet linux arp', 129, concat(hex('0a 0b 0000 f1'), arp())],
  ['mpacket verify', 274, onWire('07', new Uint8Array(60))],
]

export const LINK_SAMPLES: Sample[] = [
  ...[...ipv4Links, ...juniperLinks].map(([name, linkType, frame, encapsulation = '']) => ({
    name,
    linkType,
    frame,
    flow: '10.0.0.1:1000 > 10.0.0.2:2000 17',
    encapsulation,
  })),
  ...ipv6Links.map(([name, linkType, frame]) => ({
    name,
    linkType,
    frame,
    flow: '2001:db8::1:1000 > 2001:db8::2:2000 17',
    encapsulation: '',
  })),
  ...nonIp.map(([name, linkType, frame]) => ({ name, linkType, frame, flow: '', encapsulation: '' })),
]
