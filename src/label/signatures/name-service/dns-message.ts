/**
 * DNS messages (RFC 1035 section 4), read only as far as flowhawk needs: the questions, and of the answers names
 * and A/AAAA addresses. Every section is walked, so that a message counts as DNS only when all its lengths fit.
 * Bounded: 64 questions, 512 records, 255 bytes and 32 compression pointers a name, and 8,192 characters of the
 * names of its SRV and HTTPS records. One message object is reused.
 */
import { readU16, readU32 } from '../../../bytes.ts'
import { isPrintable, packetString } from '../../../text.ts'

export const HEADER = 12
export const FLAG_RESPONSE = 0x8000
export const RCODE = 0x000f
const OPCODE_SHIFT = 11
const LAST_OPCODE = 6
const MAX_QUESTIONS = 64
const MAX_RECORDS = 512
const MAX_NAME = 255
const MAX_POINTERS = 32
const MAX_LABELS = 128
/** With pointers (section 4.1.4) two bytes stand for a whole name, again and again. */
const MAX_NAMES_TEXT = 8192

/** What walkMessage found out. `questionAt`, `answerAt`: offsets of the first question and answer, 0 for one behind the cut. */
export interface DnsWalk {
  flags: number
  questions: number
  answers: number
  questionAt: number
  answerAt: number
  /** Offset after the last record walked. */
  end: number
  /** A name, question or record went beyond the bytes. */
  cut: boolean
}

export const walk: DnsWalk = {
  flags: 0,
  questions: 0,
  answers: 0,
  questionAt: 0,
  answerAt: 0,
  end: 0,
  cut: false,
}

/** Header fields that no DNS message has otherwise: opcode, reserved bit, counts (RFC 1035 section 4.1.1). */
export function isPlausibleHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < HEADER || bytes[at + 4] !== 0) return false
  return isPlausibleFlags(readU16(bytes, at + 2)) && isPlausibleCounts(bytes, at)
}

export function isPlausibleFlags(flags: number): boolean {
  return ((flags >>> OPCODE_SHIFT) & 15) <= LAST_OPCODE && (flags & 0x40) === 0
}

/** Few questions, not absurdly many records, and not nothing at all. */
export function isPlausibleCounts(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] !== 0) return false
  const questions = bytes[at + 5]
  const answers = readU16(bytes, at + 6)
  const authority = readU16(bytes, at + 8)
  const additional = readU16(bytes, at + 10)
  if (questions > MAX_QUESTIONS || answers + authority + additional > MAX_RECORDS) return false
  // A query has no answers, but in mDNS (known answers) and dynamic updates.
  return questions + answers + authority + additional > 0
}

/** Walks the whole message; false when something in it cannot be DNS. The result is in `walk`. */
export function walkMessage(bytes: Uint8Array, at: number, end: number): boolean {
  if (!isPlausibleHeader(bytes, at, end)) return false
  namesRoom = MAX_NAMES_TEXT
  walk.flags = readU16(bytes, at + 2)
  walk.questions = readU16(bytes, at + 4)
  walk.answers = readU16(bytes, at + 6)
  walk.questionAt = at + HEADER
  walk.answerAt = 0
  walk.cut = false
  let next = at + HEADER
  for (let i = 0; i < walk.questions; i++) {
    next = skipName(bytes, next, end)
    if (next < 0) return false
    if (walk.cut || next + 4 > end) return cutAt(end)
    if (!isKnownClass(readU16(bytes, next + 2))) return false
    next += 4
  }
  walk.answerAt = next
  const records = walk.answers + readU16(bytes, at + 8) + readU16(bytes, at + 10)
  for (let i = 0; i < records; i++) {
    next = skipName(bytes, next, end)
    if (next < 0) return false
    if (walk.cut || next + 10 > end) return cutAt(end)
    next += 10 + readU16(bytes, next + 8)
    if (next > end) return cutAt(end)
  }
  walk.end = next
  return true
}

function cutAt(end: number): true {
  walk.cut = true
  walk.end = end
  return true
}

/** IN, CS, CH, HS, NONE, ANY; the top bit asks for a unicast answer in mDNS (RFC 6762 section 5.4). */
function isKnownClass(value: number): boolean {
  const plain = value & 0x7fff
  return (plain >= 1 && plain <= 4) || plain === 254 || plain === 255
}

/** Position after the name at `at`; -1: not a name. Sets walk.cut when it goes beyond `end`. */
function skipName(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  for (let i = 0; i < MAX_LABELS; i++) {
    if (next >= end) {
      walk.cut = true
      return end
    }
    const length = bytes[next]
    if (length === 0) return next + 1
    if (length >= 0xc0) return next + 2
    if (length > 63 || next - at > MAX_NAME) return -1
    next += 1 + length
  }
  return -1
}

/** Compression pointers of the name that is being read. */
let pointers = 0
/** Characters that readOneName may still read of the message. */
let namesRoom = 0

/** Where the label at `at` really stands, compression followed; -1: the name ends there. */
function labelAt(bytes: Uint8Array, at: number, end: number, messageAt: number): number {
  for (let next = at; next < end; next = messageAt + (readU16(bytes, next) & 0x3fff)) {
    const length = bytes[next]
    if (length > 0 && length <= 63) return next
    if (length < 0xc0 || next + 1 >= end || ++pointers > MAX_POINTERS) return -1
  }
  return -1
}

const plainName = Buffer.alloc(MAX_NAME + 2)
const DOT = 0x2e

/** The name at `at` as a safe string without final dot, compression followed; '.' for the root. */
export function readName(bytes: Uint8Array, at: number, end: number, messageAt: number): string {
  let total = 0
  pointers = 0
  for (let label = labelAt(bytes, at, end, messageAt); label >= 0 && total <= MAX_NAME; ) {
    const stop = label + 1 + bytes[label]
    if (stop > end || total + bytes[label] > MAX_NAME) return readOddName(bytes, at, end, messageAt)
    for (let i = label + 1; i < stop; i++) {
      if (!isPrintable(bytes[i])) return readOddName(bytes, at, end, messageAt)
      plainName[total++] = bytes[i]
    }
    plainName[total++] = DOT
    label = labelAt(bytes, stop, end, messageAt)
  }
  return total === 0 ? '.' : plainName.toString('latin1', 0, total - 1)
}

/** A pointer to the first question's name stands at `at`, as it does before nearly every answer. */
export function isQuestionsName(bytes: Uint8Array, at: number, messageAt: number): boolean {
  return (
    walk.questions > 0 && walk.questionAt === messageAt + HEADER && readU16(bytes, at) === (0xc000 | HEADER)
  )
}

/** The same for one name of many in the message that was walked; '' once there is no room for more. */
export function readOneName(bytes: Uint8Array, at: number, end: number, messageAt: number): string {
  if (namesRoom <= 0) return ''
  const name = readName(bytes, at, end, messageAt)
  namesRoom -= name.length
  return name
}

/** A name with other than printable labels, or one that is cut. */
function readOddName(bytes: Uint8Array, at: number, end: number, messageAt: number): string {
  const labels: string[] = []
  let total = 0
  pointers = 0
  for (let label = labelAt(bytes, at, end, messageAt); label >= 0 && total <= MAX_NAME; ) {
    const stop = label + 1 + bytes[label]
    const text = packetString(bytes, label + 1, Math.min(end, stop))
    labels.push(text)
    total += text.length + 1
    label = labelAt(bytes, stop, end, messageAt)
  }
  return labels.length === 0 ? '.' : labels.join('.')
}

export interface DnsRecord {
  type: number
  ttlSec: number
  dataAt: number
  dataEnd: number
  next: number
}

/** The resource record at `at`, or undefined when it is cut. */
export function readRecord(bytes: Uint8Array, at: number, end: number): DnsRecord | undefined {
  walk.cut = false
  const fixed = skipName(bytes, at, end)
  if (fixed < 0 || walk.cut || fixed + 10 > end) return undefined
  const dataAt = fixed + 10
  const dataEnd = dataAt + readU16(bytes, fixed + 8)
  if (dataEnd > end) return undefined
  return { type: readU16(bytes, fixed), ttlSec: readU32(bytes, fixed + 4), dataAt, dataEnd, next: dataEnd }
}

/** Whether the name at `at` is there to its end. */
export function isWholeName(bytes: Uint8Array, at: number, end: number): boolean {
  walk.cut = false
  const next = skipName(bytes, at, end)
  return next > 0 && next <= end && !walk.cut
}

/** Offset after the question's name, where its type and class stand, or -1. */
export function questionType(bytes: Uint8Array, at: number, end: number): number {
  walk.cut = false
  const next = skipName(bytes, at, end)
  return next < 0 || walk.cut || next + 4 > end ? -1 : readU16(bytes, next)
}

const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  29: 'LOC',
  33: 'SRV',
  35: 'NAPTR',
  37: 'CERT',
  39: 'DNAME',
  41: 'OPT',
  43: 'DS',
  44: 'SSHFP',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  50: 'NSEC3',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
  257: 'CAA',
}

const RCODE_NAMES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** RFC 3597 section 5 spells types without a name TYPE123. */
export function typeName(type: number): string {
  return TYPE_NAMES[type] ?? `TYPE${type}`
}

export function rcodeName(flags: number): string {
  return RCODE_NAMES[flags & RCODE] ?? `RCODE${flags & RCODE}`
}
