/** CAPWAP data channel (RFC 5415): Ethernet or 802.11 frames. DTLS, keep-alives and later fragments count for the outer flow. */
import { LAYER_CAPWAP, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel, markFirstLinkFragment } from '../cursor.ts'
import { plausibleEthernet } from '../link/ethernet.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET, STEP_IEEE80211 } from '../steps.ts'

/** RFC 5415 section 4.3: preamble; header length (5 bits), radio (5), binding (5), T; F, L, W, M, K, flags; fragment. */
const PREAMBLE = 0
const LENGTH_RADIO_BINDING = 1
const FLAGS = 3
const FRAGMENT_OFFSET = 6
const CAPWAP_HEADER = 8

const BINDING_IEEE80211 = 1
/** T, the lowest bit of byte 2: the payload is a native frame of the binding, otherwise Ethernet. */
const NATIVE = 0x01
const FRAGMENT = 0x80
const KEEP_ALIVE = 0x08
const OFFSET_MASK = 0xfff8

/** 802.11 data frames of either frame control byte order: type and version bits. */
const FRAME_CONTROL_MASK = 0x0f
const FRAME_CONTROL_DATA = 0x08

export function capwap(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < CAPWAP_HEADER || bytes[at + PREAMBLE] !== 0) return ~DECODED
  const fields = readU16(bytes, at + LENGTH_RADIO_BINDING)
  const headerLength = (fields >> 11) << 2
  const binding = (fields >> 1) & 0x1f
  if (headerLength < CAPWAP_HEADER || end - at < headerLength + 2) return ~DECODED
  if ((bytes[at + FLAGS] & KEEP_ALIVE) !== 0) return ~DECODED
  if ((readU16(bytes, at + FRAGMENT_OFFSET) & OFFSET_MASK) !== 0) return ~DECODED
  const frame = at + headerLength
  const native = (fields & NATIVE) !== 0
  if (native ? binding !== BINDING_IEEE80211 : !plausibleEthernet(cursor, frame)) return ~DECODED
  cursor.at = frame
  cursor.paddedTo4 = false
  cursor.frameControlSwapped =
    (bytes[frame] & FRAME_CONTROL_MASK) !== FRAME_CONTROL_DATA &&
    (bytes[frame + 1] & FRAME_CONTROL_MASK) === FRAME_CONTROL_DATA
  if ((bytes[at + FLAGS] & FRAGMENT) !== 0) markFirstLinkFragment(cursor)
  if (!enterTunnel(cursor, LAYER_CAPWAP, -1)) return ~TOO_DEEP
  return native ? STEP_IEEE80211 : STEP_ETHERNET
}
