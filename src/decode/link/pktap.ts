/** macOS's PKTAP (LINKTYPE_PKTAP): frames of several interfaces, each after a little-endian header with its link type. */
import { readU16LE, readU32LE } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, LINK_HEADER, LINK_TYPE_UNKNOWN, NON_IP } from '../status.ts'
import { STEP_NONE } from '../steps.ts'
import { linkStep } from './link.ts'

/** Version 1: length (4), record type (4), link type (4), interface (24), flags (4), … */
const RECORD_TYPE = 4
const LINK_TYPE = 8
const FLAGS = 36
const HEADER_1_MIN = 108
const HEADER_2_MIN = 40
const RECORD_PACKET = 1
/** Version 2 has its flags at the same offset: length (1), five offsets, link type (2), … */
const VERSION_2 = 0x80000
const LINK_TYPE_2 = 6

export function pktap(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < HEADER_2_MIN) return ~LINK_CUT
  const second = (readU32LE(bytes, at + FLAGS) & VERSION_2) !== 0
  const length = second ? bytes[at] : readU32LE(bytes, at)
  if (length < (second ? HEADER_2_MIN : HEADER_1_MIN)) return ~LINK_HEADER
  if (!second && readU32LE(bytes, at + RECORD_TYPE) !== RECORD_PACKET) return ~NON_IP
  if (end - at < length) return ~LINK_CUT
  cursor.at = at + length
  const step = linkStep(second ? readU16LE(bytes, at + LINK_TYPE_2) : readU32LE(bytes, at + LINK_TYPE))
  return step === STEP_NONE ? ~LINK_TYPE_UNKNOWN : step
}
