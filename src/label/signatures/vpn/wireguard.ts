/** WireGuard (wireguard.com/protocol): message types 1 to 4 with three zero bytes and fixed lengths. */
import { PROTOCOL_UDP, readI32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'

const TYPE_INITIATION = 1
const TYPE_RESPONSE = 2
const TYPE_COOKIE = 3
const TYPE_DATA = 4
const INITIATION_LENGTH = 148
const RESPONSE_LENGTH = 92
const COOKIE_LENGTH = 64
const DATA_HEADER = 16
const MIN_DATA = 32
const SENDER_AT = 4
const RECEIVER_AT = 8
const COUNTER_AT = 8
const PORT = 51820

function matchWireguard(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < DATA_HEADER) return NO_MATCH
  const type = bytes[start]
  const reserved = bytes[start + 1] | bytes[start + 2] | bytes[start + 3]
  const initiated = peerLength === INITIATION_LENGTH && peer[0] === TYPE_INITIATION
  if (type === TYPE_RESPONSE && length === RESPONSE_LENGTH && initiated && sameReserved(bytes, start, peer))
    return readI32(bytes, start + RECEIVER_AT) === readI32(peer, SENDER_AT) ? STRONG | FROM_SERVER : NO_MATCH
  if (reserved !== 0) return NO_MATCH
  if (type === TYPE_INITIATION) return length === INITIATION_LENGTH ? STRONG | FROM_CLIENT : NO_MATCH
  if (type === TYPE_RESPONSE)
    return length === RESPONSE_LENGTH && peerLength === 0 ? STRONG | FROM_SERVER : NO_MATCH
  if (type === TYPE_COOKIE)
    return length === COOKIE_LENGTH &&
      peerLength >= RESPONSE_LENGTH &&
      readI32(bytes, start + SENDER_AT) === readI32(peer, SENDER_AT)
      ? STRONG
      : NO_MATCH
  return type === TYPE_DATA ? matchData(payload) : NO_MATCH
}

/** Some services write an id of the client into the reserved bytes, the same in both directions. */
function sameReserved(bytes: Uint8Array, start: number, peer: Uint8Array): boolean {
  return bytes[start + 1] === peer[1] && bytes[start + 2] === peer[2] && bytes[start + 3] === peer[3]
}

/** Receiver index, a 64-bit counter whose upper half is zero, a whole number of 16-byte blocks. */
function matchData(payload: Payload): number {
  const { bytes, start, length, previous } = payload
  if (length < MIN_DATA || (length & 15) !== 0 || readI32(bytes, start + COUNTER_AT + 4) !== 0)
    return NO_MATCH
  if (readI32(bytes, start + SENDER_AT) === 0) return NO_MATCH
  const follows =
    payload.previousLength >= MIN_DATA &&
    previous[0] === TYPE_DATA &&
    readI32(previous, SENDER_AT) === readI32(bytes, start + SENDER_AT) &&
    readU32LE(bytes, start + COUNTER_AT) > readU32LE(previous, COUNTER_AT)
  if (follows) return STRONG
  return payload.srcPort === PORT || payload.dstPort === PORT ? WEAK : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'wireguard',
    says: 'is a WireGuard message of its fixed length, or data with the same receiver and a rising counter',
    protocols: [PROTOCOL_UDP],
    ports: [PORT],
    firstBytes: [TYPE_INITIATION, TYPE_RESPONSE, TYPE_COOKIE, TYPE_DATA],
    // A response may have set what is reserved.
    bits: [...bitsOfWords([0x01000000, 0x03000000, 0x04000000]), ...bitsOfWords([0x02000000], 0xff000000)],
    match: matchWireguard,
  },
]
