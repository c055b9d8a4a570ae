/**
 * WebSocket frames (RFC 6455 section 5.2) of a connection whose upgrade was not seen; the upgrade stands in
 * http.ts. A frame counts when its length is the segment's and its text, unmasked, is text: weak in one direction.
 */
import { PROTOCOL_TCP, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  WEAK,
} from '../../inspect/payload.ts'

const FINAL_TEXT = 0x81
const FLAG_MASK = 0x80
const LENGTH_16_BITS = 126
const MASK_LENGTH = 4
const MIN_TEXT = 6
const MAX_CHECKED = 128

function matchFrame(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 2 + MIN_TEXT) return NO_MATCH
  const masked = (bytes[start + 1] & FLAG_MASK) !== 0
  let size = bytes[start + 1] & 0x7f
  let at = start + 2
  if (size > LENGTH_16_BITS) return NO_MATCH
  if (size === LENGTH_16_BITS) {
    size = readU16(bytes, at)
    at += 2
    if (size < LENGTH_16_BITS) return NO_MATCH
  }
  const mask = at
  if (masked) at += MASK_LENGTH
  if (at - start + size !== length || size < MIN_TEXT || at + MIN_TEXT > end) return NO_MATCH
  const stop = Math.min(end, at + MAX_CHECKED)
  for (let i = at; i < stop; i++) {
    const byte = masked ? bytes[i] ^ bytes[mask + ((i - at) & 3)] : bytes[i]
    if (byte < 0x20 ? byte !== 0x0a && byte !== 0x0d && byte !== 0x09 : byte === 0x7f) return NO_MATCH
  }
  return WEAK | roleOf(masked)
}

/** Section 5.1: a client masks all its frames, a server none. */
function roleOf(masked: boolean): number {
  return masked ? FROM_CLIENT : FROM_SERVER
}

const FINAL_BINARY = 0x82
const PING = 0x89
const PONG = 0x8a

/** Length of a frame of at most 125 bytes of content, by its second byte. */
function shortFrame(second: number): number {
  return 2 + ((second & FLAG_MASK) === 0 ? 0 : MASK_LENGTH) + (second & 0x7f)
}

function isOpcode(first: number): boolean {
  return first === FINAL_TEXT || first === FINAL_BINARY || first === PING || first === PONG
}

/** Both sides' latest segments are whole frames, and the client's alone is masked (section 5.1). */
function matchPair(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < 2 || peerLength < 2 || !isOpcode(peer[0])) return NO_MATCH
  const second = bytes[start + 1]
  if (((second ^ peer[1]) & FLAG_MASK) === 0) return NO_MATCH
  if (shortFrame(second) !== length || shortFrame(peer[1]) !== peerLength) return NO_MATCH
  return WEAK | roleOf((second & FLAG_MASK) !== 0)
}

export const signatures: Signature[] = [
  {
    label: 'websocket',
    says: 'is a WebSocket text frame whose length fits and whose text is text',
    protocols: [PROTOCOL_TCP],
    firstBytes: [FINAL_TEXT],
    match: matchFrame,
  },
  {
    label: 'websocket',
    says: "is a WebSocket frame that fills its segment, as does the other side's, and only the client's is masked",
    protocols: [PROTOCOL_TCP],
    firstBytes: [FINAL_TEXT, FINAL_BINARY, PING, PONG],
    // A byte of length and one of type in each direction.
    bothNeeded: true,
    match: matchPair,
  },
]
