/**
 * Ethernet as it was on the wire, checksum included: Hilscher netANALYZER, with or without preamble, and the preemptible
 * frames of IEEE 802.3br (mPackets). Their fragments are not reassembled: the first one is decoded.
 */
import { type Cursor, markFirstLinkFragment, removeTrailer } from '../cursor.ts'
import { LINK_CUT, LINK_FRAGMENT, LINK_HEADER, NON_IP } from '../status.ts'
import { STEP_ETHERNET } from '../steps.ts'

/** Seven bytes; some of them may be lost or repeated. */
const PREAMBLE = 0x55
const PREAMBLE_MAX = 16
const FCS_BYTES = 4

/** netANALYZER: a little-endian word: errors (8 bits), event (1), transparent (1), version (4), port (2), length (12). */
const EVENT_AT = 1
const EVENT = 0x01
const NETANALYZER_HEADER = 4

export function netAnalyzer(cursor: Cursor): number {
  if (cursor.end - cursor.at < NETANALYZER_HEADER) return ~LINK_CUT
  if ((cursor.bytes[cursor.at + EVENT_AT] & EVENT) !== 0) return ~NON_IP
  cursor.at += NETANALYZER_HEADER
  removeTrailer(cursor, cursor.at, FCS_BYTES)
  return STEP_ETHERNET
}

/** The frame with its preamble. */
export function netAnalyzerTransparent(cursor: Cursor): number {
  if (cursor.end - cursor.at < NETANALYZER_HEADER) return ~LINK_CUT
  if ((cursor.bytes[cursor.at + EVENT_AT] & EVENT) !== 0) return ~NON_IP
  const at = skipPreamble(cursor, cursor.at + NETANALYZER_HEADER)
  if (at >= cursor.end) return ~LINK_CUT
  return cursor.bytes[at] === SMD_EXPRESS ? frame(cursor, at + 1) : ~LINK_HEADER
}

/** IEEE 802.3 section 99.3.3: start mPacket delimiters, the last byte of the preamble. */
const SMD_EXPRESS = 0xd5
const SMD_VERIFY = 0x07
const SMD_RESPOND = 0x19

export function mPacket(cursor: Cursor): number {
  const at = skipPreamble(cursor, cursor.at)
  if (at >= cursor.end) return ~LINK_CUT
  switch (cursor.bytes[at]) {
    case 0xe6:
    case 0x4c:
    case 0x7f:
    case 0xb3:
      markFirstLinkFragment(cursor)
      return frame(cursor, at + 1)
    case SMD_EXPRESS:
      return frame(cursor, at + 1)
    case 0x61:
    case 0x52:
    case 0x9e:
    case 0x2a:
      return ~LINK_FRAGMENT
    case SMD_VERIFY:
    case SMD_RESPOND:
      return ~NON_IP
    default:
      return ~LINK_HEADER
  }
}

function skipPreamble({ bytes, end }: Cursor, start: number): number {
  const last = Math.min(end, start + PREAMBLE_MAX)
  let at = start
  while (at < last && bytes[at] === PREAMBLE) at++
  return at
}

function frame(cursor: Cursor, at: number): number {
  cursor.at = at
  removeTrailer(cursor, at, FCS_BYTES)
  return STEP_ETHERNET
}
