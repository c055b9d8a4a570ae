/**
 * Measurements of a network and remote capture: iperf 2 and 3, OWAMP and TWAMP (RFC 4656, RFC 5357), rpcap, the server of
 * Kismet.
 */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords, opening } from '../common/beginnings.ts'
import { zeroWords } from '../common/byte-scan.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { isTimely } from '../common/timestamps.ts'

const COOKIE = 36

/** Letters and the digits 2 to 7, of which iperf 3 makes its cookies. */
function isCookieByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x32 && byte <= 0x37)
}

/** Control and data connections of iperf 3 begin with the test's cookie: 36 characters and NUL. */
function iperf3({ bytes, start, end, ordinal, peerOrdinal }: Payload): number {
  if (ordinal > 0 || peerOrdinal > 0 || start + COOKIE >= end || bytes[start + COOKIE] !== 0) return NO_MATCH
  for (let at = start; at < start + COOKIE; at++) if (!isCookieByte(bytes[at])) return NO_MATCH
  return STRONG | FROM_CLIENT
}

/** What opens a UDP stream, in the client's byte order, and its answer; the latter pair until version 3.13. */
const IPERF3_ASKS: readonly number[] = [0x39383736, 0x15cd5b07, 0x075bcd15]
const IPERF3_ANSWERS: readonly number[] = [0x36373839, 0xb168de3a | 0, 0x3ade68b1]

function iperf3Udp({ bytes, start, end, length }: Payload): number {
  if (length !== 4 || end - start < 4) return NO_MATCH
  const word = readI32(bytes, start)
  if (IPERF3_ASKS.includes(word)) return STRONG | FROM_CLIENT
  return IPERF3_ANSWERS.includes(word) ? STRONG | FROM_SERVER : NO_MATCH
}

const PATTERN_FROM = 40
const PATTERN_TO = 72
const SECOND = 1_000_000
const MINUTE = 60

/** The digits 0 to 9 again and again, each at its place in the message. */
function isPattern({ bytes, start, end }: Payload): boolean {
  if (end - start < PATTERN_TO) return false
  const shift = bytes[start + PATTERN_FROM] - 0x30
  if (shift < 0 || shift > 9) return false
  for (let i = 1; i < PATTERN_TO - PATTERN_FROM; i++)
    if (bytes[start + PATTERN_FROM + i] !== 0x30 + ((shift + i) % 10)) return false
  return true
}

const MAX_LOSS = 0x10000

/** iperf 2 over UDP: number, seconds and microseconds of now; the numbers go on, the last is negative. */
function iperf2Udp(payload: Payload): number {
  const { bytes, start, end, previous, previousLength } = payload
  if (end - start < 16 || readU32(bytes, start + 8) >= SECOND) return NO_MATCH
  if (!isTimely(payload, readU32(bytes, start + 4), MINUTE)) return NO_MATCH
  const first = readI32(bytes, start)
  const number = Math.abs(first)
  // The server repeats the last one.
  const role = first >= 0 ? FROM_CLIENT : 0
  if (previousLength >= 16 && isTimely(payload, readU32(previous, 4), MINUTE)) {
    const step = number - Math.abs(readI32(previous, 0))
    return step > 0 && step < MAX_LOSS ? STRONG | role : NO_MATCH
  }
  return number < MAX_LOSS ? WEAK | role : NO_MATCH
}

const OWAMP_PORT = 861
const GREETING = 64
const SETUP = 164
const LAST_MODE = 0x1ff

/** Greeting of RFC 4656 section 3.1: twelve zeros, modes, challenge, salt, a count that is a power of two, twelve zeros. */
function isGreeting(payload: Payload): boolean {
  const { bytes, start, end, length } = payload
  if (length !== GREETING || end - start < GREETING) return false
  if (!zeroWords(bytes, start, 3) || !zeroWords(bytes, start + 52, 3)) return false
  const modes = readU32(bytes, start + 12)
  const count = readU32(bytes, start + 48)
  return modes > 0 && modes <= LAST_MODE && count >= 1024 && (count & (count - 1)) === 0
}

/** Greeting, or the client's choice of a mode behind it. OWAMP and TWAMP are alike here. */
function measurement(payload: Payload): number {
  if (isGreeting(payload)) return STRONG | FROM_SERVER
  const { bytes, start, end, peer, peerLength, length } = payload
  if (length !== SETUP || peerLength !== GREETING || end - start < 4) return NO_MATCH
  const mode = readU32(bytes, start)
  const greeted = zeroWords(peer, 0, 3) && (readU32(peer, 12) & mode) === mode
  return greeted && mode !== 0 && mode <= LAST_MODE ? STRONG | FROM_CLIENT : NO_MATCH
}

const RPCAP_AUTHENTICATION = 8
const RPCAP_REPLY = 0x80
const RPCAP_ERROR = 1
const RPCAP_LAST = 10
const RPCAP_MAX_TEXT = 1024

/** rpcap: version 0, type (answers have bit 7), value, length; a client authenticates first, with two lengths. */
function rpcap({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < 8 || readU32(bytes, start + 4) + 8 !== length || readU16(bytes, start + 2) > 16)
    return NO_MATCH
  const type = bytes[start + 1]
  if (type === RPCAP_AUTHENTICATION) {
    if (end - start < 16 || readU16(bytes, start + 8) > 1 || readU16(bytes, start + 10) !== 0) return NO_MATCH
    const rest = readU16(bytes, start + 12) + readU16(bytes, start + 14)
    return rest + 16 === length ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (peerLength < 8 || peer[0] !== 0 || peer[1] < 2 || peer[1] > RPCAP_LAST || readU16(peer, 2) > 1)
    return NO_MATCH
  if (readU32(peer, 4) + 8 !== peerLength) return NO_MATCH
  if (type === (peer[1] | RPCAP_REPLY)) return STRONG | FROM_SERVER
  return type === RPCAP_ERROR && length > 12 && length < RPCAP_MAX_TEXT && bytes[start + 8] >= 0x20
    ? WEAK | FROM_SERVER
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'iperf3',
    says: 'starts with a cookie of iperf 3: 36 letters and digits and NUL',
    protocols: TCP,
    ports: [5201],
    // NUL at 36 behind three characters below 80 hex.
    bits: { offset: COOKIE - 3, mask: 0x808080ff | 0, value: 0 },
    firstBytes: Array.from({ length: 128 }, (_, byte) => byte).filter(isCookieByte),
    match: iperf3,
  },
  {
    label: 'iperf3',
    says: 'is the word that opens a UDP stream of iperf 3, or its answer',
    protocols: UDP,
    ports: [5201],
    bits: bitsOfWords([...IPERF3_ASKS, ...IPERF3_ANSWERS]),
    match: iperf3Udp,
  },
  {
    label: 'iperf2',
    says: 'holds the digits 0 to 9 again and again, as iperf 2 sends them',
    protocols: TCP,
    ports: [5001],
    bits: { offset: PATTERN_FROM, mask: 0xf0f0f0f0 | 0, value: 0x30303030 },
    match: (payload) => (isPattern(payload) ? WEAK | FROM_CLIENT : NO_MATCH),
  },
  {
    label: 'iperf2',
    says: 'holds a number that goes on and the time of now, as datagrams of iperf 2 do',
    protocols: UDP,
    ports: [5001],
    // Microseconds.
    bits: { offset: 8, mask: 0xfff00000 | 0, value: 0 },
    match: iperf2Udp,
  },
  {
    label: 'owamp-control',
    says: 'is the greeting of a measurement server on port 861, or the choice of its mode',
    protocols: TCP,
    ports: [OWAMP_PORT],
    portsOnly: true,
    match: (payload) => (onPort(payload, OWAMP_PORT) ? measurement(payload) : NO_MATCH),
  },
  {
    label: 'twamp-control',
    says: 'is the greeting of a measurement server, or the choice of its mode',
    protocols: TCP,
    ports: [862],
    bits: bitsOfWords([0], 0xfffffe00 | 0),
    match: (payload) => (onPort(payload, OWAMP_PORT) ? NO_MATCH : measurement(payload)),
  },
  {
    label: 'rpcap',
    says: 'holds an rpcap header with agreeing length: an authentication, or the answer to a request',
    protocols: TCP,
    ports: [2002],
    bits: bitsOfWords([0], 0xff70fff0 | 0),
    match: rpcap,
  },
  opening({
    label: 'kismet',
    says: 'starts with the greeting of a Kismet server',
    protocols: TCP,
    ports: [2501],
    text: '*KISMET: ',
    role: FROM_SERVER,
  }),
]
