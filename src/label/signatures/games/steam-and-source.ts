/** Steam's connections, datagrams and servers, and the server queries of Valve's Source engine. */
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
import { bitsOfWords } from '../common/beginnings.ts'
import { setExtraText } from '../common/extras.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'
import { CONNECTIONLESS } from './quake.ts'

/** The header -2 of an answer in several datagrams, little-endian as all numbers here: fe ff ff ff. */
const SPLIT = 0xfeffffff | 0

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
    setExtraText(payload, 'source_engine', 'server_name', [start + 6, stop])
    return STRONG | FROM_SERVER
  }
  return (kind === 0x44 || kind === 0x45) && sourceQuery(payload) ? STRONG | FROM_SERVER : NO_MATCH
}

/** The other side sent a query: ff ff ff ff and U, V or T. */
function sourceQuery(payload: Payload): boolean {
  const { peer } = payload
  return payload.peerLength >= 5 && readI32(peer, 0) === CONNECTIONLESS && peer[4] >= 0x54 && peer[4] <= 0x57
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
]
