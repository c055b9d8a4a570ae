/**
 * Tor relays among TLS servers, by the certificate of their link handshake, which TLS up to 1.2 shows: it is issued by
 * "www.", 8 to 20 random characters of base32, ".com", for a name of the same kind under ".net", and names nothing
 * else. In: the server's first flight. Out: label tls, for that is the protocol, with evidence that says Tor.
 * Not supported: TLS 1.3, which encrypts certificates, and bridges behind other transports; there nothing proves Tor.
 */
import { PROTOCOL_TCP, readU16, startsWith } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature } from '../../inspect/payload.ts'
import { inspectTls, isTlsRecord } from './tls.ts'

const RECORD_HEADER = 5
const RECORD_HANDSHAKE = 22
const HANDSHAKE_HEADER = 4
const SERVER_HELLO = 2
const CERTIFICATE = 11
/** Version, serial number and signature algorithm stand before the issuer (RFC 5280 section 4.1). */
const MAX_BEFORE_ISSUER = 96

/** A name of one attribute: SEQUENCE, SET, SEQUENCE, OBJECT IDENTIFIER 2.5.4.3 (common name), a string. */
const NAME_HEADER = 13
const SEQUENCE = 0x30
const SET = 0x31
const COMMON_NAME = '\x06\x03\x55\x04\x03'
const STRING_TYPES = [0x0c, 0x13]
/** Two UTCTimes of 13 characters. */
const VALIDITY = 32
const VALIDITY_HEADER = '\x30\x1e\x17\x0d'

const WWW = 4
const TOP = 4
const MIN_RANDOM = 8
const MAX_RANDOM = 20

/** Where the certificate message begins behind the ServerHello, in its record or in the next; -1: nowhere. */
function certificateAt(bytes: Uint8Array, start: number, end: number): number {
  const hello = start + RECORD_HEADER
  if (!isTlsRecord(bytes, start, end) || hello + HANDSHAKE_HEADER > end || bytes[hello] !== SERVER_HELLO)
    return -1
  let at = hello + HANDSHAKE_HEADER + readU16(bytes, hello + 2)
  if (at === hello + readU16(bytes, start + 3)) {
    if (!isTlsRecord(bytes, at, end) || bytes[at] !== RECORD_HANDSHAKE) return -1
    at += RECORD_HEADER
  }
  return at < end && bytes[at] === CERTIFICATE ? at : -1
}

/** Position after a name made up under `top`, or -1. */
function madeUpName(bytes: Uint8Array, at: number, end: number, top: string): number {
  if (at + NAME_HEADER > end) return -1
  const length = bytes[at + NAME_HEADER - 1]
  const text = at + NAME_HEADER
  const stop = text + length
  const shaped =
    bytes[at] === SEQUENCE &&
    bytes[at + 1] === length + 11 &&
    bytes[at + 2] === SET &&
    bytes[at + 3] === length + 9 &&
    bytes[at + 4] === SEQUENCE &&
    bytes[at + 5] === length + 7 &&
    startsWith(bytes, at + 6, end, COMMON_NAME) &&
    STRING_TYPES.includes(bytes[at + 11])
  if (!shaped || length < WWW + MIN_RANDOM + TOP || length > WWW + MAX_RANDOM + TOP || stop > end) return -1
  if (!startsWith(bytes, text, stop, 'www.') || !startsWith(bytes, stop - TOP, stop, top)) return -1
  for (let i = text + WWW; i < stop - TOP; i++) if (!isBase32(bytes[i])) return -1
  return stop
}

function isBase32(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x32 && byte <= 0x37)
}

function matchTor(payload: Payload): number {
  const { bytes, start, end } = payload
  const certificate = certificateAt(bytes, start, end)
  if (certificate < 0) return NO_MATCH
  const stop = Math.min(end, certificate + MAX_BEFORE_ISSUER)
  for (let at = certificate; at < stop; at++) {
    const issued = bytes[at] === SEQUENCE ? madeUpName(bytes, at, end, '.com') : -1
    if (issued < 0) continue
    const dated = startsWith(bytes, issued, end, VALIDITY_HEADER)
    return dated && madeUpName(bytes, issued + VALIDITY, end, '.net') > 0 ? inspectTls(payload) : NO_MATCH
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'tls',
    says: 'shows a certificate as Tor relays make them up: www.(random).com issued it for www.(random).net',
    protocols: [PROTOCOL_TCP],
    ports: [443, 9001],
    firstBytes: [RECORD_HANDSHAKE],
    bits: { offset: RECORD_HEADER, mask: 0xff000000, value: SERVER_HELLO << 24 },
    match: matchTor,
  },
]
