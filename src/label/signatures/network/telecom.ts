/**
 * Mobile cores and message centres: PFCP (3GPP TS 29.244), SMPP 3.4, UCP of EMI (version 4.6), CIMD (version 2). GTP is
 * in tunnels.ts, Diameter in aaa.ts.
 */
import { readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { elementsFill } from '../common/chain.ts'
import { setExtra } from '../common/extras.ts'
import { TCP, UDP } from '../common/ports.ts'

const PFCP_PORT = 8805
/** Flags of the first byte: a session's identifier is there, a priority is there, another message follows. */
const PFCP_SESSION = 1
const PFCP_PRIORITY = 2
const PFCP_FOLLOWED = 4
const PFCP_LAST_NODE = 15
const PFCP_FIRST_SESSION = 50
const PFCP_LAST_SESSION = 57
const PFCP_SESSION_DELETION = 54
/** The user plane reports to the control plane, which asks for all else. */
const PFCP_REPORT = 56

/** Section 7.2.2: version 1, type, length of what follows the first four bytes, identifier, sequence; then elements. */
function pfcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12) return NO_MATCH
  const flags = bytes[start]
  const type = bytes[start + 1]
  const session = (flags & PFCP_SESSION) !== 0
  const known = session
    ? type >= PFCP_FIRST_SESSION && type <= PFCP_LAST_SESSION
    : type > 0 && type <= PFCP_LAST_NODE
  const size = readU16(bytes, start + 2) + 4
  const agrees = size === payload.length || (size < payload.length && (flags & PFCP_FOLLOWED) !== 0)
  if (!known || !agrees) return NO_MATCH
  const at = start + (session ? 16 : 8)
  if (at > end || (bytes[at - 1] & ((flags & PFCP_PRIORITY) !== 0 ? 0x0f : 0xff)) !== 0) return NO_MATCH
  // What ends a session says no more than which.
  const bare = type === PFCP_SESSION_DELETION && at === start + size
  if (!bare && !elementsFill(payload, at, start + size)) return NO_MATCH
  setExtra(payload, 'pfcp', 'message_type', type)
  return STRONG | pfcpRole(type)
}

function pfcpRole(type: number): number {
  if (type < PFCP_FIRST_SESSION) return 0
  const request = (type & 1) === 0
  return request === type < PFCP_REPORT ? FROM_CLIENT : FROM_SERVER
}

const SMPP_HEADER = 16
/** What the message centre asks: it delivers, or wants the client to bind. */
const SMPP_DELIVER = 5
const SMPP_OUTBIND = 0x0b
const SMPP_UNBIND = 6
const SMPP_ALIVE = 0x15

/** SMPP 3.4 section 3.1: command length, id (answers have bit 31), status, sequence; the next one may follow. */
function smpp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < SMPP_HEADER || readU16(bytes, start) !== 0) return NO_MATCH
  const size = readU16(bytes, start + 2)
  const next = start + size
  const follows = next + SMPP_HEADER <= end && readU16(bytes, next) === 0 && (bytes[next + 4] & 0x7f) === 0
  if (size < SMPP_HEADER || (size !== payload.length && !follows)) return NO_MATCH
  const answer = (bytes[start + 4] & 0x80) !== 0
  const command = readU16(bytes, start + 6)
  const known = (command >= 1 && command <= 9) || command === SMPP_OUTBIND || command === SMPP_ALIVE
  // Who asks has no status; errors are numbers of two bytes.
  if ((!known && command !== 0x103) || readU16(bytes, start + (answer ? 8 : 10)) !== 0) return NO_MATCH
  if ((!answer && readU16(bytes, start + 8) !== 0) || readU32(bytes, start + 12) === 0) return NO_MATCH
  // Who asks to unbind, or whether one is alive, says nothing more; all else does.
  const bare = command === SMPP_UNBIND || command === SMPP_ALIVE
  if (bare ? size !== SMPP_HEADER : !answer && size === SMPP_HEADER) return NO_MATCH
  setExtra(payload, 'smpp', 'command', command)
  if (command === SMPP_ALIVE) return STRONG
  const centre = command === SMPP_DELIVER || command === SMPP_OUTBIND
  return STRONG | (answer === centre ? FROM_CLIENT : FROM_SERVER)
}

const STX = 0x02
const ETX = 0x03
const TAB = 0x09
const SLASH = 0x2f
const COLON = 0x3a
const LETTER_O = 0x4f
const LETTER_R = 0x52

/** The `count` decimal digits at `at` as a number, -1 where one is none. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i] - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** What the message centre asks for: it delivers a message (52), or a notification (53). */
const UCP_DELIVERIES: readonly number[] = [52, 53]

/** Section 3: STX, reference of two digits, length of five between STX and ETX, operation or result, its number. */
function ucp({ bytes, start, end }: Payload): number {
  if (end - start < 16 || bytes[start + 3] !== SLASH || bytes[start + 9] !== SLASH) return NO_MATCH
  if (bytes[start + 11] !== SLASH || bytes[start + 14] !== SLASH) return NO_MATCH
  const kind = bytes[start + 10]
  const length = digits(bytes, start + 4, 5)
  const operation = digits(bytes, start + 12, 2)
  if (kind !== LETTER_O && kind !== LETTER_R) return NO_MATCH
  if (digits(bytes, start + 1, 2) < 0 || length < 16 || operation < 0) return NO_MATCH
  const stop = start + 1 + length
  if (stop < end && bytes[stop] !== ETX) return NO_MATCH
  return STRONG | ((kind === LETTER_O) !== UCP_DELIVERIES.includes(operation) ? FROM_CLIENT : FROM_SERVER)
}

/** Answers have 50 more than what they answer; the centre itself asks with 20 and 23, and alone sends 98. */
const CIMD_DELIVERIES: readonly number[] = [20, 23]
const CIMD_ANSWER = 50
const CIMD_ERROR = 98

/** STX, operation of two digits, packet number of three, then parameters "nnn:value" between tabs up to ETX. */
function cimd({ bytes, start, end }: Payload): number {
  if (end - start < 9 || bytes[start + 3] !== COLON || bytes[start + 7] !== TAB) return NO_MATCH
  const operation = digits(bytes, start + 1, 2)
  if (operation < 1 || digits(bytes, start + 4, 3) < 0) return NO_MATCH
  const bare = bytes[start + 8] === ETX || (end - start > 10 && bytes[start + 10] === ETX)
  const parameter = end - start > 12 && digits(bytes, start + 8, 3) >= 0 && bytes[start + 11] === COLON
  if (!bare && !parameter) return NO_MATCH
  if (operation === CIMD_ERROR) return STRONG | FROM_SERVER
  const answer = operation >= CIMD_ANSWER
  const delivery = CIMD_DELIVERIES.includes(answer ? operation - CIMD_ANSWER : operation)
  return STRONG | (answer === delivery ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'pfcp',
    says: 'holds a PFCP header of version 1 with agreeing length and elements that fill the message',
    protocols: UDP,
    ports: [PFCP_PORT],
    firstBytes: [0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27],
    // Types up to 63.
    bits: { offset: 0, mask: 0xf8c00000, value: 0x20000000 },
    match: pfcp,
  },
  {
    label: 'smpp',
    says: 'holds an SMPP header with known command and agreeing length',
    protocols: TCP,
    ports: [2775, 2776],
    firstBytes: [0],
    bits: { offset: 4, mask: 0x7ffffe00, value: 0 },
    match: smpp,
  },
  {
    label: 'ucp',
    says: 'is a message of UCP: STX, reference, length, operation or result between slashes',
    protocols: TCP,
    firstBytes: [STX],
    bits: { offset: 0, mask: 0xfff0f0ff, value: 0x0230302f },
    match: ucp,
  },
  {
    label: 'cimd',
    says: 'is a message of CIMD: STX, operation and packet number, parameters between tabs',
    protocols: TCP,
    firstBytes: [STX],
    bits: { offset: 0, mask: 0xfff0f0ff, value: 0x0230303a },
    match: cimd,
  },
]
