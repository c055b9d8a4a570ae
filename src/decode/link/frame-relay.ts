/**
 * Frame relay (LINKTYPE_FRELAY): a Q.922 address, then RFC 2427's NLPID or Cisco's bare EtherType; and fragments of
 * its frames on multilink bundles.
 */
import { readU16 } from '../../bytes.ts'
import { type Cursor, markFirstLinkFragment } from '../cursor.ts'
import { LINK_CUT, LINK_FRAGMENT, NON_IP } from '../status.ts'
import { etherTypeStep, STEP_FRAME_RELAY, STEP_IPV4, STEP_IPV6, STEP_PPP } from '../steps.ts'
import { snapStep } from './snap.ts'

/** Q.922 section 3.3: the last address octet has its lowest bit set; two to four octets. */
const ADDRESS_MIN = 2
const ADDRESS_MAX = 4
const EXTENDED = 1

const UNNUMBERED = 0x03
/** RFC 2427 section 3: network layer protocol identifiers. */
const NLPID_PADDING = 0x00
const NLPID_SNAP = 0x80
const NLPID_IPV6 = 0x8e
const NLPID_IPV4 = 0xcc
const NLPID_PPP = 0xcf
const SNAP_FIELDS = 5

export function frameRelay(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  let length = ADDRESS_MIN
  while (length <= ADDRESS_MAX && at + length <= end && (bytes[at + length - 1] & EXTENDED) === 0) length++
  if (length > ADDRESS_MAX || end - at < length + 2) return ~LINK_CUT
  if (bytes[at + length] === UNNUMBERED) {
    cursor.at = at + length + 1
    return frameRelayPayload(cursor)
  }
  cursor.at = at + length + 2
  return etherTypeStep(cursor, readU16(bytes, at + length))
}

/** LINKTYPE_FRELAY_WITH_DIR: 0 for received, then the frame. */
const DIRECTION = 1

export function frameRelayWithDirection(cursor: Cursor): number {
  if (cursor.end - cursor.at < DIRECTION) return ~LINK_CUT
  cursor.at += DIRECTION
  return STEP_FRAME_RELAY
}

/** FRF.16.1 (LINKTYPE_MFR): beginning, end and control bit, sequence number; then a frame or a fragment of one. */
const MULTILINK_HEADER = 2
const BEGINNING = 0x80
const ENDING = 0x40
const CONTROL = 0x20

export function multilinkFrameRelay(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < MULTILINK_HEADER) return ~LINK_CUT
  if ((bytes[at] & CONTROL) !== 0) return ~NON_IP
  if ((bytes[at] & BEGINNING) === 0) return ~LINK_FRAGMENT
  if ((bytes[at] & ENDING) === 0) markFirstLinkFragment(cursor)
  cursor.at = at + MULTILINK_HEADER
  return STEP_FRAME_RELAY
}

/** Reads the NLPID; returns the step of the protocol that it names. */
export function frameRelayPayload(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  if (at < end && bytes[at] === NLPID_PADDING) at++
  if (at >= end) return ~LINK_CUT
  cursor.at = at + 1
  switch (bytes[at]) {
    case NLPID_IPV4:
      return STEP_IPV4
    case NLPID_IPV6:
      return STEP_IPV6
    case NLPID_PPP:
      return STEP_PPP
    case NLPID_SNAP:
      break
    default:
      return ~NON_IP
  }
  if (end - at < 1 + SNAP_FIELDS) return ~LINK_CUT
  cursor.at = at + 1 + SNAP_FIELDS
  const organisation = (bytes[at + 1] << 16) | readU16(bytes, at + 2)
  // RFC 2427 section 4.2: a bridged frame follows without padding.
  return snapStep(cursor, organisation, readU16(bytes, at + 4), 0)
}
