/** Old services of the Internet: ident (RFC 1413), rlogin (RFC 1282), rsh and rexec, finger (RFC 1288), gopher (RFC 1436). */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { ASCII } from '../common/beginnings.ts'
import { findAnyCase, isText } from '../common/reader.ts'
import { digitRun, findByte, findText, firstBytesWhere, lineEnd, printableRun, TCP } from '../common/shape.ts'

const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a
const LONGEST_LINE = 512

const TAB = 0x09

/** Offset behind a line of a menu (kind and text, selector, host, port), or -1. */
function menuLine(bytes: Uint8Array, at: number, end: number): number {
  const line = lineEnd(bytes, at, Math.min(end, at + LONGEST_LINE))
  if (line + 1 >= end || bytes[line] !== CR || bytes[line + 1] !== LF || !isText(bytes, at, line)) return -1
  const selector = findByte(bytes, at, line, TAB)
  const host = selector < 0 ? -1 : findByte(bytes, selector + 1, line, TAB)
  const port = host < 0 ? -1 : findByte(bytes, host + 1, line, TAB)
  const stop = port < 0 ? -1 : digitRun(bytes, port + 1, line, 5)
  return stop === line || (stop > 0 && bytes[stop] === TAB) ? line + 2 : -1
}

/** RFC 1436: a menu that answers a line; weak where the packet holds one of its lines only. */
function gopher({ bytes, start, end, peer, peerLength, ordinal }: Payload): number {
  if (ordinal > 0 || peerLength < 2) return NO_MATCH
  const asked = peerLength > PREFIX_BYTES || (peer[peerLength - 1] === LF && peer[peerLength - 2] === CR)
  const second = asked ? menuLine(bytes, start, end) : -1
  if (second < 0) return NO_MATCH
  return (menuLine(bytes, second, end) > 0 ? STRONG : WEAK) | FROM_SERVER
}

const COMMA = 0x2c
const COLON = 0x3a

/** Offset behind a port number and the blanks around it, or -1. */
function portNumber(bytes: Uint8Array, at: number, end: number): number {
  let here = at
  while (here < end && bytes[here] === SPACE) here++
  here = digitRun(bytes, here, end, 5)
  while (here > 0 && here < end && bytes[here] === SPACE) here++
  return here
}

/** RFC 1413: two ports and a comma; the answer repeats them before USERID or ERROR. */
function ident({ bytes, start, end, length, ordinal }: Payload): number {
  const comma = portNumber(bytes, start, end)
  if (ordinal > 0 || comma < 0 || comma >= end || bytes[comma] !== COMMA) return NO_MATCH
  const behind = portNumber(bytes, comma + 1, end)
  if (behind < 0 || behind >= end) return NO_MATCH
  if (bytes[behind] === COLON) {
    const answer = findText(bytes, behind, Math.min(end, behind + 12), 'USERID')
    return answer > 0 || findText(bytes, behind, Math.min(end, behind + 12), 'ERROR') > 0
      ? STRONG | FROM_SERVER
      : NO_MATCH
  }
  const whole = bytes[behind] === CR ? behind + 2 : bytes[behind] === LF ? behind + 1 : -1
  return whole === start + length && bytes[whole - 1] === LF ? WEAK | FROM_CLIENT : NO_MATCH
}

const MAX_NAME = 64

/** Offset behind printable text and its NUL, or -1. */
function ended(bytes: Uint8Array, at: number, end: number): number {
  const nul = printableRun(bytes, at, Math.min(end, at + LONGEST_LINE))
  return nul < end && bytes[nul] === 0 ? nul + 1 : -1
}

/** RFC 1282: NUL, user there, user here, terminal with its speed, each ended by NUL; the packet is no longer. */
function rlogin({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || bytes[start] !== 0 || length > 4 * MAX_NAME || end - start < length) return NO_MATCH
  const remote = ended(bytes, start + 1, end)
  const terminal = remote < 0 ? -1 : ended(bytes, remote, end)
  if (terminal < 0 || ended(bytes, terminal, end) !== end) return NO_MATCH
  const slash = findByte(bytes, terminal, end, 0x2f)
  return slash > terminal && digitRun(bytes, slash + 1, end, 6) === end - 1 ? STRONG | FROM_CLIENT : NO_MATCH
}

/** rsh and rexec are alike, and told apart by port: a port or nothing, two names (or name and password), a command. */
function remoteShell({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 1 || end - start < length || length > 1024) return NO_MATCH
  const digits = digitRun(bytes, start, end, 5)
  const nul = digits < 0 ? start : digits
  if (nul >= end || bytes[nul] !== 0) return NO_MATCH
  if (nul + 1 === end) return digits > 0 ? WEAK | FROM_CLIENT : NO_MATCH
  const second = ended(bytes, nul + 1, end)
  const command = second < 0 ? -1 : ended(bytes, second, end)
  return command > 0 && ended(bytes, command, end) === end ? WEAK | FROM_CLIENT : NO_MATCH
}

/** What the usual server says of a user, on the port. */
function finger({ bytes, start, end, srcPort }: Payload): number {
  if (srcPort !== 79) return NO_MATCH
  const line = lineEnd(bytes, start, Math.min(end, start + 120))
  const named = findText(bytes, start, line, 'Name') > 0
  return named && findAnyCase(bytes, start, line, 'login') >= 0 ? STRONG | FROM_SERVER : NO_MATCH
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

export const signatures: Signature[] = [
  {
    label: 'ident',
    says: 'is two ports and a comma as ident asks for them, or its answer with USERID or ERROR',
    protocols: TCP,
    ports: [113],
    firstBytes: firstBytesWhere((byte) => isDigit(byte) || byte === SPACE),
    bits: ASCII,
    match: ident,
  },
  {
    label: 'rlogin',
    says: 'is NUL, two names and a terminal with its speed, as rlogin begins',
    protocols: TCP,
    ports: [513],
    bits: { offset: 0, mask: 0xff808080 | 0, value: 0 },
    match: rlogin,
  },
  {
    label: 'rsh',
    says: 'is a port for errors, maybe two names and a command, to port 514',
    protocols: TCP,
    ports: [514],
    portsOnly: true,
    match: (payload) => (payload.dstPort === 514 ? remoteShell(payload) : NO_MATCH),
  },
  {
    label: 'rexec',
    says: 'is a port for errors, maybe a name, a password and a command, to port 512',
    protocols: TCP,
    ports: [512],
    portsOnly: true,
    match: (payload) => (payload.dstPort === 512 ? remoteShell(payload) : NO_MATCH),
  },
  {
    label: 'finger',
    says: "starts with a user's login and name, from port 79",
    protocols: TCP,
    ports: [79],
    portsOnly: true,
    match: finger,
  },
  {
    label: 'gopher',
    says: 'is a menu of gopher: lines of kind, selector, host and port',
    protocols: TCP,
    ports: [70],
    firstBytes: firstBytesWhere(
      (byte) => isDigit(byte) || '+TghiIs;dMpr'.includes(String.fromCharCode(byte)),
    ),
    match: gopher,
  },
]
