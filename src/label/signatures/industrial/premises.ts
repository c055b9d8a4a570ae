/**
 * Buildings and vehicles, beside field.ts: CNP/IP of LonWorks (EIA-852), Crestron CIP, Niagara Fox, DoIP (ISO 13400-2),
 * TRDP of trains (IEC 61375-2-3), V2GTP of charging cars (ISO 15118-2).
 */
import { readI32, readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { crc32 } from '../common/checksums.ts'
import { findText, TCP, TCP_UDP, UDP } from '../common/shape.ts'

const CNP_HEADER = 20
/** Data, registration, members, routing, acknowledgement, list; requests and answers of configuration; segment. */
const CNP_TYPES: readonly number[] = [
  0x01, 0x03, 0x04, 0x06, 0x07, 0x08, 0x60, 0x63, 0x64, 0x66, 0x67, 0x68, 0x70, 0x71, 0x72, 0x7f,
]

/** Of the flags: the protocol is EIA 709.1 or 600, the packet signed or not. */
const CNP_FLAGS = 0x21

/** Length, version 1, type, extended header, flags, vendor 0 (standard), session (not 0), sequence, time. */
function cnpIp({ bytes, start, end, length }: Payload): number {
  if (end - start < CNP_HEADER || readU16(bytes, start) !== length) return NO_MATCH
  const plain =
    bytes[start + 4] === 0 && (bytes[start + 5] & ~CNP_FLAGS) === 0 && readU16(bytes, start + 6) === 0
  if (!plain || readU32(bytes, start + 8) === 0) return NO_MATCH
  return CNP_TYPES.includes(bytes[start + 3]) ? STRONG : NO_MATCH
}

const CIP_READY = 0x0f000102
/** Keep-alive and its answer: length 2, 0. */
const CIP_ALIVE = 0x0d000200
const CIP_ALIVE_ANSWER = 0x0e000200

/** Type, length, content: the processor is ready, the panel says who it is, both show that they live. */
function crestron({ bytes, start, end, length }: Payload): number {
  const word = readI32(bytes, start)
  if (length === 4) return word === CIP_READY ? STRONG | FROM_SERVER : NO_MATCH
  if (length !== 5 || end - start < 5 || bytes[start + 4] !== 0) return NO_MATCH
  if (word === CIP_ALIVE) return STRONG | FROM_CLIENT
  return word === CIP_ALIVE_ANSWER ? STRONG | FROM_SERVER : NO_MATCH
}

const CRESTRON_QUESTION = 0x14

/** Who is there? 14 (the answer 15), 0, 1, 04 00 03 00 00, a name. */
function crestronDiscovery({ bytes, start, end }: Payload): number {
  if (end - start < 10 || readI32(bytes, start + 4) !== 0x01040003 || readU16(bytes, start + 8) !== 0)
    return NO_MATCH
  if (readU16(bytes, start + 1) !== 0 || bytes[start + 3] !== 0) return NO_MATCH
  return STRONG | (bytes[start] === CRESTRON_QUESTION ? FROM_CLIENT : FROM_SERVER)
}

/** "fox", type, numbers, channel "fox", command and an opening brace. */
function fox({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, 'fox ') || end - start < 10 || bytes[start + 5] !== 0x20) return NO_MATCH
  const head = Math.min(end, start + 64)
  const greeting = startsWith(bytes, start, end, 'fox a ')
  const rest = findText(bytes, start, head, ' fox hello')
  return greeting && rest > 0 ? STRONG : findText(bytes, start, head, '\n{') > 0 ? STRONG : NO_MATCH
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
    label: 'lontalk',
    says: 'holds a CNP/IP header (EIA-852) of version 1 with agreeing length and known type',
    protocols: UDP,
    ports: [1628, 1629],
    bits: { offset: 2, mask: 0xff80ff00 | 0, value: 0x01000000 },
    match: cnpIp,
  },
  {
    label: 'crestron-cip',
    says: 'is the greeting or a keep-alive of Crestron CIP',
    protocols: TCP,
    ports: [41794],
    firstBytes: [0x0d, 0x0e, 0x0f],
    bits: { offset: 0, mask: 0x00fffcfd, value: 0 },
    match: crestron,
  },
  {
    label: 'crestron-cip',
    says: 'asks for Crestron devices, or is the answer',
    protocols: UDP,
    ports: [41794],
    firstBytes: [CRESTRON_QUESTION, 0x15],
    bits: { offset: 4, mask: -1, value: 0x01040003 },
    match: crestronDiscovery,
  },
  {
    label: 'niagara-fox',
    says: 'starts with "fox", a message type and a channel of Niagara Fox',
    protocols: TCP,
    ports: [1911],
    firstBytes: [0x66],
    bits: { offset: 0, mask: -1, value: 0x666f7820 },
    match: fox,
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
