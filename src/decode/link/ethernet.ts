/** Ethernet II and IEEE 802.3 frames, without preamble; a frame check sequence at the end is treated as padding. */
import { readU16 } from '../../bytes.ts'
import { type Cursor, limitLength } from '../cursor.ts'
import { LINK_CUT, NON_IP } from '../status.ts'
import {
  ETHERTYPE_ARISTA,
  ETHERTYPE_ARP,
  ETHERTYPE_FABRIC_PATH,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_LOWEST,
  ETHERTYPE_MACSEC,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_UPSTREAM,
  ETHERTYPE_NSH,
  ETHERTYPE_PBB,
  ETHERTYPE_PPPOE,
  ETHERTYPE_PPPOE_DISCOVERY,
  ETHERTYPE_PROVIDER_BRIDGE,
  ETHERTYPE_QINQ,
  ETHERTYPE_VLAN,
  etherTypeStep,
  STEP_LLC,
} from '../steps.ts'

/** IEEE 802.3 section 3.1.1: destination, source, length or type. */
const TYPE = 12
const ETHERNET_HEADER = 14

/** Values between the greatest length and the least EtherType are undefined. */
const LENGTH_MAX = 1500
/** Novell's IPX over 802.3 has no LLC header; it begins with a checksum field of ffff. */
const RAW_IPX = 0xffff
/** IEEE 802.2: both service access points, unnumbered information. */
const LLC_HEADER = 3
const SAP_IP = 0x0606
const SAP_SNAP = 0xaaaa
const UNNUMBERED = 0x03

export function ethernet(cursor: Cursor): number {
  const at = cursor.at
  if (cursor.end - at < ETHERNET_HEADER) return ~LINK_CUT
  const type = readU16(cursor.bytes, at + TYPE)
  cursor.at = at + ETHERNET_HEADER
  return type >= ETHERTYPE_LOWEST ? etherTypeStep(cursor, type) : lengthStep(cursor, type)
}

/** What follows a field that holds a length (802.3) instead of an EtherType. */
export function lengthStep(cursor: Cursor, length: number): number {
  if (length > LENGTH_MAX) {
    cursor.packet.etherType = length
    return ~NON_IP
  }
  cursor.packet.etherType = -1
  limitLength(cursor, cursor.at, length)
  if (cursor.end - cursor.at >= 2 && readU16(cursor.bytes, cursor.at) === RAW_IPX) return ~NON_IP
  return STEP_LLC
}

/**
 * For headers without a field for the next protocol: whether there is an Ethernet frame at `at`, with a well-known type
 * and, where that is IP, a matching version.
 */
export function plausibleEthernet(cursor: Cursor, at: number): boolean {
  if (cursor.end - at < ETHERNET_HEADER) return false
  switch (readU16(cursor.bytes, at + TYPE)) {
    case ETHERTYPE_IPV4:
      return cursor.end > at + ETHERNET_HEADER && cursor.bytes[at + ETHERNET_HEADER] >> 4 === 4
    case ETHERTYPE_IPV6:
      return cursor.end > at + ETHERNET_HEADER && cursor.bytes[at + ETHERNET_HEADER] >> 4 === 6
    case ETHERTYPE_ARP:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_PROVIDER_BRIDGE:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UPSTREAM:
    case ETHERTYPE_PPPOE:
    case ETHERTYPE_PPPOE_DISCOVERY:
    case ETHERTYPE_MACSEC:
    case ETHERTYPE_PBB:
    case ETHERTYPE_FABRIC_PATH:
    case ETHERTYPE_NSH:
    case ETHERTYPE_ARISTA:
      return true
    default:
      return plausibleLlc(cursor, at)
  }
}

/** A frame of IEEE 802.3 with SNAP or, before RFC 1042, IP by itself: the two forms that carry IP. */
function plausibleLlc(cursor: Cursor, at: number): boolean {
  const { bytes } = cursor
  const llc = at + ETHERNET_HEADER
  if (cursor.end < llc + LLC_HEADER || readU16(bytes, at + TYPE) > LENGTH_MAX) return false
  const sap = readU16(bytes, llc)
  return (sap === SAP_SNAP || sap === SAP_IP) && bytes[llc + 2] === UNNUMBERED
}

/** Provider backbone bridge tag (IEEE 802.1ah section 9.7): flags and a 24-bit service id, then a whole frame. */
const PBB_TAG = 4

export function pbb(cursor: Cursor): number {
  if (cursor.end - cursor.at < PBB_TAG) return ~LINK_CUT
  cursor.at += PBB_TAG
  return ethernet(cursor)
}

/** Cisco FabricPath: a forwarding tag (tree and TTL), then a whole frame. The frame before it has the switch addresses. */
const FABRIC_PATH_TAG = 2

export function fabricPath(cursor: Cursor): number {
  if (cursor.end - cursor.at < FABRIC_PATH_TAG) return ~LINK_CUT
  cursor.at += FABRIC_PATH_TAG
  return ethernet(cursor)
}
