/** What is watched and logged: GELF, Lumberjack of Beats, Fluentd, collectd, Ganglia, NRPE, NSCA, UPS daemons. */
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
import {
  answerTo,
  type Beginnings,
  bitsOfBeginnings,
  bitsOfWords,
  oneOf,
  wordOf,
} from '../common/beginnings.ts'
import { findText, isTimely, printableRun, TCP, TCP_UDP, UDP } from '../common/shape.ts'

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

const COLLECTD_SIGNATURE = 0x0200
const COLLECTD_ENCRYPTION = 0x0210
const COLLECTD_HOST = 0
const COLLECTD_MAX_PARTS = 256

/** collectd's binary protocol: parts of type and length up to the end of the packet, first the host's name. */
function collectd({ bytes, start, end, length }: Payload): number {
  if (end - start < 12) return NO_MATCH
  const type = readU16(bytes, start)
  const size = readU16(bytes, start + 2)
  if (type === COLLECTD_ENCRYPTION) {
    const user = readU16(bytes, start + 4)
    const named = user > 0 && user < 64 && start + 6 + user <= end
    return size === length && named && printableRun(bytes, start + 6, start + 6 + user) === start + 6 + user
      ? STRONG | FROM_CLIENT
      : NO_MATCH
  }
  if (type === COLLECTD_SIGNATURE)
    return size > 36 && size < 100 ? isParts(bytes, start + size, end) : NO_MATCH
  if (type !== COLLECTD_HOST || size < 6 || start + size > end) return NO_MATCH
  if (printableRun(bytes, start + 4, end) !== start + size - 1) return NO_MATCH
  return isParts(bytes, start, end)
}

/** Types below 9 or notifications; names end with NUL, times and intervals take twelve bytes. */
function isParts(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  let count = 0
  for (; at + 4 <= end && count < COLLECTD_MAX_PARTS; count++) {
    const type = readU16(bytes, at)
    const size = readU16(bytes, at + 2)
    const number = type === 1 || type === 7 || type === 8 || type === 9 || type === 0x101
    if ((type > 9 && type !== 0x100 && type !== 0x101) || size < 5 || (number && size !== 12)) return NO_MATCH
    if (at + size > end) break
    if (!number && type !== 6 && bytes[at + size - 1] !== 0) return NO_MATCH
    at += size
  }
  return count > 2 ? STRONG | FROM_CLIENT : NO_MATCH
}

const GANGLIA_FIRST = 128
const GANGLIA_LAST = 136
const GANGLIA_LONGEST = 256

/** Offset behind a string of XDR that is printable and padded with zeros, or -1. */
function xdrString(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1
  const size = readU32(bytes, at)
  const stop = at + 4 + size
  if (size === 0 || size > GANGLIA_LONGEST || stop > end) return -1
  if (printableRun(bytes, at + 4, stop) !== stop) return -1
  const next = at + 4 + ((size + 3) & ~3)
  for (let here = stop; here < next && here < end; here++) if (bytes[here] !== 0) return -1
  return next
}

/** gmond: kind of message, host and metric as strings, whether the host is another's. */
function ganglia({ bytes, start, end }: Payload): number {
  if (end - start < 20) return NO_MATCH
  const kind = readU32(bytes, start)
  if (kind < GANGLIA_FIRST || kind > GANGLIA_LAST) return NO_MATCH
  const metric = xdrString(bytes, start + 4, end)
  const spoofed = metric < 0 ? -1 : xdrString(bytes, metric, end)
  return spoofed > 0 && spoofed + 4 <= end && readU32(bytes, spoofed) < 2 ? STRONG | FROM_CLIENT : NO_MATCH
}

const NRPE_OLD_LENGTH = 1036
const NRPE_HEADER = 16

/** NRPE: version, query (1) or response (2), checksum, result; from version 3 on the length of the text. */
function nrpe({ bytes, start, end, length }: Payload): number {
  if (end - start < NRPE_HEADER) return NO_MATCH
  const version = readU16(bytes, start)
  const type = readU16(bytes, start + 2)
  if (type !== 1 && type !== 2) return NO_MATCH
  if (version === 2) {
    if (length !== NRPE_OLD_LENGTH) return NO_MATCH
  } else {
    if ((version !== 3 && version !== 4) || readU16(bytes, start + 10) !== 0) return NO_MATCH
    const rest = length - NRPE_HEADER - readU32(bytes, start + 12)
    if (rest < 0 || rest > 4) return NO_MATCH
  }
  return STRONG | (type === 1 ? FROM_CLIENT : FROM_SERVER)
}

const NSCA_PORT = 5667
const NSCA_HELLO = 132

/** NSCA's server begins: 128 random bytes, then its time. */
function nsca(payload: Payload): number {
  const { bytes, start, end, ordinal, length } = payload
  if (length !== NSCA_HELLO || end - start < length || ordinal > 0 || payload.srcPort !== NSCA_PORT)
    return NO_MATCH
  return isTimely(payload, readU32(bytes, start + 128)) ? WEAK | FROM_SERVER : NO_MATCH
}

const NUT: Beginnings = [
  ['LIST UPS\n', STRONG | FROM_CLIENT],
  ['LIST VAR ', STRONG | FROM_CLIENT],
  ['GET VAR ', STRONG | FROM_CLIENT],
  ['BEGIN LIST UPS\n', STRONG | FROM_SERVER],
  ['BEGIN LIST VAR ', STRONG | FROM_SERVER],
  ['ERR UNKNOWN-UPS\n', STRONG | FROM_SERVER],
  ['ERR DRIVER-NOT-CONNECTED\n', STRONG | FROM_SERVER],
  ['ERR ACCESS-DENIED\n', STRONG | FROM_SERVER],
]

const APCUPSD: Beginnings = [
  ['\x00\x06status', STRONG | FROM_CLIENT],
  ['\x00\x06events', STRONG | FROM_CLIENT],
]
const APCUPSD_ANSWER = 'APC      : '

function apcupsd(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (startsWith(bytes, start + 2, end, APCUPSD_ANSWER)) return STRONG | FROM_SERVER
  return length === 8 ? answerTo(payload, APCUPSD) : NO_MATCH
}

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
    label: 'collectd',
    says: 'is a chain of collectd parts from a host name to the end of the packet',
    protocols: UDP,
    ports: [25826],
    bits: bitsOfWords([0, 0x02000000, 0x02100000], 0xfffff800 | 0),
    match: collectd,
  },
  {
    label: 'ganglia',
    says: 'holds a gmond message: its kind, a host and a metric as strings of XDR',
    protocols: UDP,
    ports: [8649],
    bits: bitsOfWords([0x80, 0x88], ~7),
    match: ganglia,
  },
  {
    label: 'nrpe',
    says: 'holds an NRPE header with version, type and agreeing length',
    protocols: TCP,
    ports: [5666],
    bits: bitsOfWords([0x00020000, 0x00030000, 0x00040000], 0xfffffffc | 0),
    match: nrpe,
  },
  {
    label: 'nsca',
    says: 'is the greeting of NSCA: 128 bytes and a time near now, from port 5667',
    protocols: TCP,
    ports: [NSCA_PORT],
    portsOnly: true,
    match: nsca,
  },
  {
    label: 'nut',
    says: 'starts with a command or an answer of Network UPS Tools',
    protocols: TCP,
    ports: [3493],
    ...oneOf(NUT),
  },
  {
    label: 'apcupsd',
    says: 'asks apcupsd for its status or events, or is the first line of the answer',
    protocols: TCP,
    ports: [3551],
    bits: [...bitsOfBeginnings(APCUPSD), { offset: 2, mask: -1, value: wordOf('APC ') }],
    firstBytes: [0],
    match: apcupsd,
  },
]
