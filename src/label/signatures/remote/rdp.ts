/**
 * RDP: over TCP its connection request and confirm (MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2: TPKT, X.224, cookie
 * or negotiation), over UDP the SYN of its transport (MS-RDPEUDP section 2.2.2).
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, readI32, readU16, readU16LE, startsWith } from '../../../bytes.ts'
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
import { onPort } from '../common/ports.ts'
import { findText, lineText } from '../common/text-scan.ts'
import { tlsInside } from '../tls/tls.ts'

const PORT_RDP = 3389

/** TPKT (RFC 1006): version 3, 0, length (2); X.224: length, type, destination (2), source (2), class. */
const TPKT_HEADER = 4
const X224_FIXED = 11
const TYPE_REQUEST = 0xe0
const TYPE_CONFIRM = 0xd0
/** Negotiation: type, flags, length 8 (little endian), protocol. */
const NEGOTIATION_LENGTH = 8
const NEGOTIATION_REQUEST = 1
const NEGOTIATION_RESPONSE = 2
const NEGOTIATION_FAILURE = 3
const COOKIE = 'Cookie: mstshash='

function matchTcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < X224_FIXED || bytes[start + 1] !== 0 || readU16(bytes, start + 2) !== length)
    return NO_MATCH
  if (bytes[start + TPKT_HEADER] !== length - TPKT_HEADER - 1) return NO_MATCH
  const type = bytes[start + TPKT_HEADER + 1]
  if (type === TYPE_REQUEST) return matchRequest(payload)
  if (type !== TYPE_CONFIRM) return NO_MATCH
  const at = start + X224_FIXED
  const kind = at < end ? bytes[at] : 0
  const negotiated =
    isNegotiation(bytes, at, end) && (kind === NEGOTIATION_RESPONSE || kind === NEGOTIATION_FAILURE)
  // What was chosen: 0 is RDP's own encryption, everything else is TLS or stands on it.
  const tls = negotiated && kind === NEGOTIATION_RESPONSE && bytes[at + 4] !== 0
  if (negotiated) return tls ? STRONG | FROM_SERVER | MORE : STRONG | FROM_SERVER
  return length === X224_FIXED && payload.srcPort === PORT_RDP ? WEAK | FROM_SERVER : NO_MATCH
}

function matchRequest(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const at = start + X224_FIXED
  if (startsWith(bytes, at, end, 'Cookie: ')) {
    if (startsWith(bytes, at, end, COOKIE))
      extraGroup(payload, 'rdp').cookie = lineText(bytes, at + COOKIE.length, end)
    return STRONG | FROM_CLIENT
  }
  if (isNegotiation(bytes, at, end) && bytes[at] === NEGOTIATION_REQUEST) return STRONG | FROM_CLIENT
  // A load balancer's token stands before the negotiation.
  if (findText(bytes, at, Math.min(end, at + 64), 'msts=') >= 0) return STRONG | FROM_CLIENT
  return length === X224_FIXED && payload.dstPort === PORT_RDP ? WEAK | FROM_CLIENT : NO_MATCH
}

function isNegotiation(bytes: Uint8Array, at: number, end: number): boolean {
  return at + NEGOTIATION_LENGTH <= end && readU16LE(bytes, at + 2) === NEGOTIATION_LENGTH
}

/** A whole TPKT with X.224 data (02 f0 80), then T.125's choice: 7f 65 or 66, or six bits. */
const X224_DATA = 0x02f080
const CONNECT_INITIAL = 0x7f65
const CONNECT_RESPONSE = 0x7f66
/** Erect domain, attach user, join a channel, send: six bits. What the server answers with, and sends by. */
const REQUESTS: readonly number[] = [1, 10, 14, 25]
const ANSWERS: readonly number[] = [11, 15, 26]

/** [MS-RDPBCGR] section 2.2.1.3 and on: what follows the connection's set-up, where that was not captured. */
function matchData(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, PORT_RDP) || end - start < 9 || bytes[start + 1] !== 0) return NO_MATCH
  if (readU16(bytes, start + 2) !== length) return NO_MATCH
  if (((readU16(bytes, start + 4) << 8) | bytes[start + 6]) !== X224_DATA) return NO_MATCH
  const connect = readU16(bytes, start + 7)
  const choice = bytes[start + 7] >> 2
  if (connect === CONNECT_INITIAL || REQUESTS.includes(choice)) return STRONG | FROM_CLIENT
  return connect === CONNECT_RESPONSE || ANSWERS.includes(choice) ? STRONG | FROM_SERVER : NO_MATCH
}

/** Source ack (4), window (2), flags (2), then in a SYN sequence (4), upstream and downstream MTU (2 each). */
const UDP_FLAG_SYN = 0x0001
const UDP_FLAG_ACK = 0x0004
const UDP_FLAGS_KNOWN = 0x3fff
const UDP_SYN_LENGTH = 16
const UDP_MTU_MIN = 1132
const UDP_MTU_MAX = 1232

function matchUdp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < UDP_SYN_LENGTH || length < UDP_MTU_MIN || length > UDP_MTU_MAX) return NO_MATCH
  const flags = readU16(bytes, start + 6)
  if ((flags & UDP_FLAG_SYN) === 0 || flags > UDP_FLAGS_KNOWN) return NO_MATCH
  const answer = (flags & UDP_FLAG_ACK) !== 0
  if (!answer && readI32(bytes, start) !== -1) return NO_MATCH
  if (!isMtu(readU16(bytes, start + 12)) || !isMtu(readU16(bytes, start + 14))) return NO_MATCH
  if (answer) return onPort(payload, PORT_RDP) ? STRONG | FROM_SERVER : NO_MATCH
  return STRONG | FROM_CLIENT
}

function isMtu(value: number): boolean {
  return value >= UDP_MTU_MIN && value <= UDP_MTU_MAX
}

export const signatures: Signature[] = [
  {
    label: 'rdp',
    says: 'starts with an RDP connection request or confirm',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_RDP],
    firstBytes: [3],
    match: matchTcp,
  },
  {
    label: 'rdp',
    says: 'is a TPKT with X.224 data and a T.125 message, on port 3389',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_RDP],
    firstBytes: [3],
    portsOnly: true,
    match: matchData,
  },
  {
    label: 'rdp',
    says: "starts with a SYN of RDP's UDP transport",
    protocols: [PROTOCOL_UDP],
    ports: [PORT_RDP],
    // Both MTUs lie between 1,132 and 1,232: their upper byte is 4.
    bits: { offset: 12, mask: 0xff00ff00, value: 0x04000400 },
    match: matchUdp,
  },
  tlsInside('rdp'),
]
