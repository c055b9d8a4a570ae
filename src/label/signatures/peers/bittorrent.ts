/**
 * BitTorrent: the peer handshake and the messages behind it (BEP 3), its transport over UDP (uTP, BEP 29), the DHT (BEP 5), UDP trackers
 * (BEP 15) and local peer discovery (BEP 14). Not supported: encrypted handshakes, which look random by design.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'
import { findText, isDigit } from '../common/text-scan.ts'

const HANDSHAKE = '\x13BitTorrent protocol'
const PEER_ID_AT = 48
const CLIENT_ID_LENGTH = 8
const MAX_SEARCH = 512
const DASH = 0x2d

function matchPeer(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, HANDSHAKE)) return NO_MATCH
  if (start + PEER_ID_AT + CLIENT_ID_LENGTH <= end && bytes[start + PEER_ID_AT] === DASH)
    extraGroup(payload, 'bittorrent').client = packetString(
      bytes,
      start + PEER_ID_AT,
      start + PEER_ID_AT + CLIENT_ID_LENGTH,
    )
  return payload.ordinal === 0 && payload.peerOrdinal === 0 ? STRONG | FROM_CLIENT : STRONG
}

/** BEP 3, BEP 6, BEP 10: length of the rest (4), id, and by id what follows. */
const MESSAGE_HEADER = 5
const PORT = 9
const REQUEST = 6
const PIECE = 7
const EXTENDED = 20
/** Length by id where it is fixed: choke to not interested, have, bitfield, request, piece, cancel, port; then BEP 6. */
const MESSAGE_LENGTHS: readonly number[] = [1, 1, 1, 1, 5, 0, 13, 0, 13, 3, 0, 0, 0, 5, 1, 1, 13, 5, 0, 0, 0]
/** Bytes of a block, the unit of requests. */
const BLOCK = 0x4000
const MAX_MESSAGE = 0x100000
const MAX_CHAIN = 64
const DICTIONARY = 0x64

/** The length at `at` is one that the id behind it may have. */
function isMessage(bytes: Uint8Array, at: number): boolean {
  const length = readI32(bytes, at)
  const id = bytes[at + 4]
  if (length < 1 || length > MAX_MESSAGE || id > EXTENDED) return false
  if (MESSAGE_LENGTHS[id] !== 0) return length === MESSAGE_LENGTHS[id]
  return id === EXTENDED ? length >= 3 : (id === PIECE && length > PORT) || (id === 5 && length > 1)
}

/** A request for or the delivery of a whole block, or an extended message with its dictionary: certain by itself. */
function isTelling(bytes: Uint8Array, at: number, end: number): boolean {
  const id = bytes[at + 4]
  if (id === REQUEST) return at + 17 <= end && readI32(bytes, at + 13) === BLOCK
  if (id === PIECE)
    return at + 13 <= end && readI32(bytes, at) === BLOCK + 9 && (readI32(bytes, at + 9) & (BLOCK - 1)) === 0
  return id === EXTENDED && at + 8 <= end && bytes[at + 6] === DICTIONARY && isDigit(bytes[at + 7])
}

/** Peers whose handshake was not captured: one telling message, or several that lead exactly to the end. */
function matchMessages(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = start + payload.length
  let at = start
  for (let count = 0; count < MAX_CHAIN; count++) {
    if (at === stop) return count >= 2 ? STRONG : NO_MATCH
    if (at + MESSAGE_HEADER > end || !isMessage(bytes, at)) return NO_MATCH
    if (isTelling(bytes, at, end)) return STRONG
    at += 4 + readI32(bytes, at)
  }
  return NO_MATCH
}

/** A bencoded dictionary of the DHT ends in its type: a query, an answer, an error. */
function matchDht(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start + 2] !== 0x3a || end - start < 20) return NO_MATCH
  const limit = Math.min(end, start + MAX_SEARCH)
  const head = startsWith(bytes, start, end, 'd1:ad') || startsWith(bytes, start, end, 'd1:rd')
  if (head && startsWith(bytes, start + 5, end, '2:id20:')) return STRONG
  if (startsWith(bytes, start, end, 'd1:eli')) return STRONG
  if (!startsWith(bytes, start, end, 'd2:ip') && !startsWith(bytes, start, end, 'd1:ad')) return NO_MATCH
  return findText(bytes, start, limit, '2:id20:') >= 0 ? STRONG : NO_MATCH
}

/** BEP 14: a message made like HTTP, to a multicast group. */
function matchDiscovery(payload: Payload): number {
  return startsWith(payload.bytes, payload.start, payload.end, 'BT-SEARCH * HTTP/1.') ? STRONG : NO_MATCH
}

/** BEP 15: the fixed connection id of a connect request, action 0, transaction id. */
const TRACKER_HIGH = 0x00000417
const TRACKER_LOW = 0x27101980
const TRACKER_REQUEST = 16

/** An announce to who was asked before: action 1, an event of 0 to 3, and a peer id as clients make it ("-TR2940-"). */
const ANNOUNCE = 98
const ANNOUNCE_PEER_AT = 36
const ANNOUNCE_EVENT_AT = 80

function isAnnounce({ bytes, start, end, length }: Payload): boolean {
  if (length < ANNOUNCE || end - start < ANNOUNCE || readI32(bytes, start + 8) !== 1) return false
  const dashes = bytes[start + ANNOUNCE_PEER_AT] === DASH && bytes[start + ANNOUNCE_PEER_AT + 7] === DASH
  const event = readI32(bytes, start + ANNOUNCE_EVENT_AT)
  return dashes && event >= 0 && event <= 3
}

function matchTracker(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < TRACKER_REQUEST || length < TRACKER_REQUEST) return NO_MATCH
  if (isAnnounce(payload)) return STRONG | FROM_CLIENT
  if (readI32(bytes, start) !== TRACKER_HIGH || readI32(bytes, start + 4) !== TRACKER_LOW) return NO_MATCH
  return readI32(bytes, start + 8) === 0 ? STRONG | FROM_CLIENT : NO_MATCH
}

/** BEP 29: type and version, extension, connection (2), time (4), difference (4), window (4), sequence, ack (2 each). */
const UTP_HEADER = 20
const UTP_VERSION = 1
const UTP_TYPE_LAST = 4
const UTP_TYPE_SYN = 4
const UTP_TYPE_DATA = 0
const UTP_MAX_EXTENSION = 4
const UTP_MAX_EXTENSIONS = 4

function isUtp(bytes: Uint8Array, at: number): boolean {
  return (
    (bytes[at] & 15) === UTP_VERSION && bytes[at] >>> 4 <= UTP_TYPE_LAST && bytes[at + 1] <= UTP_MAX_EXTENSION
  )
}

/** Length of header and extensions, or -1 when they do not fit. */
function utpLength(bytes: Uint8Array, start: number, end: number): number {
  let extension = bytes[start + 1]
  let at = start + UTP_HEADER
  for (let n = 0; extension !== 0; n++) {
    if (n === UTP_MAX_EXTENSIONS || at + 2 > end || extension > UTP_MAX_EXTENSION) return -1
    extension = bytes[at]
    at += 2 + bytes[at + 1]
  }
  return at - start
}

function matchUtp(payload: Payload): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (end - start < UTP_HEADER || !isUtp(bytes, start)) return NO_MATCH
  const size = utpLength(bytes, start, end)
  const type = bytes[start] >>> 4
  // Only data packets carry data.
  if (size < 0 || size > length || (type !== UTP_TYPE_DATA && size !== length)) return NO_MATCH
  if (type === UTP_TYPE_SYN) {
    const fresh = readI32(bytes, start + 8) === 0 && readU16(bytes, start + 16) === 1
    return fresh && readU16(bytes, start + 18) === 0 ? STRONG | FROM_CLIENT : matchUtpPair(payload)
  }
  if (type === UTP_TYPE_DATA && startsWith(bytes, start + size, end, HANDSHAKE)) return STRONG
  return peerLength >= UTP_HEADER && isUtp(peer, 0) ? matchUtpPair(payload) : NO_MATCH
}

/** Connection ids of the two directions differ by one; a SYN carries the id its answer will carry. */
function matchUtpPair(payload: Payload): number {
  const { bytes, start, peer } = payload
  const id = readU16(bytes, start + 2)
  if (payload.peerLength >= UTP_HEADER && isUtp(peer, 0)) {
    const other = readU16(peer, 2)
    const step = (id - other) & 0xffff
    if (step === 1 || step === 0xffff) return STRONG
    if (step === 0 && (peer[0] >>> 4 === UTP_TYPE_SYN || bytes[start] >>> 4 === UTP_TYPE_SYN))
      return bytes[start] >>> 4 === UTP_TYPE_SYN ? NO_MATCH : STRONG | FROM_SERVER
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bittorrent',
    says: 'starts with the BitTorrent peer handshake',
    protocols: [PROTOCOL_TCP],
    ports: [6881],
    firstBytes: [0x13],
    match: matchPeer,
  },
  {
    label: 'bittorrent',
    says: 'goes on with messages between BitTorrent peers, whose lengths fit their ids',
    protocols: [PROTOCOL_TCP],
    ports: [6881],
    firstBytes: [0],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0 },
    match: matchMessages,
  },
  {
    label: 'bittorrent',
    says: 'is a message of the BitTorrent DHT',
    protocols: [PROTOCOL_UDP],
    ports: [6881],
    firstBytes: [0x64],
    match: matchDht,
  },
  {
    label: 'bittorrent',
    says: 'searches for BitTorrent peers in the local network',
    protocols: [PROTOCOL_UDP],
    ports: [6771],
    firstBytes: [0x42],
    match: matchDiscovery,
  },
  {
    label: 'bittorrent',
    says: 'asks a BitTorrent tracker to connect, or announces a peer to it',
    protocols: [PROTOCOL_UDP],
    bits: [
      { offset: 0, mask: 0xffffffff, value: TRACKER_HIGH },
      { offset: 8, mask: 0xffffffff, value: 1 },
    ],
    match: matchTracker,
  },
  {
    label: 'bittorrent',
    says: 'has uTP headers: a fresh SYN, or connection ids of both directions that differ by one',
    protocols: [PROTOCOL_UDP],
    ports: [6881],
    firstBytes: [0x01, 0x11, 0x21, 0x31, 0x41],
    bits: { offset: 0, mask: 0x00f80000, value: 0 },
    match: matchUtp,
  },
]
