/** IMAP (RFC 9051) and its upgrade to TLS in mid-flow, after which the label is imaps. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII } from '../common/beginnings.ts'
import { findAnyCase, mayBeText, SPACE, startsWithAnyCase } from '../common/text-scan.ts'
import { bytesOf, HANDSHAKE, isLines, matchUpgraded, onPorts, plain, TEXT_OR_TLS, upgrade } from './mail.ts'

const PORTS_IMAP = [143]
const STAR = 0x2a

const IMAP_COMMANDS = [
  'capability\r',
  'login ',
  'authenticate ',
  'select ',
  'examine ',
  'id ',
  'noop\r',
  'namespace\r',
  'list "',
  'lsub "',
  'logout\r',
  'idle\r',
  'uid ',
  'fetch ',
  'search ',
  'status ',
  'store ',
  'close\r',
]
const MAX_TAG = 16
/** Of a message's number, 32 bits. */
const MAX_DIGITS = 10
const LONG_COMMAND = 9
/** Letters of the shortest response code: ALERT, PARSE. */
const SHORTEST_CODE = 5

/** Position after the command's tag and space, or -1. */
function afterTag(bytes: Uint8Array, start: number, end: number): number {
  const stop = Math.min(end, start + MAX_TAG)
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]
    if (byte === SPACE) return at > start ? at + 1 : -1
    const lower = byte | 0x20
    const tagged = (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || byte === 0x2e
    if (!tagged) return -1
  }
  return -1
}

function matchImap(payload: Payload): number {
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end } = payload
  if (bytes[start] === STAR) return matchImapUntagged(payload)
  const command = afterTag(bytes, start, end)
  if (command < 0) return NO_MATCH
  const onPort = onPorts(payload, PORTS_IMAP) || payload.labelSoFar === 'imap'
  for (const name of IMAP_COMMANDS) {
    if (!startsWithAnyCase(bytes, command, end, name) || !isLines(payload)) continue
    // Away from the port the short ones are any text: "230 Login successful" is FTP.
    if (!onPort && name.length <= LONG_COMMAND) return NO_MATCH
    return (onPort ? STRONG : WEAK) | FROM_CLIENT | MORE
  }
  if (!onPort) return NO_MATCH
  const done = startsWithAnyCase(bytes, command, end, 'ok ') || startsWithAnyCase(bytes, command, end, 'no ')
  return done ? WEAK | FROM_SERVER | MORE : NO_MATCH
}

/** Believed on the port only. */
const IMAP_ANSWERS = ['* BYE ', '* NO ', '* SEARCH ', '* STATUS ', '* LSUB (']
/** How far a greeting is searched for names. */
const MAX_GREETING = 256
/** Who else greets with "* OK": MUPDATE (RFC 3656), IMSP, the replication of Cyrus, SysInfo. */
const OTHERS = ['* ok mupdate ', ' imsp ', ' sync server', '* ok ssp ']

function matchImapUntagged(payload: Payload): number {
  const { bytes, start, end } = payload
  const strength = greetingStrength(payload)
  if (strength !== NO_MATCH) return isLines(payload) ? strength | FROM_SERVER | MORE : NO_MATCH
  const answers =
    startsWith(bytes, start, end, '* PREAUTH') ||
    startsWith(bytes, start, end, '* CAPABILITY IMAP') ||
    startsWith(bytes, start, end, '* FLAGS (\\') ||
    startsWith(bytes, start, end, '* LIST (\\') ||
    isMessageData(bytes, start + 2, end)
  const short = IMAP_ANSWERS.some((word) => startsWith(bytes, start, end, word))
  if (!answers && !(short && onPorts(payload, PORTS_IMAP))) return NO_MATCH
  return isLines(payload) ? STRONG | FROM_SERVER | MORE : NO_MATCH
}

/** "* OK" and "* BYE" prove it on the port, before a response code (RFC 9051 section 7.1), or where they name it. */
function greetingStrength(payload: Payload): number {
  const { bytes, start, end, ordinal, peerOrdinal, labelSoFar, peer, peerLength } = payload
  const ok = startsWith(bytes, start, end, '* OK ')
  if (!ok && !startsWith(bytes, start, end, '* BYE ')) return NO_MATCH
  const stop = Math.min(end, start + MAX_GREETING)
  for (const other of OTHERS) if (findAnyCase(bytes, start, stop, other) >= 0) return NO_MATCH
  if (onPorts(payload, PORTS_IMAP)) return STRONG
  if (ok && hasResponseCode(bytes, start + 5, end)) return STRONG
  if (ordinal === 0 && findAnyCase(bytes, start, stop, 'imap') >= 0) return STRONG
  // Who answers "*" with "*" is no server.
  const goesOn = labelSoFar === 'imap' && !(peerLength > 0 && peer[0] === STAR)
  return goesOn || (ok && ordinal === 0 && peerOrdinal === 0) ? WEAK : NO_MATCH
}

/** "[CAPABILITY", "[UIDVALIDITY", "[READ-ONLY]": a bracket and capitals. */
function hasResponseCode(bytes: Uint8Array, at: number, end: number): boolean {
  let stop = at + 1
  while (stop < end && ((bytes[stop] >= 0x41 && bytes[stop] <= 0x5a) || bytes[stop] === 0x2d)) stop++
  return at < end && bytes[at] === 0x5b && stop - at > SHORTEST_CODE
}

/** RFC 9051 section 7.4: a number and what is said of the message. */
function isMessageData(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from
  while (at < end && at < from + MAX_DIGITS && bytes[at] >= 0x30 && bytes[at] <= 0x39) at++
  return at > from && (startsWith(bytes, at, end, ' FETCH (') || startsWith(bytes, at, end, ' EXISTS\r\n'))
}

function matchImapUpgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'imap')
  if (upgraded !== NO_MATCH) return upgraded
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'imap' && !onPorts(payload, PORTS_IMAP)) return NO_MATCH
  const command = afterTag(bytes, start, end)
  return command >= 0 && startsWithAnyCase(bytes, command, end, 'starttls\r')
    ? STRONG | FROM_CLIENT | MORE
    : NO_MATCH
}

/** Of tags that clients send: RFC 9051 section 9 would allow more. */
const TAG = bytesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.')

export const signatures: Signature[] = [
  plain({
    label: 'imap',
    says: 'speaks IMAP: an untagged greeting or a tagged command',
    ports: PORTS_IMAP,
    firstBytes: [STAR, ...TAG],
    bits: ASCII,
    match: matchImap,
  }),
  upgrade({
    label: 'imaps',
    says: 'turns IMAP to TLS with STARTTLS',
    ports: PORTS_IMAP,
    firstBytes: [...TAG, HANDSHAKE],
    bits: TEXT_OR_TLS,
    match: matchImapUpgrade,
  }),
]
