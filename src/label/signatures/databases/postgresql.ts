/** PostgreSQL's frontend/backend protocol 3.0: startup and its requests, then messages of type and length. */
import { readI32, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { findByte } from '../common/byte-scan.ts'
import { setExtraText } from '../common/extras.ts'
import { onPort, TCP } from '../common/ports.ts'
import { tlsInside } from '../tls/tls.ts'

const PORT = 5432
/** Up to release 7.3: a startup packet of this size, its names padded with NUL. */
const PROTOCOL_2 = 0x20000
const STARTUP_2 = 296
const PROTOCOL_3 = 0x30000
const PROTOCOL_3_2 = 0x30002
const CANCEL = 80877102
const SSL_REQUEST = 80877103
const GSS_REQUEST = 80877104
const MAX_STARTUP = 10000
/** Since protocol 3.2 the secret key has up to 256 bytes. */
const MAX_CANCEL = 268
const MAX_PARAMETERS = 32
/** ReadyForQuery: 'Z', length 5, transaction state I, T or E. */
const READY = 0x5a
const ERROR = 0x45
const SEVERITIES = ['SERROR\0', 'SFATAL\0', 'SPANIC\0']

/** Parameters are name NUL value NUL pairs, closed by one NUL. */
function tellParameters(payload: Payload): void {
  const { bytes, start, end } = payload
  let at = start + 8
  for (let i = 0; i < MAX_PARAMETERS && at < end && bytes[at] !== 0; i++) {
    const value = findByte(bytes, at, end, 0) + 1
    const stop = value > 0 ? findByte(bytes, value, end, 0) : -1
    if (stop < 0) return
    if (startsWith(bytes, at, end, 'user\0')) setExtraText(payload, 'postgresql', 'user', [value, stop])
    else if (startsWith(bytes, at, end, 'database\0'))
      setExtraText(payload, 'postgresql', 'database', [value, stop])
    else if (startsWith(bytes, at, end, 'application_name\0')) {
      setExtraText(payload, 'postgresql', 'application', [value, stop])
    }
    at = stop + 1
  }
}

function startup(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  const length = readU32(bytes, start)
  const code = readI32(bytes, start + 4)
  if (length !== payload.length || length > MAX_STARTUP) return NO_MATCH
  if (code === SSL_REQUEST || code === GSS_REQUEST)
    return length === 8 ? STRONG | FROM_CLIENT | MORE : NO_MATCH
  if (code === CANCEL) return length >= 16 && length <= MAX_CANCEL ? STRONG | FROM_CLIENT : NO_MATCH
  if (code === PROTOCOL_2 && length === STARTUP_2) return STRONG | FROM_CLIENT
  if (code !== PROTOCOL_3 && code !== PROTOCOL_3_2) return NO_MATCH
  // The list begins with a name: what ends it at once stands last.
  if (end === start + 8 || !isNameStart(bytes[start + 8])) return NO_MATCH
  if (!startsWith(bytes, start + 8, end, 'user') && (length <= 9 || bytes[end - 1] !== 0)) return NO_MATCH
  tellParameters(payload)
  return STRONG | FROM_CLIENT
}

/** Parameters are called user, database, _pq_.… */
function isNameStart(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f
}

/** Number of whole messages (type, length) that fill the packet exactly, 0 when they do not. */
function messages(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = start + payload.length
  let at = start
  let count = 0
  while (at < stop && count < 64) {
    if (at + 5 > end) return 0
    const length = readU32(bytes, at + 1)
    if (length < 4 || length > 0x1000000 || bytes[at] < 0x31 || bytes[at] > 0x7a) return 0
    at += 1 + length
    count++
  }
  return at === stop ? count : 0
}

/** Authentication ('R', length, method of 0-12) or a chain of messages that ends with ReadyForQuery. */
function session(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0x52 && end - start >= 9) {
    const length = readU32(bytes, start + 1)
    const method = readU32(bytes, start + 5)
    if (length >= 8 && length < 300 && method <= 12 && messages(payload) > 0) return STRONG | FROM_SERVER
  }
  if (end - start < 6 || end - start !== payload.length) return NO_MATCH
  if (isError(payload)) return STRONG | FROM_SERVER
  const ready = bytes[end - 6] === READY && readI32(bytes, end - 5) === 5
  if (ready && messages(payload) > 0) return STRONG | FROM_SERVER
  // A query ('Q') or parse ('P') with its NUL, or error ('E') with its fields: weak, and on the port only.
  const type = bytes[start]
  if (!onPort(payload, PORT) || bytes[end - 1] !== 0 || messages(payload) === 0) return NO_MATCH
  return type === 0x51 || type === 0x50 || type === 0x45 ? WEAK : NO_MATCH
}

/** ErrorResponse: its first field is the severity. */
function isError(payload: Payload): boolean {
  const { bytes, start, end } = payload
  const named = SEVERITIES.some((severity) => startsWith(bytes, start + 5, end, severity))
  return named && bytes[start] === ERROR && messages(payload) > 0
}

function postgresql(payload: Payload): number {
  return payload.bytes[payload.start] === 0 ? startup(payload) : session(payload)
}

export const signatures: Signature[] = [
  {
    label: 'postgresql',
    says: 'is a PostgreSQL startup, TLS or cancel request, or a chain of messages that ends ready for query',
    protocols: TCP,
    ports: [PORT],
    firstBytes: [0, 0x31, 0x32, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x5a],
    // Lengths below 2^24, or 65,536 in a startup.
    bits: { offset: 0, mask: 0x00ff0000, value: 0 },
    match: postgresql,
  },
  tlsInside('postgresql'),
]
