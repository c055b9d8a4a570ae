/**
 * Ethernet frames with the tag that a switch chip adds between its ports and the processor it is part of (tcpdump.org:
 * LINKTYPE_DSA_TAG_…). Marvell's tag takes the place of the frame's VLAN tag and keeps its id.
 */
import { LAYER_VLAN, readU16, readU32 } from '../../bytes.ts'
import { type Cursor, pushLayer } from '../cursor.ts'
import { LINK_CUT, TOO_DEEP } from '../status.ts'
import { ETHERTYPE_LOWEST, etherTypeStep, STEP_ETHERNET } from '../steps.ts'
import { lengthStep } from './ethernet.ts'

/** Destination and source, the tag, length or type. */
const ADDRESSES = 12
const TAG = 4
const TYPE = 2

/** Marvell: mode (2 bits), tagged (1), device (5), port (5), flags (3), priority (3), flag (1), VLAN id (12). */
const TAGGED = 0x20000000
const VLAN_ID = 0x0fff
/** EDSA: an EtherType that the driver chooses and two zero bytes before the same tag. */
const EDSA_PREFIX = 4

export function dsa(cursor: Cursor): number {
  return marvellTag(cursor, cursor.at + ADDRESSES)
}

export function edsa(cursor: Cursor): number {
  return marvellTag(cursor, cursor.at + ADDRESSES + EDSA_PREFIX)
}

/** The VLAN id of a frame that had no tag on the wire is the port's, and differs by direction. */
function marvellTag(cursor: Cursor, at: number): number {
  if (cursor.end - at < TAG + TYPE) return ~LINK_CUT
  const tag = readU32(cursor.bytes, at)
  if ((tag & TAGGED) !== 0 && !pushLayer(cursor, LAYER_VLAN, tag & VLAN_ID)) return ~TOO_DEEP
  return typeStep(cursor, at + TAG)
}

/** Broadcom's tag after the addresses. */
export function broadcomTag(cursor: Cursor): number {
  const at = cursor.at + ADDRESSES
  return cursor.end - at < TAG + TYPE ? ~LINK_CUT : typeStep(cursor, at + TAG)
}

/** Broadcom's tag before the frame. */
export function broadcomTagPrepended(cursor: Cursor): number {
  if (cursor.end - cursor.at < TAG) return ~LINK_CUT
  cursor.at += TAG
  return STEP_ETHERNET
}

function typeStep(cursor: Cursor, at: number): number {
  const type = readU16(cursor.bytes, at)
  cursor.at = at + TYPE
  return type >= ETHERTYPE_LOWEST ? etherTypeStep(cursor, type) : lengthStep(cursor, type)
}
