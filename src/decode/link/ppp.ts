/** PPP (RFC 1661, RFC 1662) bare, in HDLC framing or mixed with Cisco HDLC on a serial line. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { NON_IP, PPP_CUT } from '../status.ts'
import { STEP_CISCO_HDLC, STEP_IPV4, STEP_IPV6, STEP_MPLS, STEP_PPP, STEP_PPP_SERIAL } from '../steps.ts'

/** RFC 1662 section 3.1: all-stations address and unnumbered information. */
const ADDRESS_CONTROL = 0xff03
/** RFC 1661 section 2: an odd first octet is a protocol field compressed to one octet. */
const COMPRESSED = 1

const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057
const PPP_MPLS = 0x0281
const PPP_MPLS_MULTICAST = 0x0283

/** Cisco HDLC addresses: unicast and broadcast. */
const CISCO_UNICAST = 0x0f
const CISCO_BROADCAST = 0x8f

export function ppp(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  if (end - at >= 2 && readU16(bytes, at) === ADDRESS_CONTROL) at += 2
  if (end <= at) return ~PPP_CUT
  let protocol = bytes[at]
  if ((protocol & COMPRESSED) !== 0) at++
  else {
    if (end - at < 2) return ~PPP_CUT
    protocol = readU16(bytes, at)
    at += 2
  }
  cursor.at = at
  switch (protocol) {
    case PPP_IPV4:
      return STEP_IPV4
    case PPP_IPV6:
      return STEP_IPV6
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST:
      return STEP_MPLS
    default:
      return ~NON_IP
  }
}

/** LINKTYPE_PPP_HDLC: the first octet distinguishes PPP from Cisco HDLC. */
export function pppSerial(cursor: Cursor): number {
  if (cursor.end <= cursor.at) return ~PPP_CUT
  const address = cursor.bytes[cursor.at]
  return address === CISCO_UNICAST || address === CISCO_BROADCAST ? STEP_CISCO_HDLC : STEP_PPP
}

/** LINKTYPE_PPP_WITH_DIR: 0 for received, then the frame. */
const DIRECTION = 1

export function pppWithDirection(cursor: Cursor): number {
  if (cursor.end - cursor.at < DIRECTION) return ~PPP_CUT
  cursor.at += DIRECTION
  return STEP_PPP_SERIAL
}

/** LINKTYPE_PPP_PPPD: the direction replaces the address, before the control byte. */
const DIRECTION_CONTROL = 2

export function pppPppd(cursor: Cursor): number {
  if (cursor.end - cursor.at < DIRECTION_CONTROL) return ~PPP_CUT
  cursor.at += DIRECTION_CONTROL
  return STEP_PPP
}
