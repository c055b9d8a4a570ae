/** Cisco HDLC (LINKTYPE_C_HDLC, RFC 1547 section 4.3.1): address, control, EtherType. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT } from '../status.ts'
import { etherTypeStep, STEP_CISCO_HDLC } from '../steps.ts'

const PROTOCOL = 2
const CISCO_HDLC_HEADER = 4

export function ciscoHdlc(cursor: Cursor): number {
  const at = cursor.at
  if (cursor.end - at < CISCO_HDLC_HEADER) return ~LINK_CUT
  cursor.at = at + CISCO_HDLC_HEADER
  return etherTypeStep(cursor, readU16(cursor.bytes, at + PROTOCOL))
}

/** LINKTYPE_C_HDLC_WITH_DIR: 0 for received, then the frame. */
const DIRECTION = 1

export function ciscoHdlcWithDirection(cursor: Cursor): number {
  if (cursor.end - cursor.at < DIRECTION) return ~LINK_CUT
  cursor.at += DIRECTION
  return STEP_CISCO_HDLC
}
