/**
 * ARCNET (ATA 878.1) as BSD and as Linux capture it: IPv4 by RFC 1201 or RFC 1051, IPv6 by RFC 2497. Of a packet in
 * several frames the first one is decoded; Linux reassembles them itself.
 */
import { type Cursor, markFirstLinkFragment } from '../cursor.ts'
import { LINK_CUT, LINK_FRAGMENT, NON_IP } from '../status.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, etherTypeStep } from '../steps.ts'

/** Source, destination, protocol; Linux has an offset (2) before the protocol. */
const BSD_PROTOCOL = 2
const LINUX_PROTOCOL = 4

/** RFC 1201 section 2.1, after the protocol: split flag, sequence number (2). */
const SPLIT_FLAG = 1
const LONG_HEADER = 4
/** Flag and sequence number are padding: protocol, flag and sequence number follow once more. */
const EXCEPTION = 0xff

const PROTOCOL_DIAGNOSE = 128
const PROTOCOL_IPV6 = 196
const PROTOCOL_IPV4 = 212
const PROTOCOL_ARP = 213
const PROTOCOL_IPV4_RFC1051 = 240
const PROTOCOL_ARP_RFC1051 = 241

export function arcnet(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at + BSD_PROTOCOL
  if (end <= at) return ~LINK_CUT
  const protocol = bytes[at]
  if (isShort(protocol)) return protocolStep(cursor, at + 1, protocol)
  if (end - at < LONG_HEADER) return ~LINK_CUT
  if (bytes[at + SPLIT_FLAG] === EXCEPTION) at += LONG_HEADER
  if (end - at < LONG_HEADER) return ~LINK_CUT
  const flag = bytes[at + SPLIT_FLAG]
  // Odd in the first frame of several, even in the others, 0 for a packet in one frame.
  if (flag !== 0 && (flag & 1) === 0) return ~LINK_FRAGMENT
  if (flag !== 0) markFirstLinkFragment(cursor)
  return protocolStep(cursor, at + LONG_HEADER, protocol)
}

export function arcnetLinux(cursor: Cursor): number {
  const at = cursor.at + LINUX_PROTOCOL
  if (cursor.end <= at) return ~LINK_CUT
  const protocol = cursor.bytes[at]
  if (isShort(protocol)) return protocolStep(cursor, at + 1, protocol)
  return cursor.end - at < LONG_HEADER ? ~LINK_CUT : protocolStep(cursor, at + LONG_HEADER, protocol)
}

function isShort(protocol: number): boolean {
  return (
    protocol === PROTOCOL_IPV4_RFC1051 || protocol === PROTOCOL_ARP_RFC1051 || protocol === PROTOCOL_DIAGNOSE
  )
}

function protocolStep(cursor: Cursor, at: number, protocol: number): number {
  cursor.at = at
  switch (protocol) {
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV4_RFC1051:
      return etherTypeStep(cursor, ETHERTYPE_IPV4)
    case PROTOCOL_IPV6:
      return etherTypeStep(cursor, ETHERTYPE_IPV6)
    case PROTOCOL_ARP:
    case PROTOCOL_ARP_RFC1051:
      return etherTypeStep(cursor, ETHERTYPE_ARP)
    default:
      return ~NON_IP
  }
}
