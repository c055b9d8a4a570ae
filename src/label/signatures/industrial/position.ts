/**
 * Where ships, aircraft and receivers are: NMEA 0183 and AIS, RTCM 10403, NTRIP, gpsd, Mode S as receivers hand it on
 * (Beast, SBS), GDL 90, ASTERIX; and WITS of drilling rigs, which is lines as well.
 */
import { readU16, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII, type Beginnings, oneOf } from '../common/beginnings.ts'
import { findByte } from '../common/byte-scan.ts'
import { CRC24Q, crc24, crcGdl90, MODE_S, parity } from '../common/checksums.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { findText, lineStop } from '../common/text-scan.ts'

const DOLLAR = 0x24
const EXCLAMATION = 0x21
const BACKSLASH = 0x5c
const STAR = 0x2a
const COMMA = 0x2c
const CR = 0x0d
/** IEC 61162-450 puts this before sentences in datagrams. */
const DATAGRAM_TOKEN = 'UdPbC\0'
const MAX_SENTENCE = 120

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte & ~0x20
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1
}

/** Letters and digits from..stop-1: who talks and what (GPGGA, AIVDM), or a maker (PGRME). */
function isAddress(bytes: Uint8Array, from: number, stop: number): boolean {
  if (stop - from < 4 || stop - from > 10) return false
  for (let at = from; at < stop; at++) {
    const letter = bytes[at] >= 0x41 && bytes[at] <= 0x5a
    if (!letter && (at < from + 2 || hexDigit(bytes[at]) < 0)) return false
  }
  return true
}

/** $ or !, address, fields, * and the exclusive or of all between (IEC 61162-1 section 7.2). */
function isSentence(bytes: Uint8Array, at: number, end: number): boolean {
  const stop = Math.min(end, at + MAX_SENTENCE)
  const comma = findByte(bytes, at + 1, Math.min(stop, at + 12), COMMA)
  if (comma < 0 || !isAddress(bytes, at + 1, comma)) return false
  const star = findByte(bytes, comma, stop, STAR)
  if (star < 0 || star + 3 > end) return false
  return hexDigit(bytes[star + 1]) * 16 + hexDigit(bytes[star + 2]) === parity(bytes, at + 1, star)
}

function nmea({ bytes, start, end }: Payload): number {
  let at = startsWith(bytes, start, end, DATAGRAM_TOKEN) ? start + DATAGRAM_TOKEN.length : start
  if (bytes[at] === BACKSLASH) {
    // Tags: the source, a time, a number of the line.
    const close = findByte(bytes, at + 1, Math.min(end, at + 80), BACKSLASH)
    if (close < 0) return NO_MATCH
    at = close + 1
  }
  if (at >= end || (bytes[at] !== DOLLAR && bytes[at] !== EXCLAMATION)) return NO_MATCH
  return isSentence(bytes, at, end) ? STRONG | FROM_SERVER : NO_MATCH
}

const RTCM_PREAMBLE = 0xd3
const RTCM_FRAME = 6

/** RTCM 10403 section 4: d3, six bits 0, length of ten bits, message, CRC-24Q. */
function rtcm({ bytes, start, end }: Payload): number {
  const size = readU16(bytes, start + 1)
  const stop = start + 3 + size
  if (end - start < RTCM_FRAME + 2 || size < 2 || size > 1023 || stop + 3 > end) return NO_MATCH
  const crc = (bytes[stop] << 16) | readU16(bytes, stop + 1)
  return crc24(bytes, start, stop, CRC24Q) === crc ? STRONG | FROM_SERVER : NO_MATCH
}

/** The request before it is HTTP's. */
const NTRIP_WEIGHT = 90
const NTRIP_ANSWER = 'ICY 200 OK\r\n'

/** What a caster of version 1 answers, a stream as SHOUTcast does but without its headers, and how a source names itself. */
function ntrip({ bytes, start, end, length }: Payload): number {
  if (startsWith(bytes, start, end, 'SOURCETABLE 200 OK\r\n')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, NTRIP_ANSWER)) {
    const next = start + NTRIP_ANSWER.length
    if (length === NTRIP_ANSWER.length) return WEAK | FROM_SERVER
    const named = startsWith(bytes, next, end, '\r\n') || startsWith(bytes, next, end, 'Server: NTRIP')
    return named ? STRONG | FROM_SERVER : NO_MATCH
  }
  if (!startsWith(bytes, start, end, 'SOURCE ')) return NO_MATCH
  const agent = findText(bytes, start, Math.min(end, start + 200), 'Source-Agent: NTRIP ')
  return agent > 0 ? STRONG | FROM_CLIENT : NO_MATCH
}

const GPSD: Beginnings = [
  ['{"class":"VERSION","release":', STRONG | FROM_SERVER],
  ['{"class":"TPV","device":', STRONG | FROM_SERVER],
  ['{"class":"SKY","device":', STRONG | FROM_SERVER],
  ['?WATCH=', STRONG | FROM_CLIENT],
  ['?WATCH;', STRONG | FROM_CLIENT],
  ['?VERSION;', STRONG | FROM_CLIENT],
  ['?DEVICES;', STRONG | FROM_CLIENT],
  ['?POLL;', STRONG | FROM_CLIENT],
]

const BEAST = 0x1a
/** Content of kinds '1' (Mode A/C), '2' and '3' (Mode S of 7 and 14 bytes): seven bytes of time and level before it. */
const BEAST_SIZES: readonly number[] = [9, 14, 21]
const LONG_KIND = 0x33
/** Formats of Mode S that carry their checksum as it is: extended squitter. */
const SQUITTER = 17
const SQUITTER_REPEATED = 18

/** Where the message at `at` ends: 1a stands twice in it. -1: it is none; beyond `end`: it goes on. */
function beastEnd(bytes: Uint8Array, at: number, end: number): number {
  const size = BEAST_SIZES[bytes[at + 1] - 0x31]
  if (bytes[at] !== BEAST || size === undefined) return -1
  let here = at + 2
  for (let count = 0; count < size && here < end; count++) {
    if (bytes[here] === BEAST) {
      if (here + 1 < end && bytes[here + 1] !== BEAST) return -1
      here++
    }
    here++
  }
  return here
}

/** Messages of which each leads to the next, or an extended squitter whose checksum agrees. */
function beast({ bytes, start, end, length }: Payload): number {
  let at = start
  let count = 0
  while (at + 2 <= end && count < 4) {
    const next = beastEnd(bytes, at, end)
    if (next < 0 || (count === 0 && next > end)) return NO_MATCH
    at = next
    count++
  }
  if (count > 2 || (count === 2 && at === start + length)) return STRONG | FROM_SERVER
  return at === start + length && isSquitter(bytes, start, end) ? STRONG | FROM_SERVER : NO_MATCH
}

function isSquitter(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start + 1] !== LONG_KIND || end - start !== 23) return false
  const format = bytes[start + 9] >> 3
  if (format !== SQUITTER && format !== SQUITTER_REPEATED) return false
  return crc24(bytes, start + 9, end - 3, MODE_S) === ((bytes[end - 3] << 16) | readU16(bytes, end - 2))
}

const SBS_COMMAS = 9

/** "MSG", its kind 1 to 8, session, aircraft, flight, dates and times. */
function sbs({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, 'MSG,') || end - start < 24 || bytes[start + 5] !== COMMA)
    return NO_MATCH
  if (bytes[start + 4] < 0x31 || bytes[start + 4] > 0x38) return NO_MATCH
  let commas = 0
  const line = lineStop(bytes, start, Math.min(end, start + 160))
  for (let at = start; at < line; at++) if (bytes[at] === COMMA) commas++
  return commas >= SBS_COMMAS ? STRONG | FROM_SERVER : NO_MATCH
}

const GDL_FLAG = 0x7e
const GDL_ESCAPE = 0x7d
/** Heartbeat, initialisation, uplink, height above terrain, ownship, traffic, basic and long reports, ForeFlight's. */
const GDL_MESSAGES: readonly number[] = [0, 2, 7, 9, 10, 11, 20, 30, 31, 101]
const GDL_MAX = 450

/** GDL 90 section 2.2: 7e, message, checksum (little-endian), 7e; 7d escapes. The first message is looked at. */
function gdl90({ bytes, start, end }: Payload): number {
  if (!GDL_MESSAGES.includes(bytes[start + 1])) return NO_MATCH
  const stop = Math.min(end, start + GDL_MAX)
  let crc = 0
  let low = -1
  let high = -1
  for (let at = start + 1; at < stop; at++) {
    if (bytes[at] === GDL_FLAG) return at - start > 4 && crc === ((high << 8) | low) ? STRONG : NO_MATCH
    if (low >= 0) crc = crcGdl90(crc, low)
    low = high
    high = bytes[at] === GDL_ESCAPE && at + 1 < stop ? bytes[++at] ^ 0x20 : bytes[at]
  }
  return NO_MATCH
}

const ASTERIX_PORT = 8600
/** EUROCONTROL's categories of radars, trackers, beacons and surfaces. */
const CATEGORIES: readonly number[] = [
  1, 2, 3, 4, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 23, 25, 30, 31, 32, 34, 48, 62, 63, 65, 240, 247,
]

/** Blocks (category, length, items) that fill the datagram; of most categories the first item is there always. */
function asterix({ bytes, start, end, length, dstPort, toGroup }: Payload): number {
  const stop = start + length
  let at = start
  let count = 0
  while (at < stop && count < 16) {
    if (at + 4 > end) break
    const size = readU16(bytes, at + 1)
    if (!CATEGORIES.includes(bytes[at]) || size < 6 || (bytes[at + 3] & 0x80) === 0) return NO_MATCH
    at += size
    count++
  }
  if (at !== stop) return NO_MATCH
  if (count > 1) return STRONG
  return dstPort === ASTERIX_PORT || toGroup ? WEAK : NO_MATCH
}

/** Level 0: "&&", lines of four digits and a value, "!!". */
function wits({ bytes, start, end }: Payload): number {
  if (!startsWith(bytes, start, end, '&&\r\n')) return NO_MATCH
  for (let at = start + 4; at < start + 8; at++)
    if (at >= end || bytes[at] < 0x30 || bytes[at] > 0x39) return NO_MATCH
  return lineStop(bytes, start + 8, end) < end && findByte(bytes, start + 8, end, CR) > 0 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'nmea-0183',
    says: 'is a sentence of NMEA 0183 (or AIS) whose checksum agrees',
    protocols: TCP_UDP,
    ports: [10110],
    firstBytes: [DOLLAR, EXCLAMATION, BACKSLASH, 0x55],
    bits: ASCII,
    match: nmea,
  },
  {
    label: 'rtcm-sc104',
    says: 'is a frame of RTCM version 3 whose checksum agrees',
    protocols: TCP_UDP,
    ports: [2101],
    firstBytes: [RTCM_PREAMBLE],
    bits: { offset: 0, mask: 0xfffc0000 | 0, value: 0xd3000000 | 0 },
    match: rtcm,
  },
  {
    label: 'ntrip',
    says: 'is the source table of an NTRIP caster, its "ICY 200" without headers, or the request of a source',
    protocols: TCP,
    ports: [2101],
    firstBytes: [0x53, 0x49],
    bits: [
      { offset: 0, mask: -1, value: 0x534f5552 },
      { offset: 0, mask: -1, value: 0x49435920 },
    ],
    weight: NTRIP_WEIGHT,
    match: ntrip,
  },
  {
    label: 'gpsd',
    says: 'is the greeting or a report of gpsd, or asks it to watch, or what it knows',
    protocols: TCP,
    ports: [2947],
    firstBytes: [0x7b, 0x3f],
    ...oneOf(GPSD),
  },
  {
    label: 'beast',
    says: 'consists of Mode S messages in Beast format (1a, kind, time, level)',
    protocols: TCP,
    ports: [30005],
    firstBytes: [BEAST],
    bits: { offset: 0, mask: 0xfffc0000 | 0, value: 0x1a300000 },
    match: beast,
  },
  {
    label: 'sbs',
    says: 'is a line of the SBS format (BaseStation): "MSG", kind and fields',
    protocols: TCP,
    ports: [30003],
    firstBytes: [0x4d],
    bits: { offset: 0, mask: -1, value: 0x4d53472c },
    match: sbs,
  },
  {
    label: 'gdl90',
    says: 'is a message of GDL 90 between two flags whose checksum agrees',
    protocols: UDP,
    ports: [4000],
    firstBytes: [GDL_FLAG],
    match: gdl90,
  },
  {
    label: 'asterix',
    says: 'consists of ASTERIX blocks whose categories are known and whose lengths fill the datagram',
    protocols: UDP,
    ports: [ASTERIX_PORT],
    firstBytes: CATEGORIES,
    bits: { offset: 0, mask: 0x00f00080, value: 0x00000080 },
    match: asterix,
  },
  {
    label: 'wits',
    says: 'starts with "&&" and a line of WITS level 0',
    protocols: TCP,
    firstBytes: [0x26],
    bits: { offset: 0, mask: -1, value: 0x26260d0a },
    match: wits,
  },
]
