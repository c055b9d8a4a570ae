/**
 * TLS and SSL over TCP (RFC 8446, RFC 5246, RFC 6101; the SSL 2.0 hello of RFC 5246 appendix E.2).
 * In: the first payload packets. Out: label tls (smtps, imaps, pop3s where the port says which protocol is
 * inside), the names and versions of both hellos, JA4. A ClientHello is joined over segments up to 16 KiB, see
 * stream.ts; with a gap what stood before it is reported, without JA4.
 * Not supported: decryption, hostnames from certificates.
 */
import { PROTOCOL_TCP, readU16 } from '../../../bytes.ts'
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
import { extraGroup } from '../common/extras.ts'
import { follow, STOPPED, type Stream, startStream, WAITS } from '../common/stream.ts'
import { parseClientHello, parseServerHello } from './client-hello.ts'
import { tlsVersionName } from './tls-names.ts'
import { reportClientHello, reportServerHello } from './tls-report.ts'

/** Record header: type, version (2), length (2). */
const RECORD_HEADER = 5
const RECORD_CHANGE_CIPHER_SPEC = 20
const RECORD_ALERT = 21
const RECORD_HANDSHAKE = 22
const RECORD_APPLICATION_DATA = 23
const VERSION_MAJOR = 3
const VERSION_MINOR_LAST = 4
/** RFC 5246 section 6.2.3: 2^14 and at most 2,048 of expansion. */
const MAX_RECORD = 16384 + 2048
/** An encrypted record carries at least an authentication tag or a block. */
const MIN_ENCRYPTED = 16
const MAX_CHAINED_RECORDS = 32
/** Of a hello cut into records of a byte or two. */
const MAX_JOINED_RECORDS = 2048

/** Handshake header: type, length (3). */
const HANDSHAKE_HEADER = 4
const HELLO_REQUEST = 0
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const HANDSHAKE_TYPES = [0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24]
const MAX_HANDSHAKE = 65536
const MAX_SCRATCH = 16384
const MIN_CLIENT_HELLO = 38
/** What tells a hello apart: its header and the version behind it. */
const HELLO_START = HANDSHAKE_HEADER + 2

const PORT_SMTPS = [465, 587]
const PORT_IMAPS = [993]
const PORT_POP3S = [995]
const MAIL_PORTS = [...PORT_SMTPS, ...PORT_IMAPS, ...PORT_POP3S]

/** A ClientHello that has not yet arrived whole: the sender's stream from its first byte. */
interface PartialHello {
  kind: 'tls'
  stream: Stream
}

function isPartialHello(scratch: unknown): scratch is PartialHello {
  return typeof scratch === 'object' && scratch !== null && (scratch as PartialHello).kind === 'tls'
}

/** True when a TLS record header with a version of 3.0 to 3.4 and a possible length stands at `at`. */
export function isTlsRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + RECORD_HEADER > end) return false
  if (bytes[at] < RECORD_CHANGE_CIPHER_SPEC || bytes[at] > RECORD_APPLICATION_DATA) return false
  if (bytes[at + 1] !== VERSION_MAJOR || bytes[at + 2] > VERSION_MINOR_LAST) return false
  const length = readU16(bytes, at + 3)
  return length > 0 && length <= MAX_RECORD
}

/** Looks at one packet of a TCP flow; fills extras.tls. Used by every signature whose protocol may turn to TLS. */
export function inspectTls(payload: Payload): number {
  const { bytes, start, end, scratch } = payload
  if (isPartialHello(scratch)) return continueHello(payload, scratch)
  if ((bytes[start] & 0x80) !== 0) return inspectSsl2(payload)
  if (!isTlsRecord(bytes, start, end)) return NO_MATCH
  const type = bytes[start]
  const length = readU16(bytes, start + 3)
  if (type === RECORD_HANDSHAKE) return inspectHandshake(payload, length)
  if (type === RECORD_ALERT) return inspectAlert(payload, length)
  if (type === RECORD_CHANGE_CIPHER_SPEC)
    return length === 1 && start + 5 < end && bytes[start + 5] === 1 ? STRONG : NO_MATCH
  return inspectApplicationData(payload, length)
}

function inspectHandshake(payload: Payload, recordLength: number): number {
  const { bytes, start, end } = payload
  const at = start + RECORD_HEADER
  if (at + HANDSHAKE_HEADER > end) return NO_MATCH
  const type = bytes[at]
  if (recordLength < HELLO_START && isHelloType(type)) return inspectFragments(payload)
  const length = messageLength(bytes, at)
  if (!HANDSHAKE_TYPES.includes(type)) return encryptedHandshake(payload, recordLength)
  // A message may go on in further records, and a record may hold several messages.
  if (length > MAX_HANDSHAKE || (length === 0 && type !== HELLO_REQUEST && type !== 14)) return NO_MATCH
  if (isHelloType(type)) {
    if (!isHello(bytes, at, end)) return NO_MATCH
    return type === CLIENT_HELLO ? startHello(payload) : answerHello(payload)
  }
  if (length + HANDSHAKE_HEADER > recordLength && type !== 11)
    return encryptedHandshake(payload, recordLength)
  const fromServer = type === 11 || type === 12 || type === 13 || type === 14
  return fromServer ? WEAK | FROM_SERVER : WEAK
}

function isHelloType(type: number): boolean {
  return type === CLIENT_HELLO || type === SERVER_HELLO
}

/** A handshake message's length without its header. */
function messageLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1] << 16) | readU16(bytes, at + 2)
}

/** A hello of either side stands at `at`. */
function isHello(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + HELLO_START > end || messageLength(bytes, at) < MIN_CLIENT_HELLO) return false
  return bytes[at + 4] === VERSION_MAJOR && bytes[at + 5] <= VERSION_MINOR_LAST
}

/** A hello in records so small that only several of them tell what it is. */
function inspectFragments(payload: Payload): number {
  const { bytes, start, end } = payload
  const message = joinRecords(bytes, start, end)
  if (!isHello(message, 0, message.length) || messageLength(message, 0) > MAX_HANDSHAKE) return NO_MATCH
  return message[0] === CLIENT_HELLO ? startHello(payload) : answerHello(payload)
}

/** Finished and what follows are encrypted: only record lengths that chain to the payload's end can tell. */
function encryptedHandshake(payload: Payload, recordLength: number): number {
  return recordLength >= MIN_ENCRYPTED && recordsChain(payload) ? STRONG : NO_MATCH
}

function startHello(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!readHello(payload, bytes, start, end) && end - start === payload.length && end - start < MAX_SCRATCH)
    payload.scratch = { kind: 'tls', stream: startStream(payload, MAX_SCRATCH) } satisfies PartialHello
  return STRONG | FROM_CLIENT | MORE
}

function continueHello(payload: Payload, { stream }: PartialHello): number {
  if (payload.direction !== stream.direction) {
    payload.scratch = undefined
    return inspectTls(payload)
  }
  const followed = follow(stream, payload, MAX_SCRATCH)
  if (followed === WAITS) return STRONG | FROM_CLIENT | MORE
  if (readHello(payload, stream.bytes, 0, stream.length) || followed === STOPPED) payload.scratch = undefined
  return STRONG | FROM_CLIENT | MORE
}

/** Reports what stands of the ClientHello in the records from `at`; true when it was complete. */
function readHello(payload: Payload, bytes: Uint8Array, at: number, end: number): boolean {
  const message = handshakeMessage(bytes, at, end)
  const stop = HANDSHAKE_HEADER + messageLength(message, 0)
  const hello = parseClientHello(message, HANDSHAKE_HEADER, Math.min(message.length, stop), false)
  const complete = hello.complete && stop <= message.length
  hello.complete = complete
  reportClientHello(payload, hello, 'tls', 'sni')
  return complete
}

/** The handshake message that begins in the record at `at`, header first, and what may follow it. */
function handshakeMessage(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const first = at + RECORD_HEADER
  const recordLength = readU16(bytes, at + 3)
  const whole =
    recordLength >= HANDSHAKE_HEADER && messageLength(bytes, first) + HANDSHAKE_HEADER <= recordLength
  return whole ? bytes.subarray(first, end) : joinRecords(bytes, at, end)
}

/** The bodies of consecutive handshake records, one after the other. */
function joinRecords(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const joined = new Uint8Array(Math.min(end - at, MAX_SCRATCH))
  let length = 0
  let next = at
  for (let n = 0; n < MAX_JOINED_RECORDS && next + RECORD_HEADER < end; n++) {
    if (bytes[next] !== RECORD_HANDSHAKE || !isTlsRecord(bytes, next, end)) break
    const body = next + RECORD_HEADER
    next = body + readU16(bytes, next + 3)
    // Byte by byte: of a hello in records of a byte each, views would cost far more than what they show.
    for (let from = body; from < Math.min(next, end) && length < joined.length; from++)
      joined[length++] = bytes[from]
  }
  return joined.subarray(0, length)
}

function answerHello(payload: Payload): number {
  const { bytes, start, end } = payload
  const message = handshakeMessage(bytes, start, end)
  const stop = HANDSHAKE_HEADER + messageLength(message, 0)
  const hello = parseServerHello(message, HANDSHAKE_HEADER, Math.min(message.length, stop))
  if (hello !== undefined) reportServerHello(payload, hello, 'tls')
  return STRONG | FROM_SERVER
}

/** RFC 8446 section 6: level and description; encrypted alerts are longer. */
function inspectAlert(payload: Payload, length: number): number {
  const { bytes, start, end } = payload
  const at = start + RECORD_HEADER
  if (length === 2) return at + 2 <= end && (bytes[at] === 1 || bytes[at] === 2) ? STRONG : NO_MATCH
  return length >= MIN_ENCRYPTED && recordsChain(payload) ? STRONG : NO_MATCH
}

/** A flow met in its middle: version and a length that chains to the payload's end, else only 24 fixed bits. */
function inspectApplicationData(payload: Payload, length: number): number {
  if (length < MIN_ENCRYPTED) return NO_MATCH
  const minor = payload.bytes[payload.start + 2]
  if (minor === 0 || minor === VERSION_MINOR_LAST) return NO_MATCH
  if (recordsChain(payload)) {
    reportVersion(payload, minor)
    return STRONG
  }
  return length + RECORD_HEADER > payload.length ? WEAK : NO_MATCH
}

/** TLS 1.3 writes 1.2 into its records, so only older versions are told by a record. */
function reportVersion(payload: Payload, minor: number): void {
  if (minor >= 3) return
  const extra = extraGroup(payload, 'tls')
  if (extra.version === undefined) extra.version = tlsVersionName(0x0300 | minor)
}

/** True when the records' lengths lead exactly to the end of the payload. */
function recordsChain(payload: Payload): boolean {
  const { bytes, start, end, length } = payload
  let at = start
  for (let n = 0; n < MAX_CHAINED_RECORDS; n++) {
    if (!isTlsRecord(bytes, at, end)) return false
    at += RECORD_HEADER + readU16(bytes, at + 3)
    if (at - start === length) return true
    if (at - start > length) return false
  }
  return true
}

/** The SSL 2.0 hello: length with the high bit, type 1, version, three lengths that add up to the message. */
function inspectSsl2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 11 || bytes[start + 2] !== CLIENT_HELLO) return NO_MATCH
  const version = readU16(bytes, start + 3)
  if (version !== 0x0002 && (version < 0x0300 || version > 0x0303)) return NO_MATCH
  const length = readU16(bytes, start) & 0x7fff
  const sum = readU16(bytes, start + 5) + readU16(bytes, start + 7) + readU16(bytes, start + 9)
  const challenge = readU16(bytes, start + 9)
  if (sum + 9 !== length || readU16(bytes, start + 5) % 3 !== 0 || challenge < 16 || challenge > 32)
    return NO_MATCH
  extraGroup(payload, 'tls').version = tlsVersionName(version)
  return STRONG | FROM_CLIENT | MORE
}

/**
 * TLS in a flow that began as something else, which asked for it: its hellos are read, and its label stays. What asks
 * must want more packets.
 */
export function tlsInside(label: string): Signature {
  return {
    label,
    says: `carries TLS that ${label} has asked for`,
    protocols: [PROTOCOL_TCP],
    // Without ports: tried only in flows that have the label already.
    portsOnly: true,
    firstBytes: [RECORD_HANDSHAKE],
    depth: DEPTH,
    match: (payload) => (payload.labelSoFar === label ? inspectTls(payload) : NO_MATCH),
  }
}

function isMailPort(payload: Payload, ports: readonly number[]): boolean {
  return ports.includes(payload.srcPort) || ports.includes(payload.dstPort)
}

const FIRST_BYTES = [20, 21, 22, 23, ...Array.from({ length: 128 }, (_, i) => 128 + i)]
/** A record of version 3, or the ClientHello of SSL 2. */
const BITS = [
  { offset: 0, mask: 0xfcff0000, value: 0x14030000 },
  { offset: 0, mask: 0x8000ff00, value: 0x80000000 | (CLIENT_HELLO << 8) },
]
const DEPTH = 12

function tlsMail(label: string, protocol: string, ports: readonly number[]): Signature {
  return {
    label,
    says: `consists of TLS records on a port that carries ${protocol} over TLS`,
    protocols: [PROTOCOL_TCP],
    ports,
    portsOnly: true,
    firstBytes: FIRST_BYTES,
    bits: BITS,
    depth: DEPTH,
    // Over a greeting in the clear that the server sent before it saw the client's hello.
    weight: 85,
    match: (payload) => (isMailPort(payload, ports) ? inspectTls(payload) : NO_MATCH),
  }
}

export const signatures: Signature[] = [
  {
    label: 'tls',
    says: 'consists of TLS records: a hello, an alert, or records whose lengths lead to the end of the payload',
    protocols: [PROTOCOL_TCP],
    ports: [443, 8443],
    firstBytes: FIRST_BYTES,
    bits: BITS,
    depth: DEPTH,
    match: (payload) => (isMailPort(payload, MAIL_PORTS) ? NO_MATCH : inspectTls(payload)),
  },
  tlsMail('smtps', 'SMTP', PORT_SMTPS),
  tlsMail('imaps', 'IMAP', PORT_IMAPS),
  tlsMail('pop3s', 'POP3', PORT_POP3S),
]
