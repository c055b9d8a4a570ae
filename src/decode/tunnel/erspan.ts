/** ERSPAN types II and III (draft-foschiano-erspan): mirrored Ethernet frames in GRE. Type I has no header. */
import { LAYER_ERSPAN, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET, STEP_RAW_IP } from '../steps.ts'

/** Section 4.1: version (4 bits), VLAN (12), …, session id (10), …, index. */
const SESSION = 2
const SESSION_MASK = 0x03ff
const TYPE2_HEADER = 8
const VERSION_TYPE2 = 1

/** Section 4.2: …, timestamp (4), security group (2), P, frame type (5), hardware (6), D, granularity, O. */
const TYPE3_FLAGS = 10
const TYPE3_HEADER = 12
const VERSION_TYPE3 = 2
const FRAME_TYPE_SHIFT = 10
const FRAME_TYPE_MASK = 0x1f
const FRAME_ETHERNET = 0
const FRAME_IP = 2
/** O bit: a platform-specific subheader follows. */
const SUBHEADER_PRESENT = 1
const SUBHEADER = 8

export function erspan2(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < TYPE2_HEADER || bytes[at] >> 4 !== VERSION_TYPE2) return ~DECODED
  cursor.at = at + TYPE2_HEADER
  return enterTunnel(cursor, LAYER_ERSPAN, readU16(bytes, at + SESSION) & SESSION_MASK)
    ? STEP_ETHERNET
    : ~TOO_DEEP
}

export function erspan3(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < TYPE3_HEADER || bytes[at] >> 4 !== VERSION_TYPE3) return ~DECODED
  const flags = readU16(bytes, at + TYPE3_FLAGS)
  const frameType = (flags >> FRAME_TYPE_SHIFT) & FRAME_TYPE_MASK
  if (frameType !== FRAME_ETHERNET && frameType !== FRAME_IP) return ~DECODED
  const next = at + TYPE3_HEADER + ((flags & SUBHEADER_PRESENT) !== 0 ? SUBHEADER : 0)
  if (next >= end) return ~DECODED
  cursor.at = next
  if (!enterTunnel(cursor, LAYER_ERSPAN, readU16(bytes, at + SESSION) & SESSION_MASK)) return ~TOO_DEEP
  return frameType === FRAME_ETHERNET ? STEP_ETHERNET : STEP_RAW_IP
}
