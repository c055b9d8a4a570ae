/** MACsec (IEEE 802.1AE section 9): readable only where it protects integrity without encrypting. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { ENCRYPTED_MACSEC, MACSEC_CUT } from '../status.ts'
import { etherTypeStep } from '../steps.ts'

/** Section 9.3: tag control and association number, short length, packet number (4), channel id (8, optional). */
const MACSEC_TAG = 6
const CHANNEL_ID = 8
const CHANNEL_PRESENT = 0x20
/** Encryption and changed text: either makes the payload unreadable. */
const NOT_CLEAR = 0x0c

export function macsec(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < MACSEC_TAG) return ~MACSEC_CUT
  const control = bytes[at]
  if ((control & NOT_CLEAR) !== 0) return ~ENCRYPTED_MACSEC
  const length = (control & CHANNEL_PRESENT) !== 0 ? MACSEC_TAG + CHANNEL_ID : MACSEC_TAG
  if (end - at < length + 2) return ~MACSEC_CUT
  cursor.at = at + length + 2
  return etherTypeStep(cursor, readU16(bytes, at + length))
}
