/** The time stamp that Arista's switches put before the EtherType of tapped frames. Other subtypes carry no frame. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, NON_IP } from '../status.ts'
import { etherTypeStep } from '../steps.ts'

/** Subtype, version, seconds (2 or 4 bytes), nanoseconds (4), then the frame's own EtherType. */
const VERSION = 2
const TIME = 4
const SUBTYPE_TIMESTAMP = 1
/** The low byte of the version gives the length of the time; the high byte distinguishes TAI from UTC. */
const FORMAT = 0xff
const LONG_TIME = 0x10
const SHORT_TIME = 0x20

export function arista(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < TIME) return ~LINK_CUT
  const format = readU16(bytes, at + VERSION) & FORMAT
  if (readU16(bytes, at) !== SUBTYPE_TIMESTAMP || (format !== LONG_TIME && format !== SHORT_TIME))
    return ~NON_IP
  const type = at + TIME + (format === LONG_TIME ? 8 : 6)
  if (end - type < 2) return ~LINK_CUT
  cursor.at = type + 2
  return etherTypeStep(cursor, readU16(bytes, type))
}
