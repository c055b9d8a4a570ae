/** IP over IEEE 1394 as Apple's systems capture it (LINKTYPE_APPLE_IP_OVER_IEEE1394): addresses and an EtherType. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT } from '../status.ts'
import { etherTypeStep } from '../steps.ts'

/** Destination and source of eight bytes each, EtherType. */
const TYPE = 16
const IEEE1394_HEADER = 18

export function ieee1394(cursor: Cursor): number {
  const at = cursor.at
  if (cursor.end - at < IEEE1394_HEADER) return ~LINK_CUT
  cursor.at = at + IEEE1394_HEADER
  return etherTypeStep(cursor, readU16(cursor.bytes, at + TYPE))
}
