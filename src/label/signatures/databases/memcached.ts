/** Memcached: its text and binary protocols, over TCP and UDP. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
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
import { ASCII } from '../common/beginnings.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'
import { CR, digitRun, LF, lineStop, SPACE } from '../common/text-scan.ts'

const MEMCACHED_PORT = 11211
/** Requests with what must follow on the first line; answers stand alone. */
const REQUESTS = [
  'get ',
  'gets ',
  'set ',
  'add ',
  'replace ',
  'append ',
  'prepend ',
  'cas ',
  'delete ',
  'incr ',
]
const COMMANDS = ['stats\r\n', 'stats ', 'version\r\n', 'flush_all', 'verbosity ', 'gat ', 'decr ', 'touch ']
const ANSWERS = ['VALUE ', 'STORED\r\n', 'END\r\n', 'STAT ', 'DELETED\r\n', 'NOT_FOUND\r\n', 'NOT_STORED\r\n']
const ERRORS = ['EXISTS\r\n', 'TOUCHED\r\n', 'VERSION ', 'CLIENT_ERROR ', 'SERVER_ERROR ']

/** Meta commands and their answers are short, as is what a server says to what it does not know. */
const META_REQUESTS = ['mg ', 'ms ', 'md ', 'ma ', 'me ', 'mn\r\n', 'gats ']
const META_ANSWERS = [
  'HD\r\n',
  'HD ',
  'VA ',
  'EN\r\n',
  'NF\r\n',
  'NS\r\n',
  'EX\r\n',
  'ME ',
  'MN\r\n',
  'ERROR\r\n',
]

/** First letters of all these words. */
const WORD_LETTERS: readonly number[] = [
  ...new Set(
    [...REQUESTS, ...COMMANDS, ...ANSWERS, ...ERRORS, ...META_REQUESTS, ...META_ANSWERS].map((word) =>
      word.charCodeAt(0),
    ),
  ),
]

function oneOf(payload: Payload, at: number, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i++) if (startsWith(payload.bytes, at, payload.end, words[i])) return true
  return false
}

/** A line that starts with a command or answer word: CR LF within the longest key (250 bytes) and its numbers. */
function memcachedText(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (!onPort(payload, MEMCACHED_PORT)) return memcachedItem(payload, at)
  const line = lineStop(bytes, at, Math.min(end, at + 320))
  if (line + 1 >= end || bytes[line] !== CR || bytes[line + 1] !== LF) return NO_MATCH
  if (oneOf(payload, at, REQUESTS) || oneOf(payload, at, COMMANDS)) return STRONG | FROM_CLIENT
  if (oneOf(payload, at, ANSWERS) || oneOf(payload, at, ERRORS)) return STRONG | FROM_SERVER
  if (oneOf(payload, at, META_REQUESTS)) return WEAK | FROM_CLIENT
  return oneOf(payload, at, META_ANSWERS) ? WEAK | FROM_SERVER : NO_MATCH
}

/** Meta commands that name a key, and their answers without an item. */
const META_KEYED = ['mg ', 'ms ', 'md ', 'ma ']
const META_RESULTS = ['HD', 'EN', 'NF', 'NS', 'EX']

const STORING = ['set ', 'add ', 'replace ', 'append ', 'prepend ', 'cas ']
const STORED = 'STORED\r\n'

/** A statistic, in answer to who asked for them. */
function answersStats({ bytes, end, peer, peerLength }: Payload, at: number): boolean {
  if (
    !startsWith(bytes, at, end, 'STAT ') ||
    !startsWith(peer, 0, Math.min(peerLength, PREFIX_BYTES), 'stats')
  )
    return false
  return peer[5] === CR || peer[5] === SPACE
}

/** Two letters and CR LF of a server, in answer to a meta command. */
function answersMeta({ bytes, end, length, peer, peerLength }: Payload, at: number): boolean {
  if (length !== 4 || end - at < 4 || bytes[at + 2] !== CR || bytes[at + 3] !== LF) return false
  const known = Math.min(peerLength, PREFIX_BYTES)
  if (startsWith(bytes, at, end, 'MN')) return startsWith(peer, 0, known, 'mn\r\n')
  return (
    META_RESULTS.some((word) => startsWith(bytes, at, end, word)) &&
    META_KEYED.some((word) => startsWith(peer, 0, known, word))
  )
}

/** Lines before an item: the words before its numbers, how many numbers, the last of which is its size, and who sends it. */
const ITEMS: readonly (readonly [text: string, words: number, numbers: number, role: number])[] = [
  ['VALUE ', 2, 2, FROM_SERVER],
  ['VA ', 1, 1, FROM_SERVER],
  ['ms ', 2, 1, FROM_CLIENT],
  ...STORING.map((word) => [word, 2, 3, FROM_CLIENT] as const),
]

/** On any port: an item whose bytes end with CR LF where its line says, or STORED in answer to one. */
function memcachedItem(payload: Payload, at: number): number {
  const { bytes, start, end, length, peer, peerLength } = payload
  if (answersStats(payload, at) || answersMeta(payload, at)) return STRONG | FROM_SERVER
  if (startsWith(bytes, at, end, STORED) && length === STORED.length)
    return peerLength >= PREFIX_BYTES && STORING.some((word) => startsWith(peer, 0, PREFIX_BYTES, word))
      ? STRONG | FROM_SERVER
      : NO_MATCH
  const item = ITEMS.find(([text]) => startsWith(bytes, at, end, text))
  if (item === undefined) return NO_MATCH
  const [, words, numbers, role] = item
  const line = lineStop(bytes, at, Math.min(end, at + 320))
  if (line + 1 >= end || bytes[line] !== CR || bytes[line + 1] !== LF) return NO_MATCH
  let digits = at
  for (let i = 0; i < words; i++) digits = afterWord(bytes, digits, line)
  const size = lastNumber(bytes, digits, line, numbers)
  const last = line + 2 + size
  if (size < 0 || last + 2 > start + length || last + 2 > end) return NO_MATCH
  if (bytes[last] !== CR || bytes[last + 1] !== LF) return NO_MATCH
  return STRONG | role
}

/** The last of `count` numbers from `from` on in a line that ends at `stop`, -1 where they are not all numbers. */
function lastNumber(bytes: Uint8Array, from: number, stop: number, count: number): number {
  let at = from
  let number = -1
  for (let i = 0; i < count; i++) {
    const next = digitRun(bytes, at, stop, 10)
    if (next < 0 || (next < stop && bytes[next] !== SPACE)) return -1
    number = 0
    for (; at < next; at++) number = number * 10 + bytes[at] - 0x30
    at = next + 1
  }
  return number
}

function afterWord(bytes: Uint8Array, from: number, stop: number): number {
  let at = from
  while (at < stop && bytes[at] !== SPACE) at++
  return at + 1
}

const BINARY_HEADER = 24
const BINARY_REQUEST = 0x80
const BINARY_ANSWER = 0x81
const MAX_OPCODE = 0x48

/** Binary protocol: magic 80 or 81, opcode, key length, extras length, data type 0, status, total body length. */
function memcachedBinary(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (end - at < BINARY_HEADER || bytes[at + 1] > MAX_OPCODE || bytes[at + 5] !== 0) return NO_MATCH
  const body = readU32(bytes, at + 8)
  if (body !== payload.length - (at - payload.start) - BINARY_HEADER) return NO_MATCH
  if (readU16(bytes, at + 2) + bytes[at + 4] > body) return NO_MATCH
  setExtra(payload, 'memcached', 'opcode', bytes[at + 1])
  return STRONG | (bytes[at] === BINARY_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

function memcachedMessage(payload: Payload, at: number): number {
  const first = payload.bytes[at]
  return first === BINARY_REQUEST || first === BINARY_ANSWER
    ? memcachedBinary(payload, at)
    : memcachedText(payload, at)
}

function memcached(payload: Payload): number {
  return memcachedMessage(payload, payload.start)
}

const UDP_HEADER = 8

/** Over UDP a frame header comes first: request id, sequence, count of datagrams, reserved zero. */
function hasFrameHeader({ bytes, start, end }: Payload): boolean {
  if (end - start <= UDP_HEADER) return false
  const count = readU16(bytes, start + 4)
  return readU16(bytes, start + 6) === 0 && count > 0 && readU16(bytes, start + 2) <= count
}

function memcachedDatagram(payload: Payload): number {
  const { start } = payload
  if (!onPort(payload, MEMCACHED_PORT) || !hasFrameHeader(payload)) return NO_MATCH
  const matched = memcachedMessage(payload, start + UDP_HEADER)
  if (matched !== NO_MATCH || !isNextFrame(payload)) return matched
  return STRONG | FROM_SERVER
}

/** On any port: an item or the request for one, and, as reflected floods show, statistics or who asks for them. */
function memcachedFrame(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!hasFrameHeader(payload)) return NO_MATCH
  const at = start + UDP_HEADER
  if (readU32(bytes, start + 2) === ONLY_FRAME) {
    if (isRequestLine(payload, at)) return STRONG | FROM_CLIENT
    const item = memcachedItem(payload, at)
    if (item !== NO_MATCH) return item
  }
  if (startsWith(bytes, at, end, 'STAT ')) return STRONG | FROM_SERVER
  const asks = startsWith(bytes, at, end, 'stats\r\n') || startsWith(bytes, at, end, 'stats ')
  return asks ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Sequence 0 of 1. */
const ONLY_FRAME = 1
const RETRIEVING = ['get ', 'gets ', 'mg ', 'delete ', 'incr ', 'decr ', 'touch ']

/** One line that reaches to the end of the datagram. */
function isRequestLine(payload: Payload, at: number): boolean {
  const { bytes, end, start, length } = payload
  const line = lineStop(bytes, at, end)
  if (line + 2 !== start + length || line + 2 > end) return false
  return bytes[line] === CR && bytes[line + 1] === LF && oneOf(payload, at, RETRIEVING)
}

/** The frame after the one before it, of the same answer: request id and count are the same. */
function isNextFrame({ bytes, start, previous, previousLength }: Payload): boolean {
  if (previousLength <= UDP_HEADER || readU16(previous, 6) !== 0) return false
  if (readU16(previous, 0) !== readU16(bytes, start) || readU16(previous, 4) !== readU16(bytes, start + 4))
    return false
  const sequence = readU16(bytes, start + 2)
  return sequence === readU16(previous, 2) + 1 && sequence < readU16(bytes, start + 4)
}

export const signatures: Signature[] = [
  {
    label: 'memcached',
    says: 'is a Memcached command or answer, as text on port 11211, or with agreeing lengths',
    protocols: TCP,
    ports: [MEMCACHED_PORT],
    firstBytes: [BINARY_REQUEST, BINARY_ANSWER, ...WORD_LETTERS],
    bits: [ASCII, { offset: 4, mask: 0x00ff0000, value: 0 }],
    match: memcached,
  },
  {
    label: 'memcached',
    says: 'is a Memcached datagram on port 11211: frame header, then a command or answer, or the next frame of one',
    protocols: UDP,
    ports: [MEMCACHED_PORT],
    portsOnly: true,
    match: memcachedDatagram,
  },
  {
    label: 'memcached',
    says: 'is a Memcached datagram: frame header, then an item or statistics, or the command for them',
    protocols: UDP,
    bits: [
      // "STAT" in either case behind the frame header.
      { offset: UDP_HEADER, mask: 0xdfdfdfdf | 0, value: 0x53544154 },
      // The only datagram of a message.
      { offset: 4, mask: -1, value: 0x00010000 },
    ],
    match: memcachedFrame,
  },
]
