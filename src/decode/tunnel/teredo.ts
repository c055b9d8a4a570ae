/** Teredo (RFC 4380): IPv6 in UDP, after optional authentication and origin indications. */
import { LAYER_TEREDO, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_IPV6 } from '../steps.ts'

/** RFC 4380 section 5.1.1: indicator, then for authentication the two lengths, id, value, nonce (8), confirmation. */
const INDICATOR_AUTHENTICATION = 0x0001
const INDICATOR_ORIGIN = 0x0000
const AUTHENTICATION_HEADER = 4
const ID_LENGTH = 2
const VALUE_LENGTH = 3
const NONCE_AND_CONFIRMATION = 9
const ORIGIN = 8

const IPV6_PAYLOAD_LENGTH = 4
const IPV6_HEADER = 40

export function teredo(cursor: Cursor): number {
  const { bytes, end } = cursor
  let at = cursor.at
  if (end - at >= AUTHENTICATION_HEADER && readU16(bytes, at) === INDICATOR_AUTHENTICATION) {
    at += AUTHENTICATION_HEADER + bytes[at + ID_LENGTH] + bytes[at + VALUE_LENGTH] + NONCE_AND_CONFIRMATION
  }
  if (end - at >= ORIGIN && readU16(bytes, at) === INDICATOR_ORIGIN) at += ORIGIN
  if (end - at < IPV6_HEADER || bytes[at] >> 4 !== 6) return ~DECODED
  const ipBytes = IPV6_HEADER + readU16(bytes, at + IPV6_PAYLOAD_LENGTH)
  if (ipBytes > cursor.declaredEnd - at && !cursor.insideFragment) return ~DECODED
  cursor.at = at
  return enterTunnel(cursor, LAYER_TEREDO, -1) ? STEP_IPV6 : ~TOO_DEEP
}
