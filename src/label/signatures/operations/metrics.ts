/** Metrics: statsd and Graphite as lines of text, collectd and Ganglia in binary. */
import { readU16, readU32 } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { ASCII, bitsOfWords } from '../common/beginnings.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { TCP_UDP, UDP } from '../common/ports.ts'
import { digitRun, lineStop, printableRun } from '../common/text-scan.ts'
import { isTimely } from '../common/timestamps.ts'

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

const COLON = 0x3a
const BAR = 0x7c
const SPACE = 0x20
const DOT = 0x2e
const LF = 0x0a
const MINUS = 0x2d
const PLUS = 0x2b
const MAX_LINES = 64
const MAX_NAME = 256

/** Letters, digits and what names of metrics are joined with. */
function isNameByte(byte: number): boolean {
  const letter = byte | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || (byte >= 0x2d && byte <= 0x39)) return true
  return byte === 0x5f || byte === 0x3d || byte === 0x2c || byte === 0x3b
}

/** Offset behind a number with sign and decimals, or -1. */
function decimal(bytes: Uint8Array, at: number, end: number): number {
  const from = bytes[at] === MINUS || bytes[at] === PLUS ? at + 1 : at
  const whole = digitRun(bytes, from, end, 20)
  if (whole < 0 || whole >= end || bytes[whole] !== DOT) return whole
  return digitRun(bytes, whole + 1, end, 20)
}

/** Where the name at `at` ends. */
function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  const stop = Math.min(end, at + MAX_NAME)
  let here = at
  while (here < stop && isNameByte(bytes[here])) here++
  return here
}

/** statsd: lines of name, colon, number, bar and a type of one or two letters; then rates and tags. */
function statsd({ bytes, start, end }: Payload): number {
  let at = start
  for (let lines = 0; at < end && lines < MAX_LINES; lines++) {
    const colon = nameEnd(bytes, at, end)
    if (colon === at || colon + 3 > end || bytes[colon] !== COLON) return NO_MATCH
    const bar = decimal(bytes, colon + 1, end)
    if (bar < 0 || bar + 1 >= end || bytes[bar] !== BAR) return NO_MATCH
    const stop = lineStop(bytes, bar, end)
    if (!isMetricType(bytes, bar + 1, stop) || printableRun(bytes, bar, stop) !== stop) return NO_MATCH
    at = stop + 1
  }
  return WEAK | FROM_CLIENT
}

/** c, g, h, s, d or ms, alone or before another bar. */
function isMetricType(bytes: Uint8Array, at: number, stop: number): boolean {
  const letter = bytes[at]
  const two = letter === 0x6d && bytes[at + 1] === 0x73
  const known = letter === 0x63 || letter === 0x67 || letter === 0x68 || letter === 0x73 || letter === 0x64
  const behind = two ? at + 2 : at + 1
  return (two || known) && (behind === stop || (behind < stop && bytes[behind] === BAR))
}

/** Graphite: lines of a name with dots, a number and a time, which is about now. */
function graphite(payload: Payload): number {
  const { bytes, start, end } = payload
  const name = nameEnd(bytes, start, end)
  if (name - start < 3 || name + 4 > end || bytes[name] !== SPACE || bytes[start] === MINUS) return NO_MATCH
  const value = decimal(bytes, name + 1, end)
  if (value < 0 || value >= end || bytes[value] !== SPACE) return NO_MATCH
  const time = digitRun(bytes, value + 1, end, 10)
  if (time !== value + 11 || time >= end || (bytes[time] !== LF && bytes[time] !== DOT)) return NO_MATCH
  let seconds = 0
  for (let at = value + 1; at < time; at++) seconds = seconds * 10 + bytes[at] - 0x30
  return isTimely(payload, seconds) ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
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
    label: 'statsd',
    says: 'is lines of a metric, a number and a type, as statsd reads them',
    protocols: UDP,
    ports: [8125],
    firstBytes: firstBytesWhere(isNameByte),
    bits: ASCII,
    match: statsd,
  },
  {
    label: 'graphite',
    says: 'is a line of a metric, a number and a time near now, as Graphite reads it',
    protocols: TCP_UDP,
    ports: [2003],
    firstBytes: firstBytesWhere(isNameByte),
    bits: ASCII,
    match: graphite,
  },
]
