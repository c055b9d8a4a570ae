/** Names of the steps and the few fields of each that a person looks for; every read stops at the captured end. */
import { addressText } from '../address.ts'
import * as steps from './steps.ts'

export type Fields = Record<string, string | number>

/** Reads at offsets from a header's start; undefined beyond the captured bytes. */
interface Header {
  u8(offset: number): number | undefined
  u16(offset: number): number | undefined
  u32(offset: number): number | undefined
  mac(offset: number): string | undefined
  address(version: 4 | 6, offset: number): string | undefined
}

type Reader = (header: Header) => Record<string, string | number | undefined>

interface StepText {
  name: string
  fields?: Reader
  /** Only chooses the next step: it has no header bytes of its own, or turned out to be no tunnel. */
  onlyDispatch?: true
}

const ports: Reader = (header) => ({ src_port: header.u16(0), dst_port: header.u16(2) })
const network: Reader = (header) => ({ vni: bits(header.u32(4), 8, 0xffffff) })

const direction: Reader = (header) => ({ sent: header.u8(0) })

const TEXTS: StepText[] = stepTexts()

export function protocolName(step: number): string {
  return TEXTS[step]?.name ?? 'unknown'
}

export function isOnlyDispatch(step: number): boolean {
  return TEXTS[step]?.onlyDispatch === true
}

export function describe(step: number, bytes: Uint8Array, start: number, end: number): Fields {
  const fields: Fields = {}
  const read = TEXTS[step]?.fields?.(headerAt(bytes, start, end)) ?? {}
  for (const [name, value] of Object.entries(read)) if (value !== undefined) fields[name] = value
  return fields
}

function headerAt(bytes: Uint8Array, start: number, end: number): Header {
  const has = (offset: number, count: number) => start + offset + count <= end
  const number = (offset: number, count: number) => {
    if (!has(offset, count)) return undefined
    let value = 0
    for (let i = 0; i < count; i++) value = value * 256 + bytes[start + offset + i]
    return value
  }
  const word = (offset: number) => (number(offset, 4) ?? 0) | 0
  return {
    u8: (offset) => number(offset, 1),
    u16: (offset) => number(offset, 2),
    u32: (offset) => number(offset, 4),
    mac: (offset) =>
      has(offset, 6)
        ? Array.from(bytes.subarray(start + offset, start + offset + 6), (byte) => hexText(byte, 2)).join(':')
        : undefined,
    address: (version, offset) => {
      if (!has(offset, version === 4 ? 4 : 16)) return undefined
      if (version === 4) return addressText(4, 0, 0, 0, word(offset))
      return addressText(6, word(offset), word(offset + 4), word(offset + 8), word(offset + 12))
    },
  }
}

function hexText(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function typeText(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `0x${hexText(value, 4)}`
}

function bits(value: number | undefined, shift: number, mask: number): number | undefined {
  return value === undefined ? undefined : Math.floor(value / 2 ** shift) & mask
}

const TCP_FLAG_LETTERS = 'FSRPAUEC'

function flagText(flags: number | undefined): string | undefined {
  if (flags === undefined) return undefined
  return [...TCP_FLAG_LETTERS].filter((_, i) => (flags & (1 << i)) !== 0).join('')
}

function stepTexts(): StepText[] {
  const texts: StepText[] = []
  const name = (step: number, text: string, fields?: Reader) => {
    texts[step] = { name: text, fields }
  }
  const tunnel = (step: number, text: string, fields?: Reader) => {
    texts[step] = { name: text, fields, onlyDispatch: true }
  }
  linkTexts(name, tunnel)
  switchTexts(name)
  otherLinkTexts(name)
  juniperTexts(name)
  ipTexts(name)
  tunnelTexts(tunnel)
  return texts
}

type Add = (step: number, text: string, fields?: Reader) => void

function linkTexts(name: Add, dispatch: Add): void {
  name(steps.STEP_ETHERNET, 'ethernet', (header) => ({
    src: header.mac(6),
    dst: header.mac(0),
    type: typeText(header.u16(12)),
  }))
  name(steps.STEP_LLC, 'llc', (header) => ({ dsap: header.u8(0), ssap: header.u8(1), control: header.u8(2) }))
  dispatch(steps.STEP_RAW_IP, 'raw ip')
  name(steps.STEP_LOOPBACK, 'loopback')
  name(steps.STEP_IPNET, 'ipnet')
  name(steps.STEP_SLL, 'linux cooked v1', (header) => ({ type: typeText(header.u16(14)) }))
  name(steps.STEP_SLL2, 'linux cooked v2', (header) => ({
    type: typeText(header.u16(0)),
    interface: header.u32(4),
  }))
  name(steps.STEP_PPP, 'ppp')
  dispatch(steps.STEP_PPP_SERIAL, 'ppp or cisco hdlc')
  name(steps.STEP_CISCO_HDLC, 'cisco hdlc', (header) => ({ type: typeText(header.u16(2)) }))
  name(steps.STEP_FRAME_RELAY, 'frame relay')
  name(steps.STEP_IEEE80211, '802.11', (header) => ({ frame_control: typeText(header.u16(0)) }))
  name(steps.STEP_RADIOTAP, 'radiotap')
  name(steps.STEP_PPI, 'ppi')
  name(steps.STEP_PRISM, 'prism')
  name(steps.STEP_AVS, 'avs')
  name(steps.STEP_NFLOG, 'nflog')
  name(steps.STEP_PFLOG, 'pflog')
  dispatch(steps.STEP_ATM, 'rfc 1483')
  name(steps.STEP_IP_OVER_FC, 'ip over fibre channel')
  name(steps.STEP_VLAN, 'vlan', (header) => ({
    id: bits(header.u16(0), 0, 0xfff),
    priority: bits(header.u16(0), 13, 7),
    type: typeText(header.u16(2)),
  }))
  name(steps.STEP_MPLS, 'mpls', (header) => ({
    label: bits(header.u32(0), 12, 0xfffff),
    bottom: bits(header.u32(0), 8, 1),
    ttl: header.u8(3),
  }))
  name(steps.STEP_PPPOE, 'pppoe', (header) => ({ session: header.u16(2), length: header.u16(4) }))
  name(steps.STEP_NSH, 'nsh', (header) => ({ path: bits(header.u32(4), 8, 0xffffff) }))
  name(steps.STEP_ARISTA, 'arista time stamp', (header) => ({
    type: typeText(header.u16(bits(header.u16(2), 5, 1) === 1 ? 10 : 12)),
  }))
  name(steps.STEP_MACSEC, 'macsec')
  name(steps.STEP_FABRIC_PATH, 'fabricpath')
  name(steps.STEP_PBB, '802.1ah', (header) => ({ service: bits(header.u32(0), 0, 0xffffff) }))
}

/** Ethernet with a switch chip's tag of `tag` bytes after the addresses. */
function tagged(tag: number): Reader {
  return (header) => ({ src: header.mac(6), dst: header.mac(0), type: typeText(header.u16(12 + tag)) })
}

function switchTexts(name: Add): void {
  const marvell =
    (tag: number): Reader =>
    (header) => ({
      ...tagged(tag)(header),
      tagged: bits(header.u16(8 + tag), 13, 1),
      vlan: bits(header.u16(10 + tag), 0, 0xfff),
    })
  name(steps.STEP_BROADCOM_TAG, 'ethernet with broadcom tag', tagged(4))
  name(steps.STEP_BROADCOM_TAG_PREPENDED, 'broadcom tag')
  name(steps.STEP_DSA, 'ethernet with dsa tag', marvell(4))
  name(steps.STEP_EDSA, 'ethernet with edsa tag', marvell(8))
}

function otherLinkTexts(name: Add): void {
  name(steps.STEP_IPOIB, 'ip over infiniband')
  name(steps.STEP_IEEE1394, 'ip over ieee 1394', (header) => ({ type: typeText(header.u16(16)) }))
  name(steps.STEP_NETANALYZER, 'netanalyzer')
  name(steps.STEP_NETANALYZER_TRANSPARENT, 'netanalyzer and preamble')
  name(steps.STEP_MPACKET, 'preamble')
  name(steps.STEP_ENC, 'enc')
  name(steps.STEP_TOKEN_RING, 'token ring', (header) => ({ src: header.mac(8), dst: header.mac(2) }))
  name(steps.STEP_FDDI, 'fddi', (header) => ({ src: header.mac(7), dst: header.mac(1) }))
  name(steps.STEP_SUNATM, 'sunatm', (header) => ({ vpi: header.u8(1), vci: header.u16(2) }))
  name(steps.STEP_PKTAP, 'pktap')
  name(steps.STEP_SLIP, 'slip')
  name(steps.STEP_PPP_WITH_DIRECTION, 'direction', direction)
  name(steps.STEP_PPP_PPPD, 'direction', direction)
  name(steps.STEP_CISCO_HDLC_WITH_DIRECTION, 'direction', direction)
  name(steps.STEP_FRAME_RELAY_WITH_DIRECTION, 'direction', direction)
  name(steps.STEP_MULTILINK_FRAME_RELAY, 'multilink frame relay', (header) => ({
    beginning: bits(header.u8(0), 7, 1),
    end: bits(header.u8(0), 6, 1),
    sequence: (bits(header.u8(0), 1, 15) ?? 0) * 256 + (header.u8(1) ?? 0),
  }))
  const arcnet: Reader = (header) => ({ src: header.u8(0), dst: header.u8(1) })
  name(steps.STEP_ARCNET, 'arcnet', arcnet)
  name(steps.STEP_ARCNET_LINUX, 'arcnet', arcnet)
}

function juniperTexts(name: Add): void {
  for (let step = steps.STEP_JUNIPER_ETHERNET; step <= steps.STEP_JUNIPER_VOICE; step++) name(step, 'juniper')
}

function ipTexts(name: Add): void {
  name(steps.STEP_IPV4, 'ipv4', (header) => ({
    src: header.address(4, 12),
    dst: header.address(4, 16),
    protocol: header.u8(9),
    total_length: header.u16(2),
    ttl: header.u8(8),
    identification: typeText(header.u16(4)),
    more_fragments: bits(header.u16(6), 13, 1),
    fragment_offset: (bits(header.u16(6), 0, 0x1fff) ?? 0) * 8,
  }))
  name(steps.STEP_IPV6, 'ipv6', (header) => ({
    src: header.address(6, 8),
    dst: header.address(6, 24),
    next_header: header.u8(6),
    payload_length: header.u16(4),
    hop_limit: header.u8(7),
  }))
  name(steps.STEP_IPV6_EXTENSION, 'ipv6 extension', (header) => ({ next_header: header.u8(0) }))
  name(steps.STEP_IPV6_FRAGMENT, 'ipv6 fragment', (header) => ({
    next_header: header.u8(0),
    more_fragments: bits(header.u16(2), 0, 1),
    fragment_offset: (bits(header.u16(2), 3, 0x1fff) ?? 0) * 8,
    identification: header.u32(4),
  }))
  name(steps.STEP_AH, 'ah', (header) => ({
    next_header: header.u8(0),
    spi: header.u32(4),
    sequence: header.u32(8),
  }))
  name(steps.STEP_TCP, 'tcp', (header) => ({
    ...ports(header),
    sequence: header.u32(4),
    acknowledgement: header.u32(8),
    flags: flagText(header.u8(13)),
    window: header.u16(14),
  }))
  name(steps.STEP_UDP, 'udp', (header) => ({ ...ports(header), length: header.u16(4) }))
  name(steps.STEP_UDPLITE, 'udp-lite', ports)
  name(steps.STEP_SCTP, 'sctp', (header) => ({ ...ports(header), verification_tag: header.u32(4) }))
  name(steps.STEP_DCCP, 'dccp', ports)
  name(steps.STEP_ICMP, 'icmp', (header) => ({
    type: header.u8(0),
    code: header.u8(1),
    identifier: header.u16(4),
  }))
  name(steps.STEP_ICMPV6, 'icmpv6', (header) => ({ type: header.u8(0), code: header.u8(1) }))
}

function tunnelTexts(tunnel: Add): void {
  tunnel(steps.STEP_IPIP, 'ip in ip')
  tunnel(steps.STEP_6IN4, '6in4')
  tunnel(steps.STEP_GRE, 'gre', (header) => ({
    flags: typeText(header.u16(0)),
    type: typeText(header.u16(2)),
  }))
  const session: Reader = (header) => ({ session: bits(header.u16(2), 0, 0x3ff) })
  tunnel(steps.STEP_ERSPAN2, 'erspan ii', session)
  tunnel(steps.STEP_ERSPAN3, 'erspan iii', session)
  tunnel(steps.STEP_ETHERIP, 'etherip')
  tunnel(steps.STEP_L2TP, 'l2tp')
  tunnel(steps.STEP_L2TP_IP, 'l2tpv3')
  tunnel(steps.STEP_VXLAN, 'vxlan', network)
  tunnel(steps.STEP_VXLAN_GPE, 'vxlan-gpe', network)
  tunnel(steps.STEP_GENEVE, 'geneve', network)
  tunnel(steps.STEP_GTPU, 'gtp-u', (header) => ({ type: header.u8(1), teid: header.u32(4) }))
  tunnel(steps.STEP_TEREDO, 'teredo')
  tunnel(steps.STEP_CAPWAP, 'capwap')
  tunnel(steps.STEP_TZSP, 'tzsp')
  tunnel(steps.STEP_MPLS_TUNNEL, 'mpls in ip')
}
