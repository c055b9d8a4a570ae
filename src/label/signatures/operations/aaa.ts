/** Authentication, authorisation, accounting: RADIUS (RFC 2865, 2866), Diameter (RFC 6733), TACACS+ (RFC 8907). */
import { PROTOCOL_TCP, readU16, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, TCP_UDP } from '../common/ports.ts'

/** Registered (1812, 1813, 3799), older (1645, 1646), and dynamic authorisation of Cisco's (1700). */
const RADIUS_PORTS: readonly number[] = [1812, 1813, 1645, 1646, 3799, 1700]
const RADIUS_HEADER = 20
const RADIUS_MAX = 4096
const USER_NAME = 1
const NAS_IDENTIFIER = 32

/** Known codes: access 1-3, accounting 4-5, challenge 11, status 12-13, dynamic authorisation 40-45. */
function radiusCode(code: number): boolean {
  return (code >= 1 && code <= 5) || (code >= 11 && code <= 13) || (code >= 40 && code <= 45)
}

/** Number of attributes (type, length, value) that fill the message to its end, as far as captured; 0 when they do not. */
function radiusAttributes(payload: Payload, stop: number): number {
  const { bytes, end } = payload
  let at = payload.start + RADIUS_HEADER
  let count = 0
  while (at < stop) {
    if (at + 2 > end) return end < stop ? count : 0
    const length = bytes[at + 1]
    if (length < 2 || bytes[at] === 0) return 0
    at += length
    count++
  }
  return at === stop ? count : 0
}

function tellRadius(payload: Payload, stop: number): void {
  const { bytes, end } = payload
  let at = payload.start + RADIUS_HEADER
  const limit = Math.min(end, stop)
  while (at + 2 <= limit && bytes[at + 1] >= 2) {
    const next = at + bytes[at + 1]
    if (next > limit) return
    if (bytes[at] === USER_NAME) setExtraText(payload, 'radius', 'user_name', [at + 2, next])
    if (bytes[at] === NAS_IDENTIFIER) setExtraText(payload, 'radius', 'nas_identifier', [at + 2, next])
    at = next
  }
}

function radius(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < RADIUS_HEADER || !radiusCode(bytes[start])) return NO_MATCH
  const length = readU16(bytes, start + 2)
  if (length < RADIUS_HEADER || length > RADIUS_MAX) return NO_MATCH
  const onRadiusPort = RADIUS_PORTS.includes(payload.srcPort) || RADIUS_PORTS.includes(payload.dstPort)
  const exact = length === payload.length
  // Over TCP (RFC 6613) only its ports tell it from others that begin with a type and a length.
  if (payload.protocol === PROTOCOL_TCP && !(onRadiusPort && exact)) return NO_MATCH
  if (!exact && !(onRadiusPort && length < payload.length)) return NO_MATCH
  const code = bytes[start]
  const role =
    code === 1 || code === 4 || code === 12 || code === 40 || code === 43 ? FROM_CLIENT : FROM_SERVER
  const attributes = exact ? radiusAttributes(payload, start + length) : 0
  if (attributes > 0) {
    setExtra(payload, 'radius', 'code', code)
    tellRadius(payload, start + length)
    // One attribute off the ports is a length that happens to fit.
    return (onRadiusPort || attributes > 1 ? STRONG : WEAK) | role
  }
  if (!onRadiusPort && payload.labelSoFar !== 'radius') return NO_MATCH
  if (payload.protocol === PROTOCOL_TCP && length > RADIUS_HEADER) return NO_MATCH
  // An answer that echoes the identifier of the request before it.
  const echoed = payload.peerLength >= RADIUS_HEADER && payload.peer[1] === bytes[start + 1]
  return (echoed ? STRONG : WEAK) | role
}

const DIAMETER_HEADER = 20
const MAX_AVP = 0xffff

/** Commands of the IETF, and of 3GPP from 8388608 on; applications are standard, a vendor's (01 first) or relay (all ones). */
function diameterKnown(command: number, application: number): boolean {
  const commands = (command >= 256 && command < 4096) || (command >= 0x800000 && command < 0x801000)
  return commands && (application < 0x2000000 || application === 0xffffffff)
}

/** RFC 6733 section 3: version 1, length, flags (low nibble reserved), command, application, ids; then an AVP. */
function diameter(payload: Payload): number {
  const { bytes, start: at, end } = payload
  if (end - at < DIAMETER_HEADER || bytes[at] !== 1 || (bytes[at + 4] & 15) !== 0) return NO_MATCH
  const length = readU32(bytes, at) & 0xffffff
  const command = readU32(bytes, at + 4) & 0xffffff
  if (length < DIAMETER_HEADER || length % 4 !== 0 || !diameterKnown(command, readU32(bytes, at + 8)))
    return NO_MATCH
  if (length > payload.length && !fills(payload, length)) return NO_MATCH
  if (length > DIAMETER_HEADER && end - at >= DIAMETER_HEADER + 8) {
    const avp = at + DIAMETER_HEADER
    const code = readU32(bytes, avp)
    if ((bytes[avp + 4] & 0x1f) !== 0 || code === 0 || code > MAX_AVP) return NO_MATCH
    const size = readU32(bytes, avp + 4) & 0xffffff
    if (size < 8 || DIAMETER_HEADER + size > length) return NO_MATCH
  }
  setExtra(payload, 'diameter', 'command', command)
  setExtra(payload, 'diameter', 'application', readU32(bytes, at + 8))
  return STRONG | (bytes[at + 4] & 0x80 ? FROM_CLIENT : FROM_SERVER)
}

const TACACS_HEADER = 12

/** RFC 8907 section 4.1: version c0 or c1, type 1-3, sequence, flags, session, length. */
function tacacs(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < TACACS_HEADER || (bytes[start] & 0xfe) !== 0xc0) return NO_MATCH
  const type = bytes[start + 1]
  const sequence = bytes[start + 2]
  if (type < 1 || type > 3 || sequence === 0 || (bytes[start + 3] & 0xfa) !== 0) return NO_MATCH
  if (readU32(bytes, start + 8) !== payload.length - TACACS_HEADER) return NO_MATCH
  if (!onPort(payload, 49) && sequence > 16) return NO_MATCH
  setExtra(payload, 'tacacs', 'type', type)
  return STRONG | (sequence & 1 ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'radius',
    says: 'holds a RADIUS header with known code and agreeing length',
    protocols: TCP_UDP,
    ports: RADIUS_PORTS,
    firstBytes: [1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45],
    // Lengths below 8,192.
    bits: { offset: 0, mask: 0x0000e000, value: 0 },
    match: radius,
  },
  {
    label: 'diameter',
    says: 'holds a Diameter version 1 header with agreeing length and a first AVP',
    protocols: TCP,
    ports: [3868],
    firstBytes: [1],
    match: diameter,
  },
  {
    label: 'tacacs',
    says: 'holds a TACACS+ header with known type and agreeing length',
    protocols: TCP,
    ports: [49],
    firstBytes: [0xc0, 0xc1],
    match: tacacs,
  },
]
