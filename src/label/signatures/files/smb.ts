/** File and procedure calls of Windows: SMB 1 to 3 over TCP ([MS-SMB], [MS-SMB2]) and DCE/RPC (C706, [MS-RPCE]). */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16, readU16LE } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { extraGroup, setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

/** Protocol identifiers: the first byte, then "SMB". */
const SMB1 = 0xff
const SMB2 = 0xfe
/** fd is encrypted, fc compressed SMB 3. */
const SMB3_COMPRESSED = 0xfc
const SMB_LETTERS = 0x534d42
const SESSION_MESSAGE_HEADER = 4
const SMB1_REPLY = 0x80
const SMB2_REPLY = 1

/** RFC 1002 section 4.3.1 or direct hosting: type 0, length of 24 bits, then the SMB header. */
function smb(payload: Payload): number {
  const { bytes, start, end } = payload
  const at = bytes[start] === 0 ? start + SESSION_MESSAGE_HEADER : start
  if (end - at < 4 || (at === start && !behindLength(payload))) return NO_MATCH
  const kind = bytes[at]
  if (kind < SMB3_COMPRESSED || (readI32(bytes, at) & 0xffffff) !== SMB_LETTERS) return NO_MATCH
  tellVersion(payload, kind === SMB1 ? 1 : kind === SMB2 ? 2 : 3)
  if (kind === SMB1 && at + 10 <= end) {
    if (bytes[at + 4] === 0x72) tellDialect(payload, at)
    return STRONG | (bytes[at + 9] & SMB1_REPLY ? FROM_SERVER : FROM_CLIENT)
  }
  if (kind === SMB2 && at + 18 <= end) {
    const reply = (bytes[at + 16] & SMB2_REPLY) !== 0
    setExtra(payload, 'smb', 'command', readU16LE(bytes, at + 12))
    return STRONG | (reply ? FROM_SERVER : FROM_CLIENT)
  }
  return STRONG
}

/** Type and length came in a segment of their own just before. */
function behindLength({ length, previous, previousLength }: Payload): boolean {
  if (previousLength !== SESSION_MESSAGE_HEADER || previous[0] !== 0) return false
  return ((previous[1] << 16) | readU16(previous, 2)) === length
}

/** The highest counts: a client that also speaks older versions offers them in an SMB 1 header. */
function tellVersion(payload: Payload, version: number): void {
  const extra = extraGroup(payload, 'smb')
  if (extra.version === undefined || Number(extra.version) < version) extra.version = version
}

/** A negotiation that offers an SMB 2 dialect goes on with SMB 2. */
function tellDialect(payload: Payload, at: number): void {
  const stop = Math.min(payload.end, at + 300)
  if (findText(payload.bytes, at, stop, 'SMB 2.') >= 0) setExtra(payload, 'smb', 'offers_version_2', true)
}

const RPC_VERSION_CONNECTION = 5
const RPC_VERSION_DATAGRAM = 4
const RPC_HEADER = 16
const RPC_DATAGRAM_HEADER = 80
const RPC_LAST_TYPE = 20

/** Request, bind, alter context, auth3, shutdown, cancel and orphan come from the client. */
function rpcRole(type: number): number {
  const client = type === 0 || type === 11 || type === 14 || type === 16 || type === 18 || type === 19
  return client ? FROM_CLIENT : FROM_SERVER
}

/** C706 section 12.6.3: version 5.0 or 5.1, type, flags, data representation, fragment length, auth length, call id. */
function rpcConnection(payload: Payload): number {
  const { bytes, start, end } = payload
  if (
    end - start < RPC_HEADER ||
    bytes[start] !== RPC_VERSION_CONNECTION ||
    bytes[start + 1] > 1 ||
    bytes[start + 2] > RPC_LAST_TYPE
  )
    return NO_MATCH
  // Little-endian, ASCII, IEEE is 10 00 00 00; big-endian 00 00 00 00.
  const representation = readI32(bytes, start + 4)
  if (representation !== 0x10000000 && representation !== 0) return NO_MATCH
  const little = representation !== 0
  const length = little ? readU16LE(bytes, start + 8) : readU16(bytes, start + 8)
  const auth = little ? readU16LE(bytes, start + 10) : readU16(bytes, start + 10)
  if (length < RPC_HEADER || auth + RPC_HEADER > length) return NO_MATCH
  // Big-endian senders leave four zero bytes: fewer fixed bits, so the length must agree exactly.
  if (!little && length !== payload.length) return NO_MATCH
  if (length > payload.length && !fills(payload, length)) return NO_MATCH
  setExtra(payload, 'dcerpc', 'packet_type', bytes[start + 2])
  return STRONG | rpcRole(bytes[start + 2])
}

/** C706 section 12.5: version 4, type up to 10, flags, representation, serial, ids, …, length of the body at 74. */
function rpcDatagram(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || payload.length < RPC_DATAGRAM_HEADER) return NO_MATCH
  if (bytes[start] !== RPC_VERSION_DATAGRAM || bytes[start + 1] > 10) return NO_MATCH
  const representation = bytes[start + 4]
  if ((representation & 0xef) !== 0 || bytes[start + 5] > 3 || bytes[start + 6] !== 0) return NO_MATCH
  // The snaplen took the length.
  if (end - start < RPC_DATAGRAM_HEADER) return end - start < payload.length ? WEAK : NO_MATCH
  const body = representation & 0x10 ? readU16LE(bytes, start + 74) : readU16(bytes, start + 74)
  if (body + RPC_DATAGRAM_HEADER !== payload.length) {
    return onPort(payload, 34964) && body + RPC_DATAGRAM_HEADER <= payload.length ? WEAK : NO_MATCH
  }
  setExtra(payload, 'dcerpc', 'packet_type', bytes[start + 1])
  return STRONG | (bytes[start + 1] === 0 ? FROM_CLIENT : bytes[start + 1] === 2 ? FROM_SERVER : 0)
}

export const signatures: Signature[] = [
  {
    label: 'smb',
    says: 'is a session message that holds an SMB header',
    protocols: TCP,
    ports: [445, 139],
    firstBytes: [0, SMB3_COMPRESSED, 0xfd, SMB2, SMB1],
    match: smb,
  },
  {
    label: 'dcerpc',
    says: 'holds a DCE/RPC version 5 header with data representation and agreeing fragment length',
    protocols: [PROTOCOL_TCP],
    ports: [135],
    firstBytes: [RPC_VERSION_CONNECTION],
    match: rpcConnection,
  },
  {
    label: 'dcerpc',
    says: 'holds a DCE/RPC version 4 datagram header with agreeing body length',
    protocols: [PROTOCOL_UDP],
    ports: [135, 34964],
    firstBytes: [RPC_VERSION_DATAGRAM],
    match: rpcDatagram,
  },
]
