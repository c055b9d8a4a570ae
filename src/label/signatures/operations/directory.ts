/** Directories and tickets: LDAP and CLDAP (RFC 4511), Kerberos 5 (RFC 4120). BER throughout. */
import { PROTOCOL_TCP, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { berLength, berSize } from '../common/ber.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { available, fills } from '../common/length.ts'
import { TCP_UDP } from '../common/ports.ts'

const SEQUENCE = 0x30
const INTEGER = 0x02

/** RFC 4511 section 4: application tags of the operations a client sends; the others come from the server. */
const CLIENT_OPERATIONS: readonly number[] = [0x60, 0x42, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77]
const SERVER_OPERATIONS: readonly number[] = [
  0x61, 0x64, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x73, 0x78, 0x79,
]
const BIND_REQUEST = 0x60
const UNBIND_REQUEST = 0x42

function ldap(payload: Payload): number {
  const { bytes, start, end } = payload
  const total = berLength(bytes, start + 1, end)
  if (total < 5 || bytes[start] !== SEQUENCE) return NO_MATCH
  const at = start + 1 + berSize(bytes, start + 1)
  const stop = at + total
  if (at + 3 > end || bytes[at] !== INTEGER || bytes[at + 1] < 1 || bytes[at + 1] > 4) return NO_MATCH
  // Several messages may share a segment; the first must end inside it, or fill it and go on.
  if (stop > start + payload.length && !fills(payload, stop - start)) return NO_MATCH
  const operation = at + 2 + bytes[at + 1]
  if (operation + 2 > end) return NO_MATCH
  const tag = bytes[operation]
  const role = CLIENT_OPERATIONS.includes(tag)
    ? FROM_CLIENT
    : SERVER_OPERATIONS.includes(tag)
      ? FROM_SERVER
      : 0
  if (role === 0) return NO_MATCH
  const length = berLength(bytes, operation + 1, end)
  if (length < 0) return NO_MATCH
  const after = operation + 1 + berSize(bytes, operation + 1) + length
  // Controls (tag a0) may follow the operation.
  if (after > stop || (after < stop && after < end && bytes[after] !== 0xa0)) return NO_MATCH
  if (tag === UNBIND_REQUEST && length !== 0) return NO_MATCH
  setExtra(payload, 'ldap', 'operation', tag & 0x1f)
  if (tag === BIND_REQUEST) tellBind(payload, operation + 1 + berSize(bytes, operation + 1))
  return STRONG | role
}

/** RFC 4511 section 4.2: version, then the name as an octet string. */
function tellBind(payload: Payload, at: number): void {
  const { bytes, end } = payload
  if (at + 5 > end || bytes[at] !== INTEGER || bytes[at + 1] !== 1 || bytes[at + 3] !== 0x04) return
  setExtra(payload, 'ldap', 'version', bytes[at + 2])
  const length = berLength(bytes, at + 4, end)
  const name = at + 4 + berSize(bytes, at + 4)
  if (length > 0 && name + length <= end) setExtraText(payload, 'ldap', 'bind_name', [name, name + length])
}

/** RFC 4120 section 5: application tags 10-15 and 20-22, 25, 30 in their constructed form. */
const KERBEROS_TAGS: readonly number[] = [0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x74, 0x75, 0x76, 0x79, 0x7e]
const REALM_TAG = 0x1b
const KERBEROS_VERSION = 5

/** Tag, sequence, and the field pvno (context tag 0 or 1, an integer of one byte) with value 5. */
function kerberosMessage(payload: Payload, from: number): number {
  const { bytes, end } = payload
  const outer = berLength(bytes, from + 1, end)
  if (outer < 8) return NO_MATCH
  const sequence = from + 1 + berSize(bytes, from + 1)
  const total = sequence + outer - payload.start
  if (total !== payload.length && !fills(payload, total)) return NO_MATCH
  if (sequence >= end || bytes[sequence] !== SEQUENCE) return NO_MATCH
  const inner = berLength(bytes, sequence + 1, end)
  const at = sequence + 1 + berSize(bytes, sequence + 1)
  if (inner < 0 || at + inner !== sequence + outer || at + 5 > end) return NO_MATCH
  if (bytes[at] !== 0xa0 && bytes[at] !== 0xa1) return NO_MATCH
  const version =
    bytes[at + 1] === 3 &&
    bytes[at + 2] === INTEGER &&
    bytes[at + 3] === 1 &&
    bytes[at + 4] === KERBEROS_VERSION
  if (!version) return NO_MATCH
  const type = bytes[from] & 0x1f
  setExtra(payload, 'kerberos', 'message_type', type)
  tellRealm(payload, at + 5)
  return STRONG | (type === 10 || type === 12 || type === 14 ? FROM_CLIENT : FROM_SERVER)
}

/** The first GeneralString of the message that stands alone in a context tag is its realm. */
function tellRealm(payload: Payload, from: number): void {
  const { bytes } = payload
  const end = Math.min(payload.end, from + 1400)
  for (let at = from; at + 4 < end; at++) {
    if (bytes[at + 2] !== REALM_TAG || (bytes[at] & 0xf0) !== 0xa0) continue
    const length = bytes[at + 3]
    if (length === 0 || length > 100 || bytes[at + 1] !== length + 2 || at + 4 + length > end) continue
    setExtraText(payload, 'kerberos', 'realm', [at + 4, at + 4 + length])
    return
  }
}

/** The length came in a segment of its own just before. */
function behindLength(payload: Payload): boolean {
  if (payload.previousLength !== 4 || !KERBEROS_TAGS.includes(payload.bytes[payload.start])) return false
  return readU32(payload.previous, 0) === payload.length
}

function kerberos(payload: Payload): number {
  const { bytes, start, end } = payload
  if (available(payload) < 16) return NO_MATCH
  if (payload.protocol === PROTOCOL_TCP) {
    // RFC 4120 section 7.2.2: four length bytes before each message.
    if (bytes[start] !== 0) return behindLength(payload) ? kerberosMessage(payload, start) : NO_MATCH
    if (!KERBEROS_TAGS.includes(bytes[start + 4])) return NO_MATCH
    const total = readU32(bytes, start) + 4
    return total === payload.length || fills(payload, total) ? kerberosMessage(payload, start + 4) : NO_MATCH
  }
  return start < end && KERBEROS_TAGS.includes(bytes[start]) ? kerberosMessage(payload, start) : NO_MATCH
}

const PASSWORD_HEADER = 6
const PASSWORD_VERSIONS: readonly number[] = [1, 0xff80]
const AP_REQUEST = 0x6e
const AP_REPLY = 0x6f
const ERROR = 0x7e

/** RFC 3244 section 2: length of all, version, length of the AP message that follows; over TCP behind four more. */
function changePassword(payload: Payload): number {
  const { bytes, start, end, protocol } = payload
  const at = protocol === PROTOCOL_TCP && bytes[start] === 0 && bytes[start + 1] === 0 ? start + 4 : start
  if (end - at < PASSWORD_HEADER + 2) return NO_MATCH
  const length = readU16(bytes, at)
  if (at > start && readU32(bytes, start) !== length) return NO_MATCH
  const total = length + at - start
  if (
    (total !== payload.length && !fills(payload, total)) ||
    !PASSWORD_VERSIONS.includes(readU16(bytes, at + 2))
  )
    return NO_MATCH
  const ticket = at + PASSWORD_HEADER
  const size = readU16(bytes, at + 4)
  const tag = bytes[ticket]
  // An error stands alone and its length is zero.
  if (size === 0) return tag === ERROR ? kerberosMessage(payload, ticket) : NO_MATCH
  if (tag !== AP_REQUEST && tag !== AP_REPLY) return NO_MATCH
  const inner = berLength(bytes, ticket + 1, end)
  if (inner < 0 || 1 + berSize(bytes, ticket + 1) + inner !== size || PASSWORD_HEADER + size > length)
    return NO_MATCH
  return STRONG | (tag === AP_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

/** A sequence behind a length of one byte, or a longer length. */
const KERBEROS_BITS = [
  { offset: 0, mask: 0x0080ff00, value: SEQUENCE << 8 },
  { offset: 0, mask: 0x00f80000, value: 0x00800000 },
]
/** The version, also behind the length of TCP. */
const PASSWORD_BITS = PASSWORD_VERSIONS.flatMap((value) =>
  [0, 4].map((offset) => ({ offset, mask: 0xffff, value })),
)

export const signatures: Signature[] = [
  {
    label: 'ldap',
    says: 'is a BER message with id and an LDAP operation, and lengths that agree',
    protocols: TCP_UDP,
    ports: [389, 3268],
    firstBytes: [SEQUENCE],
    match: ldap,
  },
  {
    label: 'kerberos',
    says: 'is a Kerberos version 5 message with lengths that agree',
    protocols: TCP_UDP,
    ports: [88, 464],
    firstBytes: [0, ...KERBEROS_TAGS],
    bits: [{ offset: 0, mask: 0xff000000 | 0, value: 0 }, ...KERBEROS_BITS],
    match: kerberos,
  },
  {
    label: 'kerberos',
    says: "is a message of Kerberos' change of passwords with lengths that agree",
    protocols: TCP_UDP,
    ports: [464],
    firstBytes: [0, 1, 2, 3, 4, 5, 6, 7, 8],
    bits: PASSWORD_BITS,
    match: changePassword,
  },
]
