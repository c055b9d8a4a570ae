/** Token Ring (IEEE 802.5) and FDDI (ISO 9314-2): a frame control that says whether LLC follows, and addresses. */
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, LINK_HEADER, NON_IP } from '../status.ts'
import { STEP_LLC } from '../steps.ts'

/** IEEE 802.5 section 3.2: access control, frame control, destination (6), source (6). */
const TOKEN_RING_CONTROL = 1
const TOKEN_RING_SOURCE = 8
const TOKEN_RING_HEADER = 14
const TOKEN_RING_TYPE = 0xc0
const TOKEN_RING_LLC = 0x40

/** Section 3.2.5: the group bit of the source address means that routing information follows, beginning with its length. */
const ROUTED = 0x80
const ROUTING_LENGTH = 0x1f
const ROUTING_MIN = 2

export function tokenRing(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < TOKEN_RING_HEADER) return ~LINK_CUT
  if ((bytes[at + TOKEN_RING_CONTROL] & TOKEN_RING_TYPE) !== TOKEN_RING_LLC) return ~NON_IP
  cursor.at = at + TOKEN_RING_HEADER
  return (bytes[at + TOKEN_RING_SOURCE] & ROUTED) === 0 ? STEP_LLC : routingInformation(cursor)
}

function routingInformation(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < ROUTING_MIN) return ~LINK_CUT
  const length = bytes[at] & ROUTING_LENGTH
  if (length < ROUTING_MIN) return ~LINK_HEADER
  if (end - at < length) return ~LINK_CUT
  cursor.at = at + length
  return STEP_LLC
}

/** ISO 9314-2 section 7.3: frame control, destination (6), source (6). Class (1 bit), address length (1), format (2), … */
const FDDI_HEADER = 13
/** Synchronous or asynchronous, with addresses of six bytes. */
const FDDI_FORMAT = 0x70
const FDDI_LLC = 0x50

export function fddi(cursor: Cursor): number {
  const at = cursor.at
  if (cursor.end - at < FDDI_HEADER) return ~LINK_CUT
  if ((cursor.bytes[at] & FDDI_FORMAT) !== FDDI_LLC) return ~NON_IP
  cursor.at = at + FDDI_HEADER
  return STEP_LLC
}
