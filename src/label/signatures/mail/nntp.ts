/** NNTP (RFC 3977), by which news is read and posted. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findAnyCase, findText, isText, lineStop } from '../common/text-scan.ts'

const NNTP_PORT = 119

/** RFC 3977: a greeting that names news, or MODE READER, GROUP, ARTICLE from the client. */
function nntp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'MODE READER\r\n')) return STRONG | FROM_CLIENT
  const plain = startsWith(bytes, start, end, '200 ') || startsWith(bytes, start, end, '201 ')
  if (plain && payload.ordinal === 0 && onPort(payload, NNTP_PORT)) return STRONG | FROM_SERVER
  // INN greets with 202 before it knows what the client is.
  const strength = plain || startsWith(bytes, start, end, '202 ') ? nntpGreeting(payload) : NO_MATCH
  return strength === NO_MATCH ? NO_MATCH : strength | FROM_SERVER
}

/** What stands before a word. */
function isBreak(byte: number): boolean {
  return byte === 0x20 || byte === 0x28
}

/** Names and, weaker, the right to post. */
function nntpGreeting({ bytes, start, end, ordinal, peerOrdinal }: Payload): number {
  const line = lineStop(bytes, start, Math.min(end, start + 200))
  if (findText(bytes, start, line, 'NNTP') > 0 || findText(bytes, start, line, 'InterNetNews') > 0)
    return STRONG
  if (ordinal > 0 || peerOrdinal > 0) return NO_MATCH
  if (findAnyCase(bytes, start, line, 'nntp') > 0 || findAnyCase(bytes, start, line, 'nnrp') > 0)
    return STRONG
  const posting = findAnyCase(bytes, start, line, 'posting')
  return posting > 0 && isBreak(bytes[posting - 1]) ? WEAK : NO_MATCH
}

/** What a server says first on the port: refusals, and the greeting of INN. */
function nntpFirst({ bytes, start, end, srcPort, ordinal }: Payload): number {
  if (srcPort !== NNTP_PORT || ordinal > 0) return NO_MATCH
  const line = lineStop(bytes, start, Math.min(end, start + 512))
  if (line >= end || !isText(bytes, start, line)) return NO_MATCH
  const first = ['202 ', '400 ', '502 '].some((code) => startsWith(bytes, start, end, code))
  return first ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'nntp',
    says: 'is an NNTP greeting, or a reader command',
    protocols: TCP,
    ports: [NNTP_PORT],
    firstBytes: [0x32, 0x4d],
    match: nntp,
  },
  {
    label: 'nntp',
    says: 'is a refusal of NNTP, or the greeting of INN, and the first line from port 119',
    protocols: TCP,
    ports: [NNTP_PORT],
    portsOnly: true,
    firstBytes: [0x32, 0x34, 0x35],
    match: nntpFirst,
  },
]
