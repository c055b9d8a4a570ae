/**
 * NetBIOS over TCP/IP (RFC 1001, RFC 1002): name service, datagram service, session service.
 * In: payloads on any port for the name service (its half-ASCII names are unmistakable), on 138 and 139 for the
 * others. Out: label netbios with the name asked for. SMB inside a session is left to the SMB signature where the
 * session's own setup was not seen.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readU16 } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { onPort } from '../common/ports.ts'
import { isPlausibleCounts } from './dns-message.ts'

const PORT_NAME = 137
const PORT_DATAGRAM = 138
const PORT_SESSION = 139

const NAME_HEADER = 12
/** A first-level encoded name: length 32, then two letters A..P for each of 16 bytes (RFC 1001 section 14.1). */
const ENCODED_NAME = 32
const LETTER_A = 0x41
const LETTER_P = 0x50
const TYPE_NB = 0x20
const TYPE_NBSTAT = 0x21

/** Half-ASCII, at its length. */
export function isEncodedName(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 + ENCODED_NAME > end || bytes[at] !== ENCODED_NAME) return false
  for (let i = 1; i <= ENCODED_NAME; i++)
    if (bytes[at + i] < LETTER_A || bytes[at + i] > LETTER_P) return false
  return true
}

/** The 15 characters of the name, blanks at its end removed. */
function decodeName(bytes: Uint8Array, at: number): string {
  const name = new Uint8Array(15)
  let length = 0
  for (let i = 0; i < name.length; i++) {
    name[i] = ((bytes[at + 1 + i * 2] - LETTER_A) << 4) | (bytes[at + 2 + i * 2] - LETTER_A)
    if (name[i] !== 0x20 && name[i] !== 0) length = i + 1
  }
  return packetString(name, 0, length)
}

/** The strength with who sent it; 0 where no name service message can begin like this. */
function nameService({ bytes, start, end }: Payload, strength: number): number {
  if (end - start < NAME_HEADER + 1 || !isPlausibleCounts(bytes, start)) return NO_MATCH
  return strength | ((bytes[start + 2] & 0x80) !== 0 ? FROM_SERVER : FROM_CLIENT)
}

function matchName(payload: Payload): number {
  const { bytes, start, end } = payload
  const at = start + NAME_HEADER
  const match = nameService(payload, STRONG)
  if (match === NO_MATCH || !isEncodedName(bytes, at, end)) return NO_MATCH
  const typeAt = at + 2 + ENCODED_NAME
  if (typeAt + 2 <= end && bytes[typeAt - 1] === 0) {
    const type = readU16(bytes, typeAt)
    if (type !== TYPE_NB && type !== TYPE_NBSTAT) return NO_MATCH
  }
  extraGroup(payload, 'netbios').name = decodeName(bytes, at)
  return match
}

/** Without a name that proves it. */
function matchNameless(payload: Payload): number {
  return onPort(payload, PORT_NAME) ? nameService(payload, WEAK) : NO_MATCH
}

/** RFC 1002 section 4.4: type, flags, id, source address and port, length, offset, names. */
const DATAGRAM_DIRECT_UNIQUE = 0x10
const DATAGRAM_BROADCAST = 0x12
const DATAGRAM_ERROR = 0x13
const DATAGRAM_QUERY_LAST = 0x16
const DATAGRAM_HEADER = 14

function matchDatagram(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, PORT_DATAGRAM) || end - start < 10) return NO_MATCH
  const type = bytes[start]
  if (type < DATAGRAM_DIRECT_UNIQUE || type > DATAGRAM_QUERY_LAST || (bytes[start + 1] & 0xf0) !== 0)
    return NO_MATCH
  // Some senders leave their port 0; a name proves the datagram without it.
  const nameless = readU16(bytes, start + 8) === PORT_DATAGRAM ? WEAK : NO_MATCH
  if (type === DATAGRAM_ERROR) return nameless
  if (type > DATAGRAM_BROADCAST) return isEncodedName(bytes, start + 10, end) ? STRONG : nameless
  if (end - start < DATAGRAM_HEADER + 2) return nameless
  if (!isEncodedName(bytes, start + DATAGRAM_HEADER, end)) return nameless
  extraGroup(payload, 'netbios').name = decodeName(bytes, start + DATAGRAM_HEADER)
  return readU16(bytes, start + 10) + DATAGRAM_HEADER <= length ? STRONG : WEAK
}

/** RFC 1002 section 4.3: type, flags, length. */
const SESSION_REQUEST = 0x81
const SESSION_POSITIVE = 0x82
const SESSION_NEGATIVE = 0x83
const SESSION_RETARGET = 0x84
const SESSION_KEEP_ALIVE = 0x85
const SESSION_HEADER = 4

function matchSession(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < SESSION_HEADER || (bytes[start + 1] & 0xfe) !== 0) return NO_MATCH
  const type = bytes[start]
  const size = readU16(bytes, start + 2)
  if (size + SESSION_HEADER !== length) return NO_MATCH
  if (type === SESSION_REQUEST) {
    if (!isEncodedName(bytes, start + SESSION_HEADER, end)) return NO_MATCH
    extraGroup(payload, 'netbios').name = decodeName(bytes, start + SESSION_HEADER)
    return STRONG | FROM_CLIENT
  }
  if (!onPort(payload, PORT_SESSION)) return NO_MATCH
  if (type === SESSION_KEEP_ALIVE) return size === 0 ? WEAK : NO_MATCH
  if (type === SESSION_POSITIVE) return size === 0 ? WEAK | FROM_SERVER : NO_MATCH
  if (type === SESSION_NEGATIVE) return size === 1 ? WEAK | FROM_SERVER : NO_MATCH
  return type === SESSION_RETARGET && size === 6 ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'netbios',
    says: 'is a NetBIOS name service message with a half-ASCII name',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_NAME],
    // The length of the name, and three of its letters.
    bits: { offset: NAME_HEADER, mask: 0xffe0e0e0 | 0, value: 0x20404040 },
    match: matchName,
  },
  {
    label: 'netbios',
    says: 'has the counts of a NetBIOS name service message, on port 137',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_NAME],
    portsOnly: true,
    bits: { offset: 4, mask: 0xff000000 | 0, value: 0 },
    match: matchNameless,
  },
  {
    label: 'netbios',
    says: 'is a NetBIOS datagram with a half-ASCII name, or one that names its source port 138',
    protocols: [PROTOCOL_UDP],
    ports: [PORT_DATAGRAM],
    firstBytes: [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16],
    portsOnly: true,
    match: matchDatagram,
  },
  {
    label: 'netbios',
    says: 'is a NetBIOS session request, its answer, or a keep-alive',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_SESSION],
    firstBytes: [SESSION_REQUEST, SESSION_POSITIVE, SESSION_NEGATIVE, SESSION_RETARGET, SESSION_KEEP_ALIVE],
    match: matchSession,
  },
]
