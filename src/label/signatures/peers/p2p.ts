/** File sharing between peers other than BitTorrent: Gnutella, eDonkey and Kademlia, Direct Connect. */
import { PROTOCOL_TCP, readI32, readU16LE, readU32LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { fills, findByte, findText, onPort, printableRun, TCP, TCP_UDP, UDP } from '../common/shape.ts'

const GNUTELLA_PORT = 6346
const G = 0x47
const DESCRIPTOR_HEADER = 23
const MAX_DESCRIPTOR = 65535
/** Beside the time to live, in datagrams: the sender can inflate, the payload is deflated. */
const UDP_FLAGS = 0x90
/** Messages of LimeWire's Kademlia have a version for time to live and hops; behind the operation stands a vendor. */
const DHT = 0x44
const DHT_VENDOR_AT = 24

/** Payload types of Gnutella 0.6: ping, pong, bye, push, query, hit, and the vendor and routing extensions. */
function descriptorType(type: number): boolean {
  return (
    type <= 2 ||
    (type >= 0x30 && type <= 0x32) ||
    type === 0x40 ||
    type === 0x80 ||
    type === 0x81 ||
    type === DHT
  )
}

/** Four capitals or digits, as vendors of servents are named. */
function isVendor(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 4 > end) return false
  for (let i = at; i < at + 4; i++) {
    const letter = bytes[i] >= 0x41 && bytes[i] <= 0x5a
    if (!letter && (bytes[i] < 0x30 || bytes[i] > 0x39)) return false
  }
  return true
}

/** Sixteen bytes of id, type, time to live, hops, length (little-endian) of the rest. */
function gnutellaDatagram(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < DESCRIPTOR_HEADER || !descriptorType(bytes[start + 16])) return NO_MATCH
  const length = readU32LE(bytes, start + 19)
  if (length > MAX_DESCRIPTOR || length + DESCRIPTOR_HEADER !== payload.length) return NO_MATCH
  // Ids are random: zeros are somebody else's padding.
  if (readI32(bytes, start) === 0 || readI32(bytes, start + 4) === 0 || readI32(bytes, start + 9) === 0)
    return NO_MATCH
  if (bytes[start + 16] === DHT) return isVendor(bytes, start + DHT_VENDOR_AT, end) ? STRONG : NO_MATCH
  if ((bytes[start + 17] & ~UDP_FLAGS & 0xf0) !== 0) return NO_MATCH
  const ttl = bytes[start + 17] & 15
  const hops = bytes[start + 18]
  if (hops > 15 || ttl + hops > 15 || ttl + hops === 0) return NO_MATCH
  // Ids of modern peers have ff at 8 and 00 at 15 (Gnutella 0.6 section 2.2.1).
  return (bytes[start + 8] === 0xff && bytes[start + 15] === 0) || onPort(payload, GNUTELLA_PORT)
    ? STRONG
    : WEAK
}

/** Gnutella 2: "GND", flags, sequence, part, count. */
function gnutella2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || !startsWith(bytes, start, end, 'GND') || bytes[start + 3] > 3) return NO_MATCH
  const part = bytes[start + 6]
  const count = bytes[start + 7]
  return count === 0 || (part >= 1 && part <= count) ? STRONG : NO_MATCH
}

/** The greeting of a connection, its answer, and the greeting of a push. */
function gnutellaStream(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'GNUTELLA CONNECT/')) return STRONG | FROM_CLIENT
  if (startsWith(bytes, start, end, 'GNUTELLA/')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'GIV ')) {
    const colon = findByte(bytes, start + 4, Math.min(end, start + 16), 0x3a)
    return colon > 0 && findByte(bytes, colon, Math.min(end, colon + 40), 0x2f) > 0 ? STRONG : NO_MATCH
  }
  return NO_MATCH
}

const EDONKEY = 0xe3
const EMULE = 0xc5
const EMULE_PACKED = 0xd4
const KADEMLIA = 0xe4
const MAX_EDONKEY = 0x100000
const EDONKEY_HELLO = 0x01
const EDONKEY_HELLO_ANSWER = 0x4c

function edonkeyProtocol(byte: number): boolean {
  return byte === EDONKEY || byte === EMULE || byte === EMULE_PACKED
}

/** Opcodes of client-client and client-server messages lie between these. */
function edonkeyOpcode(opcode: number): boolean {
  return (opcode >= 1 && opcode <= 0x65) || (opcode >= 0x81 && opcode <= 0xa8)
}

/** Protocol byte, length (little-endian) of opcode and data, opcode; a hello has a user hash of sixteen bytes. */
function edonkeyStream(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || !edonkeyProtocol(bytes[start])) return NO_MATCH
  const length = readU32LE(bytes, start + 1)
  const opcode = bytes[start + 5]
  if (length < 1 || length > MAX_EDONKEY || !edonkeyOpcode(opcode)) return NO_MATCH
  const certain = length + 5 === payload.length || edonkeyNext(payload, start + 5 + length)
  if (!certain && !fills(payload, length + 5)) return NO_MATCH
  if (opcode === EDONKEY_HELLO && bytes[start] === EDONKEY) {
    return end - start > 6 && bytes[start + 6] === 16 ? STRONG | FROM_CLIENT : WEAK
  }
  return (certain ? STRONG : WEAK) | (opcode === EDONKEY_HELLO_ANSWER ? FROM_SERVER : 0)
}

/** Several messages in one segment: at `at` another header begins. */
function edonkeyNext({ bytes, end }: Payload, at: number): boolean {
  if (at + 6 > end || !edonkeyProtocol(bytes[at]) || !edonkeyOpcode(bytes[at + 5])) return false
  return readU32LE(bytes, at + 1) <= MAX_EDONKEY
}

/** Kademlia 2: what has one size only, by opcode: protocol byte and opcode included. */
const KADEMLIA_SIZES: ReadonlyMap<number, number> = new Map([
  [0x01, 2], // bootstrap
  [0x21, 35], // who is near
  [0x22, 19], // thanks for a hello
  [0x33, 20], // search of one word
  [0x34, 28], // search of sources
  [0x35, 26], // search of notes
  [0x50, 4], // is my port open
  [0x51, 36], // find a buddy
  [0x53, 21], // is my port open, with options
  [0x58, 6], // your address
  [0x60, 2], // ping
  [0x61, 4], // pong
  [0x62, 5], // your port for datagrams
])
/** Hello and its answer: own id (16), port (2), version (1), a count of tags. */
const KADEMLIA_HELLO = 0x11
const KADEMLIA_HELLO_ANSWER = 0x19
const KADEMLIA_LAST_VERSION = 10
const KADEMLIA_PUBLISHED = 0x4b

function kademlia(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 2) return NO_MATCH
  const opcode = bytes[start + 1]
  const hello = opcode === KADEMLIA_HELLO || opcode === KADEMLIA_HELLO_ANSWER
  const fixed =
    length === KADEMLIA_SIZES.get(opcode) ||
    (hello &&
      length >= 22 &&
      length <= 60 &&
      end - start > 20 &&
      bytes[start + 20] <= KADEMLIA_LAST_VERSION) ||
    (opcode === KADEMLIA_PUBLISHED && (length === 19 || length === 20))
  if (fixed) return payload.previousLength > 0 && payload.previous[0] === KADEMLIA ? STRONG : WEAK
  // Contact lists: the id asked for, or who answers; count of entries of 25 bytes each.
  if (opcode === 0x29 && end - start > 18) return length === 19 + bytes[start + 18] * 25 ? STRONG : NO_MATCH
  if (opcode === 0x09 && end - start > 22) {
    return length === 23 + readU16LE(bytes, start + 21) * 25 ? STRONG : NO_MATCH
  }
  return NO_MATCH
}

const FILE_HASH = 16
/** Of a file and its sources, of a server's state: what is asked for comes back. */
const FOUND_SOURCES = 0x9b
const SERVER_STATE = 0x96
/** A waiting client asks again: hash of the file, then parts or a count of sources. The answers are short. */
const ASK_AGAIN = 0x90
const RANK = 0x91
const QUEUE_FULL = 0x93

/** The other side asked this, on whatever port: an answer that echoes the hash or challenge, or that fits in size. */
function edonkeyAnswer({ bytes, start, end, length, peer, peerLength }: Payload): boolean {
  const opcode = bytes[start + 1]
  if (peerLength < 2 + 4 || peer[0] !== bytes[start] || end - start < Math.min(length, PREFIX_BYTES))
    return false
  if (bytes[start] === EMULE) {
    const asked = peer[1] === ASK_AGAIN && peerLength >= 2 + FILE_HASH
    return asked && (opcode === RANK ? length >= 4 : opcode > RANK && opcode <= QUEUE_FULL && length === 2)
  }
  if (bytes[start] !== EDONKEY || opcode !== peer[1] + 1) return false
  const same = opcode === FOUND_SOURCES ? PREFIX_BYTES : peer[1] === SERVER_STATE ? 6 : 0
  if (same === 0 || length < same || peerLength < same) return false
  for (let i = 2; i < same; i++) if (bytes[start + i] !== peer[i]) return false
  return true
}

/** Server status requests and answers over UDP (opcode 96 to a2), at the usual ports or with agreeing size. */
function edonkeyDatagram(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < 2) return NO_MATCH
  const opcode = bytes[start + 1]
  if (bytes[start] === KADEMLIA) return kademlia(payload)
  if (edonkeyAnswer(payload)) return STRONG | FROM_SERVER
  if (!edonkeyProtocol(bytes[start]) || (!onPort(payload, 4665) && !onPort(payload, 4672))) return NO_MATCH
  if (opcode === 0x96) return length === 6 ? WEAK | FROM_CLIENT : NO_MATCH
  if (opcode === 0x97) return length >= 14 && length <= 46 ? WEAK | FROM_SERVER : NO_MATCH
  return opcode >= 0x90 && opcode <= 0xa4 ? WEAK : NO_MATCH
}

function edonkey(payload: Payload): number {
  return payload.protocol === PROTOCOL_TCP ? edonkeyStream(payload) : edonkeyDatagram(payload)
}

/** "$Lock EXTENDEDPROTOCOL… Pk=…|" from the hub, "$MyNick …|" between clients; ADC starts "HSUP AD". */
function directConnect(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 200)
  if (startsWith(bytes, start, end, '$Lock ')) {
    return findText(bytes, start, stop, ' Pk=') > 0 ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (startsWith(bytes, start, end, '$MyNick ')) {
    const bar = findByte(bytes, start, stop, 0x7c)
    if (bar < 0 || printableRun(bytes, start, bar) !== bar) return NO_MATCH
    // One word.
    const nick = start + '$MyNick '.length
    if (nick === bar || findByte(bytes, nick, bar, 0x20) >= 0) return NO_MATCH
    if (startsWith(bytes, bar, end, '|$')) return STRONG
    return bar + 1 === end ? WEAK : NO_MATCH
  }
  return startsWith(bytes, start, end, 'HSUP AD') || startsWith(bytes, start, end, 'CSUP AD')
    ? STRONG
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'gnutella',
    says: 'starts with a Gnutella greeting',
    protocols: TCP,
    ports: [GNUTELLA_PORT],
    firstBytes: [G],
    match: gnutellaStream,
  },
  {
    label: 'gnutella',
    says: 'is a Gnutella 2 datagram: "GND", flags, sequence, part and count',
    protocols: UDP,
    ports: [GNUTELLA_PORT],
    firstBytes: [G],
    match: gnutella2,
  },
  {
    label: 'gnutella',
    says: 'is a Gnutella descriptor whose length field equals the datagram',
    protocols: UDP,
    ports: [GNUTELLA_PORT],
    // The length of what follows the header, little-endian, is at most 65,535.
    bits: { offset: 19, mask: 0xffff, value: 0 },
    match: gnutellaDatagram,
  },
  {
    label: 'edonkey',
    says: 'holds an eDonkey or Kademlia header with known opcode and agreeing length',
    protocols: TCP_UDP,
    ports: [4662, 4665, 4672],
    firstBytes: [EDONKEY, EMULE, EMULE_PACKED, KADEMLIA],
    match: edonkey,
  },
  {
    label: 'direct-connect',
    says: 'starts with a Direct Connect lock, nick or ADC greeting',
    protocols: TCP,
    ports: [411, 412],
    firstBytes: [0x24, 0x48, 0x43],
    match: directConnect,
  },
]
