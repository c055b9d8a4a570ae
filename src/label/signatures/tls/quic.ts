/**
 * QUIC over UDP: versions 1 (RFC 9000) and 2 (RFC 9369), their drafts, and Google's Q0xx and T05x before them.
 * In: the first packets. Out: label quic, version, and from the client's Initial packets (opened, their CRYPTO
 * frames joined over packets) SNI, ALPN and JA4. Google's older versions carry their CHLO in the clear.
 * Not supported: flows of which only short-header packets were captured: these bytes look random by design.
 */
import { PROTOCOL_UDP, readI32, readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { findText } from '../common/text-scan.ts'
import { looksLikeHost } from '../common/urls.ts'
import { parseClientHello } from './client-hello.ts'
import { clientInitialKeys, type InitialKeys, openInitial } from './quic-crypto.ts'
import {
  addFrames,
  afterVarint,
  type CryptoStream,
  contiguous,
  createCryptoStream,
  readVarint,
} from './quic-crypto-stream.ts'
import { reportClientHello } from './tls-report.ts'

/** Long header (RFC 9000 section 17.2): flags, version (4), lengths and connection ids. */
const FLAG_LONG = 0x80
const FLAG_FIXED = 0x40
const VERSION_AT = 1
const DESTINATION_LENGTH_AT = 5
const MAX_CONNECTION_ID = 20
const MIN_LONG_HEADER = 7
const MAX_COALESCED = 4
const MAX_INITIALS = 10

const VERSION_NEGOTIATION = 0
const VERSION_1 = 0x00000001
const VERSION_2 = 0x6b3343cf
const VERSION_2_DRAFT = 0x709a50c4
const DRAFT_PREFIX = 0xff0000
const LAST_DRAFT = 34
const FACEBOOK_PREFIX = 0xfaceb0
/** Versions reserved to exercise negotiation (RFC 9000 section 15). */
const GREASE_MASK = 0x0f0f0f0f
const GREASE = 0x0a0a0a0a
/** A reserved version has no keys of its own: clients use those of the version that they want. */
const BEHIND_GREASE = [VERSION_1, (DRAFT_PREFIX << 8) | 29]

const LETTER_Q = 0x51
const LETTER_T = 0x54
const DIGIT_0 = 0x30

/** Google's public header before Q044: flags, connection id (8), version (4). */
const GOOGLE_FLAG_VERSION = 0x01
const GOOGLE_FLAG_CONNECTION_ID = 0x08
const GOOGLE_CONNECTION_ID = 8
const GOOGLE_TAG_LENGTH = 8
const GOOGLE_MAX_TAGS = 64

/** Keys and CRYPTO stream of the client until its ClientHello is whole. */
interface QuicState {
  kind: 'quic'
  keys: InitialKeys | undefined
  stream: CryptoStream
  initials: number
}

function isQuicState(scratch: unknown): scratch is QuicState {
  return typeof scratch === 'object' && scratch !== null && (scratch as QuicState).kind === 'quic'
}

/** "Q0" or "T0" and two digits, as Google numbers its versions. */
function isGoogleVersion(bytes: Uint8Array, at: number): boolean {
  const letter = bytes[at]
  const tens = bytes[at + 2] - DIGIT_0
  const ones = bytes[at + 3] - DIGIT_0
  const digits = tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
  return (letter === LETTER_Q || letter === LETTER_T) && bytes[at + 1] === DIGIT_0 && digits
}

function isKnownVersion(version: number): boolean {
  if (version === VERSION_1 || version === VERSION_2 || version === VERSION_2_DRAFT) return true
  const draft = version & 0xff
  return (
    (version >>> 8 === DRAFT_PREFIX && draft > 0 && draft <= LAST_DRAFT) || version >>> 8 === FACEBOOK_PREFIX
  )
}

function versionName(bytes: Uint8Array, at: number): string {
  const version = readU32(bytes, at)
  if (version === VERSION_1) return '1'
  if (version === VERSION_2) return '2'
  if (version >>> 8 === DRAFT_PREFIX) return `draft-${version & 0xff}`
  if (isGoogleVersion(bytes, at)) return packetString(bytes, at, at + 4)
  return `0x${version.toString(16).padStart(8, '0')}`
}

function matchQuic(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < MIN_LONG_HEADER + 2) return NO_MATCH
  const first = bytes[start]
  if ((first & FLAG_LONG) === 0) return matchGoogleHeader(payload, first)
  const version = readU32(bytes, start + VERSION_AT)
  const google = isGoogleVersion(bytes, start + VERSION_AT)
  if (google && bytes[start + VERSION_AT] === LETTER_Q && bytes[start + 3] < 0x35)
    return matchGoogleLong(payload)
  if (!hasConnectionIds(bytes, start, end)) return NO_MATCH
  if (version === VERSION_NEGOTIATION) return matchNegotiation(payload)
  const greased = (version & GREASE_MASK) === GREASE
  if (!google && !greased && !isKnownVersion(version)) return NO_MATCH
  if ((first & FLAG_FIXED) === 0 && version >>> 8 !== DRAFT_PREFIX) return NO_MATCH
  if (greased) return matchGreased(payload, version)
  const type = packetType(first, version)
  if (type !== TYPE_RETRY && !lengthFits(payload, type)) return NO_MATCH
  return type === TYPE_INITIAL ? matchInitial(payload, version) : matchLong(payload, type)
}

const TYPE_INITIAL = 0
const TYPE_RETRY = 3

/** Version 2 turned the type bits by one (RFC 9369 section 3.2). */
function packetType(first: number, version: number): number {
  const type = (first >>> 4) & 3
  return version === VERSION_2 || version === VERSION_2_DRAFT ? (type + 3) & 3 : type
}

function hasConnectionIds(bytes: Uint8Array, start: number, end: number): boolean {
  const destination = bytes[start + DESTINATION_LENGTH_AT]
  const sourceAt = start + DESTINATION_LENGTH_AT + 1 + destination
  if (destination > MAX_CONNECTION_ID || sourceAt >= end) return false
  return bytes[sourceAt] <= MAX_CONNECTION_ID && sourceAt + 1 + bytes[sourceAt] <= end
}

/** Offset after both connection ids. */
function afterConnectionIds(bytes: Uint8Array, start: number): number {
  const sourceAt = start + DESTINATION_LENGTH_AT + 1 + bytes[start + DESTINATION_LENGTH_AT]
  return sourceAt + 1 + bytes[sourceAt]
}

/** Offset of the packet number of the long-header packet at `start`, or -1; `packetEnd` is set beside it. */
let packetEnd = 0
function packetNumberAt(bytes: Uint8Array, start: number, end: number, type: number): number {
  if (!hasConnectionIds(bytes, start, end)) return -1
  let at = afterConnectionIds(bytes, start)
  if (type === TYPE_INITIAL) {
    const token = readVarint(bytes, at, end)
    if (token < 0 || afterVarint() + token > end) return -1
    at = afterVarint() + token
  }
  const length = readVarint(bytes, at, end)
  if (length < 0) return -1
  packetEnd = afterVarint() + length
  return afterVarint()
}

/** The length field must lead to the end of the datagram or to a further packet in it (RFC 9000 section 12.2). */
function lengthFits(payload: Payload, type: number): boolean {
  const numberAt = packetNumberAt(payload.bytes, payload.start, payload.end, type)
  return numberAt >= 0 && packetEnd > numberAt && packetEnd - payload.start <= payload.length
}

function matchLong(payload: Payload, type: number): number {
  const extra = extraGroup(payload, 'quic')
  if (extra.version === undefined) extra.version = versionName(payload.bytes, payload.start + VERSION_AT)
  const state = payload.scratch
  const more = isQuicState(state) ? MORE : 0
  return type === TYPE_RETRY ? STRONG | FROM_SERVER | MORE : STRONG | more
}

/** Every version listed is four bytes, so the rest of the packet is a whole number of them (section 17.2.1). */
function matchNegotiation(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const at = afterConnectionIds(bytes, start)
  const rest = start + length - at
  if (rest < 4 || rest > 256 || (rest & 3) !== 0) return NO_MATCH
  for (let next = at; next + 4 <= end; next += 4) {
    const version = readU32(bytes, next)
    if (isKnownVersion(version) || isGoogleVersion(bytes, next)) {
      extraGroup(payload, 'quic').version = versionName(bytes, next)
      return STRONG | FROM_SERVER | MORE
    }
  }
  return NO_MATCH
}

/** A client that asks for negotiation sends a full-sized datagram (RFC 9000 section 14.1). */
function matchGreased(payload: Payload, version: number): number {
  if (payload.length < 1200 || !lengthFits(payload, TYPE_INITIAL)) return NO_MATCH
  return readInitial(payload, version) | FROM_CLIENT | MORE
}

function matchInitial(payload: Payload, version: number): number {
  const { bytes, start } = payload
  const extra = extraGroup(payload, 'quic')
  if (extra.version === undefined) extra.version = versionName(bytes, start + VERSION_AT)
  return readInitial(payload, version)
}

function readInitial(payload: Payload, version: number): number {
  if (extraGroup(payload, 'quic').ja4 !== undefined) return STRONG
  const state = isQuicState(payload.scratch)
    ? payload.scratch
    : ({ kind: 'quic', keys: undefined, stream: createCryptoStream(), initials: 0 } satisfies QuicState)
  const opened = openDatagram(payload, version, state)
  if (!opened) return isQuicState(payload.scratch) || payload.ordinal === 0 ? STRONG | MORE : STRONG
  payload.scratch = state
  if (!readHello(payload, state)) return STRONG | FROM_CLIENT | MORE
  payload.scratch = undefined
  return STRONG | FROM_CLIENT
}

/**
 * Opens the client's Initial packets in this datagram into the state's stream; false when none opened. All of them have
 * the connection id of the first (RFC 9000 section 12.2): where that is not opened, the others are not tried.
 */
function openDatagram(payload: Payload, version: number, state: QuicState): boolean {
  const { bytes, end } = payload
  let at = payload.start
  let opened = false
  for (let n = 0; n < MAX_COALESCED && at + MIN_LONG_HEADER < end; n++) {
    if ((bytes[at] & FLAG_LONG) === 0 || readU32(bytes, at + VERSION_AT) !== version) break
    const type = packetType(bytes[at], version)
    const numberAt = packetNumberAt(bytes, at, end, type)
    if (numberAt < 0 || packetEnd > end) break
    const next = packetEnd
    if (type === TYPE_INITIAL && state.initials < MAX_INITIALS) {
      state.initials++
      const packet = bytes.subarray(at, next)
      const frames = openWithKeys(packet, numberAt - at, version, state)
      if (frames === undefined) break
      addFrames(state.stream, frames)
      opened = true
    }
    at = next
  }
  return opened
}

/** The keys found first serve later packets; after a Retry the connection id, and with it the keys, are new. */
function openWithKeys(
  packet: Uint8Array,
  numberAt: number,
  version: number,
  state: QuicState,
): Uint8Array | undefined {
  const known = state.keys === undefined ? undefined : openInitial(packet, numberAt, state.keys)
  if (known !== undefined) return known
  const connectionId = packet.subarray(
    DESTINATION_LENGTH_AT + 1,
    DESTINATION_LENGTH_AT + 1 + packet[DESTINATION_LENGTH_AT],
  )
  for (const scheduled of (version & GREASE_MASK) === GREASE ? BEHIND_GREASE : [version]) {
    const keys = clientInitialKeys(scheduled, connectionId)
    if (keys === undefined) continue
    const frames = openInitial(packet, numberAt, keys)
    if (frames === undefined) continue
    state.keys = keys
    return frames
  }
  return undefined
}

/** True when the ClientHello (or Google's CHLO) was whole and is reported. */
function readHello(payload: Payload, state: QuicState): boolean {
  const { bytes } = state.stream
  const available = contiguous(state.stream)
  if (available >= 4 && startsWith(bytes, 0, available, 'CHLO'))
    return reportGoogleHello(payload, bytes, 0, available)
  if (available < 4 || bytes[0] !== 1) return false
  const length = (bytes[1] << 16) | readU16(bytes, 2)
  const hello = parseClientHello(bytes, 4, Math.min(available, 4 + length), false)
  hello.complete &&= 4 + length <= available
  reportClientHello(payload, hello, 'quic', 'quic')
  return hello.complete
}

/** Q044 to Q049: flags, version, a byte of connection id lengths, ids, packet number, then frames in the clear. */
function matchGoogleLong(payload: Payload): number {
  const { bytes, start, end } = payload
  extraGroup(payload, 'quic').version = versionName(bytes, start + VERSION_AT)
  return findGoogleHello(payload, start, end) ? STRONG | FROM_CLIENT : STRONG | MORE
}

function matchGoogleHeader(payload: Payload, first: number): number {
  const { bytes, start, end } = payload
  if ((first & GOOGLE_FLAG_VERSION) === 0 || (first & 0x02) !== 0) return NO_MATCH
  const at = start + 1 + ((first & GOOGLE_FLAG_CONNECTION_ID) !== 0 ? GOOGLE_CONNECTION_ID : 0)
  if (at + 4 >= end || bytes[at] !== LETTER_Q || !isGoogleVersion(bytes, at)) return NO_MATCH
  extraGroup(payload, 'quic').version = versionName(bytes, at)
  return findGoogleHello(payload, at + 4, end) ? STRONG | FROM_CLIENT : STRONG | FROM_CLIENT | MORE
}

const GOOGLE_HELLO_SEARCH = 64
function findGoogleHello(payload: Payload, at: number, end: number): boolean {
  const { bytes } = payload
  const hello = findText(bytes, at, Math.min(end, at + GOOGLE_HELLO_SEARCH), 'CHLO')
  return hello >= 0 && reportGoogleHello(payload, bytes, hello, end)
}

/** CHLO: tag, number of entries (2), 0 (2), then per entry a tag and the end offset of its value. */
function reportGoogleHello(payload: Payload, bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 8 > end) return false
  const count = Math.min(bytes[at + 4] | (bytes[at + 5] << 8), GOOGLE_MAX_TAGS)
  const values = at + 8 + count * GOOGLE_TAG_LENGTH
  const extra = extraGroup(payload, 'quic')
  let from = 0
  for (let i = 0; i < count && at + 16 + i * GOOGLE_TAG_LENGTH <= end; i++) {
    const entry = at + 8 + i * GOOGLE_TAG_LENGTH
    const to = readU32LE(bytes, entry + 4)
    if (to < from || values + to > end) return false
    const tag = readI32(bytes, entry)
    if (tag === TAG_SNI) {
      const name = packetString(bytes, values + from, values + to)
      extra.sni = name
      if (looksLikeHost(name)) payload.hostname(name, 'quic')
    } else if (tag === TAG_UAID) extra.user_agent = packetString(bytes, values + from, values + to)
    from = to
  }
  return true
}

/** "SNI\0" and "UAID" */
const TAG_SNI = 0x534e4900
const TAG_UAID = 0x55414944

const DEPTH = 8
const FIRST_BYTES = Array.from({ length: 256 }, (_, i) => i).filter(
  (byte) =>
    (byte & FLAG_LONG) !== 0 || ((byte & GOOGLE_FLAG_VERSION) !== 0 && (byte & 0x02) === 0 && byte < 0x40),
)

/** The versions behind the flags; Google's also behind the connection id that used to come first. */
const BITS = [
  ...[VERSION_NEGOTIATION, VERSION_1, VERSION_2, VERSION_2_DRAFT].map((value) => ({
    mask: 0xffffffff,
    value,
  })),
  { mask: 0xffffff00, value: DRAFT_PREFIX << 8 },
  { mask: 0xffffff00, value: FACEBOOK_PREFIX << 8 },
  { mask: GREASE_MASK, value: GREASE },
  ...[LETTER_Q, LETTER_T].flatMap((letter) =>
    [0, GOOGLE_CONNECTION_ID].map((offset) => ({
      offset: VERSION_AT + offset,
      mask: 0xffff0000,
      value: (letter << 24) | (DIGIT_0 << 16),
    })),
  ),
].map((test) => ({ offset: VERSION_AT, ...test }))

export const signatures: Signature[] = [
  {
    label: 'quic',
    says: 'has a QUIC header with a known version and lengths that fit',
    protocols: [PROTOCOL_UDP],
    ports: [443],
    firstBytes: FIRST_BYTES,
    depth: DEPTH,
    bits: BITS,
    match: matchQuic,
  },
]
