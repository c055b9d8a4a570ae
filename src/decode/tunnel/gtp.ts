/** GTP-U version 1 (3GPP TS 29.281): user data only. Echo, error indications and end markers count for the outer flow. */
import { LAYER_GTPU, readI32, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_RAW_IP } from '../steps.ts'

/** TS 29.281 section 5.1: version (3 bits), PT, spare, E, S, PN; type; length after the first 8 bytes; TEID. */
const FLAGS = 0
const TYPE = 1
const LENGTH = 2
const TEID = 4
const GTP_HEADER = 8
/** Sequence number (2), N-PDU number, next extension type: all present when any of E, S, PN is set. */
const OPTIONAL_FIELDS = 4
const NEXT_EXTENSION = 3

const VERSION_AND_TYPE = 0xf0
const VERSION_1_GTP = 0x30
const ANY_OPTIONAL = 0x07
const EXTENSIONS = 0x04
const G_PDU = 255
/** Section 5.2: length in units of four bytes, content, next extension type. */
const MAX_EXTENSIONS = 8

export function gtpu(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < GTP_HEADER) return ~DECODED
  const flags = bytes[at + FLAGS]
  if ((flags & VERSION_AND_TYPE) !== VERSION_1_GTP || bytes[at + TYPE] !== G_PDU) return ~DECODED
  if (GTP_HEADER + readU16(bytes, at + LENGTH) > cursor.declaredEnd - at && !cursor.insideFragment)
    return ~DECODED
  let next = at + GTP_HEADER
  if ((flags & ANY_OPTIONAL) !== 0) next += OPTIONAL_FIELDS
  if ((flags & EXTENSIONS) !== 0) next = skipExtensions(bytes, next, end)
  if (next >= end) return ~DECODED
  const version = bytes[next] >> 4
  if (version !== 4 && version !== 6) return ~DECODED
  cursor.at = next
  return enterTunnel(cursor, LAYER_GTPU, readI32(bytes, at + TEID)) ? STEP_RAW_IP : ~TOO_DEEP
}

/** `at` is after the optional fields. Returns `end` where the chain does not fit. */
function skipExtensions(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  if (next > end) return end
  let type = bytes[at - OPTIONAL_FIELDS + NEXT_EXTENSION]
  for (let i = 0; type !== 0; i++) {
    if (i >= MAX_EXTENSIONS || next >= end) return end
    const length = bytes[next] << 2
    if (length === 0 || next + length > end) return end
    type = bytes[next + length - 1]
    next += length
  }
  return next
}
