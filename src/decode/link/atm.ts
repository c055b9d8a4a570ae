/**
 * AAL5 frames: multiprotocol over ATM (RFC 2684), classical IP, and LAN emulation as SunATM captures them. The
 * encapsulation is negotiated when a virtual circuit is set up; here it is recognised by the first bytes.
 */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, LLC_CUT, NON_IP } from '../status.ts'
import { STEP_ATM, STEP_ETHERNET, STEP_LLC, STEP_RAW_IP } from '../steps.ts'
import { frameRelayPayload } from './frame-relay.ts'

/** RFC 2684 section 5: LLC with SNAP or an NLPID, or IP by itself; IEEE 802.2 for IP; Cisco's NLPID without LLC. */
const LLC_SNAP = 0xaaaa
const LLC_NLPID = 0xfefe
const LLC_IP = 0x0606
const LLC_HEADER = 3
const UNNUMBERED = 0x03

export function atm(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < LLC_HEADER) return ~LLC_CUT
  switch (readU16(bytes, at)) {
    case LLC_SNAP:
    case LLC_IP:
      return STEP_LLC
    case LLC_NLPID:
      cursor.at = at + LLC_HEADER
      return frameRelayPayload(cursor)
  }
  if (bytes[at] === UNNUMBERED) {
    cursor.at = at + 1
    return frameRelayPayload(cursor)
  }
  return bytes[at] >> 4 === 4 || bytes[at] >> 4 === 6 ? STEP_RAW_IP : ~NON_IP
}

/** LINKTYPE_SUNATM: direction (1 bit) and kind, VPI, VCI (2). */
const SUNATM_HEADER = 4
const KIND = 0x0f
const KIND_LAN_EMULATION = 1
const KIND_MANAGEMENT = 5
const KIND_SIGNALLING = 6

/** LAN emulation: the client's id, then an Ethernet frame; another value in its place marks control frames. */
const LANE_HEADER = 2
const LANE_CONTROL = 0xff00

export function sunAtm(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < SUNATM_HEADER) return ~LINK_CUT
  const kind = bytes[at] & KIND
  cursor.at = at + SUNATM_HEADER
  if (kind === KIND_MANAGEMENT || kind === KIND_SIGNALLING) return ~NON_IP
  if (kind !== KIND_LAN_EMULATION) return STEP_ATM
  if (end - cursor.at < LANE_HEADER) return ~LINK_CUT
  if (readU16(bytes, cursor.at) === LANE_CONTROL) return ~NON_IP
  cursor.at += LANE_HEADER
  return STEP_ETHERNET
}
