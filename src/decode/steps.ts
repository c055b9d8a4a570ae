/**
 * The steps of the decode loop, one a header. decode.ts holds the table from step to decoder; the two tables from
 * EtherType and from IP protocol number to the next step are here, because most decoders need one of them.
 */
import {
  PROTOCOL_DCCP,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_UDPLITE,
} from '../bytes.ts'
import type { Cursor } from './cursor.ts'
import { DECODED, NON_IP } from './status.ts'

export const STEP_NONE = 0
export const STEP_ETHERNET = 1
export const STEP_LLC = 2
export const STEP_RAW_IP = 3
export const STEP_IPV4 = 4
export const STEP_IPV6 = 5
export const STEP_TCP = 6
export const STEP_UDP = 7
export const STEP_UDPLITE = 8
export const STEP_SCTP = 9
export const STEP_DCCP = 10
export const STEP_ICMP = 11
export const STEP_ICMPV6 = 12
export const STEP_IPV6_EXTENSION = 13
export const STEP_IPV6_FRAGMENT = 14
export const STEP_AH = 15
export const STEP_VLAN = 16
export const STEP_MPLS = 17
export const STEP_PPPOE = 18
export const STEP_MACSEC = 19
export const STEP_PBB = 20
export const STEP_LOOPBACK = 21
export const STEP_SLL = 22
export const STEP_SLL2 = 23
export const STEP_PPP = 24
export const STEP_PPP_SERIAL = 25
export const STEP_CISCO_HDLC = 26
export const STEP_FRAME_RELAY = 27
export const STEP_IEEE80211 = 28
export const STEP_RADIOTAP = 29
export const STEP_PPI = 30
export const STEP_PRISM = 31
export const STEP_AVS = 32
export const STEP_NFLOG = 33
export const STEP_PFLOG = 34
export const STEP_ATM = 35
export const STEP_IP_OVER_FC = 36
export const STEP_IPIP = 37
export const STEP_6IN4 = 38
export const STEP_GRE = 39
export const STEP_ERSPAN2 = 40
export const STEP_ERSPAN3 = 41
export const STEP_ETHERIP = 42
export const STEP_L2TP = 43
export const STEP_L2TP_IP = 44
export const STEP_VXLAN = 45
export const STEP_VXLAN_GPE = 46
export const STEP_GENEVE = 47
export const STEP_GTPU = 48
export const STEP_TEREDO = 49
export const STEP_CAPWAP = 50
export const STEP_TZSP = 51
export const STEP_IPNET = 52
export const STEP_FABRIC_PATH = 53
export const STEP_MPLS_TUNNEL = 54
export const STEP_NSH = 55
export const STEP_ARISTA = 56
export const STEP_BROADCOM_TAG = 57
export const STEP_BROADCOM_TAG_PREPENDED = 58
export const STEP_DSA = 59
export const STEP_EDSA = 60
export const STEP_IPOIB = 61
export const STEP_MPACKET = 62
export const STEP_NETANALYZER = 63
export const STEP_NETANALYZER_TRANSPARENT = 64
export const STEP_ENC = 65
export const STEP_IEEE1394 = 66
export const STEP_TOKEN_RING = 67
export const STEP_FDDI = 68
export const STEP_ARCNET = 69
export const STEP_ARCNET_LINUX = 70
export const STEP_SUNATM = 71
export const STEP_SLIP = 72
export const STEP_PPP_WITH_DIRECTION = 73
export const STEP_PPP_PPPD = 74
export const STEP_CISCO_HDLC_WITH_DIRECTION = 75
export const STEP_FRAME_RELAY_WITH_DIRECTION = 76
export const STEP_MULTILINK_FRAME_RELAY = 77
export const STEP_JUNIPER_ETHERNET = 78
export const STEP_JUNIPER_PPP = 79
export const STEP_JUNIPER_FRAME_RELAY = 80
export const STEP_JUNIPER_CISCO_HDLC = 81
export const STEP_JUNIPER_PPPOE_ATM = 82
export const STEP_JUNIPER_ATM1 = 83
export const STEP_JUNIPER_ATM2 = 84
export const STEP_JUNIPER_MLPPP = 85
export const STEP_JUNIPER_MLFR = 86
export const STEP_JUNIPER_MFR = 87
export const STEP_JUNIPER_ENCRYPTION = 88
export const STEP_JUNIPER_GGSN = 89
export const STEP_JUNIPER_MONITOR = 90
export const STEP_JUNIPER_SERVICES = 91
export const STEP_JUNIPER_VOICE = 92
export const STEP_PKTAP = 93
export const STEP_COUNT = 94

export const ETHERTYPE_IPV4 = 0x0800
export const ETHERTYPE_ARP = 0x0806
export const ETHERTYPE_BRIDGE = 0x6558
export const ETHERTYPE_VLAN = 0x8100
export const ETHERTYPE_IPV6 = 0x86dd
export const ETHERTYPE_MPLS = 0x8847
export const ETHERTYPE_MPLS_UPSTREAM = 0x8848
export const ETHERTYPE_PPPOE_DISCOVERY = 0x8863
export const ETHERTYPE_PPPOE = 0x8864
export const ETHERTYPE_PROVIDER_BRIDGE = 0x88a8
export const ETHERTYPE_MACSEC = 0x88e5
export const ETHERTYPE_PBB = 0x88e7
export const ETHERTYPE_FABRIC_PATH = 0x8903
export const ETHERTYPE_NSH = 0x894f
export const ETHERTYPE_QINQ = 0x9100
export const ETHERTYPE_ARISTA = 0xd28b
/** IEEE 802.3 section 3.2.6: smaller values are a length. */
export const ETHERTYPE_LOWEST = 0x0600

const PROTOCOL_IPIP = 4
const PROTOCOL_IPV6 = 41
const PROTOCOL_GRE = 47
const PROTOCOL_ETHERIP = 97
const PROTOCOL_L2TP = 115
const PROTOCOL_MPLS = 137
const PROTOCOL_HOP_BY_HOP = 0
const PROTOCOL_ROUTING = 43
const PROTOCOL_FRAGMENT = 44
const PROTOCOL_AH = 51
const PROTOCOL_NO_NEXT = 59
const PROTOCOL_DESTINATION = 60
const PROTOCOL_MOBILITY = 135
const PROTOCOL_HIP = 139
const PROTOCOL_SHIM6 = 140

/** The step after a header with an EtherType, which is stored in the packet. */
export function etherTypeStep(cursor: Cursor, etherType: number): number {
  cursor.packet.etherType = etherType
  switch (etherType) {
    case ETHERTYPE_IPV4:
      return STEP_IPV4
    case ETHERTYPE_IPV6:
      return STEP_IPV6
    case ETHERTYPE_VLAN:
    case ETHERTYPE_PROVIDER_BRIDGE:
    case ETHERTYPE_QINQ:
      return STEP_VLAN
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UPSTREAM:
      return STEP_MPLS
    case ETHERTYPE_PPPOE:
      return STEP_PPPOE
    case ETHERTYPE_MACSEC:
      return STEP_MACSEC
    case ETHERTYPE_PBB:
      return STEP_PBB
    case ETHERTYPE_FABRIC_PATH:
      return STEP_FABRIC_PATH
    case ETHERTYPE_NSH:
      return STEP_NSH
    case ETHERTYPE_ARISTA:
      return STEP_ARISTA
    case ETHERTYPE_BRIDGE:
      return STEP_ETHERNET
    default:
      return ~NON_IP
  }
}

/** The step after an IP header or extension header; completes the packet in case no step follows. */
export function protocolStep(cursor: Cursor, protocol: number): number {
  const packet = cursor.packet
  packet.protocol = protocol
  if (protocol === PROTOCOL_TCP) return STEP_TCP
  if (protocol === PROTOCOL_UDP) return STEP_UDP
  packet.srcPort = 0
  packet.dstPort = 0
  packet.payloadStart = cursor.at
  packet.payloadEnd = cursor.end
  packet.payloadBytes = cursor.declaredEnd - cursor.at
  const step = packet.ipVersion === 6 ? extensionStep(protocol) : STEP_NONE
  return step === STEP_NONE ? otherStep(protocol, cursor.decapsulate) : step
}

/** IPv6 extension headers (IANA registry of 2014, RFC 7045) that can be skipped. */
function extensionStep(protocol: number): number {
  switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_MOBILITY:
    case PROTOCOL_HIP:
    case PROTOCOL_SHIM6:
      return STEP_IPV6_EXTENSION
    case PROTOCOL_FRAGMENT:
      return STEP_IPV6_FRAGMENT
    default:
      return STEP_NONE
  }
}

function otherStep(protocol: number, decapsulate: boolean): number {
  switch (protocol) {
    case PROTOCOL_ICMP:
      return STEP_ICMP
    case PROTOCOL_ICMPV6:
      return STEP_ICMPV6
    case PROTOCOL_SCTP:
      return STEP_SCTP
    case PROTOCOL_DCCP:
      return STEP_DCCP
    case PROTOCOL_UDPLITE:
      return STEP_UDPLITE
    case PROTOCOL_AH:
      return STEP_AH
    default:
      return decapsulate ? tunnelStep(protocol) : ~DECODED
  }
}

function tunnelStep(protocol: number): number {
  switch (protocol) {
    case PROTOCOL_IPIP:
      return STEP_IPIP
    case PROTOCOL_IPV6:
      return STEP_6IN4
    case PROTOCOL_GRE:
      return STEP_GRE
    case PROTOCOL_ETHERIP:
      return STEP_ETHERIP
    case PROTOCOL_L2TP:
      return STEP_L2TP_IP
    case PROTOCOL_MPLS:
      return STEP_MPLS_TUNNEL
    default:
      return ~DECODED
  }
}

/** Whether a later fragment of this protocol needs more than its IP header to find its flow. */
export function needsFirstFragment(protocol: number, ipVersion: number, decapsulate: boolean): boolean {
  if (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP) return true
  if (ipVersion === 6 && extensionStep(protocol) !== STEP_NONE) return true
  return otherStep(protocol, decapsulate) >= 0
}

export function isNoNextHeader(protocol: number): boolean {
  return protocol === PROTOCOL_NO_NEXT
}
