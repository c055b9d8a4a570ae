/** Sound frames of further link types: a part of the catalogue. */
import { arp, concat, ethernet, hex, ipv4, ipv6, mac, u16, udp } from '../packet-builder.ts'
import type { Sample } from './catalogue.ts'

const dgram = () => udp({ srcPort: 1000, dstPort: 2000 }, 'payload!')
const inner = () => ipv4({}, dgram())
const inner6 = () => ipv6({}, dgram())

const addresses = () => concat(mac('02000000000b'), mac('02000000000a'))

/** Ethernet with a switch chip's tag behind the addresses. */
export function tagged(tag: string, payload: Uint8Array, type = 0x0800): Uint8Array {
  return concat(addresses(), hex(tag), u16(type), payload)
}

const ipv4Links: [string, number, Uint8Array, string?][] = [
  ['broadcom tag', 281, tagged('00 00 20 05', inner())],
  ['broadcom tag prepended', 282, concat(hex('20 00 00 20'), ethernet(inner()))],
  ['dsa untagged', 284, tagged('c0 10 05 39', inner())],
  ['dsa tagged', 284, tagged('60 10 a0 07', inner()), 'vlan:7'],
  ['edsa untagged', 285, tagged('dada 0000 c0 10 05 39', inner())],
  ['edsa tagged', 285, tagged('dada 0000 e0 10 00 0c', inner()), 'vlan:12'],
]

const ipv6Links: [string, number, Uint8Array][] = [['dsa ipv6', 284, tagged('c0 10 00 00', inner6(), 0x86dd)]]

const nonIp: [string, number, Uint8Array][] = [
  ['dsa arp', 284, tagged('40 10 00 00', arp(), 0x0806)],
  ['dsa stp', 284, tagged('40 10 00 00', hex('42 42 03 0000 00 00'), 7)],
]

export const LINK_SAMPLES: Sample[] = [
  ...ipv4Links.map(([name, linkType, frame, encapsulation = '']) => ({
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
