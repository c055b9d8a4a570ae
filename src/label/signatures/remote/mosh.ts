/**
 * Mosh: datagrams start with eight bytes, bit 63 the direction (1 from the server), then a sequence number that
 * starts at 0 in each session and never goes back. The rest is encrypted. PCoIP's media, ESP in UDP on port 4172,
 * is told in the same way: by counting.
 */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort, UDP } from '../common/ports.ts'

const MOSH_LOW = 60001
const MOSH_HIGH = 60999
/** Sequence (8), timestamp and its echo (4), fragment header (10), tag (16): nothing shorter is sent. */
const MOSH_SHORTEST = 28
const MAX_STEP = 64

/** The upper four bytes hold the direction and, in any session that fits a capture, zeros. */
function moshHeader(prefix: Uint8Array, at: number): boolean {
  return (readI32(prefix, at) & 0x7fffffff) === 0
}

/** The port of the side that the direction bit calls the server lies in the range mosh-server takes. */
function onSlot(payload: Payload, fromServer: boolean): boolean {
  const port = fromServer ? payload.srcPort : payload.dstPort
  return port >= MOSH_LOW && port <= MOSH_HIGH
}

/**
 * Strong: this direction counts on from its previous packet and the other direction has the other bit. Weak, and only
 * on a slot: it counts on but no answer was seen, or it is a first packet whose sequence is at its start.
 */
function mosh(payload: Payload): number {
  const { bytes, start, end, previous, peer } = payload
  if (end - start < 8 || payload.length < MOSH_SHORTEST || !moshHeader(bytes, start)) return NO_MATCH
  if (payload.toGroup) return NO_MATCH
  const fromServer = bytes[start] === 0x80
  const role = fromServer ? FROM_SERVER : FROM_CLIENT
  const sequence = readU32(bytes, start + 4)
  if (payload.previousLength < MOSH_SHORTEST) {
    return sequence < MAX_STEP && onSlot(payload, fromServer) ? WEAK | role : NO_MATCH
  }
  if (previous[0] !== bytes[start] || !moshHeader(previous, 0)) return NO_MATCH
  const step = sequence - readU32(previous, 4)
  if (step < 1 || step > MAX_STEP) return NO_MATCH
  const answered =
    payload.peerLength >= MOSH_SHORTEST && moshHeader(peer, 0) && peer[0] === (bytes[start] ^ 0x80)
  if (answered) return STRONG | role
  return onSlot(payload, fromServer) ? WEAK | role : NO_MATCH
}

const PCOIP_PORT = 4172

/** ESP: an SPI above 255 that stays, a sequence number that goes up by little. */
function pcoip(payload: Payload): number {
  const { bytes, start, end, previous } = payload
  if (!onPort(payload, PCOIP_PORT) || end - start < 24 || payload.previousLength < 24) return NO_MATCH
  if (readU32(bytes, start) <= 255 || readI32(bytes, start) !== readI32(previous, 0)) return NO_MATCH
  const step = readU32(bytes, start + 4) - readU32(previous, 4)
  return step > 0 && step <= MAX_STEP ? WEAK : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'mosh',
    says: 'starts with a direction bit and a 63-bit sequence number; both directions count up from near 0',
    protocols: UDP,
    ports: Array.from({ length: MOSH_HIGH - MOSH_LOW + 1 }, (_, i) => MOSH_LOW + i),
    firstBytes: [0, 0x80],
    depth: 8,
    bits: { offset: 0, mask: 0x7fffffff, value: 0 },
    match: mosh,
  },
  {
    label: 'pcoip',
    says: 'carries ESP in UDP on port 4172: one SPI and a sequence number that counts up',
    protocols: UDP,
    ports: [PCOIP_PORT],
    portsOnly: true,
    match: pcoip,
  },
]
