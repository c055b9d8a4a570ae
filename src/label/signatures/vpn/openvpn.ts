/**
 * OpenVPN over UDP and TCP: the reset packets both sides open with (openvpn.net, "OpenVPN Wire Protocol"), plain,
 * with tls-auth, tls-crypt or tls-crypt-v2. In: the first packets. Out: label openvpn.
 * Not supported: flows met after their handshake, whose packets have five fixed bits.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { onPort } from '../common/ports.ts'

/** Opcode in the upper five bits, key id in the lower three; then the sender's session id (8). */
const OPCODE_SHIFT = 3
const SESSION_AT = 1
const SESSION_LENGTH = 8
const AFTER_SESSION = 9
const RESET_CLIENT_V1 = 1
const RESET_SERVER_V1 = 2
const CONTROL_V1 = 4
const ACK_V1 = 5
const RESET_CLIENT_V2 = 7
const RESET_SERVER_V2 = 8
const RESET_CLIENT_V3 = 10

/** Lengths of the digests in use: none, MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512. */
const DIGEST_LENGTHS = [0, 16, 20, 28, 32, 48, 64]
/** Replay protection behind the digest: packet id (4), time (4). */
const REPLAY_LENGTH = 8
/** Number of acknowledgements (1), message packet id (4). */
const EMPTY_RESET_TAIL = 5
/** tls-crypt: id, time, tag (32), encrypted rest. */
const TLS_CRYPT_RESET = 54
/** Times from 2004 on, as the upper byte of seconds since 1970. */
const TIME_FIRST = 0x40
const MAX_ACKNOWLEDGED = 8
const PORT = 1194

function matchUdp(payload: Payload): number {
  return matchAt(payload, 0)
}

/** Over TCP every packet follows its length. */
function matchTcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 2 + AFTER_SESSION + EMPTY_RESET_TAIL) return NO_MATCH
  const size = readU16(bytes, start)
  // A reset stands alone; what follows may be joined into one segment.
  if (size + 2 > length || size < AFTER_SESSION + EMPTY_RESET_TAIL) return NO_MATCH
  return matchAt(payload, 2)
}

function matchAt(payload: Payload, shift: number): number {
  const { bytes, end } = payload
  const start = payload.start + shift
  const length = shift === 0 ? payload.length : readU16(bytes, payload.start)
  if (end - start < AFTER_SESSION + EMPTY_RESET_TAIL) return NO_MATCH
  const opcode = bytes[start] >>> OPCODE_SHIFT
  const client = opcode === RESET_CLIENT_V2 || opcode === RESET_CLIENT_V3 || opcode === RESET_CLIENT_V1
  const server = opcode === RESET_SERVER_V2 || opcode === RESET_SERVER_V1
  if (client || server) {
    // A reset is for key 0.
    if ((bytes[start] & 7) !== 0 || isZero(bytes, start + SESSION_AT)) return NO_MATCH
    if (server && echoesPeerSession(payload, start, shift)) return STRONG | FROM_SERVER
    return isFirstReset(bytes, start, end, length) ? STRONG | (client ? FROM_CLIENT : FROM_SERVER) : NO_MATCH
  }
  return opcode === CONTROL_V1 || opcode === ACK_V1 ? matchControl(payload, start, shift) : NO_MATCH
}

function isZero(bytes: Uint8Array, at: number): boolean {
  return readI32(bytes, at) === 0 && readI32(bytes, at + 4) === 0
}

/** The first packet of a side: acknowledges nothing, has message id 0, and with protection packet id 1 and a time. */
function isFirstReset(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  for (const digest of DIGEST_LENGTHS) {
    const protectedBytes = digest === 0 ? 0 : digest + REPLAY_LENGTH
    if (length !== AFTER_SESSION + protectedBytes + EMPTY_RESET_TAIL) continue
    const tail = start + AFTER_SESSION + protectedBytes
    const replayAt = tail - REPLAY_LENGTH
    if (tail + EMPTY_RESET_TAIL > end) continue
    const empty = bytes[tail] === 0 && readI32(bytes, tail + 1) === 0
    if (empty && (digest === 0 || isFirstReplay(bytes, replayAt))) return true
  }
  return (
    length >= TLS_CRYPT_RESET &&
    end - start >= AFTER_SESSION + REPLAY_LENGTH &&
    isFirstReplay(bytes, start + AFTER_SESSION)
  )
}

/** Packet id 1 (0x0f000001 after the server's stateless answer) and a time between 2004 and 2106. */
function isFirstReplay(bytes: Uint8Array, at: number): boolean {
  const id = readI32(bytes, at)
  return (id === 1 || id === 0x0f000001) && bytes[at + 4] >= TIME_FIRST
}

/** The peer's session id stands behind the acknowledgements, wherever the digest's length puts them. */
function echoesPeerSession(payload: Payload, start: number, shift: number): boolean {
  const { bytes, end, peer, peerLength } = payload
  if (peerLength < AFTER_SESSION + shift || PREFIX_NEEDED + shift > 16) return false
  if (isZero(peer, SESSION_AT + shift)) return false
  for (const digest of DIGEST_LENGTHS) {
    const countAt = start + AFTER_SESSION + (digest === 0 ? 0 : digest + REPLAY_LENGTH)
    if (countAt >= end) return false
    const count = bytes[countAt]
    if (count === 0 || count > MAX_ACKNOWLEDGED) continue
    const sessionAt = countAt + 1 + count * 4
    if (sessionAt + SESSION_LENGTH <= end && sameSession(bytes, sessionAt, peer, SESSION_AT + shift))
      return true
  }
  return false
}
const PREFIX_NEEDED = AFTER_SESSION

function sameSession(bytes: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  for (let i = 0; i < SESSION_LENGTH; i++) if (bytes[at + i] !== other[otherAt + i]) return false
  return true
}

/** A control or acknowledgement packet with the session id of the same side's packet before it. */
function matchControl(payload: Payload, start: number, shift: number): number {
  const { bytes, previous, previousLength } = payload
  if (echoesPeerSession(payload, start, shift)) return STRONG
  if (previousLength < AFTER_SESSION + EMPTY_RESET_TAIL + shift || isZero(bytes, start + SESSION_AT))
    return NO_MATCH
  const opcode = previous[shift] >>> OPCODE_SHIFT
  const reset = opcode === RESET_CLIENT_V2 || opcode === RESET_SERVER_V2 || opcode === RESET_CLIENT_V3
  // Without the reset before it, a repeated id may be any other protocol's.
  if (!reset && !((opcode === CONTROL_V1 || opcode === ACK_V1) && onPort(payload, PORT))) return NO_MATCH
  return sameSession(bytes, start + SESSION_AT, previous, SESSION_AT + shift) ? STRONG : NO_MATCH
}

const FIRST_BYTES = [RESET_CLIENT_V1, RESET_SERVER_V1, RESET_CLIENT_V2, RESET_SERVER_V2, RESET_CLIENT_V3].map(
  (opcode) => opcode << OPCODE_SHIFT,
)
const CONTROL_BYTES = [CONTROL_V1, ACK_V1].flatMap((opcode) =>
  Array.from({ length: 8 }, (_, key) => (opcode << OPCODE_SHIFT) | key),
)

export const signatures: Signature[] = [
  {
    label: 'openvpn',
    says: "is an OpenVPN reset, or carries the peer's session id",
    protocols: [PROTOCOL_UDP],
    ports: [PORT],
    firstBytes: [...FIRST_BYTES, ...CONTROL_BYTES],
    depth: 6,
    match: matchUdp,
  },
  {
    label: 'openvpn',
    says: "is an OpenVPN reset behind its length, or carries the peer's session id",
    protocols: [PROTOCOL_TCP],
    ports: [PORT],
    // The upper byte of the length.
    firstBytes: [0, 1, 2, 3, 4, 5],
    depth: 6,
    match: matchTcp,
  },
]
