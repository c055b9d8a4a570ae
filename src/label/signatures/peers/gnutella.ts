/** Gnutella, its second version, and the Kademlia of LimeWire. */
import { readI32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'

const GNUTELLA_PORT = 6346
const G = 0x47
const DESCRIPTOR_HEADER = 23
const MAX_DESCRIPTOR = 65535
/** Beside the time to live, in datagrams: the sender can inflate, the payload is deflated. */
const UDP_FLAGS = 0x90
/** Messages of LimeWire's Kademlia have a version for time to live and hops; behind the operation stands a vendor. */
const DHT = 0x44
const DHT_VENDOR_AT = 24

/** Payload types of Gnutella 0.6: ping, pong, bye, push, query, hit, and the vendor and routing extensions. */
function descriptorType(type: number): boolean {
  return (
    type <= 2 ||
    (type >= 0x30 && type <= 0x32) ||
    type === 0x40 ||
    type === 0x80 ||
    type === 0x81 ||
    type === DHT
  )
}

/** Four capitals or digits, as vendors of servents are named. */
function isVendor(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 4 > end) return false
  for (let i = at; i < at + 4; i++) {
    const letter = bytes[i] >= 0x41 && bytes[i] <= 0x5a
    if (!letter && (bytes[i] < 0x30 || bytes[i] > 0x39)) return false
  }
  return true
}

/** Sixteen bytes of id, type, time to live, hops, length (little-endian) of the rest. */
function gnutellaDatagram(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < DESCRIPTOR_HEADER || !descriptorType(bytes[start + 16])) return NO_MATCH
  const length = readU32LE(bytes, start + 19)
  if (length > MAX_DESCRIPTOR || length + DESCRIPTOR_HEADER !== payload.length) return NO_MATCH
  // Ids are random: zeros are somebody else's padding.
  if (readI32(bytes, start) === 0 || readI32(bytes, start + 4) === 0 || readI32(bytes, start + 9) === 0)
    return NO_MATCH
  if (bytes[start + 16] === DHT) return isVendor(bytes, start + DHT_VENDOR_AT, end) ? STRONG : NO_MATCH
  if ((bytes[start + 17] & ~UDP_FLAGS & 0xf0) !== 0) return NO_MATCH
  const ttl = bytes[start + 17] & 15
  const hops = bytes[start + 18]
  if (hops > 15 || ttl + hops > 15 || ttl + hops === 0) return NO_MATCH
  // Ids of modern peers have ff at 8 and 00 at 15 (Gnutella 0.6 section 2.2.1).
  return (bytes[start + 8] === 0xff && bytes[start + 15] === 0) || onPort(payload, GNUTELLA_PORT)
    ? STRONG
    : WEAK
}

/** Gnutella 2: "GND", flags, sequence, part, count. */
function gnutella2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || !startsWith(bytes, start, end, 'GND') || bytes[start + 3] > 3) return NO_MATCH
  const part = bytes[start + 6]
  const count = bytes[start + 7]
  return count === 0 || (part >= 1 && part <= count) ? STRONG : NO_MATCH
}

/** The greeting of a connection, its answer, and the greeting of a push. */
function gnutellaStream(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'GNUTELLA CONNECT/')) return STRONG | FROM_CLIENT
  if (startsWith(bytes, start, end, 'GNUTELLA/')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'GIV ')) {
    const colon = findByte(bytes, start + 4, Math.min(end, start + 16), 0x3a)
    return colon > 0 && findByte(bytes, colon, Math.min(end, colon + 40), 0x2f) > 0 ? STRONG : NO_MATCH
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'gnutella',
    says: 'starts with a Gnutella greeting',
    protocols: TCP,
    ports: [GNUTELLA_PORT],
    firstBytes: [G],
    match: gnutellaStream,
  },
  {
    label: 'gnutella',
    says: 'is a Gnutella 2 datagram: "GND", flags, sequence, part and count',
    protocols: UDP,
    ports: [GNUTELLA_PORT],
    firstBytes: [G],
    match: gnutella2,
  },
  {
    label: 'gnutella',
    says: 'is a Gnutella descriptor whose length field equals the datagram',
    protocols: UDP,
    ports: [GNUTELLA_PORT],
    // The length of what follows the header, little-endian, is at most 65,535.
    bits: { offset: 19, mask: 0xffff, value: 0 },
    match: gnutellaDatagram,
  },
]
