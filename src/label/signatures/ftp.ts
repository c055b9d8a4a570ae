/** FTP's control connection (RFC 959): greeting, USER and its answer, AUTH TLS (RFC 4217). */
import { PROTOCOL_TCP } from '../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../payload.ts'
import * as reader from './reader.ts'

const PORT_FTP = 21
const PORTS = [PORT_FTP, 2121]
const MAX_GREETING = 512
const CODE_NEED_PASSWORD = 331
const CODE_LOGGED_IN = 230
const LETTER_U = 0x55

function matchFtp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!reader.mayBeText(bytes, start, end)) return NO_MATCH
  const first = bytes[start]
  if (first >= 0x31 && first <= 0x35) return matchReply(payload)
  if (reader.startsWithAnyCase(bytes, start, end, 'user ')) return matchUser(payload)
  if (
    reader.startsWithAnyCase(bytes, start, end, 'auth tls\r') ||
    reader.startsWithAnyCase(bytes, start, end, 'auth ssl\r')
  )
    return payload.dstPort === PORT_FTP || payload.labelSoFar === 'ftp' ? STRONG | FROM_CLIENT : NO_MATCH
  return NO_MATCH
}

/** POP3 and IRC have a USER too: here the server has greeted with 220, or the port is FTP's. */
function matchUser(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  const stop = reader.lineEnd(bytes, start, end)
  if (stop < 0 || !reader.isText(bytes, start, stop)) return NO_MATCH
  const greeted = peerLength > 4 && reader.threeDigits(peer, 0, 4) === 220
  if (!greeted && payload.dstPort !== PORT_FTP) return NO_MATCH
  reader.extraGroup(payload, 'ftp').user = reader.lineText(bytes, start + 5, end)
  return (greeted ? STRONG : WEAK) | FROM_CLIENT | MORE
}

function matchReply(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  const code = reader.threeDigits(bytes, start, end)
  if (code < 0 || start + 4 > end || (bytes[start + 3] !== reader.SPACE && bytes[start + 3] !== 0x2d))
    return NO_MATCH
  const limit = Math.min(end, start + MAX_GREETING)
  if (!reader.isText(bytes, start, limit)) return NO_MATCH
  const user = peerLength >= 5 && (peer[0] & 0xdf) === LETTER_U && peer[4] === reader.SPACE
  if (user && (code === CODE_NEED_PASSWORD || code === CODE_LOGGED_IN)) return STRONG | FROM_SERVER
  if (code !== 220) return NO_MATCH
  if (reader.findText(bytes, start, limit, 'SMTP') >= 0) return NO_MATCH
  const named =
    reader.findText(bytes, start, limit, 'FTP') >= 0 || reader.findText(bytes, start, limit, 'ftp') >= 0
  if (!named && payload.srcPort !== PORT_FTP) return NO_MATCH
  const extra = reader.extraGroup(payload, 'ftp')
  if (extra.greeting === undefined) extra.greeting = reader.lineText(bytes, start + 4, end)
  return (named ? STRONG : WEAK) | FROM_SERVER | MORE
}

export const signatures: Signature[] = [
  {
    label: 'ftp',
    says: 'speaks FTP: a greeting that names it, USER after a greeting, or the answer to USER',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: [0x31, 0x32, 0x33, 0x34, 0x35, 0x41, 0x55, 0x61, 0x75],
    depth: 8,
    match: matchFtp,
  },
]
