/** What web servers speak to applications: AJP, FastCGI, SCGI, uwsgi. */
import { readU16, readU16LE, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { wordOf } from '../common/beginnings.ts'
import { firstBytesWhere, zeroWords } from '../common/byte-scan.ts'
import { onPort, TCP } from '../common/ports.ts'
import { digitRun } from '../common/text-scan.ts'

/** AJP 1.3: 12 34 from the web server, "AB" from the container, length of the rest. */
function ajp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 5) return NO_MATCH
  const magic = readU16(bytes, start)
  if (magic !== 0x1234 && magic !== 0x4142) return NO_MATCH
  const length = readU16(bytes, start + 2) + 4
  if (length > payload.length || (length < payload.length && !onPort(payload, 8009))) return NO_MATCH
  const type = bytes[start + 4]
  const known =
    magic === 0x1234 ? type === 2 || type === 7 || type === 8 || type === 10 : type >= 3 && type <= 9
  if (!known) return NO_MATCH
  return (onPort(payload, 8009) ? STRONG : WEAK) | (magic === 0x1234 ? FROM_CLIENT : FROM_SERVER)
}

const FCGI_HEADER = 8
const FCGI_BEGIN = 1
const FCGI_END = 3
const FCGI_OUT = 6
const FCGI_ERR = 7
const FCGI_MAX_RECORDS = 64

/** FastCGI section 3.3: version 1, type, request, length, padding, reserved; a request begins with role and flags. */
function fastcgi(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 2 * FCGI_HEADER || bytes[start] !== 1 || bytes[start + 7] !== 0) return NO_MATCH
  const type = bytes[start + 1]
  if (type === FCGI_BEGIN) {
    if (readU16(bytes, start + 4) !== 8 || bytes[start + 6] !== 0) return NO_MATCH
    const role = readU16(bytes, start + 8)
    const known = role >= 1 && role <= 3 && bytes[start + 10] < 2 && bytes[start + 11] === 0
    return known && zeroWords(bytes, start + 12, 1) ? STRONG | FROM_CLIENT : NO_MATCH
  }
  return type === FCGI_END || type === FCGI_OUT || type === FCGI_ERR ? fastcgiAnswer(payload) : NO_MATCH
}

/** Output in records of one request, up to the end of the packet or to the record that ends the request. */
function fastcgiAnswer({ bytes, start, end, length, peer, peerLength }: Payload): number {
  const request = readU16(bytes, start + 2)
  const asked = peerLength >= 16 && peer[0] === 1 && peer[1] === FCGI_BEGIN && readU16(peer, 2) === request
  let at = start
  for (let i = 0; i < FCGI_MAX_RECORDS && at + FCGI_HEADER <= end; i++) {
    if (bytes[at] !== 1 || bytes[at + 7] !== 0 || readU16(bytes, at + 2) !== request) return NO_MATCH
    const type = bytes[at + 1]
    at += FCGI_HEADER + readU16(bytes, at + 4) + bytes[at + 6]
    if (type === FCGI_END) return at === start + length ? STRONG | FROM_SERVER : NO_MATCH
    if (type !== FCGI_OUT && type !== FCGI_ERR) return NO_MATCH
  }
  return asked && at >= end ? STRONG | FROM_SERVER : NO_MATCH
}

/** SCGI: a netstring of headers, of which the first must be CONTENT_LENGTH. */
function scgi({ bytes, start, end }: Payload): number {
  const colon = digitRun(bytes, start, end, 6)
  return colon > 0 && startsWith(bytes, colon, end, ':CONTENT_LENGTH\x00') ? STRONG | FROM_CLIENT : NO_MATCH
}

const UWSGI_MAX_VARIABLES = 256

/** uwsgi: modifier 0, length of the variables (little-endian), 0; names in capitals and values, each behind its length. */
function uwsgi({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || bytes[start] !== 0 || bytes[start + 3] !== 0) return NO_MATCH
  const stop = start + 4 + readU16LE(bytes, start + 1)
  if (stop > start + length) return NO_MATCH
  let at = start + 4
  let count = 0
  for (; at + 2 <= end && at < stop && count < UWSGI_MAX_VARIABLES; count++) {
    const name = at + 2
    at = name + readU16LE(bytes, at)
    if (at > end || at - name < 2 || !isVariable(bytes, name, at)) break
    if (at + 2 > end) break
    at += 2 + readU16LE(bytes, at)
  }
  return at === stop && count > 2 ? STRONG | FROM_CLIENT : NO_MATCH
}

/** Capitals, digits and underscores. */
function isVariable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    const digit = byte >= 0x30 && byte <= 0x39
    if (!digit && byte !== 0x5f && (byte < 0x41 || byte > 0x5a)) return false
  }
  return true
}

export const signatures: Signature[] = [
  {
    label: 'ajp',
    says: 'starts with an AJP magic, agreeing length and known type',
    protocols: TCP,
    ports: [8009],
    firstBytes: [0x12, 0x41],
    match: ajp,
  },
  {
    label: 'fastcgi',
    says: 'is a FastCGI record that begins a request, or records that answer one',
    protocols: TCP,
    ports: [9000],
    bits: [
      { offset: 0, mask: 0xffff0000 | 0, value: 0x01010000 },
      { offset: 0, mask: 0xffff0000 | 0, value: 0x01030000 },
      { offset: 0, mask: 0xfffe0000 | 0, value: 0x01060000 },
    ],
    match: fastcgi,
  },
  {
    label: 'scgi',
    says: 'starts with a netstring whose first header is CONTENT_LENGTH, as SCGI does',
    protocols: TCP,
    ports: [4000],
    bits: [1, 2, 3, 4].map((before) => ({ offset: before, mask: -1, value: wordOf(':CON') })),
    firstBytes: firstBytesWhere((byte) => byte >= 0x30 && byte <= 0x39),
    match: scgi,
  },
  {
    label: 'uwsgi',
    says: 'is a uwsgi header whose variables fill it exactly',
    protocols: TCP,
    ports: [3031],
    bits: { offset: 3, mask: 0xff00ff80 | 0, value: 0 },
    firstBytes: [0],
    match: uwsgi,
  },
]
