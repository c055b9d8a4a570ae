/** Logs on their way: GELF, Lumberjack of Beats, Fluentd, RELP. Syslog is in syslog.ts. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII, answerTo, type Beginnings, bitsOfWords, wordOf } from '../common/beginnings.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { digitRun, findText, LF, printableRun, SPACE, threeDigits } from '../common/text-scan.ts'
import { isTimely } from '../common/timestamps.ts'

const GELF_MAX_CHUNKS = 128
const GELF_HEADER = 12
const GELF_MAGIC = 0x1e0f
const GZIP = 0x1f8b
const JSON_START = 0x7b22

/** GELF in chunks: 1e 0f, id of eight bytes, number and count; the first begins the stream of zlib or gzip, or the JSON. */
function gelfChunk({ bytes, start, end }: Payload): number {
  if (end - start <= GELF_HEADER + 1 || readU16(bytes, start) !== GELF_MAGIC) return NO_MATCH
  const count = bytes[start + 11]
  const number = bytes[start + 10]
  if (number >= count || count > GELF_MAX_CHUNKS) return NO_MATCH
  const first = readU16(bytes, start + GELF_HEADER)
  if (number === 0 && (first === GZIP || first === JSON_START || isZlib(first))) return STRONG | FROM_CLIENT
  return count > 1 ? WEAK | FROM_CLIENT : NO_MATCH
}

/** RFC 1950 section 2.2: method and window, and a check of both bytes. */
function isZlib(word: number): boolean {
  return word >>> 8 === 0x78 && word % 31 === 0
}

const GELF_SEARCHED = 1400

/** GELF as it is: JSON with a version, and with the one field that only GELF must have. */
function gelf({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, '{"')) return NO_MATCH
  const stop = Math.min(end, start + GELF_SEARCHED)
  if (findText(bytes, start, stop, '"short_message"') < 0) return NO_MATCH
  return findText(bytes, start, stop, '"version"') > 0 && findText(bytes, start, stop, '"host"') > 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

const WINDOW = 0x57
const COMPRESSED = 0x43
const JSON_FRAME = 0x4a
const DATA_FRAME = 0x44
const ACK = 0x41
const FRAME_HEADER = 6

/** Lumberjack: version, "W" and a window, then compressed or plain events; "A" and the number of the last event. */
function lumberjack({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (end - start < FRAME_HEADER) return NO_MATCH
  const version = bytes[start]
  const type = bytes[start + 1]
  if (version !== 0x31 && version !== 0x32) return NO_MATCH
  if (bytes[start + 2] !== 0 || (type !== COMPRESSED && bytes[start + 3] !== 0)) return NO_MATCH
  if (type === ACK) {
    if (length !== FRAME_HEADER) return NO_MATCH
    const asked = peerLength >= FRAME_HEADER && peer[0] === version && isEvents(peer[1])
    return (asked ? STRONG : WEAK) | FROM_SERVER
  }
  if (type === WINDOW) {
    if (length === FRAME_HEADER) return WEAK | FROM_CLIENT
    const events =
      end - start >= 2 * FRAME_HEADER && bytes[start + 6] === version && isEvents(bytes[start + 7])
    return events ? STRONG | FROM_CLIENT : NO_MATCH
  }
  // Compressed events are a stream of zlib.
  const zlib = end - start > 8 && isZlib(readU16(bytes, start + 6))
  return type === COMPRESSED && zlib && readU32(bytes, start + 2) + FRAME_HEADER <= length + 0x10000
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

function isEvents(type: number): boolean {
  return type === WINDOW || type === COMPRESSED || type === JSON_FRAME || type === DATA_FRAME
}

const FLUENTD: Beginnings = [
  ['\x92\xa4HELO', STRONG | FROM_SERVER],
  ['\x96\xa4PING', STRONG | FROM_CLIENT],
  ['\x95\xa4PONG', STRONG | FROM_SERVER],
  ['\x81\xa3ack', STRONG | FROM_SERVER],
]
const EVENT_TIME = 0xd700
const MAX_TAG = 0x60

/** Fluentd forward: an array of tag and entries, or of tag and time; entries are arrays that begin with their time. */
function fluentd(payload: Payload): number {
  const known = answerTo(payload, FLUENTD)
  if (known !== NO_MATCH) return known
  const { bytes, start, end } = payload
  const long = bytes[start + 1] === 0xd9
  const size = long ? bytes[start + 2] : bytes[start + 1] & 0x1f
  if ((!long && bytes[start + 1] >> 5 !== 5) || size === 0 || size > MAX_TAG) return NO_MATCH
  const tag = start + (long ? 3 : 2)
  let at = tag + size
  if (at + 8 > end || printableRun(bytes, tag, at) !== at) return NO_MATCH
  at += entriesHeader(bytes[at])
  // A record of its own: time and map; since event stream 2 time stands with metadata.
  for (let i = 0; i < 2 && bytes[at] === 0x92; i++) at++
  const seconds = eventTime(bytes, at, end)
  return seconds !== 0 && isTimely(payload, seconds) ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Seconds of an event's time, a number of four bytes or an extension of eight; 0 for none. */
function eventTime(bytes: Uint8Array, at: number, end: number): number {
  if (at + 6 > end) return 0
  if (bytes[at] === 0xce) return readU32(bytes, at + 1)
  return readU16(bytes, at) === EVENT_TIME ? readU32(bytes, at + 2) : 0
}

/** Bytes before the entries: of an array, or of the binary or text that holds them; 0 where they do not come. */
function entriesHeader(type: number): number {
  if (type >> 4 === 9 && type !== 0x92) return 1
  if (type === 0xc4 || type === 0xd9) return 2
  if (type === 0xc5 || type === 0xda || type === 0xdc) return 3
  return type === 0xc6 || type === 0xdb || type === 0xdd ? 5 : 0
}

/** Number 1, "open" or "rsp", length, offers of which the version comes first. */
function relp({ bytes, start, end }: Payload): number {
  const asks = startsWith(bytes, start, end, '1 open ')
  if (!asks && !startsWith(bytes, start, end, '1 rsp ')) return NO_MATCH
  return findText(bytes, start + 6, Math.min(end, start + 40), 'relp_version=') < 0
    ? NO_MATCH
    : STRONG | (asks ? FROM_CLIENT : FROM_SERVER)
}

/** RELP: number, "syslog" or "rsp", length, and a line feed behind so many bytes: a priority, or a result of three digits. */
function relpMessage({ bytes, start, end, length }: Payload): number {
  const word = digitRun(bytes, start, end, RELP_DIGITS)
  const message = startsWith(bytes, word, end, ' syslog ')
  if (!message && !startsWith(bytes, word, end, ' rsp ')) return NO_MATCH
  const from = word + (message ? 8 : 5)
  const blank = digitRun(bytes, from, end, RELP_DIGITS)
  if (blank < 0 || blank + 1 >= end || bytes[blank] !== SPACE) return NO_MATCH
  let last = 0
  for (let at = from; at < blank; at++) last = last * 10 + bytes[at] - 0x30
  last += blank + 1
  // Further messages may follow in the segment.
  if (last >= start + length || (last < end && bytes[last] !== LF)) return NO_MATCH
  const opened = message ? bytes[blank + 1] === LESS_THAN : threeDigits(bytes, blank + 1, end) >= 200
  return opened ? STRONG | (message ? FROM_CLIENT : FROM_SERVER) : NO_MATCH
}

/** Transaction numbers end at 999,999,999. */
const RELP_DIGITS = 9
const LESS_THAN = 0x3c

export const signatures: Signature[] = [
  {
    label: 'gelf',
    says: 'is a chunk of a GELF message: 1e 0f, and a number below the count',
    protocols: UDP,
    ports: [12201],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0x1e0f0000 },
    match: gelfChunk,
  },
  {
    label: 'gelf',
    says: 'is a GELF message in plain JSON, with version, host and short_message',
    protocols: TCP_UDP,
    ports: [12201],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: wordOf('{"\x00\x00') },
    match: gelf,
  },
  {
    label: 'lumberjack',
    says: 'is a frame of Lumberjack (Elastic Beats): a window, events, or an acknowledgement',
    protocols: TCP,
    ports: [5044],
    bits: [WINDOW, COMPRESSED, ACK].flatMap((type) =>
      bitsOfWords([0x31000000 | (type << 16), 0x32000000 | (type << 16)], 0xffffff00 | 0),
    ),
    match: lumberjack,
  },
  {
    label: 'fluentd',
    says: 'is a message of Fluentd forward: a tag and entries with a time near now, or a greeting',
    protocols: TCP,
    ports: [24224],
    firstBytes: [0x81, 0x92, 0x93, 0x94, 0x95, 0x96],
    match: fluentd,
  },
  {
    label: 'relp',
    says: 'opens a session of RELP with its version, or accepts it',
    protocols: TCP,
    ports: [2514, 20514],
    bits: [
      { offset: 0, mask: -1, value: 0x31206f70 },
      { offset: 0, mask: -1, value: 0x31207273 },
    ],
    match: relp,
  },
  {
    label: 'relp',
    says: 'is a numbered message of RELP or the answer to one, with agreeing length',
    protocols: TCP,
    ports: [2514, 20514],
    firstBytes: [0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39],
    bits: ASCII,
    match: relpMessage,
  },
]
