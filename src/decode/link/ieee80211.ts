/**
 * IEEE 802.11 data frames (IEEE 802.11-2020 section 9.3.2). Management and control frames carry no IP; protected
 * frames cannot be read; of an aggregate (A-MSDU) the first subframe is decoded.
 */
import { readU16 } from '../../bytes.ts'
import { type Cursor, limitLength, markFirstLinkFragment } from '../cursor.ts'
import { ENCRYPTED_80211, FRAGMENT_80211, IEEE80211_CUT, NON_IP } from '../status.ts'
import { STEP_LLC } from '../steps.ts'

/** Section 9.2: frame control (2), duration (2), three addresses (18), sequence control (2). */
const FRAME_CONTROL = 0
const FRAME_FLAGS = 1
const SEQUENCE_CONTROL = 22
const DATA_HEADER = 24
const FOURTH_ADDRESS = 6
const QOS_CONTROL = 2
const HT_CONTROL = 4

const VERSION_MASK = 0x03
const TYPE_MASK = 0x0c
const TYPE_DATA = 0x08
const SUBTYPE_QOS = 0x80
const SUBTYPE_NULL = 0x40

const TO_AND_FROM_DS = 0x03
const MORE_FRAGMENTS = 0x04
const PROTECTED = 0x40
const ORDER = 0x80
const FRAGMENT_NUMBER = 0x0f
/** QoS control bit 7: the body is an A-MSDU. */
const AGGREGATE = 0x80

/** Section 9.3.2.2.2: destination, source, length. */
const SUBFRAME_LENGTH = 12
const SUBFRAME_HEADER = 14

export function ieee80211(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  cursor.packet.etherType = -1
  if (end - at < 2) return ~IEEE80211_CUT
  const control = bytes[at + (cursor.frameControlSwapped ? FRAME_FLAGS : FRAME_CONTROL)]
  const flags = bytes[at + (cursor.frameControlSwapped ? FRAME_CONTROL : FRAME_FLAGS)]
  if ((control & VERSION_MASK) !== 0 || (control & TYPE_MASK) !== TYPE_DATA) return ~NON_IP
  if ((control & SUBTYPE_NULL) !== 0) return ~NON_IP
  if ((flags & PROTECTED) !== 0) return ~ENCRYPTED_80211
  let length = DATA_HEADER
  if ((flags & TO_AND_FROM_DS) === TO_AND_FROM_DS) length += FOURTH_ADDRESS
  const qosAt = at + length
  if ((control & SUBTYPE_QOS) !== 0) length += QOS_CONTROL
  if ((control & SUBTYPE_QOS) !== 0 && (flags & ORDER) !== 0) length += HT_CONTROL
  if (cursor.paddedTo4) length = (length + 3) & ~3
  if (end - at < length) return ~IEEE80211_CUT
  // Controllers that swap the frame control bytes forward reassembled frames; their other control fields are unreliable.
  if (!cursor.frameControlSwapped) {
    if ((bytes[at + SEQUENCE_CONTROL] & FRAGMENT_NUMBER) !== 0) return ~FRAGMENT_80211
    if ((flags & MORE_FRAGMENTS) !== 0) markFirstLinkFragment(cursor)
  }
  cursor.at = at + length
  const hasQos = (control & SUBTYPE_QOS) !== 0 && !cursor.frameControlSwapped
  return hasQos && (bytes[qosAt] & AGGREGATE) !== 0 ? subframe(cursor) : STEP_LLC
}

function subframe(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < SUBFRAME_HEADER) return ~IEEE80211_CUT
  cursor.at = at + SUBFRAME_HEADER
  limitLength(cursor, cursor.at, readU16(bytes, at + SUBFRAME_LENGTH))
  return STEP_LLC
}
