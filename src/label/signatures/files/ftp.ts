/**
 * FTP's control connection (RFC 959): greeting, USER and its answer, AUTH TLS (RFC 4217), then commands and replies,
 * of which those that open a data connection announce it (PORT and 227; EPRT and 229 of RFC 2428). A data connection
 * is believed at the sender's own address only: what servers behind a translator state is nobody's address outside,
 * and a third party's (RFC 2577 section 3) is not theirs to announce.
 */
import { PROTOCOL_TCP } from '../../../bytes.ts'
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
import { extraGroup } from '../common/extras.ts'
import { countHelp, replyText } from '../common/replies.ts'
import {
  CR,
  findAnyCase,
  findText,
  isText,
  LF,
  lineEnd,
  lineText,
  mayBeText,
  SPACE,
  startsWithAnyCase,
  threeDigits,
} from '../common/text-scan.ts'
import { namesSmtp } from '../mail/smtp.ts'
import { tlsInside } from '../tls/tls.ts'

const PORT_FTP = 21
const PORTS = [PORT_FTP, 2121]
const MAX_GREETING = 512
/** SMTP and others greet alike. */
const CODE_GREETING = 220
const CODE_WAIT = 120
const CODE_CLOSING = 421
const CODE_NEED_PASSWORD = 331
const CODE_LOGGED_IN = 230
const CODE_PASSIVE = 227
const CODE_EXTENDED_PASSIVE = 229
const LETTER_U = 0x55
/** Each file comes over a connection of its own. */
const DEPTH = 64
/** A data connection follows at once; the longest idle time of common servers is this. */
const DATA_LIFETIME_SEC = 300
const MAX_COMMAND = 8
const DASH = 0x2d
const MAX_LINE = 512

function matchFtp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!mayBeText(bytes, start, end)) return NO_MATCH
  const first = bytes[start]
  if (first >= 0x31 && first <= 0x35) return matchReply(payload)
  if (startsWithAnyCase(bytes, start, end, 'user ')) return matchUser(payload)
  if (
    startsWithAnyCase(bytes, start, end, 'auth tls\r') ||
    startsWithAnyCase(bytes, start, end, 'auth ssl\r')
  )
    return payload.dstPort === PORT_FTP || payload.labelSoFar === 'ftp' || isGreeted(payload)
      ? STRONG | FROM_CLIENT | MORE
      : NO_MATCH
  return NO_MATCH
}

/** The other side has just said 220. */
function isGreeted({ peer, peerLength }: Payload): boolean {
  return peerLength > 4 && threeDigits(peer, 0, 4) === CODE_GREETING
}

/** POP3 and IRC have a USER too: here the server has greeted with 220, or the port is FTP's. */
function matchUser(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = lineEnd(bytes, start, end)
  if (stop < 0 || !isText(bytes, start, stop)) return NO_MATCH
  const greeted = isGreeted(payload)
  if (!greeted && payload.dstPort !== PORT_FTP) return NO_MATCH
  extraGroup(payload, 'ftp').user = lineText(bytes, start + 5, end)
  return (greeted ? STRONG : WEAK) | FROM_CLIENT | MORE
}

function matchReply(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  const code = threeDigits(bytes, start, end)
  const text = replyText(bytes, start, end)
  if (code < 0 || text < 0) return NO_MATCH
  const limit = Math.min(end, start + MAX_GREETING)
  if (!isText(bytes, start, limit)) return NO_MATCH
  const user = peerLength >= 5 && (peer[0] & 0xdf) === LETTER_U && peer[4] === SPACE
  if (user && (code === CODE_NEED_PASSWORD || code === CODE_LOGGED_IN)) return STRONG | FROM_SERVER | MORE
  if (countHelp(bytes, start, end, HELP) >= ENOUGH_HELP) return STRONG | FROM_SERVER | MORE
  if (code !== CODE_GREETING) return matchRefusal(payload, code, limit)
  if (namesSmtp(bytes, text, limit)) return NO_MATCH
  const named = NAMES.some((name) => findAnyCase(bytes, text, limit, name) >= 0)
  if (!named && payload.srcPort !== PORT_FTP) return NO_MATCH
  tellGreeting(payload, text)
  const proved = named && (payload.srcPort === PORT_FTP || isFirst(payload))
  return (proved ? STRONG : WEAK) | FROM_SERVER | MORE
}

/** With what a greeting of 220 names it: the protocol, its commonest server, the words of RFC 959. */
const NAMES = ['ftp', 'filezilla', 'service ready for new user']
/** The reply to HELP: two of these, no other protocol lists them. */
const HELP = ['RETR', 'STOR', 'CWD', 'PASV']
const ENOUGH_HELP = 2

/** Nobody has said anything before. */
function isFirst({ ordinal, peerOrdinal }: Payload): boolean {
  return ordinal === 0 && peerOrdinal === 0
}

/** Instead of a greeting: wait, or nobody is let in. */
function matchRefusal(payload: Payload, code: number, limit: number): number {
  const { bytes, start } = payload
  if (!isFirst(payload)) return NO_MATCH
  if (code !== CODE_WAIT && code !== CODE_CLOSING && (code < 500 || code > 599)) return NO_MATCH
  if (findText(bytes, start, limit, 'SMTP') >= 0) return NO_MATCH
  return findAnyCase(bytes, start, limit, 'ftp') >= 0 ? WEAK | FROM_SERVER | MORE : NO_MATCH
}

/** The text may stand on the next line, behind a code of its own. */
function tellGreeting(payload: Payload, text: number): void {
  const { bytes, start, end } = payload
  const at = text > start + 4 ? replyText(bytes, text, end) : text
  const greeting = at < 0 ? '' : lineText(bytes, at, end)
  if (greeting === '') return
  const extra = extraGroup(payload, 'ftp')
  if (extra.greeting === undefined) extra.greeting = greeting
}

/** Commands that no other protocol with a greeting of 220 has. */
const COMMANDS = new Set(
  'PASS ACCT CWD CDUP XCWD XCUP PWD XPWD PORT PASV EPRT EPSV TYPE STRU MODE RETR STOR STOU APPE ALLO RNFR RNTO ABOR DELE RMD XRMD MKD XMKD LIST NLST MLSD MLST SITE SYST STAT FEAT OPTS REST SIZE MDTM MFMT PBSZ PROT CCC CLNT HOST LANG'.split(
    ' ',
  ),
)

/** Commands in answer to replies, and replies to such commands, in a flow that is FTP so far. */
function matchDialogue(payload: Payload): number {
  const { bytes, start, end, peer, peerLength } = payload
  if (payload.labelSoFar !== 'ftp' || !mayBeText(bytes, start, end)) return NO_MATCH
  if (threeDigits(bytes, start, end) > 0) {
    if (!COMMANDS.has(commandAt(peer, 0, Math.min(peerLength, peer.length)))) return NO_MATCH
    announcePassive(payload)
    return STRONG | FROM_SERVER | MORE
  }
  const command = commandAt(bytes, start, end)
  if (!COMMANDS.has(command) || threeDigits(peer, 0, Math.min(peerLength, 3)) < 0) return NO_MATCH
  if (command === 'PORT' || command === 'EPRT') announceActive(payload)
  return STRONG | FROM_CLIENT | MORE
}

/** Met in its middle: on the port a whole line of a command, or of a reply; together they are both directions. */
function matchMiddle(payload: Payload): number {
  const { bytes, start, end, srcPort, dstPort } = payload
  if (payload.labelSoFar !== '' && payload.labelSoFar !== 'ftp') return NO_MATCH
  if (!mayBeText(bytes, start, end) || bytes[end - 1] !== LF) return NO_MATCH
  if (!isText(bytes, start, Math.min(end, start + MAX_LINE))) return NO_MATCH
  if (PORTS.includes(dstPort))
    return COMMANDS.has(commandAt(bytes, start, end)) ? WEAK | FROM_CLIENT | MORE : NO_MATCH
  const code = PORTS.includes(srcPort) ? threeDigits(bytes, start, end) : -1
  const separated = bytes[start + 3] === SPACE || bytes[start + 3] === DASH
  return code >= 100 && code < 600 && code !== CODE_GREETING && separated
    ? WEAK | FROM_SERVER | MORE
    : NO_MATCH
}

/** The letters of a command line in upper case, '' where something else follows them. */
function commandAt(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end && i < start + MAX_COMMAND; i++) {
    const letter = bytes[i] & 0xdf
    if (letter < 0x41 || letter > 0x5a)
      return bytes[i] === SPACE || bytes[i] === CR || bytes[i] === LF ? text : ''
    text += String.fromCharCode(letter)
  }
  return ''
}

/** Six numbers: four of the address, two of the port (RFC 959 section 4.1.2). */
const HOST_PORT = /(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})(?!\d)/
/** RFC 2428 section 3: only the port, between delimiters of any kind. */
const EXTENDED_PORT = /\((.)\1\1(\d{1,5})\1\)/
/** RFC 2428 section 2: address family, address, port. */
const EXTENDED_ADDRESS = /^EPRT (.)[12]\1[^ ]{2,45}?\1(\d{1,5})\1/i

function announcePassive(payload: Payload): void {
  const { bytes, start, end } = payload
  const code = threeDigits(bytes, start, end)
  if (code !== CODE_PASSIVE && code !== CODE_EXTENDED_PASSIVE) return
  const text = lineOf(payload)
  if (code === CODE_PASSIVE) announceData(payload, hostPort(text), 'its reply to PASV')
  else announceData(payload, Number(EXTENDED_PORT.exec(text)?.[2]), 'its reply to EPSV')
}

function announceActive(payload: Payload): void {
  const text = lineOf(payload)
  const extended = EXTENDED_ADDRESS.exec(text)?.[2]
  if (extended === undefined) announceData(payload, hostPort(text), 'a PORT command')
  else announceData(payload, Number(extended), 'an EPRT command')
}

/** The first line where its end was captured: half a number is another one. */
function lineOf({ bytes, start, end }: Payload): string {
  const stop = lineEnd(bytes, start, Math.min(end, start + MAX_LINE))
  return stop < 0 ? '' : lineText(bytes, start, stop)
}

function hostPort(text: string): number {
  const [, high, low] = HOST_PORT.exec(text) ?? []
  return Number(high) * 256 + Number(low)
}

function announceData(payload: Payload, port: number, through: string): void {
  if (!(port > 0 && port <= 0xffff)) return
  const lifetimeSec = DATA_LIFETIME_SEC
  payload.announce({ label: 'ftp-data', protocol: PROTOCOL_TCP, port, through, lifetimeSec })
}

export const signatures: Signature[] = [
  {
    label: 'ftp',
    says: 'speaks FTP: a greeting that names it, USER after a greeting, the answer to USER, or a list of its commands',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    firstBytes: [0x31, 0x32, 0x33, 0x34, 0x35, 0x41, 0x55, 0x61, 0x75],
    depth: 8,
    match: matchFtp,
  },
  {
    label: 'ftp',
    says: "goes on with FTP's commands and the replies to them",
    protocols: [PROTOCOL_TCP],
    // Without ports: tried only in flows that are FTP already.
    portsOnly: true,
    depth: DEPTH,
    match: matchDialogue,
  },
  {
    label: 'ftp',
    says: 'holds a command or a reply of FTP, on its port',
    protocols: [PROTOCOL_TCP],
    ports: PORTS,
    portsOnly: true,
    match: matchMiddle,
  },
  tlsInside('ftp'),
]
