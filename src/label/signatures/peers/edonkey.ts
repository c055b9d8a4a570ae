/** eDonkey and eMule, with the Kademlia of the latter. */
import { PROTOCOL_TCP, readU16LE, readU32LE } from '../../../bytes.ts'
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
import { fills } from '../common/length.ts'
import { onPort, TCP_UDP } from '../common/ports.ts'

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

export const signatures: Signature[] = [
  {
    label: 'edonkey',
    says: 'holds an eDonkey or Kademlia header with known opcode and agreeing length',
    protocols: TCP_UDP,
    ports: [4662, 4665, 4672],
    firstBytes: [EDONKEY, EMULE, EMULE_PACKED, KADEMLIA],
    match: edonkey,
  },
]
