/**
 * L2TP data messages: version 2 over UDP (RFC 2661), version 3 over UDP and over IP (RFC 3931). Control messages count
 * for the outer flow. In version 3 the length of the cookie and the sublayer are negotiated out of band: of the possible
 * lengths, the first one that is followed by an Ethernet frame with IP or by a PPP frame is used.
 */
import { LAYER_L2TP, readI32, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { plausibleEthernet } from '../link/ethernet.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET, STEP_PPP } from '../steps.ts'

/** RFC 2661 section 3.1: flags and version, [length], tunnel, session, [Ns, Nr], [offset size, padding]. */
const FLAG_CONTROL = 0x8000
const FLAG_LENGTH = 0x4000
const FLAG_SEQUENCE = 0x0800
const FLAG_OFFSET = 0x0200
const RESERVED = 0x34f0
const VERSION = 0x000f
const FLAGS_FIELD = 2
const LENGTH_FIELD = 2
const TUNNEL_AND_SESSION = 4
const SEQUENCE_FIELDS = 4
const OFFSET_FIELD = 2

export function l2tp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < FLAGS_FIELD + TUNNEL_AND_SESSION) return ~DECODED
  const flags = readU16(bytes, at)
  if ((flags & FLAG_CONTROL) !== 0) return ~DECODED
  if ((flags & VERSION) === 3) return version3(cursor, at + VERSION3_SESSION)
  if ((flags & VERSION) !== 2 || (flags & RESERVED) !== 0) return ~DECODED
  let next = at + FLAGS_FIELD
  if ((flags & FLAG_LENGTH) !== 0) next += LENGTH_FIELD
  next += TUNNEL_AND_SESSION
  const sessionAt = next - 2
  if ((flags & FLAG_SEQUENCE) !== 0) next += SEQUENCE_FIELDS
  if ((flags & FLAG_OFFSET) !== 0) {
    if (next + OFFSET_FIELD > end) return ~DECODED
    next += OFFSET_FIELD + readU16(bytes, next)
  }
  if (next >= end) return ~DECODED
  cursor.at = next
  return enterTunnel(cursor, LAYER_L2TP, readU16(bytes, sessionAt)) ? STEP_PPP : ~TOO_DEEP
}

/** RFC 3931 section 4.1.2: over UDP, flags and reserved bits precede the session id; over IP, nothing. */
const VERSION3_SESSION = 4
const SESSION = 4
/** Cookies of 0, 4 or 8 bytes, then a sublayer of 0 or 4. */
const PREFIX_MAX = 12
const PPP_ADDRESS_CONTROL = 0xff03

export function l2tpOverIp(cursor: Cursor): number {
  return version3(cursor, cursor.at)
}

function version3(cursor: Cursor, at: number): number {
  const { bytes, end } = cursor
  if (end - at < SESSION) return ~DECODED
  const session = readI32(bytes, at)
  // Session 0 is a control message.
  if (session === 0) return ~DECODED
  for (let frame = at + SESSION; frame <= at + SESSION + PREFIX_MAX; frame += 4) {
    const isPpp = end - frame >= 4 && readU16(bytes, frame) === PPP_ADDRESS_CONTROL
    if (!isPpp && !plausibleEthernet(cursor, frame)) continue
    cursor.at = frame
    if (!enterTunnel(cursor, LAYER_L2TP, session)) return ~TOO_DEEP
    return isPpp ? STEP_PPP : STEP_ETHERNET
  }
  return ~DECODED
}
