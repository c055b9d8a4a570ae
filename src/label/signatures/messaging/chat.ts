/**
 * Messengers with protocols of their own: WhatsApp, Telegram (MTProto where it is not obfuscated, and its call relays),
 * AIM and ICQ (OSCAR), MSN, Yahoo, Gadu-Gadu, QQ. XMPP and IRC stand elsewhere.
 */
import { readI32, readU16, readU32, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { digitRun } from '../common/text-scan.ts'

const WA_PORT = 5222
const WA_HEADER = 4
const WA_FRAME = 3
const WA_EDGE = 'ED\0\x01'
const WA_LAST_VERSION = 15
const KEY_BYTES = 32

/** Length of the frame at `at` (its upper four bits are flags), -1 where it is not captured. */
function waFrame(bytes: Uint8Array, at: number, end: number): number {
  return at + WA_FRAME > end ? -1 : ((bytes[at] & 15) << 16) | readU16(bytes, at + 1)
}

/** "WA" and two bytes of version, then a frame: with Noise a key of 32 bytes, before it a list of the first protocol. */
function isWaPrologue(bytes: Uint8Array, at: number, end: number): boolean {
  if (!startsWith(bytes, at, end, 'WA') || bytes[at + 2] > WA_LAST_VERSION) return false
  const frame = at + WA_HEADER
  const content = frame + WA_FRAME
  if (content + 2 > end || bytes[at + 3] > WA_LAST_VERSION) return false
  if (waFrame(bytes, frame, end) < 4) return false
  const first = bytes[content]
  return bytes[frame] === 0 && (first === 0x12 || first === 0xf8)
}

/** Client: perhaps "ED 00 01" with routing in a frame, then "WA". */
function whatsApp({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 1) return NO_MATCH
  if (startsWith(bytes, start, end, WA_EDGE)) {
    const routing = waFrame(bytes, start + WA_HEADER, end)
    if (routing < 0) return length === WA_HEADER && ordinal === 0 ? STRONG | FROM_CLIENT : NO_MATCH
    const at = start + WA_HEADER + WA_FRAME + routing
    return routing < 64 && startsWith(bytes, at, end, 'WA') ? STRONG | FROM_CLIENT : NO_MATCH
  }
  return isWaPrologue(bytes, start, end) ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Length; field 3 of the handshake with its length; a key of 32 bytes as its first field. */
const WA_HELLO = 0x1a
const WA_KEY = 0x0a20
const WA_MOST_HELLO = 0x1000

/** Server: a frame that holds one field (3) to its end, which begins with a key. */
function whatsAppAnswer({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < WA_FRAME + 5) return NO_MATCH
  const frame = waFrame(bytes, start, end)
  if (bytes[start] !== 0 || bytes[start + 3] !== WA_HELLO || frame < KEY_BYTES || frame > WA_MOST_HELLO)
    return NO_MATCH
  if (frame + WA_FRAME > length) return NO_MATCH
  const long = bytes[start + 4] >= 0x80
  const size = long ? (bytes[start + 4] & 0x7f) | (bytes[start + 5] << 7) : bytes[start + 4]
  const key = start + (long ? 6 : 5)
  const agrees = size + (long ? 3 : 2) === frame && key + 2 <= end
  return agrees && readU16(bytes, key) === WA_KEY ? STRONG | FROM_SERVER : NO_MATCH
}

const ABRIDGED = 0xef
const INTERMEDIATE = 0xeeeeeeee | 0
const PADDED = 0xdddddddd | 0
const LONG_LENGTH = 0x7f
/** Key id and message id, before the length of a message that is not encrypted. */
const PLAIN_LENGTH_AT = 16
const PLAIN_HEADER = 20

/** A message without key at `at`, `size` bytes long: key id 0, and the length of what follows its header. */
function isPlainMessage(bytes: Uint8Array, at: number, size: number, end: number): boolean {
  if (at + PLAIN_HEADER > end || readI32(bytes, at) !== 0 || readI32(bytes, at + 4) !== 0) return false
  const rest = readU32LE(bytes, at + PLAIN_LENGTH_AT)
  return rest >= 4 && rest + PLAIN_HEADER <= size && rest + PLAIN_HEADER + 16 > size
}

/** MTProto's transports: abridged with a key exchange, intermediate with its length, full with a key exchange. */
function mtprotoClient({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < 12) return NO_MATCH
  const first = readI32(bytes, start)
  if (first === INTERMEDIATE || first === PADDED) {
    const size = readU32LE(bytes, start + 4)
    return size >= 8 && size + 8 <= length ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (bytes[start] === ABRIDGED) {
    const size = bytes[start + 1] * 4
    if (bytes[start + 1] >= LONG_LENGTH || size + 2 > length) return NO_MATCH
    return isPlainMessage(bytes, start + 2, size, end) ? STRONG | FROM_CLIENT : NO_MATCH
  }
  // Length of the whole, number of the message, … checksum.
  if (readU32LE(bytes, start) !== length || readI32(bytes, start + 4) !== 0) return NO_MATCH
  return isPlainMessage(bytes, start + 8, length - 12, end) ? STRONG | FROM_CLIENT : NO_MATCH
}

/** The server's message names the key id that the client's did, behind a length of one, four (or four in four) bytes. */
function mtprotoServer({ bytes, start, end, length, ordinal, peer, peerLength }: Payload): number {
  if (ordinal > 0 || peerLength < 24 || end - start < 12) return NO_MATCH
  const first = readI32(peer, 0)
  const framed = first === INTERMEDIATE || first === PADDED
  if (!framed && peer[0] !== ABRIDGED) return NO_MATCH
  const long = !framed && bytes[start] === LONG_LENGTH
  const own = start + (framed || long ? 4 : 1)
  const size = framed ? readU32LE(bytes, start) : bytes[start] * 4
  const key = framed ? 8 : peer[1] === LONG_LENGTH ? 5 : 2
  if (!long && (size < PLAIN_HEADER || own - start + size > length)) return NO_MATCH
  const echoes =
    readI32(bytes, own) === readI32(peer, key) && readI32(bytes, own + 4) === readI32(peer, key + 4)
  return echoes ? STRONG | FROM_SERVER : NO_MATCH
}

/** Behind a tag of sixteen bytes: twelve ff, then the question (fe ff ff ff), or the relay's answer. */
const RELAY_TAG = 16
const RELAY_QUESTION = 0xfeffffff | 0
const RELAY_ANSWERS: readonly number[] = [0xc77215c0 | 0, 0x83f3a0bd | 0]

function telegramRelay({ bytes, start, end }: Payload): number {
  const at = start + RELAY_TAG
  if (at + 16 > end || readI32(bytes, at) !== -1 || readI32(bytes, at + 4) !== -1) return NO_MATCH
  if (readI32(bytes, at + 8) !== -1) return NO_MATCH
  const kind = readI32(bytes, at + 12)
  if (kind === RELAY_QUESTION) return STRONG | FROM_CLIENT
  return RELAY_ANSWERS.includes(kind) ? STRONG | FROM_SERVER : NO_MATCH
}

const FLAP = 0x2a
const FLAP_HEADER = 6
const FLAP_MOST = 64
const FLAP_SIGN_ON = 1
const FLAP_DATA = 2
const FLAP_VERSION = 1
const SNAC_HEADER = 10
/** Families of SNAC, the last of which came with ICQ's relay. */
const LAST_FAMILY = 0x25

/** What a frame carries fits its channel: version 1 at sign-on, a SNAC with a known family as data. */
function isFlap(bytes: Uint8Array, at: number, end: number): boolean {
  const channel = bytes[at + 1]
  const size = readU16(bytes, at + 4)
  if (bytes[at] !== FLAP || channel < FLAP_SIGN_ON || channel > 5) return false
  const content = at + FLAP_HEADER
  if (channel === FLAP_SIGN_ON)
    return size >= 4 && content + 4 <= end && readI32(bytes, content) === FLAP_VERSION
  if (channel !== FLAP_DATA) return size <= 64
  if (size < SNAC_HEADER || content + 4 > end) return false
  const family = readU16(bytes, content)
  return family >= 1 && family <= LAST_FAMILY && bytes[content + 2] === 0 && bytes[content + 3] !== 0
}

/** OSCAR: frames (2a, channel, sequence, length) that fill the packet; the last may go on in the next. */
function oscar(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const stop = start + length
  let at = start
  let proves = false
  for (let i = 0; i < FLAP_MOST && at + FLAP_HEADER <= Math.min(stop, end); i++) {
    if (!isFlap(bytes, at, end)) return NO_MATCH
    proves ||= bytes[at + 1] <= FLAP_DATA
    at += FLAP_HEADER + readU16(bytes, at + 4)
  }
  if (!proves) return NO_MATCH
  return at === stop || (stop > end && at >= end) || fills(payload, at - start) ? STRONG : NO_MATCH
}

/** Both sides: "VER", a number, the dialects they speak. */
function msnp({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, 'VER ')) return NO_MATCH
  const number = digitRun(bytes, start + 4, end, 10)
  if (number < 0) return NO_MATCH
  return startsWith(bytes, number, end, ' MSNP') || startsWith(bytes, number, end, ' CVR0')
    ? STRONG
    : NO_MATCH
}

const YAHOO_HEADER = 20

/** "YMSG", version, vendor, length of the rest, service, status, session. */
function yahoo(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < YAHOO_HEADER || !startsWith(bytes, start, end, 'YMSG')) return NO_MATCH
  // The version is a small number, in either order.
  if (bytes[start + 4] >= 0x20 || bytes[start + 5] >= 0x20) return NO_MATCH
  const rest = readU16(bytes, start + 8)
  return rest + YAHOO_HEADER <= payload.length || fills(payload, rest + YAHOO_HEADER) ? STRONG : NO_MATCH
}

const GADU_PORT = 8074
const GADU_WELCOME_SIZE = 12
/** Logins of versions 6 to 11. */
const GADU_LOGINS: readonly number[] = [0x15, 0x19, 0x31, 0x83]

/** The server greets with type 1, length 4 and a seed; the client logs in: type and length, little-endian. */
function gadu(payload: Payload): number {
  const { bytes, start, end, length, peer } = payload
  if (payload.ordinal > 0 || end - start < GADU_WELCOME_SIZE) return NO_MATCH
  const type = readU32LE(bytes, start)
  if (readU32LE(bytes, start + 4) !== length - 8) return NO_MATCH
  if (type === 1) {
    if (length !== GADU_WELCOME_SIZE || payload.peerOrdinal > 0) return NO_MATCH
    return (onPort(payload, GADU_PORT) ? STRONG : WEAK) | FROM_SERVER
  }
  if (!GADU_LOGINS.includes(type) || payload.peerLength !== GADU_WELCOME_SIZE) return NO_MATCH
  const greeted = readU32LE(peer, 0) === 1 && readU32LE(peer, 4) === 4
  return greeted ? STRONG | FROM_CLIENT : NO_MATCH
}

const QQ_START = 2
const QQ_END = 3
const QQ_LAST_COMMAND = 0x1ff
const QQ_SHORTEST = 12

/** 02, version, command, sequence, number of the user, … 03; over TCP behind the length of the whole. */
function qq(payload: Payload, at: number): number {
  const { bytes, start, end, length, peer } = payload
  if (end - at < QQ_SHORTEST || start + length > end) return NO_MATCH
  if (bytes[at] !== QQ_START || bytes[end - 1] !== QQ_END || readU16(bytes, at + 3) > QQ_LAST_COMMAND)
    return NO_MATCH
  const version = readU16(bytes, at + 1)
  if (version < 0x100 || version > 0x5fff) return NO_MATCH
  // The answer has command, sequence and number of what was asked.
  const other = at - start
  const asked = payload.peerLength > QQ_SHORTEST && peer[other] === QQ_START
  const echoes = asked && readI32(peer, other + 3) === readI32(bytes, at + 3)
  if (echoes && readU32(peer, other + 7) === readU32(bytes, at + 7)) return STRONG
  return other === 0 && onPort(payload, QQ_PORT) ? WEAK : NO_MATCH
}

const QQ_PORT = 8000

function qqStream(payload: Payload): number {
  const { bytes, start, end, length } = payload
  return end - start > 2 && readU16(bytes, start) === length ? qq(payload, start + 2) : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'whatsapp',
    says: 'starts with "WA" and a version, or "ED" with routing, and frames of WhatsApp',
    protocols: TCP,
    ports: [WA_PORT],
    bits: [{ offset: 0, mask: 0xfffff0f0 | 0, value: 0x57410000 }, bitsOf(WA_EDGE)],
    match: whatsApp,
  },
  {
    label: 'whatsapp',
    says: "holds a frame with the server's part of WhatsApp's handshake, a key of 32 bytes first",
    protocols: TCP,
    ports: [WA_PORT],
    bits: { offset: 0, mask: 0xff0000ff, value: WA_HELLO },
    match: whatsAppAnswer,
  },
  {
    label: 'telegram',
    says: 'starts with a transport of MTProto and a length, or a key exchange that agrees with it',
    protocols: TCP,
    bits: [
      { offset: 0, mask: 0xffffffff, value: INTERMEDIATE },
      { offset: 0, mask: 0xffffffff, value: PADDED },
      { offset: 0, mask: 0xff00ffff | 0, value: 0xef000000 | 0 },
      { offset: 8, mask: 0xffffffff, value: 0 },
    ],
    match: mtprotoClient,
  },
  {
    label: 'telegram',
    says: "names the key id of the client's MTProto message behind its own length",
    protocols: TCP,
    // Encrypted messages are 24 bytes and a multiple of sixteen long; others have the key id 0.
    bits: [
      { offset: 0, mask: 0x83000000 | 0, value: 0x02000000 },
      { offset: 0, mask: 0xff000000 | 0, value: LONG_LENGTH << 24 },
      { offset: 0, mask: 0x0f00ffff, value: 0x08000000 },
      { offset: 1, mask: 0xffffffff, value: 0 },
      { offset: 4, mask: 0xffffffff, value: 0 },
    ],
    match: mtprotoServer,
  },
  {
    label: 'telegram',
    says: 'is a question to a relay of Telegram calls, or its answer: twelve ff behind a tag of sixteen bytes',
    protocols: UDP,
    bits: { offset: RELAY_TAG, mask: 0xffffffff, value: 0xffffffff },
    match: telegramRelay,
  },
  {
    label: 'aim',
    says: 'is made of OSCAR frames (2a) that fill it, with version 1 or a SNAC of a known family',
    protocols: TCP,
    ports: [5190],
    firstBytes: [FLAP],
    bits: [1, 2].map((channel) => ({
      offset: 0,
      mask: 0xffff0000 | 0,
      value: (FLAP << 24) | (channel << 16),
    })),
    match: oscar,
  },
  {
    label: 'msnp',
    says: 'starts with VER, a number and the dialects of MSN Messenger',
    protocols: TCP,
    ports: [1863],
    bits: bitsOf('VER '),
    match: msnp,
  },
  {
    label: 'ymsg',
    says: 'starts with "YMSG" and a length that agrees',
    protocols: TCP,
    ports: [5050],
    bits: bitsOf('YMSG'),
    match: yahoo,
  },
  {
    label: 'gadu-gadu',
    says: 'is the welcome of a Gadu-Gadu server, or the login that answers one',
    protocols: TCP,
    ports: [GADU_PORT],
    firstBytes: [1, ...GADU_LOGINS],
    bits: { offset: 0, mask: 0x00ffffff, value: 0 },
    match: gadu,
  },
  {
    label: 'oicq',
    says: 'is a packet of QQ between 02 and 03 on port 8000, or one that repeats the number of the one before',
    protocols: UDP,
    ports: [QQ_PORT],
    bits: { offset: 0, mask: 0xff8000fe | 0, value: 0x02000000 },
    match: (payload) => qq(payload, payload.start),
  },
  {
    label: 'oicq',
    says: 'is a packet of QQ behind its length that repeats the number of the one before',
    protocols: TCP,
    bits: { offset: 2, mask: 0xff8000fe | 0, value: 0x02000000 },
    match: qqStream,
  },
]
