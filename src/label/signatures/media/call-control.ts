/**
 * Call control other than SIP: H.323 (Q.931 and H.225 in TPKT, RAS, H.245), MGCP (RFC 3435), Megaco (RFC 3525),
 * IAX2 (RFC 5456), Skinny.
 */
import { readI32, readU16, readU16LE, readU32LE, startsWith } from '../../../bytes.ts'
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
import { ASCII, bitsOf } from '../common/beginnings.ts'
import { bytesAt, firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { digitRun, findText, lineStop } from '../common/text-scan.ts'
import { announceMedia } from './sdp.ts'

/** OBJECT IDENTIFIER 0.0.8.2250.0.x of H.225.0 and 0.0.8.245.0.x of H.245, in packed encoding without the version. */
const H225_OID = new Uint8Array([0x06, 0x00, 0x08, 0x91, 0x4a, 0x00])
const H245_OID = new Uint8Array([0x06, 0x00, 0x08, 0x81, 0x75, 0x00])
const H225_SHORT = H225_OID.subarray(1)
const Q931_DISCRIMINATOR = 0x08
const TPKT = 0x0300

/** Offset of `wanted` in at..end-1, or -1. */
function findBytes(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): number {
  for (let here = at; here + wanted.length <= end; here++) {
    if (bytes[here] === wanted[0] && bytesAt(bytes, here, end, wanted)) return here
  }
  return -1
}

/** Q.931 section 4: discriminator, call reference of 1-2 bytes, message type; the user-user element names H.225. */
function q931(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (at + 4 > end || bytes[at] !== Q931_DISCRIMINATOR) return NO_MATCH
  const reference = bytes[at + 1]
  if (reference < 1 || reference > 2) return NO_MATCH
  const type = bytes[at + 2 + reference]
  const known = type === 5 || type === 1 || type === 2 || type === 3 || type === 7 || type === 0x0d
  if (!known && type !== 0x5a && type !== 0x62 && type !== 0x6e && type !== 0x7d && type !== 0x7b) {
    return NO_MATCH
  }
  const stop = Math.min(end, at + 400)
  return findBytes(bytes, at, stop, H225_SHORT) >= 0 || findBytes(bytes, at, stop, USER_USER) >= 0
    ? STRONG
    : NO_MATCH
}

/** User-user element with length of two bytes and protocol discriminator 5 (X.680). */
const USER_USER = new Uint8Array([0x7e, 0x00])

/** RFC 1006 section 6: version 3, reserved 0, length; then Q.931 on 1720 or H.245 on a port of its own. */
function h323(payload: Payload): number {
  const { bytes, start, end } = payload
  // A TPKT header may come in a segment of its own, its content in the next.
  const headless = bytes[start] === Q931_DISCRIMINATOR
  if (headless) {
    const { previous, previousLength } = payload
    if (previousLength !== 4 || previous[0] !== 3 || previous[1] !== 0) return NO_MATCH
    return readU16(previous, 2) === payload.length + 4 ? q931(payload, start) : NO_MATCH
  }
  if (end - start < 8 || readU16(bytes, start) !== TPKT) return NO_MATCH
  const length = readU16(bytes, start + 2)
  if (length < 7 || (length > payload.length && !fills(payload, length))) return NO_MATCH
  if (bytes[start + 4] === Q931_DISCRIMINATOR) return q931(payload, start + 4)
  return findBytes(bytes, start + 4, Math.min(end, start + 24), H245_OID) >= 0 ? STRONG : NO_MATCH
}

/** The six messages of discovery and registration, each four first bytes (packed choice index and two flags). */
const RAS_FIRST_BYTES = 24

/** H.225.0 RAS: discovery and registration carry the protocol identifier within their first bytes. */
function ras(payload: Payload): number {
  const { bytes, start, end } = payload
  const stop = Math.min(end, start + 24)
  if (findBytes(bytes, start, stop, H225_OID) < 0) return NO_MATCH
  return STRONG
}

const MGCP_VERBS = ['AUEP', 'AUCX', 'CRCX', 'DLCX', 'EPCF', 'MDCX', 'NTFY', 'RQNT', 'RSIP']
const MGCP_GATEWAY = 2427
const MGCP_AGENT = 2727
/** A gateway's calls all go over one flow, each with media of its own. */
const MGCP_DEPTH = 64
const SPACE = 0x20
const BRACKET = 0x5b

/** RFC 3435 section 3.2: verb, transaction id, endpoint, "MGCP 1.0"; answers are a code and the transaction id. */
function mgcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8) return NO_MATCH
  if (bytes[start] >= 0x30 && bytes[start] <= 0x39) {
    if (!onPort(payload, MGCP_GATEWAY) && !onPort(payload, MGCP_AGENT)) return NO_MATCH
    if (digitRun(bytes, start, end, 3) !== start + 3 || bytes[start + 3] !== SPACE) return NO_MATCH
    const id = digitRun(bytes, start + 4, end, 9)
    const closed = id > 0 && id < end && (bytes[id] === SPACE || bytes[id] === 0x0d || bytes[id] === 0x0a)
    if (!closed) return NO_MATCH
    announceMedia(payload)
    return WEAK | MORE
  }
  if (bytes[start + 4] !== SPACE) return NO_MATCH
  for (let i = 0; i < MGCP_VERBS.length; i++) {
    if (!startsWith(bytes, start, end, MGCP_VERBS[i])) continue
    const line = lineStop(bytes, start, Math.min(end, start + 300))
    if (findText(bytes, start + 5, line, ' MGCP ') < 0) return NO_MATCH
    setExtra(payload, 'mgcp', 'verb', MGCP_VERBS[i])
    announceMedia(payload)
    return STRONG | MORE
  }
  return NO_MATCH
}

/** RFC 3525 annex B: text form, long "MEGACO/1 [" or short "!/1 [". */
function megaco(payload: Payload): number {
  const { bytes, start, end } = payload
  if (startsWith(bytes, start, end, 'MEGACO/')) return STRONG
  if (end - start < 6) return NO_MATCH
  const version = bytes[start + 2] >= 0x31 && bytes[start + 2] <= 0x39
  const short = startsWith(bytes, start, end, '!/') && version && bytes[start + 3] === SPACE
  return short && bytes[start + 4] === BRACKET ? STRONG : NO_MATCH
}

const IAX2_PORT = 4569
const IAX_FRAME = 6
const IAX_NEW = 1
const IAX_VERSION = 0x0b020002

/** NEW starts a call: full frame, no destination call number, both sequences 0, first element VERSION (0b 02 00 02). */
function isNewCall({ bytes, start, end }: Payload): boolean {
  if (end - start < 16 || (bytes[start] & 0x80) === 0) return false
  if (readU16(bytes, start + 10) !== ((IAX_FRAME << 8) | IAX_NEW)) return false
  const unanswered = (readU16(bytes, start + 2) & 0x7fff) === 0 && readU16(bytes, start + 8) === 0
  return unanswered && readI32(bytes, start + 12) === IAX_VERSION
}

/** RFC 5456 section 8.1.1: full frame bit, call numbers, timestamp, sequences, frame type, subclass. */
function iax2(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12 || (bytes[start] & 0x80) === 0) return NO_MATCH
  if (isNewCall(payload)) return STRONG | FROM_CLIENT
  if (!onPort(payload, IAX2_PORT) && payload.labelSoFar !== 'iax2') return NO_MATCH
  const type = bytes[start + 10]
  if (type < 1 || type > 12) return NO_MATCH
  if (type === IAX_FRAME) {
    const subclass = bytes[start + 11]
    if (subclass === 0 || subclass > 0x28) return NO_MATCH
    if (payload.length !== 12 && !informationElements(payload)) return NO_MATCH
  }
  if (callsPeer(payload)) return STRONG
  // Where the other side sent a full frame, this one must name it.
  return payload.peerLength >= 12 && (payload.peer[0] & 0x80) !== 0 ? NO_MATCH : WEAK
}

/** The destination call number is the one the other side called itself by. */
function callsPeer({ bytes, start, peer, peerLength }: Payload): boolean {
  const call = readU16(bytes, start + 2) & 0x7fff
  return peerLength >= 12 && (peer[0] & 0x80) !== 0 && call === (readU16(peer, 0) & 0x7fff)
}

/** RFC 5456 section 8.6: information elements (number, length, value) fill the rest of the frame. */
function informationElements(payload: Payload): boolean {
  const { bytes, start, end } = payload
  let at = start + 12
  while (at + 2 <= end) at += 2 + bytes[at + 1]
  return at === start + payload.length
}

/** Skinny: length (less the eight bytes of the header), header version, message id, all little-endian. */
function skinny(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 12 || !onPort(payload, 2000)) return NO_MATCH
  const length = readU32LE(bytes, start)
  if (length < 4 || length > 8192 || length + 8 > payload.length) return NO_MATCH
  const version = readU32LE(bytes, start + 4)
  if (version > 0x20 || (version !== 0 && version < 0x11)) return NO_MATCH
  const message = readU16LE(bytes, start + 8)
  if (message > 0x200 || readU16LE(bytes, start + 10) !== 0) return NO_MATCH
  return STRONG | (message < 0x80 ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'h323',
    says: 'is a TPKT with a Q.931 message that carries H.225, or with H.245',
    protocols: TCP,
    ports: [1720],
    firstBytes: [3, Q931_DISCRIMINATOR],
    match: h323,
  },
  {
    label: 'h323',
    says: 'is an H.225 RAS message with its object identifier 0.0.8.2250.0',
    protocols: UDP,
    ports: [1718, 1719],
    firstBytes: firstBytesWhere((byte) => byte < RAS_FIRST_BYTES),
    match: ras,
  },
  {
    label: 'mgcp',
    says: 'is an MGCP command with its protocol version, or an answer on an MGCP port',
    protocols: UDP,
    ports: [MGCP_GATEWAY, MGCP_AGENT],
    firstBytes: [0x41, 0x43, 0x44, 0x45, 0x4d, 0x4e, 0x52, 0x30, 0x31, 0x32, 0x34, 0x35, 0x38],
    depth: MGCP_DEPTH,
    bits: ASCII,
    match: mgcp,
  },
  {
    label: 'megaco',
    says: 'starts with a Megaco version token',
    protocols: TCP_UDP,
    ports: [2944],
    firstBytes: [0x4d, 0x21],
    bits: [bitsOf('MEGA'), { offset: 0, mask: 0xffff00ff | 0, value: 0x212f0020 }],
    match: megaco,
  },
  {
    label: 'iax2',
    says: 'holds an IAX2 full frame, on port 4569 or behind the start of a call',
    protocols: UDP,
    ports: [IAX2_PORT],
    firstBytes: firstBytesWhere((byte) => byte >= 0x80),
    portsOnly: true,
    match: iax2,
  },
  {
    label: 'iax2',
    says: 'starts an IAX2 call: NEW with sequences 0 and its version',
    protocols: UDP,
    bits: { offset: 8, mask: -1, value: (IAX_FRAME << 8) | IAX_NEW },
    match: (payload) => (isNewCall(payload) ? STRONG | FROM_CLIENT : NO_MATCH),
  },
  {
    label: 'skinny',
    says: 'holds a Skinny header with agreeing length and known message, on port 2000',
    protocols: TCP,
    ports: [2000],
    portsOnly: true,
    match: skinny,
  },
]
