/** Game and voice servers: Source engine queries, Steam, RakNet, Minecraft, TeamSpeak, Quake 3. */
import { PROTOCOL_TCP, readI32, readU16, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { bitsOfWords, wordOf } from '../common/beginnings.ts'
import { bytesAt, firstBytesWhere, printableRun, TCP, TCP_UDP, tell, tellText, UDP } from '../common/shape.ts'

/** Connectionless header of Source and Quake: ff ff ff ff. */
const CONNECTIONLESS = -1
const SPLIT = -2

/** Valve developer wiki, "Server queries": T asks for info, I answers; A gives a challenge to U, V, W; D, E answer. */
function sourceEngine(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 5) return NO_MATCH
  const header = readI32(bytes, start)
  if (header === SPLIT)
    return payload.peerLength > 4 && sourceQuery(payload) ? STRONG | FROM_SERVER : NO_MATCH
  if (header !== CONNECTIONLESS) return NO_MATCH
  const kind = bytes[start + 4]
  if (kind === 0x54)
    return startsWith(bytes, start + 5, end, 'Source Engine Query\0') ? STRONG | FROM_CLIENT : NO_MATCH
  if (kind === 0x55 || kind === 0x56) return length === 9 ? STRONG | FROM_CLIENT : NO_MATCH
  if (kind === 0x57 || kind === 0x69) return length === 5 || length === 9 ? STRONG | FROM_CLIENT : NO_MATCH
  if (kind === 0x41) return length === 9 ? STRONG | FROM_SERVER : NO_MATCH
  if (kind === 0x49 && end - start > 8) {
    let stop = start + 6
    while (stop < end && bytes[stop] !== 0 && stop < start + 262) stop++
    if (stop >= end || bytes[stop] !== 0) return NO_MATCH
    tellText(payload, 'source_engine', 'server_name', [start + 6, stop])
    return STRONG | FROM_SERVER
  }
  return (kind === 0x44 || kind === 0x45) && sourceQuery(payload) ? STRONG | FROM_SERVER : NO_MATCH
}

/** The other side sent a query: ff ff ff ff and U, V or T. */
function sourceQuery(payload: Payload): boolean {
  const { peer } = payload
  return payload.peerLength >= 5 && readI32(peer, 0) === CONNECTIONLESS && peer[4] >= 0x54 && peer[4] <= 0x57
}

const QUAKE_ANSWERS = [
  'infoResponse',
  'statusResponse',
  'getserversResponse',
  'challengeResponse',
  'connectResponse',
]
const QUAKE_QUERIES = ['getinfo', 'getstatus', 'getservers', 'getchallenge']

/** Quake 3 and its kin: ff ff ff ff and a command word. */
function quake(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 11 || readI32(bytes, start) !== CONNECTIONLESS) return NO_MATCH
  // An answer may begin like its query.
  for (let i = 0; i < QUAKE_ANSWERS.length; i++)
    if (startsWith(bytes, start + 4, end, QUAKE_ANSWERS[i])) return STRONG | FROM_SERVER
  for (let i = 0; i < QUAKE_QUERIES.length; i++)
    if (startsWith(bytes, start + 4, end, QUAKE_QUERIES[i])) return STRONG | FROM_CLIENT
  return NO_MATCH
}

const STREAMING_MAGIC = 0x214c5fa0

const MASTER_QUERY = 0x31
/** Behind ff ff ff ff: a list of addresses and ports, six bytes each. */
const MASTER_ANSWER = 0x660a

/** Master server query: 31, region, the last address seen as text ("0.0.0.0:0" first), NUL, filter. */
function masterQuery(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = printableRun(bytes, start + 2, Math.min(end, start + 24))
  if (stop >= end || bytes[stop] !== 0 || stop - start < 11) return NO_MATCH
  const dot = bytes[start + 3] === DOT || bytes[start + 4] === DOT || bytes[start + 5] === DOT
  const region = bytes[start + 1] <= 7 || bytes[start + 1] === 0xff
  const filter = stop + 1 >= end || bytes[stop + 1] === 0 || bytes[stop + 1] === BACKSLASH
  return dot && region && filter ? STRONG | FROM_CLIENT : NO_MATCH
}

const DOT = 0x2e
const BACKSLASH = 0x5c

/** Steam: "VS01" datagrams, "VT01" behind a length over TCP, in-home streaming's ff ff ff ff 21 4c 5f a0. */
function steam(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.protocol === PROTOCOL_TCP) {
    if (end - start < 8 || !startsWith(bytes, start + 4, end, 'VT01')) return NO_MATCH
    return readU32LE(bytes, start) + 8 === payload.length || payload.length > 500 ? STRONG : WEAK
  }
  if (startsWith(bytes, start, end, 'VS01')) return payload.length >= 36 ? STRONG : NO_MATCH
  if (bytes[start] === MASTER_QUERY) return masterQuery(payload)
  if (end - start < 8 || readI32(bytes, start) !== CONNECTIONLESS) return NO_MATCH
  if (readU16(bytes, start + 4) === MASTER_ANSWER)
    return (payload.length - 6) % 6 === 0 ? STRONG | FROM_SERVER : WEAK
  return readI32(bytes, start + 4) === STREAMING_MAGIC ? STRONG : NO_MATCH
}

/** Identifier of every offline message of RakNet. */
const RAKNET_MAGIC = new Uint8Array([
  0x00, 0xff, 0xff, 0x00, 0xfe, 0xfe, 0xfe, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78,
])
/** Where the identifier stands: behind an id, a time, a time and a server id, or a relay's header. */
const RAKNET_OFFSETS: readonly number[] = [1, 9, 17, 32]

function raknet(payload: Payload): number {
  const { bytes, start, end } = payload
  for (let i = 0; i < RAKNET_OFFSETS.length; i++) {
    const at = start + RAKNET_OFFSETS[i]
    if (at + RAKNET_MAGIC.length > end || bytes[at + 1] !== 0xff) continue
    if (!bytesAt(bytes, at, end, RAKNET_MAGIC)) continue
    const id = bytes[start]
    if (id === 0x1c && at + 18 < end) tellText(payload, 'raknet', 'server_name', [at + 18, end])
    return (
      STRONG |
      (id === 1 || id === 5 || id === 7 ? FROM_CLIENT : id === 6 || id === 8 || id === 0x1c ? FROM_SERVER : 0)
    )
  }
  return NO_MATCH
}

const RAKNET_ACK = 0xc0
const RAKNET_NAK = 0xa0

/** RakNet in midstream: an acknowledgement whose records (single 4, range 7 bytes) fill it, from both sides. */
function raknetAck(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 7 || (bytes[start] !== RAKNET_ACK && bytes[start] !== RAKNET_NAK)) return NO_MATCH
  const records = readU16(bytes, start + 1)
  if (records === 0 || records > 64) return NO_MATCH
  let at = start + 3
  for (let i = 0; i < records; i++) {
    if (at >= end || bytes[at] > 1) return NO_MATCH
    at += bytes[at] === 1 ? 4 : 7
  }
  if (at !== start + length || payload.peerLength === 0) return NO_MATCH
  // Data frames have 80-8f in front and a sequence number that the acknowledgement names.
  if ((payload.peer[0] & 0xf0) !== 0x80) return NO_MATCH
  const same = bytes[start + 4] === payload.peer[1] && bytes[start + 5] === payload.peer[2]
  return same && bytes[start + 6] === payload.peer[3] ? STRONG : NO_MATCH
}

/** Bytes behind flags and length by reliability: index of the message, of the sequence, of the order with its channel. */
const RAKNET_FIELDS: readonly number[] = [0, 7, 3, 7, 10, 0, 3, 7]
const RAKNET_SPLIT = 0x10
const RAKNET_SPLIT_FIELDS = 10
const RAKNET_MAX_STEP = 8

/** RakNet in midstream: data whose encapsulated messages fill it, the next sequence number after the frame before. */
function raknetData(payload: Payload): number {
  const { bytes, start, end, previous } = payload
  if (end - start < 8 || payload.previousLength < 8 || (previous[0] & 0xf0) !== 0x80) return NO_MATCH
  const step = (sequence24(bytes, start + 1) - sequence24(previous, 1)) & 0xffffff
  if (step === 0 || step > RAKNET_MAX_STEP) return NO_MATCH
  const stop = start + payload.length
  let at = start + 4
  while (at < stop) {
    if (at + 3 > end || (bytes[at] & 15) !== 0) return NO_MATCH
    const bits = readU16(bytes, at + 1)
    if (bits === 0 || (bits & 7) !== 0) return NO_MATCH
    const split = (bytes[at] & RAKNET_SPLIT) !== 0 ? RAKNET_SPLIT_FIELDS : 0
    at += 3 + RAKNET_FIELDS[bytes[at] >> 5] + split + (bits >> 3)
  }
  return at === stop ? STRONG : NO_MATCH
}

/** Three bytes, the lowest first. */
function sequence24(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
}

const MINECRAFT_PORT = 25565

/** Value of the VarInt at `at` (at most three bytes), -1 when longer or not captured. */
function varint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < 3; i++) {
    if (at + i >= end) return -1
    value |= (bytes[at + i] & 0x7f) << (7 * i)
    if (bytes[at + i] < 0x80) return value
  }
  return -1
}

function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : 3
}

/** "MC" in UTF-16, of the name "MC|PingHost" behind its length. */
const OLD_PING_NAME = 0x004d0043

/** Who only asks for the status often gives the version -1: ff ff ff ff 0f. */
const ANY_VERSION_SIZE = 5
function isAnyVersion(bytes: Uint8Array, at: number, end: number): boolean {
  return at + ANY_VERSION_SIZE <= end && readI32(bytes, at) === -1 && bytes[at + 4] === 0x0f
}

/** "§1" in UTF-16. */
const OLD_ANSWER = 0x00a70031

/** The answer to the older question: ff, its characters, and "§1" NUL in UTF-16. */
function isOldAnswer({ bytes, start, end, length }: Payload): boolean {
  if (end - start < 9 || readU16(bytes, start + 1) * 2 + 3 !== length) return false
  return readI32(bytes, start + 3) === OLD_ANSWER && readU16(bytes, start + 7) === 0
}

/** Java edition handshake: length, id 0, protocol version, host, port, next state 1-3. Older: fe 01 fa. */
function minecraft(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0xfe) {
    if (end - start < 3 || bytes[start + 1] !== 1 || bytes[start + 2] !== 0xfa) return NO_MATCH
    const named = end - start >= 9 && readI32(bytes, start + 5) === OLD_PING_NAME
    return (named ? STRONG : WEAK) | FROM_CLIENT
  }
  if (bytes[start] === 0xff) return isOldAnswer(payload) ? STRONG | FROM_SERVER : NO_MATCH
  const length = varint(bytes, start, end)
  if (length < 8 || length > 300 || length + 1 > payload.length) return NO_MATCH
  let at = start + varintSize(length)
  const stop = at + length
  if (stop > end || bytes[at] !== 0) return NO_MATCH
  const any = isAnyVersion(bytes, at + 1, end)
  const version = any ? -1 : varint(bytes, at + 1, end)
  if (version < 0 && !any) return NO_MATCH
  at += 1 + (any ? ANY_VERSION_SIZE : varintSize(version))
  const host = varint(bytes, at, end)
  if (host < 1 || host > 255) return NO_MATCH
  at += varintSize(host)
  if (at + host + 3 !== stop || bytes[stop - 1] < 1 || bytes[stop - 1] > 3) return NO_MATCH
  const printable = printableRun(bytes, at, at + host)
  if (printable === at) return NO_MATCH
  tell(payload, 'minecraft', 'protocol_version', version)
  tellText(payload, 'minecraft', 'host', [at, printable])
  const port = readU16(bytes, stop - 3)
  return (port === payload.dstPort || payload.dstPort === MINECRAFT_PORT ? STRONG : WEAK) | FROM_CLIENT
}

/** Ports of old content and directory servers; the versions of their protocols are small. */
const CONTENT_FIRST_PORT = 27014
const CONTENT_LAST_PORT = 27050
const MAX_CONTENT_VERSION = 16

/** Steam's servers before 2013: the client opens with a version in four bytes, the answer is the byte 01. */
function steamContent(payload: Payload): number {
  const { bytes, start, length, srcPort, peer } = payload
  if (length !== 1 || bytes[start] !== 1 || payload.ordinal > 0) return NO_MATCH
  if (payload.peerOrdinal !== 1 || payload.peerLength !== 4) return NO_MATCH
  if (srcPort < CONTENT_FIRST_PORT || srcPort > CONTENT_LAST_PORT) return NO_MATCH
  const version = readI32(peer, 0)
  return version > 0 && version <= MAX_CONTENT_VERSION ? STRONG | FROM_SERVER : NO_MATCH
}

/** TeamSpeak 2: a class (little-endian bef0 to bef4), a type, then session and client, four bytes each. */
const TS2_CLASS = 0xbe
const TS2_RELIABLE = 0xf0
const TS2_ACK = 0xf1
const TS2_CONNECTION = 0xf4
const TS2_LAST_CODEC = 12
const TS2_PING = 1
const TS2_LOGIN_ANSWER = 4
const TS2_SHORTEST = 16

function teamspeak2({ bytes, start, end, length }: Payload): number {
  const kind = bytes[start]
  if (end - start < TS2_SHORTEST || bytes[start + 1] !== TS2_CLASS || kind < TS2_RELIABLE) return NO_MATCH
  const low = bytes[start + 2]
  const high = bytes[start + 3]
  if (kind === TS2_CONNECTION)
    return high === 0 && low >= TS2_PING && low <= TS2_LOGIN_ANSWER
      ? STRONG | (low & 1 ? FROM_CLIENT : FROM_SERVER)
      : NO_MATCH
  if (kind === TS2_ACK) return low === 0 && high === 0 && length === TS2_SHORTEST ? STRONG : NO_MATCH
  if (kind === TS2_RELIABLE) return high === 0 ? WEAK : NO_MATCH
  // Voice: the codec stands in the upper byte.
  return low === 0 && high <= TS2_LAST_CODEC ? WEAK : NO_MATCH
}

/** What consoles greet with: of the server, of a client's add-ons, of a TeamSpeak 2 server. */
const TEAMSPEAK_GREETINGS = ['TS3\n\r', 'TS3 Client\n\r', '[TS]\r\n']

/** TeamSpeak 3: "TS3INIT1" over UDP; over TCP the greeting of a console. */
function teamspeak(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.protocol === PROTOCOL_TCP) {
    for (let i = 0; i < TEAMSPEAK_GREETINGS.length; i++)
      if (startsWith(bytes, start, end, TEAMSPEAK_GREETINGS[i])) return STRONG | FROM_SERVER
    return NO_MATCH
  }
  if (startsWith(bytes, start, end, 'TS3INIT1')) {
    return STRONG | (payload.length > 12 && payload.dstPort === 9987 ? FROM_CLIENT : 0)
  }
  return teamspeak2(payload)
}

export const signatures: Signature[] = [
  {
    label: 'steam',
    says: 'starts with a Steam datagram or connection header, or the in-home streaming magic',
    protocols: TCP_UDP,
    ports: [27036, 27017, 27018, 27019],
    bits: [
      { offset: 0, mask: 0xffffffff, value: 0x56533031 },
      { offset: 4, mask: 0xffffffff, value: 0x56543031 },
      { offset: 0, mask: 0xff000000, value: MASTER_QUERY << 24 },
      { offset: 0, mask: 0xffffffff, value: CONNECTIONLESS },
    ],
    match: steam,
  },
  {
    label: 'steam',
    says: 'is the byte 01 in answer to the version of a Steam content or directory protocol, on its ports',
    protocols: TCP,
    ports: [27030],
    firstBytes: [1],
    match: steamContent,
  },
  {
    label: 'source-engine',
    says: 'is a Source engine server query or its answer',
    protocols: UDP,
    ports: [27015],
    firstBytes: [0xff, 0xfe],
    bits: bitsOfWords([CONNECTIONLESS, SPLIT]),
    match: sourceEngine,
  },
  {
    label: 'quake',
    says: 'is a Quake 3 style query: ff ff ff ff and a command word',
    protocols: UDP,
    ports: [27960],
    firstBytes: [0xff],
    match: quake,
  },
  {
    label: 'raknet',
    says: 'holds the sixteen-byte identifier of RakNet offline messages',
    protocols: UDP,
    ports: [19132],
    bits: RAKNET_OFFSETS.map((offset) => ({ offset, mask: 0xffffffff, value: 0x00ffff00 })),
    match: raknet,
  },
  {
    label: 'raknet',
    says: 'is a RakNet acknowledgement that names the sequence number of the frame before it',
    protocols: UDP,
    ports: [19132],
    firstBytes: [RAKNET_ACK, RAKNET_NAK],
    match: raknetAck,
  },
  {
    label: 'raknet',
    says: 'is RakNet data that goes on from the frame before, with messages that fill it',
    protocols: UDP,
    ports: [19132],
    firstBytes: firstBytesWhere((byte) => byte >> 4 === 8),
    // Reliability and split flag of the first message stand alone in their byte, its length is whole bytes.
    bits: { offset: 4, mask: 0x0f000700, value: 0 },
    match: raknetData,
  },
  {
    label: 'minecraft',
    says: 'is a Minecraft handshake of agreeing length with host, port and next state',
    protocols: TCP,
    ports: [MINECRAFT_PORT],
    firstBytes: firstBytesWhere((byte) => (byte >= 8 && byte < 0x80) || byte >= 0xfe),
    // Packet id 0 behind a length of one or two bytes, or the old ping and its answer.
    bits: [
      { offset: 3, mask: 0xffffffff, value: OLD_ANSWER },
      { offset: 0, mask: 0x80ff0000, value: 0 },
      { offset: 0, mask: 0x8080ff00, value: 0x80000000 },
      { offset: 0, mask: 0xffffff00, value: 0xfe01fa00 },
    ],
    match: minecraft,
  },
  {
    label: 'teamspeak',
    says: 'starts with a TeamSpeak greeting or a TeamSpeak 2 header',
    protocols: TCP_UDP,
    ports: [9987, 8767, 10011],
    firstBytes: [0x54, 0x5b, TS2_RELIABLE, TS2_ACK, 0xf2, 0xf3, TS2_CONNECTION],
    bits: [
      ...bitsOfWords([...TEAMSPEAK_GREETINGS, 'TS3I'].map(wordOf)),
      { offset: 0, mask: 0x00ff0000, value: TS2_CLASS << 16 },
    ],
    match: teamspeak,
  },
]
