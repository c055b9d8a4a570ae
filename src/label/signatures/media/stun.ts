/**
 * STUN (RFC 8489, and RFC 3489 without the magic cookie) and TURN (RFC 8656), over UDP and TCP.
 * In: single messages. Out: label stun for STUN messages (TURN's methods are STUN messages too: extras tell the
 * method), label turn for channel data met without them. Classic messages count only when their attributes chain
 * to the exact end, and are weak unless the answer echoes the transaction id.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16 } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
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
import { onPort } from '../common/ports.ts'
import { looksLikeHost } from '../common/urls.ts'

/** RFC 8489 section 5: type (2), length (2), magic cookie (4), transaction id (12). */
const HEADER = 20
const COOKIE_AT = 4
const MAGIC_COOKIE = 0x2112a442
const TRANSACTION_END = 16

const CLASS_REQUEST = 0
const CLASS_INDICATION = 1
const CLASS_SUCCESS = 2
const CLASS_ERROR = 3

const ATTRIBUTE_HEADER = 4
const MAX_ATTRIBUTES = 32
const ATTRIBUTE_REALM = 0x0014
const ATTRIBUTE_SOFTWARE = 0x8022

const PORTS = [3478, 3479, 3480, 3481, 5349, 19302]

/** The shortcut for messages without the cookie: any class, method 1 or 2, a length in words. */
const CLASSIC = { offset: 0, mask: 0xfeec0003 | 0, value: 0 }

const METHODS: Readonly<Record<number, string>> = {
  1: 'binding',
  2: 'shared-secret',
  3: 'allocate',
  4: 'refresh',
  6: 'send',
  7: 'data',
  8: 'create-permission',
  9: 'channel-bind',
  10: 'connect',
  11: 'connection-bind',
  12: 'connection-attempt',
}

/** The class's two bits lie between the method's (RFC 8489 section 5). */
function classOf(type: number): number {
  return ((type >>> 7) & 2) | ((type >>> 4) & 1)
}

function methodOf(type: number): number {
  return (type & 0x000f) | ((type >>> 1) & 0x0070) | ((type >>> 2) & 0x0f80)
}

/** Whether the attributes from `at` chain exactly to `stop`; as far as captured. */
function attributesChain(bytes: Uint8Array, at: number, stop: number, end: number): boolean {
  let next = at
  for (let n = 0; n < MAX_ATTRIBUTES; n++) {
    if (next === stop || next + ATTRIBUTE_HEADER > end) return next <= stop
    next += ATTRIBUTE_HEADER + ((readU16(bytes, next + 2) + 3) & ~3)
    if (next > stop) return false
  }
  return true
}

/** Position of the attribute's value with its length in `attributeLength`, or -1. */
let attributeLength = 0
function findAttribute(bytes: Uint8Array, at: number, stop: number, type: number): number {
  let next = at
  for (let n = 0; n < MAX_ATTRIBUTES && next + ATTRIBUTE_HEADER <= stop; n++) {
    const length = readU16(bytes, next + 2)
    if (readU16(bytes, next) === type) {
      attributeLength = length
      return next + ATTRIBUTE_HEADER + length <= stop ? next + ATTRIBUTE_HEADER : -1
    }
    next += ATTRIBUTE_HEADER + ((length + 3) & ~3)
  }
  return -1
}

/** `shift`: bytes of framing before the message (RFC 4571 over TCP). */
function matchAt(payload: Payload, shift: number): number {
  const { bytes, end, length } = payload
  const start = payload.start + shift
  if (end - start < HEADER || (bytes[start] & 0xc0) !== 0) return NO_MATCH
  const size = readU16(bytes, start + 2)
  if (readI32(bytes, start + COOKIE_AT) !== MAGIC_COOKIE) {
    const exact = size + HEADER === length - shift && (size & 3) === 0
    return exact ? matchClassic(payload, start, size) : NO_MATCH
  }
  // One datagram is one message; a stream may hold several, or carry channel padding behind it.
  if (size + HEADER > length - shift || (payload.protocol === PROTOCOL_UDP && size + HEADER + 64 < length))
    return NO_MATCH
  report(payload, start, Math.min(end, start + HEADER + size))
  return STRONG | roleOf(readU16(bytes, start))
}

/** Requests come from the client, but with ICE both ends ask: only TURN's methods tell who serves. */
function roleOf(type: number): number {
  const method = methodOf(type)
  if (method < 3 || method > 11 || method === 7) return 0
  const kind = classOf(type)
  return kind === CLASS_REQUEST || kind === CLASS_INDICATION ? FROM_CLIENT : FROM_SERVER
}

function matchClassic(payload: Payload, start: number, size: number): number {
  const { bytes, end, peer } = payload
  const type = readU16(bytes, start)
  const method = methodOf(type)
  if (method !== 1 && method !== 2) return NO_MATCH
  const kind = classOf(type)
  if (kind === CLASS_INDICATION || !attributesChain(bytes, start + HEADER, start + HEADER + size, end))
    return NO_MATCH
  if (payload.start !== start) return NO_MATCH
  if (kind === CLASS_REQUEST && size === 0 && !onPort(payload, 3478) && !hasEchoed(payload)) return NO_MATCH
  if (payload.peerLength >= HEADER && hasEchoed(payload) && peer[0] << 8 !== (type & 0xff00)) {
    report(payload, start, Math.min(end, start + HEADER + size))
    return STRONG
  }
  if (kind !== CLASS_REQUEST && size === 0) return NO_MATCH
  return kind === CLASS_SUCCESS || kind === CLASS_ERROR ? WEAK | FROM_SERVER : WEAK
}

/** The first 12 bytes of the transaction id (from byte 4 on) are those of the other side's last message. */
function hasEchoed(payload: Payload): boolean {
  const { bytes, start, peer, peerLength } = payload
  if (peerLength < HEADER) return false
  for (let i = COOKIE_AT; i < TRANSACTION_END; i++) if (bytes[start + i] !== peer[i]) return false
  return true
}

function report(payload: Payload, start: number, stop: number): void {
  const { bytes } = payload
  const extra = extraGroup(payload, 'stun')
  const type = readU16(bytes, start)
  if (extra.method === undefined) extra.method = METHODS[methodOf(type)] ?? `0x${methodOf(type).toString(16)}`
  const software = findAttribute(bytes, start + HEADER, stop, ATTRIBUTE_SOFTWARE)
  if (software >= 0 && extra.software === undefined && attributeLength > 0)
    extra.software = packetString(bytes, software, software + attributeLength)
  const realm = findAttribute(bytes, start + HEADER, stop, ATTRIBUTE_REALM)
  if (realm < 0 || extra.realm !== undefined || attributeLength === 0) return
  const name = packetString(bytes, realm, realm + attributeLength)
  extra.realm = name
  if (name.includes('.') && looksLikeHost(name)) payload.hostname(name, 'stun')
}

function matchUdp(payload: Payload): number {
  const match = matchAt(payload, 0)
  return match === NO_MATCH ? NO_MATCH : match | MORE
}

/** Over TCP a message stands alone, or behind a length of two bytes (RFC 4571). */
function matchTcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < HEADER) return NO_MATCH
  if (readI32(bytes, start + COOKIE_AT) === MAGIC_COOKIE) return matchAt(payload, 0)
  if (end - start < HEADER + 2 || readI32(bytes, start + 2 + COOKIE_AT) !== MAGIC_COOKIE) return NO_MATCH
  return readU16(bytes, start) + 2 <= length ? matchAt(payload, 2) : NO_MATCH
}

/** RFC 8656 section 12.4: channel number 0x4000..0x4fff, length; both directions use the same number. */
function matchChannel(payload: Payload): number {
  const { bytes, start, end, length, previous, peer } = payload
  if (end - start < 4 || !PORTS.includes(payload.srcPort) === !PORTS.includes(payload.dstPort))
    return NO_MATCH
  const size = readU16(bytes, start + 2)
  const padded = length - 4 - size
  if (size === 0 || padded < 0 || padded > 3) return NO_MATCH
  const likePrevious = payload.previousLength >= 4 && readU16(previous, 0) === readU16(bytes, start)
  const likePeer = payload.peerLength >= 4 && readU16(peer, 0) === readU16(bytes, start)
  return likePrevious || likePeer ? WEAK : NO_MATCH
}

const FIRST_BYTES = Array.from({ length: 16 }, (_, i) => i)

export const signatures: Signature[] = [
  {
    label: 'stun',
    says: 'is a STUN message: magic cookie, or attributes that lead exactly to its end and an echoed transaction id',
    protocols: [PROTOCOL_UDP],
    ports: PORTS,
    firstBytes: FIRST_BYTES,
    // Media that follows on the same ports is what STUN was there for: it stays the flow's name.
    weight: 85,
    bits: [{ offset: COOKIE_AT, mask: 0xffffffff, value: MAGIC_COOKIE }, CLASSIC],
    match: matchUdp,
  },
  {
    label: 'stun',
    says: 'is a STUN message with the magic cookie',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    bits: [
      { offset: COOKIE_AT, mask: 0xffffffff, value: MAGIC_COOKIE },
      { offset: 2 + COOKIE_AT, mask: 0xffffffff, value: MAGIC_COOKIE },
    ],
    match: matchTcp,
  },
  {
    label: 'turn',
    says: 'is TURN channel data: the same channel number again, and a length that fits',
    protocols: [PROTOCOL_UDP, PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: FIRST_BYTES.map((byte) => 0x40 + byte),
    portsOnly: true,
    match: matchChannel,
  },
]
