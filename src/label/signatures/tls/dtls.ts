/**
 * DTLS 1.0 to 1.3 over UDP (RFC 6347, RFC 9147) and the variant before its first RFC (version 0x0100).
 * In: datagrams of one or more records. Out: label dtls; SNI, ALPN, version, cipher, JA4. The fragments of a
 * ClientHello are joined up to 16 KiB as long as they arrive in order; with a gap what came before it is reported,
 * without JA4. Not supported: joining a ServerHello.
 */
import { PROTOCOL_UDP, readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { parseClientHello, parseServerHello } from './client-hello.ts'
import { reportClientHello, reportServerHello } from './tls-report.ts'

/** Record header: type, version (2), epoch (2), sequence (6), length (2). */
const RECORD_HEADER = 13
const EPOCH_AT = 3
const LENGTH_AT = 11
const RECORD_FIRST = 20
const RECORD_LAST = 26
const RECORD_HANDSHAKE = 22
const RECORD_CONNECTION_ID = 25
const MAX_CONNECTION_ID = 32
const MAX_RECORDS = 16
const VERSION_BEFORE_RFC = 0x0100
const VERSION_1_0 = 0xfeff
const VERSION_1_2 = 0xfefd

/** Handshake header: type, length (3), message sequence (2), fragment offset (3), fragment length (3). */
const HANDSHAKE_HEADER = 12
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const HELLO_VERIFY_REQUEST = 3
const MAX_HELLO = 16_384

/** A ClientHello of which more fragments are to come. */
interface PartialHello {
  kind: 'dtls'
  direction: 0 | 1
  sequence: number
  /** What has come of its body, and how long that will be. */
  bytes: Uint8Array
  length: number
}

function isPartialHello(scratch: unknown): scratch is PartialHello {
  return typeof scratch === 'object' && scratch !== null && (scratch as PartialHello).kind === 'dtls'
}

function isRecord(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + RECORD_HEADER > end || bytes[at] < RECORD_FIRST || bytes[at] > RECORD_LAST) return false
  const version = readU16(bytes, at + 1)
  if (version !== VERSION_1_0 && version !== VERSION_1_2 && version !== VERSION_BEFORE_RFC) return false
  // Epochs count key changes and sequence numbers start at 0: their high bytes are zero in any session met.
  return bytes[at + EPOCH_AT] === 0 && bytes[at + EPOCH_AT + 2] === 0 && readU16(bytes, at + LENGTH_AT) > 0
}

/** The records' lengths lead exactly to the end, or on to records of DTLS 1.3 (first bits 001) and connection ids. */
function recordsChain(payload: Payload): boolean {
  const { bytes, start, end, length } = payload
  let at = start
  for (let n = 0; n < MAX_RECORDS; n++) {
    at += RECORD_HEADER + readU16(bytes, at + LENGTH_AT)
    if (at - start === length || at >= end) return at - start <= length
    if (!isRecord(bytes, at, end)) return n > 0 || bytes[at] >>> 5 === 1
  }
  return true
}

/**
 * RFC 9146 section 4: a record with a connection id, between sequence and length, is of type 25 and stands alone. How
 * long the id is was agreed in the handshake: it is what makes the length lead to the end.
 */
function isConnectionIdRecord({ bytes, start, end, length }: Payload): boolean {
  if (end - start < RECORD_HEADER || readU16(bytes, start + 1) !== VERSION_1_2) return false
  // Epoch 1 is the first with keys.
  if (bytes[start + EPOCH_AT] !== 0 || bytes[start + EPOCH_AT + 1] === 0 || bytes[start + EPOCH_AT + 2] !== 0)
    return false
  const stop = Math.min(end - 2, start + LENGTH_AT + MAX_CONNECTION_ID)
  for (let at = start + LENGTH_AT + 1; at <= stop; at++)
    if (readU16(bytes, at) + at + 2 - start === length) return true
  return false
}

function read24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | readU16(bytes, at + 1)
}

function matchDtls(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === RECORD_CONNECTION_ID && isConnectionIdRecord(payload)) return STRONG
  if (!isRecord(bytes, start, end) || !recordsChain(payload)) return NO_MATCH
  if (bytes[start] !== RECORD_HANDSHAKE || bytes[start + EPOCH_AT + 1] !== 0) return STRONG
  const at = start + RECORD_HEADER
  if (at + HANDSHAKE_HEADER > end) return NO_MATCH
  const length = read24(bytes, at + 1)
  const fragment = read24(bytes, at + 9)
  if (
    read24(bytes, at + 6) + fragment > length ||
    fragment + HANDSHAKE_HEADER > readU16(bytes, start + LENGTH_AT)
  )
    return NO_MATCH
  const type = bytes[at]
  if (type === CLIENT_HELLO) return fragment < length ? joinHello(payload) : wholeHello(payload, at, length)
  if (type === SERVER_HELLO) {
    if (read24(bytes, at + 6) === 0) {
      const hello = parseServerHello(
        bytes,
        at + HANDSHAKE_HEADER,
        Math.min(end, at + HANDSHAKE_HEADER + fragment),
      )
      if (hello !== undefined) reportServerHello(payload, hello, 'dtls')
    }
    return STRONG | FROM_SERVER
  }
  return type === HELLO_VERIFY_REQUEST ? STRONG | FROM_SERVER | MORE : STRONG
}

function wholeHello(payload: Payload, at: number, length: number): number {
  const { bytes, end } = payload
  const bodyStart = at + HANDSHAKE_HEADER
  reportHello(payload, bytes.subarray(bodyStart, Math.min(end, bodyStart + length)), length)
  return STRONG | FROM_CLIENT | MORE
}

function reportHello(payload: Payload, body: Uint8Array, length: number): void {
  const hello = parseClientHello(body, 0, body.length, true)
  hello.complete &&= body.length === length
  reportClientHello(payload, hello, 'dtls', 'sni')
}

/** The datagram's fragments, added to what came before them. */
function joinHello(payload: Payload): number {
  const { bytes, start, end, direction, scratch } = payload
  let partial = isPartialHello(scratch) && scratch.direction === direction ? scratch : undefined
  for (let at = start, n = 0; n < MAX_RECORDS && isRecord(bytes, at, end); n++) {
    partial = addFragment(partial, payload, at)
    at += RECORD_HEADER + readU16(bytes, at + LENGTH_AT)
  }
  const whole = partial === undefined || partial.bytes.length >= Math.min(partial.length, MAX_HELLO)
  if (partial !== undefined) reportHello(payload, partial.bytes, partial.length)
  payload.scratch = whole ? undefined : partial
  return STRONG | FROM_CLIENT | MORE
}

/** The hello with the fragment in the record at `at`, where that begins it or is the next of it. */
function addFragment(
  partial: PartialHello | undefined,
  { bytes, end, direction }: Payload,
  at: number,
): PartialHello | undefined {
  const message = at + RECORD_HEADER
  if (bytes[at] !== RECORD_HANDSHAKE || message + HANDSHAKE_HEADER > end) return partial
  if (bytes[message] !== CLIENT_HELLO) return partial
  const sequence = readU16(bytes, message + 4)
  const length = read24(bytes, message + 1)
  const offset = read24(bytes, message + 6)
  const from = message + HANDSHAKE_HEADER
  const fragment = Math.min(read24(bytes, message + 9), readU16(bytes, at + LENGTH_AT) - HANDSHAKE_HEADER)
  if (fragment < 0) return partial
  const body = bytes.subarray(from, Math.min(end, from + fragment))
  const known = partial !== undefined && partial.sequence === sequence && partial.length === length
  if (known && offset === partial.bytes.length && offset + body.length <= MAX_HELLO) {
    const joined = new Uint8Array(offset + body.length)
    joined.set(partial.bytes)
    joined.set(body, offset)
    return { ...partial, bytes: joined }
  }
  if (known || offset !== 0) return partial
  return { kind: 'dtls', direction, sequence, length, bytes: body.slice() }
}

export const signatures: Signature[] = [
  {
    label: 'dtls',
    says: 'consists of DTLS records whose lengths lead to the end of the datagram',
    protocols: [PROTOCOL_UDP],
    ports: [4433, 443],
    firstBytes: [20, 21, 22, 23, 24, 25, 26],
    // Over the STUN that opened the way for it.
    weight: 95,
    depth: 8,
    bits: [
      // The two versions of DTLS have the same bits here, and an epoch below 256.
      { offset: 0, mask: 0x00fffdff, value: 0x00fefd00 },
      { offset: 0, mask: 0x00ffffff, value: VERSION_BEFORE_RFC << 8 },
    ],
    match: matchDtls,
  },
]
