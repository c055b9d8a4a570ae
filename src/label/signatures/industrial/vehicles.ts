/**
 * Cars and trains: SOME/IP (AUTOSAR), DoIP (ISO 13400-2), V2GTP of charging cars (ISO 15118-2), TRDP of trains
 * (IEC 61375-2-3).
 */
import { readU16, readU32, readU32LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { crc32 } from '../common/checksums.ts'
import { onPort, TCP_UDP, UDP } from '../common/ports.ts'

/** AUTOSAR SOME/IP: message id, length of the rest, request id, protocol version 1, interface, type, return code. */
function someip(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 16 || bytes[start + 12] !== 1 || bytes[start + 15] > 0x5f) return NO_MATCH
  const type = bytes[start + 14] & 0xdf
  if (type > 2 && type !== 0x80 && type !== 0x81) return NO_MATCH
  if (readU16(bytes, start + 4) !== 0 || readU16(bytes, start + 6) + 8 !== payload.length) return NO_MATCH
  const discovery = readU16(bytes, start) === 0xffff && readU16(bytes, start + 2) === 0x8100
  return discovery || onPort(payload, 30490) || onPort(payload, 30491) || onPort(payload, 30501)
    ? STRONG
    : WEAK
}

const DOIP_HEADER = 8
/** Identification and routing, then diagnosis from 8001 and 4001 on. */
const DOIP_CLIENT: readonly number[] = [1, 2, 3, 5, 8, 0x4001, 0x4003]
const DOIP_SERVER: readonly number[] = [0, 4, 6, 7, 0x4002, 0x4004, 0x8002, 0x8003]
const DOIP_DIAGNOSIS = 0x8001
/** The version of who does not know it yet: identification, by name or number, too. */
const DOIP_ANY = 0xff
const DOIP_MAX = 0x100000

/** Of V2GTP: messages in EXI, whose header is 80, and the search for a charging station. */
const V2G_MESSAGE = 0x8001
const V2G_SEARCH = 0x9000
const V2G_FOUND = 0x9001
const EXI = 0x80

/** ISO 15118-2 section 7.8.3: version 1 and its inverse, type, length of the rest. */
function v2gtp({ bytes, start, end, length }: Payload): number {
  if (end - start < DOIP_HEADER + 2 || readU16(bytes, start) !== 0x01fe) return NO_MATCH
  if (readU32(bytes, start + 4) + DOIP_HEADER !== length) return NO_MATCH
  const type = readU16(bytes, start + 2)
  if (type === V2G_SEARCH) return length === DOIP_HEADER + 2 ? STRONG | FROM_CLIENT : NO_MATCH
  if (type === V2G_FOUND) return length === DOIP_HEADER + 20 ? STRONG | FROM_SERVER : NO_MATCH
  return type === V2G_MESSAGE && bytes[start + DOIP_HEADER] === EXI ? STRONG : NO_MATCH
}

/** Version and its inverse, type, length of the rest; over TCP the next message may follow. */
function doip({ bytes, start, end, length }: Payload): number {
  if (end - start < DOIP_HEADER || (bytes[start] ^ bytes[start + 1]) !== 0xff) return NO_MATCH
  const type = readU16(bytes, start + 2)
  const size = readU32(bytes, start + 4) + DOIP_HEADER
  // V2GTP has the same header, version 1.
  if (bytes[start] === 1 && type === V2G_MESSAGE && bytes[start + DOIP_HEADER] === EXI) return NO_MATCH
  // Any version may be asked for, but nothing else said.
  if (bytes[start] === DOIP_ANY && (type < 1 || type > 3)) return NO_MATCH
  const next = start + size
  const follows = size < length && next + 2 <= end && (bytes[next] ^ bytes[next + 1]) === 0xff
  if (size > DOIP_MAX || (size !== length && !follows)) return NO_MATCH
  if (DOIP_CLIENT.includes(type)) return STRONG | FROM_CLIENT
  if (DOIP_SERVER.includes(type)) return STRONG | FROM_SERVER
  return type === DOIP_DIAGNOSIS ? STRONG : NO_MATCH
}

/** Of process data: number, version, type, id, topology, length, reserved, reply; then the checksum of all this. */
const TRDP_PROCESS = 36
const TRDP_MESSAGE = 112
const LETTER_M = 0x4d
/** Second letters: data, request, reply, error (and notification, query, confirmation of messages). */
const TRDP_LETTERS = 'dprenqc'

/** The type's letters, and the checksum (little-endian) behind the header. */
function trdp({ bytes, start, end }: Payload, size: number): number {
  if (end - start < size + 4 || !TRDP_LETTERS.includes(String.fromCharCode(bytes[start + 7]))) return NO_MATCH
  return crc32(bytes, start, start + size) === (readU32LE(bytes, start + size) | 0) ? STRONG : NO_MATCH
}

function trdpSignature(label: string, letter: number, size: number, port: number): Signature {
  return {
    label,
    says: `holds a TRDP header of type ${String.fromCharCode(letter)} whose checksum agrees`,
    protocols: label === 'trdp-pd' ? UDP : TCP_UDP,
    ports: [port],
    // Version 1 and the first letter.
    bits: { offset: 4, mask: 0xff00ff00 | 0, value: 0x01000000 | (letter << 8) },
    match: (payload) => trdp(payload, size),
  }
}

export const signatures: Signature[] = [
  {
    label: 'someip',
    says: 'holds a SOME/IP header with protocol version 1, known type and agreeing length',
    protocols: TCP_UDP,
    ports: [30490, 30491, 30501],
    bits: { offset: 12, mask: 0xff000000 | 0, value: 0x01000000 },
    match: someip,
  },
  {
    label: 'doip',
    says: 'holds a DoIP header: version and its inverse, known type, agreeing length',
    protocols: TCP_UDP,
    ports: [13400],
    firstBytes: [1, 2, 3, 4, 0xff],
    bits: [
      // Versions 1 to 4, and any.
      { offset: 0, mask: 0xfff80000 | 0, value: 0x02f80000 },
      { offset: 0, mask: 0xfff80000 | 0, value: 0x03f80000 },
      { offset: 0, mask: 0xfff80000 | 0, value: 0x01f80000 },
      { offset: 0, mask: 0xffff0000 | 0, value: 0xff000000 | 0 },
    ],
    match: doip,
  },
  {
    label: 'v2gtp',
    says: 'holds a V2GTP header with agreeing length: a message in EXI, or the search for a charging station',
    protocols: TCP_UDP,
    ports: [15118],
    firstBytes: [1],
    bits: { offset: 0, mask: 0xffffeffe | 0, value: 0x01fe8000 },
    match: v2gtp,
  },
  trdpSignature('trdp-pd', 0x50, TRDP_PROCESS, 17224),
  trdpSignature('trdp-md', LETTER_M, TRDP_MESSAGE, 17225),
]
