/** TaZmen Sniffer Protocol: frames of a remote sensor, after a list of tags. */
import { LAYER_TZSP, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_AVS, STEP_ETHERNET, STEP_IEEE80211, STEP_NONE, STEP_PRISM } from '../steps.ts'

/** Version 1, type, encapsulated protocol, tags. */
const VERSION = 0
const TYPE = 1
const PROTOCOL = 2
const TZSP_HEADER = 4

const VERSION_1 = 1
/** Received (0) and transmitted (1) frames; the other types (keep-alive, port opener, configuration) carry none. */
const TYPE_TRANSMIT = 1

const TAG_PADDING = 0
const TAG_END = 1
const MAX_TAGS = 64

export function tzsp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < TZSP_HEADER) return ~DECODED
  if (bytes[at + VERSION] !== VERSION_1 || bytes[at + TYPE] > TYPE_TRANSMIT) return ~DECODED
  const step = frameStep(readU16(bytes, at + PROTOCOL))
  const frame = skipTags(bytes, at + TZSP_HEADER, end)
  if (step === STEP_NONE || frame >= end) return ~DECODED
  cursor.at = frame
  cursor.paddedTo4 = false
  cursor.frameControlSwapped = false
  return enterTunnel(cursor, LAYER_TZSP, -1) ? step : ~TOO_DEEP
}

function frameStep(protocol: number): number {
  switch (protocol) {
    case 0x01:
      return STEP_ETHERNET
    case 0x12:
      return STEP_IEEE80211
    case 0x77:
      return STEP_PRISM
    case 0x7f:
      return STEP_AVS
    default:
      return STEP_NONE
  }
}

/** Offset of the frame; `end` if the list of tags is not terminated. */
function skipTags(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (let i = 0; i < MAX_TAGS && at < end; i++) {
    const tag = bytes[at]
    if (tag === TAG_END) return at + 1
    if (tag === TAG_PADDING) at++
    else if (at + 1 < end) at += 2 + bytes[at + 1]
    else return end
  }
  return end
}
