/**
 * SLIP as BSD captures it (LINKTYPE_SLIP): direction, packet type and the compressed header (RFC 1144) as it was on
 * the line; after them the datagram with its headers decompressed.
 */
import type { Cursor } from '../cursor.ts'
import { LINK_CUT } from '../status.ts'
import { STEP_RAW_IP } from '../steps.ts'

const SLIP_HEADER = 16

export function slip(cursor: Cursor): number {
  if (cursor.end - cursor.at < SLIP_HEADER) return ~LINK_CUT
  cursor.at += SLIP_HEADER
  return STEP_RAW_IP
}
