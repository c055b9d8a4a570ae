/** SOCKS 4, 4a and 5 (RFC 1928): greeting or request, and the answer that fits it. */
import { addressText } from '../../../address.ts'
import { PROTOCOL_TCP, readI32 } from '../../../bytes.ts'
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
import { findByte } from '../common/byte-scan.ts'
import { extraGroup } from '../common/extras.ts'
import { looksLikeHost } from '../common/urls.ts'
import { tlsInside } from '../tls/tls.ts'

const VERSION_4 = 4
const VERSION_5 = 5
const COMMAND_CONNECT = 1
const COMMAND_ASSOCIATE = 3
const TYPE_IPV4 = 1
const TYPE_NAME = 3
const TYPE_IPV6 = 4

/** Version 4: version, command, port (2), address (4), user, 0; version 4a: address 0.0.0.x, then host, 0. */
const V4_FIXED = 8
const V4_ANSWER_LENGTH = 8
const V4_ANSWER_FIRST = 0x5a
const V4_ANSWER_LAST = 0x5d

const METHOD_NO_AUTHENTICATION = 0
const METHOD_PASSWORD = 2
const METHOD_LAST = 9
const METHOD_NONE_ACCEPTABLE = 0xff
const METHOD_PRIVATE = 0x80
/** RFC 1928 section 6: address type not supported. */
const LAST_REPLY = 8
/** Of the messages with user and password. */
const PASSWORD_VERSION = 1

function matchSocks(payload: Payload): number {
  const { bytes, start } = payload
  const first = bytes[start]
  if (first === 0) return matchAnswer4(payload)
  if (first === VERSION_4) return matchRequest4(payload)
  const answer = payload.peerLength > 0 ? matchAnswer5(payload) : NO_MATCH
  return answer !== NO_MATCH || payload.length === 2 ? answer : matchGreeting5(payload)
}

function matchRequest4(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < V4_FIXED + 1 || end - start < length) return NO_MATCH
  const command = bytes[start + 1]
  if (command !== COMMAND_CONNECT && command !== COMMAND_CONNECT + 1) return NO_MATCH
  const userEnd = findByte(bytes, start + V4_FIXED, end, 0)
  if (userEnd < 0) return NO_MATCH
  const named =
    bytes[start + 4] === 0 && bytes[start + 5] === 0 && bytes[start + 6] === 0 && bytes[start + 7] !== 0
  if (!named)
    return userEnd === end - 1 && isPrintable(bytes, start + V4_FIXED, userEnd)
      ? WEAK | FROM_CLIENT
      : NO_MATCH
  const hostEnd = findByte(bytes, userEnd + 1, end, 0)
  if (hostEnd !== end - 1) return NO_MATCH
  const host = packetString(bytes, userEnd + 1, hostEnd)
  if (!looksLikeHost(host)) return NO_MATCH
  extraGroup(payload, 'socks').host = host
  return STRONG | FROM_CLIENT
}

function isPrintable(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (bytes[i] < 0x20 || bytes[i] > 0x7e) return false
  return true
}

/** Version 0, code 90..93, and the peer had asked. */
function matchAnswer4(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (length !== V4_ANSWER_LENGTH || end - start < 2 || peerLength <= V4_FIXED || peer[0] !== VERSION_4)
    return NO_MATCH
  const code = bytes[start + 1]
  if (peer[1] !== COMMAND_CONNECT && peer[1] !== COMMAND_CONNECT + 1) return NO_MATCH
  if (code < V4_ANSWER_FIRST || code > V4_ANSWER_LAST) return NO_MATCH
  const extra = extraGroup(payload, 'socks')
  extra.version = VERSION_4
  const address = readI32(peer, 4)
  if (address >>> 8 !== 0) extra.host ??= addressText(4, 0, 0, 0, address)
  return code === V4_ANSWER_FIRST ? STRONG | FROM_SERVER | MORE : STRONG | FROM_SERVER
}

/** The number of methods of the greeting at `start`, 0 where there is none: it fills `length`, or a request follows it. */
function methodsOf(bytes: Uint8Array, start: number, end: number, length: number): number {
  const count = start + 1 < end && bytes[start] === VERSION_5 ? bytes[start + 1] : 0
  if (count === 0 || count > METHOD_LAST || start + 2 + count > end) return 0
  return length === count + 2 || isRequest5(bytes, start + 2 + count, end) ? count : 0
}

/** Methods in use, each once. */
function areMethods(bytes: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    if (bytes[i] > METHOD_LAST && bytes[i] !== METHOD_PRIVATE) return false
    if (i > from && bytes[i] === bytes[i - 1]) return false
  }
  return true
}

/** Version, command, 0, address type. */
function isRequest5(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 4 > end || bytes[at] !== VERSION_5 || bytes[at + 2] !== 0) return false
  const command = bytes[at + 1]
  return command >= COMMAND_CONNECT && command <= COMMAND_ASSOCIATE && isAddressType(bytes[at + 3])
}

function isAddressType(type: number): boolean {
  return type === TYPE_IPV4 || type === TYPE_NAME || type === TYPE_IPV6
}

/** Version, number of methods, and these; the request may follow at once, where the client expects to need none. */
function matchGreeting5(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const count = payload.ordinal === 0 ? methodsOf(bytes, start, end, length) : 0
  if (count === 0 || !areMethods(bytes, start + 2, start + 2 + count)) return NO_MATCH
  // Three small bytes are too little away from the port, and who tries proxies sends more: the answer will tell.
  if (payload.dstPort !== 1080) return NO_MATCH
  return length > count + 2 ? matchEarlyRequest5(payload, start + 2 + count) : WEAK | FROM_CLIENT
}

/** What goes through the proxy may follow it, too. */
function matchEarlyRequest5(payload: Payload, at: number): number {
  const { bytes, end } = payload
  const size = requestSize(bytes, at, end)
  if (size === 0 || at + size > end) return NO_MATCH
  tellRequested(payload, at + 3)
  return WEAK | FROM_CLIENT | MORE
}

/** The method chosen is one of those offered (or none), and the greeting was one; the reply to an early request follows. */
function matchAnswer5(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  const kept = Math.min(peerLength, peer.length)
  const count = payload.ordinal === 0 && end - start >= 2 ? methodsOf(peer, 0, kept, peerLength) : 0
  if (count === 0) return NO_MATCH
  const chosen = bytes[start + 1]
  let offered = chosen === METHOD_NONE_ACCEPTABLE
  for (let i = 0; i < count; i++) offered ||= peer[2 + i] === chosen
  if (!offered || (payload.length > 2 && !isEarlyReply5(payload, peerLength > count + 2))) return NO_MATCH
  extraGroup(payload, 'socks').version = VERSION_5
  // The request is still to come, at once or behind a user and password.
  const goesOn = chosen === METHOD_NO_AUTHENTICATION || chosen === METHOD_PASSWORD
  return goesOn ? STRONG | FROM_SERVER | MORE : STRONG | FROM_SERVER
}

/** Behind a method that needs nothing further: version, reply, 0, address type. */
function isEarlyReply5({ bytes, start, end }: Payload, requested: boolean): boolean {
  if (!requested || bytes[start + 1] !== METHOD_NO_AUTHENTICATION || end - start < 6) return false
  const at = start + 2
  if (bytes[at] !== VERSION_5 || bytes[at + 1] > LAST_REPLY || bytes[at + 2] !== 0) return false
  return isAddressType(bytes[at + 3])
}

/** The method needs nothing further, or the password was right (RFC 1929 section 2). */
function mayRequest({ peer, peerLength, labelSoFar }: Payload): boolean {
  if (peerLength !== 2) return false
  return peer[0] === VERSION_5 || (labelSoFar === 'socks' && peer[0] === PASSWORD_VERSION && peer[1] === 0)
}

/** Version 5 request: version, command, 0, address type: names what lies behind the proxy. */
function matchRequest5(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 8 || !mayRequest(payload)) return NO_MATCH
  const size = requestSize(bytes, start, end)
  if (size === 0 || size !== length) return NO_MATCH
  if (end - start < size) return STRONG | FROM_CLIENT | MORE
  tellRequested(payload, start + 3)
  return STRONG | FROM_CLIENT | MORE
}

/** Bytes of the request at `at`, 0 where there is none. */
function requestSize(bytes: Uint8Array, at: number, end: number): number {
  if (at + 5 > end || !isRequest5(bytes, at, end)) return 0
  const type = bytes[at + 3]
  return type === TYPE_IPV4 ? 10 : type === TYPE_IPV6 ? 22 : 7 + bytes[at + 4]
}

function tellRequested(payload: Payload, at: number): void {
  const host = requestedHost(payload.bytes, at)
  extraGroup(payload, 'socks').host = host
  if (payload.bytes[at] === TYPE_NAME && looksLikeHost(host)) payload.hostname(host, 'socks')
}

/** Type (1), then four bytes, sixteen, or a length and a name (RFC 1928 section 5). */
function requestedHost(bytes: Uint8Array, at: number): string {
  const type = bytes[at]
  if (type === TYPE_NAME) return packetString(bytes, at + 2, at + 2 + bytes[at + 1])
  if (type === TYPE_IPV4) return addressText(4, 0, 0, 0, readI32(bytes, at + 1))
  const word = (index: number) => readI32(bytes, at + 1 + index * 4)
  return addressText(6, word(0), word(1), word(2), word(3))
}

export const signatures: Signature[] = [
  {
    label: 'socks',
    says: 'asks a SOCKS 5 proxy for a connection, with a length that fits',
    protocols: [PROTOCOL_TCP],
    ports: [1080],
    firstBytes: [VERSION_5],
    match: matchRequest5,
  },
  {
    label: 'socks',
    says: 'opens with a SOCKS greeting or request that its peer answers accordingly',
    protocols: [PROTOCOL_TCP],
    ports: [1080],
    firstBytes: [0, VERSION_4, VERSION_5],
    // Over what runs inside.
    weight: 90,
    match: matchSocks,
  },
  tlsInside('socks'),
]
