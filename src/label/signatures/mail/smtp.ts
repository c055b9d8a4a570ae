/** SMTP (RFC 5321) and its upgrade to TLS in mid-flow (RFC 3207), after which the label is smtps. */
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
import { findByte } from '../common/byte-scan.ts'
import { extraGroup } from '../common/extras.ts'
import { countHelp, replyText } from '../common/replies.ts'
import {
  CR,
  findAnyCase,
  findText,
  LF,
  lineText,
  mayBeText,
  nextLine,
  SPACE,
  startsWithAnyCase,
  threeDigits,
} from '../common/text-scan.ts'
import { looksLikeHost } from '../common/urls.ts'
import {
  bytesOf,
  HANDSHAKE,
  isLines,
  matchUpgraded,
  onPorts,
  PORT_SMTPS,
  plain,
  TEXT_OR_TLS,
  upgrade,
} from './mail.ts'

const PORTS_SMTP = [25, 587, 2525]

const GREETING = 220
const CLOSING = 421
/** How far a greeting is searched for names, and an answer for extensions. */
const MAX_GREETING = 256
const MAX_EXTENSIONS = 1024
const DOT = 0x2e
const EQUALS = 0x3d

const SMTP_COMMANDS = ['mail from:', 'rcpt to:', 'vrfy ', 'auth login', 'auth plain']

function matchSmtp(payload: Payload): number {
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, srcPort, dstPort } = payload
  const first = bytes[start]
  if (first >= 0x30 && first <= 0x39) return matchSmtpReply(payload)
  if (isHello(bytes, start, end) && isLines(payload)) {
    const extra = extraGroup(payload, 'smtp')
    extra.helo = lineText(bytes, start + 5, end)
    return STRONG | FROM_CLIENT | MORE
  }
  for (const command of SMTP_COMMANDS)
    if (startsWithAnyCase(bytes, start, end, command)) return STRONG | FROM_CLIENT | MORE
  if (!PORTS_SMTP.includes(dstPort) || PORTS_SMTP.includes(srcPort) || !isLines(payload)) return NO_MATCH
  const weak =
    startsWithAnyCase(bytes, start, end, 'quit\r') || startsWithAnyCase(bytes, start, end, 'rset\r')
  return weak ? WEAK | FROM_CLIENT | MORE : NO_MATCH
}

function isHello(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    startsWithAnyCase(bytes, start, end, 'ehlo ') ||
    startsWithAnyCase(bytes, start, end, 'helo ') ||
    startsWithAnyCase(bytes, start, end, 'lhlo ')
  )
}

/** "220 name ESMTP …": FTP greets with 220 too, so the name of the protocol or its port is asked for. */
function matchSmtpReply(payload: Payload): number {
  const { bytes, start, end } = payload
  const code = threeDigits(bytes, start, end)
  const text = replyText(bytes, start, end)
  if (code < 200 || text < 0 || !isLines(payload)) return NO_MATCH
  const strength = replyStrength(payload, code, text)
  if (strength === NO_MATCH) return NO_MATCH
  if (code === GREETING && strength === STRONG) {
    const extra = extraGroup(payload, 'smtp')
    if (extra.greeting === undefined) extra.greeting = lineText(bytes, text, end)
    nameServer(payload)
  }
  return strength | FROM_SERVER | MORE
}

function replyStrength(payload: Payload, code: number, text: number): number {
  const { bytes, start, end, srcPort, ordinal, peerOrdinal, labelSoFar, peer, peerLength } = payload
  const stop = Math.min(end, start + MAX_GREETING)
  const first = ordinal === 0 && peerOrdinal === 0
  if (code === GREETING && namesSmtp(bytes, text, stop))
    return first || findText(bytes, text, stop, 'SMTP') >= 0 ? STRONG : WEAK
  if (listsCommands(bytes, start, end) || listsExtensions(payload)) return STRONG
  const refuses = code === GREETING || (code >= CLOSING && code < 600)
  // A host's name, or why nobody is let in: words that may mean something else.
  if (refuses && first && mentionsSmtp(bytes, text, stop)) return WEAK
  // A reply to a reply is no server's.
  const goesOn = labelSoFar === 'smtp' && threeDigits(peer, 0, Math.min(peerLength, 3)) < 0
  if (!PORTS_SMTP.includes(srcPort) && !goesOn) return NO_MATCH
  return code === GREETING || code === 250 || code === 354 || code === CLOSING || code >= 450
    ? WEAK
    : NO_MATCH
}

/** With what a greeting names it; in small letters a host may be called so, and FTP may serve it. */
const NAMES = ['smtp', 'lmtp', 'simple mail tran', 'sendmail']

/** The greeting with this text names SMTP, or a server that speaks nothing else. */
export function namesSmtp(bytes: Uint8Array, text: number, end: number): boolean {
  if (findText(bytes, text, end, 'SMTP') >= 0) return true
  if (findAnyCase(bytes, text, end, 'ftp') >= 0) return false
  return NAMES.some((name) => namesOutsideHost(bytes, text, end, name))
}

/** The name stands somewhere in a word, or words, without a dot. */
function namesOutsideHost(bytes: Uint8Array, text: number, end: number, name: string): boolean {
  let at = findAnyCase(bytes, text, end, name)
  for (; at >= 0; at = findAnyCase(bytes, at + 1, end, name)) {
    let first = at
    while (first > text && bytes[first - 1] > SPACE) first--
    let last = at + name.length
    while (last < end && bytes[last] > SPACE) last++
    if (findByte(bytes, first, last, DOT) < 0) return true
  }
  return false
}

function mentionsSmtp(bytes: Uint8Array, text: number, end: number): boolean {
  return findAnyCase(bytes, text, end, 'smtp') >= 0 && findAnyCase(bytes, text, end, 'ftp') < 0
}

/** The reply to HELP. */
function listsCommands(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    countHelp(bytes, start, end, ['HELO', 'EHLO', 'LHLO']) > 0 &&
    countHelp(bytes, start, end, ['MAIL', 'RCPT']) > 0
  )
}

/** Of IANA's table of service extensions. */
const EXTENSIONS = [
  'size',
  '8bitmime',
  'pipelining',
  'auth',
  'starttls',
  'dsn',
  'enhancedstatuscodes',
  'chunking',
  'smtputf8',
  'etrn',
]

/** The reply to EHLO (RFC 5321 section 4.1.1.1): an extension on a line of its own, two where EHLO was not seen. */
function listsExtensions({ bytes, start, end, peer, peerLength }: Payload): boolean {
  let wanted = startsWithAnyCase(peer, 0, Math.min(peerLength, peer.length), 'ehlo') ? 1 : 2
  const stop = Math.min(end, start + MAX_EXTENSIONS)
  let seen = 0
  for (let at = start; at >= 0 && at + 4 < stop && wanted > 0; at = nextLine(bytes, at, stop)) {
    const code = threeDigits(bytes, at, stop)
    if (code === GREETING) continue
    if (code !== 250) return false
    const extension = extensionAt(bytes, at + 4, stop)
    if (extension < 0 || (seen & (1 << extension)) !== 0) continue
    seen |= 1 << extension
    wanted--
  }
  return wanted === 0
}

/** Index in EXTENSIONS, or -1. */
function extensionAt(bytes: Uint8Array, at: number, end: number): number {
  return EXTENSIONS.findIndex((name) => {
    if (!startsWithAnyCase(bytes, at, end, name)) return false
    const behind = at + name.length < end ? bytes[at + name.length] : CR
    return behind === SPACE || behind === CR || behind === LF || behind === EQUALS
  })
}

/** RFC 5321 section 4.2: the greeting begins with the server's domain. */
function nameServer(payload: Payload): void {
  const { bytes, start, end } = payload
  const [name] = lineText(bytes, start + 4, end).split(' ')
  if (name.includes('.') && looksLikeHost(name)) payload.hostname(name, 'smtp')
}

function matchSmtpUpgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'smtp')
  if (upgraded !== NO_MATCH) return upgraded
  if (!mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'smtp' && !onPorts(payload, PORTS_SMTP)) return NO_MATCH
  return startsWithAnyCase(bytes, start, end, 'starttls\r') ? STRONG | FROM_CLIENT | MORE : NO_MATCH
}

export const signatures: Signature[] = [
  plain({
    label: 'smtp',
    says: 'speaks SMTP: a greeting that names it, EHLO and its extensions, MAIL FROM, or a list of its commands',
    ports: PORTS_SMTP,
    firstBytes: bytesOf('2345AEHLMQRV'),
    bits: ASCII,
    match: matchSmtp,
  }),
  upgrade({
    label: 'smtps',
    says: 'turns SMTP to TLS with STARTTLS',
    ports: [...PORTS_SMTP, PORT_SMTPS],
    firstBytes: [...bytesOf('S'), HANDSHAKE],
    bits: TEXT_OR_TLS,
    match: matchSmtpUpgrade,
  }),
]
