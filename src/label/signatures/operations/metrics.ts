/** Metrics as lines of text: statsd and Graphite. */
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { ASCII } from '../common/beginnings.ts'
import { digitRun, firstBytesWhere, isTimely, lineEnd, printableRun, TCP_UDP, UDP } from '../common/shape.ts'

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
    const stop = lineEnd(bytes, bar, end)
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
