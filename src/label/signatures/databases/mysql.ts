/** MySQL and MariaDB client/server protocol: the server's greeting (protocol 10), login, error, commands, OK and result packets. */
import { readU16LE, readU32LE, startsWith } from '../../../bytes.ts'
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
import { findByte } from '../common/byte-scan.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { onPort, TCP } from '../common/ports.ts'
import { digitRun, findAnyCase, isText, printableRun } from '../common/text-scan.ts'
import { tlsInside } from '../tls/tls.ts'

const PORT = 3306
const HEADER = 4
const PROTOCOL_10 = 10
const ERROR = 0xff
const FIRST_ERROR = 1000
const HASH = 0x23
const SQL_STATE = 5
const COMMAND_QUERY = 3
const COMMAND_PREPARE = 0x16
const COMMAND_EXECUTE = 0x17
const COMMAND_CLOSE = 0x19
/** Commands without anything behind them: quit, statistics, ping, reset. */
const BARE_COMMANDS: readonly number[] = [1, 9, 0x0e, 0x1f]
/** OK in its shortest form: 0, rows and id in a byte each, status and warnings in two. */
const SHORTEST_OK = 7
const LOGIN_FIXED = 36
/** CLIENT_PROTOCOL_41 in the low half of the capabilities. */
const PROTOCOL_41 = 0x0200
/** CLIENT_SSL: the login stops before the user name, and TLS follows. */
const TLS_REQUEST = 0x0800

function bodyLength(bytes: Uint8Array, at: number): number {
  return readU16LE(bytes, at) | (bytes[at + 2] << 16)
}

/** Protocol 10: version text, NUL, thread id, salt of eight bytes, zero, capabilities. */
function greeting(payload: Payload): number {
  const { bytes, start, end } = payload
  const version = start + HEADER + 1
  const stop = findByte(bytes, version, Math.min(end, version + 64), 0)
  if (stop < 0 && end - start < payload.length) return cutGreeting(payload)
  if (stop <= version || printableRun(bytes, version, stop) !== stop) return NO_MATCH
  if (bytes[version] < 0x30 || bytes[version] > 0x39 || findByte(bytes, version, stop, 0x2e) < 0)
    return NO_MATCH
  // The filler after salt part one is a zero byte.
  if (stop + 14 > end || bytes[stop + 13] !== 0) return NO_MATCH
  setExtraText(payload, 'mysql', 'server_version', [version, stop])
  return STRONG | FROM_SERVER
}

/** The snaplen cut the version: digits and a dot at its start. */
function cutGreeting(payload: Payload): number {
  const { bytes, start, end } = payload
  const version = start + HEADER + 1
  const dot = digitRun(bytes, version, end, 2)
  const numbered = dot > 0 && dot + 1 < end && bytes[dot] === 0x2e && digitRun(bytes, dot + 1, end, 2) > 0
  return numbered && onPort(payload, PORT) ? WEAK | FROM_SERVER : NO_MATCH
}

/** Login: capabilities, packet size, character set, 23 zero bytes, user name. */
function login(payload: Payload): number {
  const { bytes, start, end } = payload
  const at = start + HEADER
  if (end - start < LOGIN_FIXED || (readU16LE(bytes, at) & PROTOCOL_41) === 0) return NO_MATCH
  for (let i = at + 9; i < at + 28; i++) if (bytes[i] !== 0) return NO_MATCH
  if (payload.length === LOGIN_FIXED && (readU16LE(bytes, at) & TLS_REQUEST) !== 0)
    return STRONG | FROM_CLIENT | MORE
  const user = at + 32
  const stop = findByte(bytes, user, Math.min(end, user + 128), 0)
  if (stop > user) setExtraText(payload, 'mysql', 'user', [user, stop])
  return STRONG | FROM_CLIENT
}

/** An error with its SQL state: code, '#', five digits or capitals, text. */
function hasState({ bytes, start, end }: Payload): boolean {
  const at = start + HEADER + 3
  if (end - at < 1 + SQL_STATE || bytes[at] !== HASH) return false
  for (let i = at + 1; i <= at + SQL_STATE; i++) {
    const digit = bytes[i] >= 0x30 && bytes[i] <= 0x39
    if (!digit && (bytes[i] < 0x41 || bytes[i] > 0x5a)) return false
  }
  return readU16LE(bytes, start + HEADER + 1) >= FIRST_ERROR
}

/** "Host is blocked" or "too many connections" instead of a greeting: code, then text in the server's language. */
function isRefusal(payload: Payload): boolean {
  const { bytes, start, end } = payload
  const text = start + HEADER + 3
  const code = text <= end ? readU16LE(bytes, start + HEADER + 1) : 0
  if (code < FIRST_ERROR || code >= 5000 || !isText(bytes, text, end)) return false
  return (
    onPort(payload, PORT) ||
    findAnyCase(bytes, text, end, 'mysql') >= 0 ||
    findAnyCase(bytes, text, end, 'mariadb') >= 0
  )
}

/** A command of agreeing shape: text, nothing, or the number of a prepared statement. */
function isCommand({ bytes, start, end }: Payload, length: number): boolean {
  const at = start + HEADER
  const command = bytes[at]
  if (command === COMMAND_QUERY || command === COMMAND_PREPARE) {
    const stop = Math.min(end, at + 5)
    return length > 4 && printableRun(bytes, at + 1, stop) === stop
  }
  if (command === COMMAND_CLOSE) return length === 5
  // Flags name a kind of cursor, the iterations are always one.
  if (command === COMMAND_EXECUTE)
    return length >= 10 && at + 10 <= end && bytes[at + 5] <= 4 && readU32LE(bytes, at + 6) === 1
  return length === 1 && BARE_COMMANDS.includes(command)
}

/** OK, alone or of a prepared statement, behind a command that filled its packet. */
function isOk({ bytes, start, end, peer, peerLength }: Payload, length: number): boolean {
  const asked = peerLength > HEADER && peer[3] === 0 && bodyLength(peer, 0) + HEADER === peerLength
  return asked && length >= SHORTEST_OK && start + HEADER + length <= end && bytes[start + HEADER] === 0
}

/** A result set: the number of columns in a packet of its own, then the first column, of the catalogue "def". */
function isResult({ bytes, start, end }: Payload): boolean {
  const at = start + HEADER + 1
  if (end - at < HEADER + 4 || bytes[at - 1] === 0 || bytes[at + 3] !== 2) return false
  return startsWith(bytes, at + HEADER, end, '\x03def')
}

function mysql(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < HEADER + 1 || bytes[start + 3] > 3) return NO_MATCH
  const length = bodyLength(bytes, start)
  if (length === 0 || length + HEADER > payload.length) return NO_MATCH
  const exact = length + HEADER === payload.length
  const sequence = bytes[start + 3]
  const first = bytes[start + HEADER]
  if (sequence === 0 && first === PROTOCOL_10 && exact) return greeting(payload)
  if (first === ERROR && exact && hasState(payload)) return STRONG | FROM_SERVER
  if (sequence === 1 && length === 1) return isResult(payload) ? STRONG | FROM_SERVER : NO_MATCH
  if (sequence === 0 && first === ERROR && exact) return isRefusal(payload) ? STRONG | FROM_SERVER : NO_MATCH
  if (sequence === 1 && payload.srcPort === PORT && isOk(payload, length)) return WEAK | FROM_SERVER
  if (sequence === 1 && exact) return login(payload)
  if (sequence !== 0 || !exact || payload.dstPort !== PORT || !isCommand(payload, length)) return NO_MATCH
  setExtra(payload, 'mysql', 'command', first)
  return WEAK | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'mysql',
    says: 'is a MySQL greeting with version and salt, a login of protocol 4.1, a command, its OK or result, or an error',
    protocols: TCP,
    ports: [PORT],
    bits: { offset: 0, mask: 0xfc, value: 0 },
    match: mysql,
  },
  tlsInside('mysql'),
]
