/** Syslog (RFC 3164, RFC 5424), over UDP and TCP (RFC 6587, with or without octet counting). */
import { startsWith } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP_UDP } from '../common/ports.ts'
import { digitRun, isText, printableRun } from '../common/text-scan.ts'

const LESS_THAN = 0x3c
const GREATER_THAN = 0x3e
const SPACE = 0x20
/** 23 facilities, 8 severities: RFC 5424 section 6.2.1. */
const MAX_PRIORITY = 191
const MONTHS = [
  'Jan ',
  'Feb ',
  'Mar ',
  'Apr ',
  'May ',
  'Jun ',
  'Jul ',
  'Aug ',
  'Sep ',
  'Oct ',
  'Nov ',
  'Dec ',
]

/** Offset after `<PRI>`, or -1. */
function afterPriority(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (at >= end || bytes[at] !== LESS_THAN) return -1
  const stop = digitRun(bytes, at + 1, end, 3)
  if (stop < 0 || stop >= end || bytes[stop] !== GREATER_THAN) return -1
  let priority = 0
  for (let i = at + 1; i < stop; i++) priority = priority * 10 + bytes[i] - 0x30
  return priority > MAX_PRIORITY ? -1 : stop + 1
}

/** "2016-05-24T" or "May 24 " or "1 2016-05-24T" (version 1) or "1 - ". */
function dated(payload: Payload, at: number): boolean {
  const { bytes, end } = payload
  const from = startsWith(bytes, at, end, '1 ') ? at + 2 : at
  if (from !== at && startsWith(bytes, from, end, '- ')) return true
  if (digitRun(bytes, from, end, 4) === from + 4 && from + 8 < end) {
    return bytes[from + 4] === 0x2d && bytes[from + 7] === 0x2d
  }
  for (let i = 0; i < MONTHS.length; i++) if (startsWith(bytes, from, end, MONTHS[i])) return true
  return false
}

function syslog(payload: Payload): number {
  const { bytes, start, end } = payload
  let at = start
  if (bytes[start] !== LESS_THAN) {
    // RFC 6587 section 3.4.1: octet count, space, message.
    const count = digitRun(bytes, start, end, 5)
    if (count < 0 || count >= end || bytes[count] !== SPACE) return NO_MATCH
    at = count + 1
  }
  const text = afterPriority(payload, at)
  if (text < 0) return NO_MATCH
  const strong = dated(payload, text)
  if (!strong) {
    // Without a date: some text on the port, a longer run of it elsewhere.
    const near = onPort(payload, 514)
    const run = near ? 4 : 24
    const stop = Math.min(end, text + run)
    if (end - text < run) return NO_MATCH
    if (near ? !isText(bytes, text, stop) : printableRun(bytes, text, stop) < stop) return NO_MATCH
  }
  let priority = 0
  for (let i = at + 1; i < text - 1; i++) priority = priority * 10 + bytes[i] - 0x30
  setExtra(payload, 'syslog', 'facility', priority >> 3)
  setExtra(payload, 'syslog', 'severity', priority & 7)
  return (strong ? STRONG : WEAK) | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'syslog',
    says: 'starts with a syslog priority in angle brackets, followed by a date when strong',
    protocols: TCP_UDP,
    ports: [514, 601],
    firstBytes: [LESS_THAN, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39],
    // A digit behind the bracket, or behind a digit; or a space.
    bits: { offset: 0, mask: 0x00e00000, value: 0x00200000 },
    match: syslog,
  },
]
