/**
 * MPLS label stacks (RFC 3032), one label a step. No field names the protocol after the bottom label: IPv4 or IPv6 are
 * recognised by their version nibble, otherwise it is an Ethernet pseudowire with (RFC 4448 section 4.6) or without
 * control word. A stack may also be carried directly in IP (RFC 4023) or UDP (RFC 7510).
 */
import { LAYER_MPLS, readU16, readU32 } from '../../bytes.ts'
import { type Cursor, keepOuter, pushLayer } from '../cursor.ts'
import { DECODED, MPLS_CUT, NON_IP, TOO_DEEP } from '../status.ts'
import {
  ETHERTYPE_PROVIDER_BRIDGE,
  ETHERTYPE_QINQ,
  ETHERTYPE_VLAN,
  STEP_ETHERNET,
  STEP_IPV4,
  STEP_IPV6,
  STEP_MPLS,
} from '../steps.ts'
import { plausibleEthernet } from './ethernet.ts'

/** RFC 3032 section 2.1: label (20 bits), traffic class (3), bottom of stack (1), TTL (8). */
const MPLS_LABEL = 4
const BOTTOM = 0x100
const CONTROL_WORD = 4
const ETHERTYPE = 12
const IPV4_HEADER = 20
const IPV4_TOTAL_LENGTH = 2
const IPV6_HEADER = 40
const IPV6_PAYLOAD_LENGTH = 4
/** IEEE 802.3 section 3.2.8: the minimum length of a frame's data, and the checksum after it. */
const PADDING_MAX = 46 + 4

export function mpls(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < MPLS_LABEL) return ~MPLS_CUT
  const entry = readU32(bytes, at)
  if (!pushLayer(cursor, LAYER_MPLS, entry >>> 12)) return ~TOO_DEEP
  cursor.at = at + MPLS_LABEL
  return (entry & BOTTOM) === 0 ? STEP_MPLS : bottomStep(cursor)
}

/** Entered only if the packet after the stack is recognised. The labels are the only layer: there is no other header. */
export function mplsTunnel(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let bottom = at
  while (end - bottom >= MPLS_LABEL && (readU32(bytes, bottom) & BOTTOM) === 0) bottom += MPLS_LABEL
  if (!carriesPacket(cursor, bottom + MPLS_LABEL)) return ~DECODED
  keepOuter(cursor)
  return STEP_MPLS
}

function carriesPacket(cursor: Cursor, at: number): boolean {
  if (at >= cursor.end) return false
  if (plausibleIp(cursor, at) || plausibleEthernet(cursor, at)) return true
  const version = cursor.bytes[at] >> 4
  // In the first fragment of the outer datagram the lengths never fit.
  if (version === 4 || version === 6) return cursor.insideFragment
  return version === 0 && plausibleEthernet(cursor, at + CONTROL_WORD)
}

/** For headers without a field for the next protocol: whether there is a datagram at `at` whose lengths fit the frame. */
export function plausibleIp(cursor: Cursor, at: number): boolean {
  const length = ipLength(cursor, at)
  return length >= 0 && length <= cursor.declaredEnd - at
}

function bottomStep(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end <= at) return ~MPLS_CUT
  const version = bytes[at] >> 4
  if (version === 4 && (isWholeIp(cursor, at) || !plausibleEthernet(cursor, at))) return STEP_IPV4
  if (version === 6 && (isWholeIp(cursor, at) || !plausibleEthernet(cursor, at))) return STEP_IPV6
  if (version === 0 && plausibleEthernet(cursor, at + CONTROL_WORD) && !isTaggedFrame(cursor, at)) {
    cursor.at = at + CONTROL_WORD
    return STEP_ETHERNET
  }
  return plausibleEthernet(cursor, at) ? STEP_ETHERNET : ~NON_IP
}

/** In a frame with a VLAN tag, the EtherType after the tag is where a frame after a control word has its EtherType. */
function isTaggedFrame(cursor: Cursor, at: number): boolean {
  if (readU32(cursor.bytes, at) === 0) return false
  const type = readU16(cursor.bytes, at + ETHERTYPE)
  return type === ETHERTYPE_VLAN || type === ETHERTYPE_PROVIDER_BRIDGE || type === ETHERTYPE_QINQ
}

/** A MAC address may begin with 4 or 6, and an IP address look like an EtherType: the length must match, up to padding. */
function isWholeIp(cursor: Cursor, at: number): boolean {
  const length = ipLength(cursor, at)
  const rest = cursor.declaredEnd - at - length
  return length >= 0 && rest >= 0 && rest <= PADDING_MAX
}

/** The datagram's length by the IP header at `at`; -1 if there is no valid one. */
function ipLength(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  if (end - at >= IPV6_HEADER && bytes[at] >> 4 === 6) {
    return IPV6_HEADER + readU16(bytes, at + IPV6_PAYLOAD_LENGTH)
  }
  if (end - at < IPV4_HEADER || bytes[at] >> 4 !== 4 || (bytes[at] & 15) < 5) return -1
  return readU16(bytes, at + IPV4_TOTAL_LENGTH)
}
