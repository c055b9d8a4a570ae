/** HTTP/2 with prior knowledge (RFC 9113 section 3.4): the connection preface, and frames that chain (section 4.1). */
import { PROTOCOL_TCP, readI32, readU16, startsWith } from '../../bytes.ts'
import { FROM_CLIENT, FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../payload.ts'

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** Length (3), type (1), flags (1), stream (4). */
const FRAME_HEADER = 9
const TYPE_SETTINGS = 4
const FLAG_ACK = 1
const SETTING_LENGTH = 6
const SETTING_LAST = 9
const MAX_SETTINGS = 32

function matchHttp2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0) return matchSettings(payload)
  return startsWith(bytes, start, end, PREFACE) ? STRONG | FROM_CLIENT : NO_MATCH
}

/** The server's preface is a SETTINGS frame on stream 0, whose identifiers are 1 to 9. */
function matchSettings(payload: Payload): number {
  const { bytes, start, end, length, peer } = payload
  if (end - start < FRAME_HEADER || bytes[start + 3] !== TYPE_SETTINGS || bytes[start + 1] !== 0)
    return NO_MATCH
  const size = bytes[start + 2]
  if (readI32(bytes, start + 5) !== 0 || bytes[start + 4] > FLAG_ACK || FRAME_HEADER + size > length)
    return NO_MATCH
  if (bytes[start + 4] === FLAG_ACK) return size === 0 && payload.labelSoFar === 'http2' ? WEAK : NO_MATCH
  if (size % SETTING_LENGTH !== 0 || size > MAX_SETTINGS * SETTING_LENGTH) return NO_MATCH
  const stop = Math.min(end, start + FRAME_HEADER + size)
  for (let at = start + FRAME_HEADER; at + SETTING_LENGTH <= stop; at += SETTING_LENGTH) {
    const id = readU16(bytes, at)
    if (id === 0 || id > SETTING_LAST) return NO_MATCH
  }
  // "PRI " of the peer's preface.
  const answers = payload.peerLength >= PREFACE.length && readI32(peer, 0) === 0x50524920
  return answers ? STRONG | FROM_SERVER : size > 0 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'http2',
    says: 'starts with the HTTP/2 connection preface or its SETTINGS frame',
    protocols: [PROTOCOL_TCP],
    ports: [80, 8080],
    firstBytes: [0x50, 0],
    match: matchHttp2,
  },
]
