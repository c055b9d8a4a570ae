/** IEEE 802.2 LLC with SNAP, also after the network header of IP over Fibre Channel (RFC 4338). */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LLC_CUT, NON_IP } from '../status.ts'
import { STEP_IPV4, STEP_LLC } from '../steps.ts'
import { snapStep } from './snap.ts'

/** IEEE 802.2 section 3.2: destination and source service access point, control. */
const DSAP = 0
const SSAP = 1
const CONTROL = 2
const LLC_HEADER = 3
/** RFC 1042: organisation code and protocol. */
const SNAP_ORGANISATION = 3
const SNAP_PROTOCOL = 6
const SNAP_HEADER = 8

/** RFC 2684 section 5.2: padding before a bridged frame. */
const BRIDGED_PADDING = 2

const SAP_SNAP = 0xaa
const SAP_IP = 0x06
const UNNUMBERED = 0x03

export function llc(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < LLC_HEADER) return ~LLC_CUT
  cursor.packet.etherType = -1
  if (bytes[at + DSAP] === SAP_IP && bytes[at + SSAP] === SAP_IP && bytes[at + CONTROL] === UNNUMBERED) {
    cursor.at = at + LLC_HEADER
    return STEP_IPV4
  }
  if (bytes[at + DSAP] !== SAP_SNAP || bytes[at + SSAP] !== SAP_SNAP) return ~NON_IP
  if (end - at < SNAP_HEADER) return ~LLC_CUT
  const organisation = (bytes[at + SNAP_ORGANISATION] << 16) | readU16(bytes, at + SNAP_ORGANISATION + 1)
  cursor.at = at + SNAP_HEADER
  return snapStep(cursor, organisation, readU16(bytes, at + SNAP_PROTOCOL), BRIDGED_PADDING)
}

/** RFC 4338: the 16-byte network header of IP over Fibre Channel. */
const NETWORK_HEADER = 16

export function ipOverFibreChannel(cursor: Cursor): number {
  if (cursor.end - cursor.at < NETWORK_HEADER) return ~LLC_CUT
  cursor.at += NETWORK_HEADER
  return STEP_LLC
}
