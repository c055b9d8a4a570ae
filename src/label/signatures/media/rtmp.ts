/** RTMP: the handshake (Adobe's RTMP specification 1.0, section 5.2): version 3, then 1,536 bytes of time, zero, random. */
import { PROTOCOL_TCP, readI32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort } from '../common/ports.ts'

const VERSION = 3
const CHUNK = 1536
/** The server's version, its chunk, and the client's chunk echoed. */
const ANSWER = 1 + 2 * CHUNK
const TIME_AT = 1
const ZERO_AT = 5
/** Flash players since version 9 write their version (major, 0, …) where the specification has zero, and time 0. */
const PLAYER_MAJOR_LAST = 32
const MIN_CAPTURED = 64
const PORT_RTMP = 1935

/** A side's opening that takes several segments: the payload bytes of that direction so far. */
interface Opening {
  kind: 'rtmp'
  direction: 0 | 1
  length: number
}

function isOpening(scratch: unknown): scratch is Opening {
  return typeof scratch === 'object' && scratch !== null && (scratch as Opening).kind === 'rtmp'
}

/**
 * Segments of Ethernet are shorter than a chunk. Each side sends its version and chunk and waits, the server often with
 * the client's chunk echoed: the segments end exactly there.
 */
function continueOpening(payload: Payload, opening: Opening): number {
  const first = payload.direction === opening.direction
  if (first) opening.length += payload.length
  if (first && opening.length < CHUNK + 1) return NO_MATCH
  const answered = payload.peerOrdinal > 0
  if (first && answered && opening.length > CHUNK + 1 && opening.length < ANSWER) return NO_MATCH
  payload.scratch = undefined
  if (!first) return matchRtmp(payload)
  return opening.length === CHUNK + 1 || (answered && opening.length === ANSWER)
    ? STRONG | role(payload)
    : NO_MATCH
}

function matchRtmp(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength, scratch } = payload
  if (isOpening(scratch)) return continueOpening(payload, scratch)
  if (payload.ordinal !== 0 || end - start < MIN_CAPTURED || length < CHUNK / 2) return NO_MATCH
  const answered = peerLength >= CHUNK / 2 && peer[0] === VERSION
  const zero = readI32(bytes, start + ZERO_AT) === 0 || isPlayer(bytes, start)
  const near = onPort(payload, PORT_RTMP)
  if (!zero && !answered && !near) return NO_MATCH
  if ((length === CHUNK + 1 && (zero || near)) || isPlayer(bytes, start)) return STRONG | role(payload)
  if (zero && length < ANSWER && length !== CHUNK + 1) {
    const opening: Opening = { kind: 'rtmp', direction: payload.direction, length }
    payload.scratch = opening
  }
  if (answered) return (zero || near ? STRONG : WEAK) | FROM_SERVER
  return near && payload.peerOrdinal === 0 ? WEAK | FROM_CLIENT : NO_MATCH
}

function isPlayer(bytes: Uint8Array, start: number): boolean {
  const major = bytes[start + ZERO_AT]
  return (
    readI32(bytes, start + TIME_AT) === 0 &&
    major > 8 &&
    major <= PLAYER_MAJOR_LAST &&
    bytes[start + ZERO_AT + 1] === 0
  )
}

function role(payload: Payload): number {
  return payload.peerOrdinal === 0 ? FROM_CLIENT : FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'rtmp',
    says: 'starts with the RTMP handshake',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_RTMP],
    firstBytes: [VERSION],
    match: matchRtmp,
  },
]
