/** IRC (RFC 1459): registration, and what a server says first. */
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
import { findByte } from '../common/byte-scan.ts'
import { TCP } from '../common/ports.ts'
import { findText, lineStop, printableRun, SPACE } from '../common/text-scan.ts'

const COLON = 0x3a
const BANG = 0x21
const AT_SIGN = 0x40
const DOT = 0x2e
const LETTER_E = 0x45

/** RFC 1459: registration by NICK, USER, PASS or CAP; the server's lines start with a colon and its name. */
function irc(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 512)
  if (startsWith(bytes, start, end, 'CAP LS') || startsWith(bytes, start, end, 'NICK ')) {
    return findText(bytes, start, stop, '\nUSER ') > 0 ? STRONG | FROM_CLIENT : WEAK | FROM_CLIENT
  }
  if (startsWith(bytes, start, end, 'USER ') && findText(bytes, start, stop, ' :') > 0) {
    return findText(bytes, start, stop, '\nNICK ') > 0 ? STRONG | FROM_CLIENT : NO_MATCH
  }
  if (startsWith(bytes, start, end, 'NOTICE AUTH :')) return STRONG | FROM_SERVER
  if (startsWith(bytes, start, end, 'ERROR :')) return ircError(payload)
  if (bytes[start] !== COLON) return NO_MATCH
  const line = lineStop(bytes, start, stop)
  if (printableRun(bytes, start, line) !== line) return NO_MATCH
  const notice = findText(bytes, start, line, ' NOTICE ') > 0 || findText(bytes, start, line, ' 001 ') > 0
  return notice || ircRelayed(payload, line) ? STRONG | FROM_SERVER : ircNumeric(payload, line)
}

/** What servers pass on of a user, and their side of the negotiation of capabilities. */
const RELAYED = [' PRIVMSG ', ' JOIN ', ' PART ', ' QUIT ', ' MODE ', ' TOPIC ', ' KICK ', ' NICK ']
const CAPABILITIES = [' LS ', ' ACK ', ' NAK ']

/** A line of nick!user@host and a command, or of a server that answers CAP. */
function ircRelayed({ bytes, start }: Payload, line: number): boolean {
  const space = findByte(bytes, start, line, SPACE)
  if (space < 0) return false
  if (startsWith(bytes, space, line, ' CAP ')) {
    const target = findByte(bytes, space + 5, line, SPACE)
    return target > 0 && CAPABILITIES.some((word) => startsWith(bytes, target, line, word))
  }
  const user = findByte(bytes, start, space, BANG)
  if (user < 0 || findByte(bytes, user, space, AT_SIGN) < 0) return false
  return RELAYED.some((word) => startsWith(bytes, space, line, word))
}

/** Instead of a greeting: the server closes the link. */
function ircError({ bytes, start, end, ordinal, peerOrdinal }: Payload): number {
  if (startsWith(bytes, start, end, 'ERROR :Closing Link: ')) return STRONG | FROM_SERVER
  return ordinal === 0 && peerOrdinal === 0 ? WEAK | FROM_SERVER : NO_MATCH
}

/** What a server answers before registration: wait, unknown command, not registered, too few parameters. */
const EARLY_NUMERICS = [' 020 ', ' 421 ', ' 451 ', ' 461 ']

/** A first line of server (a host's name), numeric and target; who has no name yet is "*". */
function ircNumeric(payload: Payload, line: number): number {
  const { bytes, start, end, ordinal, peer, peerLength } = payload
  // No client sends a prefix, or "ERROR".
  if (peerLength > 0 && (peer[0] === COLON || peer[0] === LETTER_E)) return NO_MATCH
  const space = findByte(bytes, start, line, SPACE)
  if (ordinal > 0 || space < 0 || findByte(bytes, start, space, DOT) < 0 || line >= end) return NO_MATCH
  if (!EARLY_NUMERICS.some((numeric) => startsWith(bytes, space, line, numeric))) return NO_MATCH
  return (startsWith(bytes, space + 5, line, '* :') ? STRONG : WEAK) | FROM_SERVER
}

export const signatures: Signature[] = [
  {
    label: 'irc',
    says: "is an IRC registration, a server's first notice, numeric or error, its answer to CAP, or a user's line it relays",
    protocols: TCP,
    ports: [6667, 6666, 6668, 6669],
    firstBytes: [COLON, 0x43, LETTER_E, 0x4e, 0x55],
    match: irc,
  },
]
