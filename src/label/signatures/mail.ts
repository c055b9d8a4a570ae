/**
 * Mail: SMTP (RFC 5321), POP3 (RFC 1939), IMAP (RFC 9051), and their upgrade to TLS in mid-flow (RFC 3207,
 * RFC 2595), after which the label is smtps, pop3s, imaps. TLS from the first byte on stands in tls.ts.
 */
import { PROTOCOL_TCP, startsWith } from '../../bytes.ts'
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
import { inspectTls, isTlsRecord } from './tls.ts'

const PORTS_SMTP = [25, 587, 2525]
/** Of implicit TLS (RFC 8314), where some servers greet in the clear all the same. */
const PORT_SMTPS = 465
/** Of TLS from the first byte on, which tls.ts reads. */
const PORTS_TLS = [PORT_SMTPS, 993, 995]
const PORTS_POP3 = [110]
const PORTS_IMAP = [143]
const DEPTH = 16
/** Content type of TLS records that carry a handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16
/** Over the plain protocol's own evidence. */
const WEIGHT_UPGRADE = 95

function onPorts(payload: Payload, ports: readonly number[]): boolean {
  return ports.includes(payload.srcPort) || ports.includes(payload.dstPort)
}

/** A flow that spoke in the clear goes on with TLS, though its command to do so was not captured. The hellos are read. */
function matchUpgraded(payload: Payload, plain: string): number {
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== plain && (labelSoFar !== `${plain}s` || onPorts(payload, PORTS_TLS))) return NO_MATCH
  const tls = inspectTls(payload)
  return tls === NO_MATCH && isTlsRecord(bytes, start, end) ? STRONG : tls
}

/** The payload is one or more whole lines of text, or was cut. */
function isLines(payload: Payload): boolean {
  const { bytes, start, end, length } = payload
  const last = bytes[end - 1]
  return (
    (last === reader.LF || end - start < length || length > 1000) &&
    reader.isText(bytes, start, Math.min(end, start + 256))
  )
}

const SMTP_COMMANDS = ['mail from:', 'rcpt to:', 'vrfy ', 'auth login', 'auth plain']

function matchSmtp(payload: Payload): number {
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, srcPort, dstPort } = payload
  const first = bytes[start]
  if (first >= 0x30 && first <= 0x39) return matchSmtpReply(payload)
  if (isHello(bytes, start, end) && isLines(payload)) {
    const extra = reader.extraGroup(payload, 'smtp')
    extra.helo = reader.lineText(bytes, start + 5, end)
    return STRONG | FROM_CLIENT | MORE
  }
  for (const command of SMTP_COMMANDS)
    if (reader.startsWithAnyCase(bytes, start, end, command)) return STRONG | FROM_CLIENT | MORE
  if (!PORTS_SMTP.includes(dstPort) || PORTS_SMTP.includes(srcPort) || !isLines(payload)) return NO_MATCH
  const weak =
    reader.startsWithAnyCase(bytes, start, end, 'quit\r') ||
    reader.startsWithAnyCase(bytes, start, end, 'rset\r')
  return weak ? WEAK | FROM_CLIENT | MORE : NO_MATCH
}

function isHello(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    reader.startsWithAnyCase(bytes, start, end, 'ehlo ') ||
    reader.startsWithAnyCase(bytes, start, end, 'helo ') ||
    reader.startsWithAnyCase(bytes, start, end, 'lhlo ')
  )
}

/** "220 name ESMTP …": FTP greets with 220 too, so the name of the protocol or its port is asked for. */
function matchSmtpReply(payload: Payload): number {
  const { bytes, start, end, srcPort } = payload
  const code = reader.threeDigits(bytes, start, end)
  if (code < 200 || start + 4 > end || (bytes[start + 3] !== reader.SPACE && bytes[start + 3] !== 0x2d))
    return NO_MATCH
  if (!isLines(payload)) return NO_MATCH
  const named = reader.findText(bytes, start, Math.min(end, start + 256), 'SMTP') >= 0
  const onPort = PORTS_SMTP.includes(srcPort)
  if (code === 220 && named) {
    const extra = reader.extraGroup(payload, 'smtp')
    if (extra.greeting === undefined) extra.greeting = reader.lineText(bytes, start + 4, end)
    nameServer(payload)
    return STRONG | FROM_SERVER | MORE
  }
  if (!onPort && payload.labelSoFar !== 'smtp') return NO_MATCH
  return code === 220 || code === 250 || code === 354 || code === 421 || code >= 450
    ? WEAK | FROM_SERVER | MORE
    : NO_MATCH
}

/** RFC 5321 section 4.2: the greeting begins with the server's domain. */
function nameServer(payload: Payload): void {
  const { bytes, start, end } = payload
  const [name] = reader.lineText(bytes, start + 4, end).split(' ')
  if (name.includes('.') && reader.looksLikeHost(name)) payload.hostname(name, 'smtp')
}

function matchSmtpUpgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'smtp')
  if (upgraded !== NO_MATCH) return upgraded
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'smtp' && !onPorts(payload, PORTS_SMTP)) return NO_MATCH
  return reader.startsWithAnyCase(bytes, start, end, 'starttls\r') ? STRONG | FROM_CLIENT | MORE : NO_MATCH
}

const POP3_COMMANDS = [
  'user ',
  'pass ',
  'capa\r',
  'stat\r',
  'uidl',
  'list',
  'retr ',
  'apop ',
  'auth',
  'quit\r',
  'noop\r',
  'top ',
  'dele ',
]

/** With what a client may begin, before it has logged in. */
const POP3_OPENINGS = ['user ', 'capa\r', 'apop ', 'auth\r', 'auth ']

/** The server has spoken first, and once: "+OK". */
function greetedByPop3({ ordinal, peerOrdinal, peer, peerLength }: Payload): boolean {
  return ordinal === 0 && peerOrdinal === 1 && peerLength >= 5 && startsWith(peer, 0, 5, '+OK')
}

/** "+OK" and "-ERR" are short, and Redis answers alike: weak, unless the greeting holds APOP's timestamp. */
function matchPop3(payload: Payload): number {
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end } = payload
  if (bytes[start] === 0x2b || bytes[start] === 0x2d) {
    const ok = startsWith(bytes, start, end, '+OK')
    if (!ok && !startsWith(bytes, start, end, '-ERR')) return NO_MATCH
    if (!isLines(payload)) return NO_MATCH
    const line = reader.lineText(bytes, start, end)
    if (ok && payload.ordinal === 0 && /<[^<>\s]+@[^<>\s]+>$/.test(line)) return STRONG | FROM_SERVER | MORE
    const named = ok && payload.ordinal === 0 && /pop3?\b/i.test(line)
    if (named) return STRONG | FROM_SERVER | MORE
    return PORTS_POP3.includes(payload.srcPort) || payload.labelSoFar === 'pop3'
      ? WEAK | FROM_SERVER | MORE
      : NO_MATCH
  }
  if (greetedByPop3(payload))
    for (const command of POP3_OPENINGS)
      if (reader.startsWithAnyCase(bytes, start, end, command) && isLines(payload))
        return STRONG | FROM_CLIENT | MORE
  if (!PORTS_POP3.includes(payload.dstPort) && payload.labelSoFar !== 'pop3') return NO_MATCH
  for (const command of POP3_COMMANDS)
    if (reader.startsWithAnyCase(bytes, start, end, command) && isLines(payload))
      return WEAK | FROM_CLIENT | MORE
  return NO_MATCH
}

function matchPop3Upgrade(payload: Payload): number {
  const upgraded = matchUpgraded(payload, 'pop3')
  if (upgraded !== NO_MATCH) return upgraded
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'pop3' && !onPorts(payload, PORTS_POP3) && !greetedByPop3(payload)) return NO_MATCH
  return reader.startsWithAnyCase(bytes, start, end, 'stls\r') ? STRONG | FROM_CLIENT | MORE : NO_MATCH
}

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

/** Position after the command's tag and space, or -1. */
function afterTag(bytes: Uint8Array, start: number, end: number): number {
  const stop = Math.min(end, start + MAX_TAG)
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]
    if (byte === reader.SPACE) return at > start ? at + 1 : -1
    const lower = byte | 0x20
    const tagged = (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || byte === 0x2e
    if (!tagged) return -1
  }
  return -1
}

function matchImap(payload: Payload): number {
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end } = payload
  if (bytes[start] === 0x2a) return matchImapUntagged(payload)
  const command = afterTag(bytes, start, end)
  if (command < 0) return NO_MATCH
  const onPort = onPorts(payload, PORTS_IMAP) || payload.labelSoFar === 'imap'
  for (const name of IMAP_COMMANDS) {
    if (!reader.startsWithAnyCase(bytes, command, end, name) || !isLines(payload)) continue
    // Away from the port the short ones are any text: "230 Login successful" is FTP.
    if (!onPort && name.length <= LONG_COMMAND) return NO_MATCH
    return (onPort ? STRONG : WEAK) | FROM_CLIENT | MORE
  }
  if (!onPort) return NO_MATCH
  const done =
    reader.startsWithAnyCase(bytes, command, end, 'ok ') ||
    reader.startsWithAnyCase(bytes, command, end, 'no ')
  return done ? WEAK | FROM_SERVER | MORE : NO_MATCH
}

/** Believed on the port only. */
const IMAP_ANSWERS = ['* BYE ', '* NO ', '* SEARCH ', '* STATUS ', '* LSUB (']

function matchImapUntagged(payload: Payload): number {
  const { bytes, start, end } = payload
  const answers =
    startsWith(bytes, start, end, '* OK') ||
    startsWith(bytes, start, end, '* PREAUTH') ||
    startsWith(bytes, start, end, '* CAPABILITY IMAP') ||
    startsWith(bytes, start, end, '* FLAGS (\\') ||
    startsWith(bytes, start, end, '* LIST (\\') ||
    isMessageData(bytes, start + 2, end)
  const short = IMAP_ANSWERS.some((word) => startsWith(bytes, start, end, word))
  if (!answers && !(short && onPorts(payload, PORTS_IMAP))) return NO_MATCH
  return isLines(payload) ? STRONG | FROM_SERVER | MORE : NO_MATCH
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
  if (!reader.mayBeText(payload.bytes, payload.start, payload.end)) return NO_MATCH
  const { bytes, start, end, labelSoFar } = payload
  if (labelSoFar !== 'imap' && !onPorts(payload, PORTS_IMAP)) return NO_MATCH
  const command = afterTag(bytes, start, end)
  return command >= 0 && reader.startsWithAnyCase(bytes, command, end, 'starttls\r')
    ? STRONG | FROM_CLIENT | MORE
    : NO_MATCH
}

/** The characters as given and, for letters, in the other case. */
function bytesOf(characters: string): number[] {
  return [...new Set([...characters, ...characters.toLowerCase()])].map((character) =>
    character.charCodeAt(0),
  )
}

/** Of tags that clients send: RFC 9051 section 9 would allow more. */
const TAG = bytesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.')

interface MailSignature {
  label: string
  says: string
  ports: readonly number[]
  firstBytes: readonly number[]
  match: (payload: Payload) => number
}

function plain(mail: MailSignature): Signature {
  return { ...mail, protocols: [PROTOCOL_TCP], depth: DEPTH }
}

function upgrade(mail: MailSignature): Signature {
  return { ...mail, protocols: [PROTOCOL_TCP], depth: DEPTH, weight: WEIGHT_UPGRADE }
}

export const signatures: Signature[] = [
  plain({
    label: 'smtp',
    says: 'speaks SMTP: a greeting that names it, EHLO, or MAIL FROM',
    ports: PORTS_SMTP,
    firstBytes: bytesOf('2345AEHLMQRV'),
    match: matchSmtp,
  }),
  upgrade({
    label: 'smtps',
    says: 'turns SMTP to TLS with STARTTLS',
    ports: [...PORTS_SMTP, PORT_SMTPS],
    firstBytes: [...bytesOf('S'), HANDSHAKE],
    match: matchSmtpUpgrade,
  }),
  plain({
    label: 'pop3',
    says: 'speaks POP3: +OK greeting and commands',
    ports: PORTS_POP3,
    firstBytes: bytesOf('+-ACDLNPQRSTU'),
    match: matchPop3,
  }),
  upgrade({
    label: 'pop3s',
    says: 'turns POP3 to TLS with STLS',
    ports: PORTS_POP3,
    firstBytes: [...bytesOf('S'), HANDSHAKE],
    match: matchPop3Upgrade,
  }),
  plain({
    label: 'imap',
    says: 'speaks IMAP: an untagged greeting or a tagged command',
    ports: PORTS_IMAP,
    firstBytes: [0x2a, ...TAG],
    match: matchImap,
  }),
  upgrade({
    label: 'imaps',
    says: 'turns IMAP to TLS with STARTTLS',
    ports: PORTS_IMAP,
    firstBytes: [...TAG, HANDSHAKE],
    match: matchImapUpgrade,
  }),
]
