/** Buildings, fields and things over UDP: BACnet/IP, KNXnet/IP, CoAP (RFC 7252), HART-IP. */
import { readU16 } from '../../bytes.ts'
import { FROM_CLIENT, FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../payload.ts'
import { firstBytesWhere, onPort, roleByPort, TCP_UDP, tell, tellText, UDP } from './shape.ts'

const BACNET_PORT = 47808
const BVLL = 0x81
const BVLL_LAST_FUNCTION = 0x0c

/** ASHRAE 135 annex J.2: 81, function, length; the functions that carry an NPDU have its version 1 next. */
function bacnet(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 4 || bytes[start] !== BVLL || bytes[start + 1] > BVLL_LAST_FUNCTION) return NO_MATCH
  if (readU16(bytes, start + 2) !== payload.length) return NO_MATCH
  const operation = bytes[start + 1]
  const carries = operation === 9 || operation === 10 || operation === 11
  const at = start + (operation === 4 ? 10 : 4)
  const npdu = (carries || operation === 4) && at < end && bytes[at] === 1
  if ((carries || operation === 4) && !npdu) return NO_MATCH
  tell(payload, 'bacnet', 'function', operation)
  return npdu || onPort(payload, BACNET_PORT) ? STRONG : WEAK
}

const KNX_HEADER = 0x0610

/** ISO 22510: header length 06, version 10, service, total length. */
function knx(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || readU16(bytes, start) !== KNX_HEADER || readU16(bytes, start + 4) !== payload.length)
    return NO_MATCH
  const service = readU16(bytes, start + 2)
  const family = service >> 8
  const known = (family >= 2 && family <= 5) || family === 9
  if (!known) return NO_MATCH
  tell(payload, 'knxnet_ip', 'service', service)
  return STRONG
}

const COAP_PORT = 5683
const COAP_SHORT_PORT = 0xf0b0
const TYPE_ACK = 2
const TYPE_RESET = 3
const OPTION_URI_PATH = 11
const OPTION_URI_HOST = 3
const MAX_OPTIONS = 32

/** RFC 7252 section 12.1: methods 0.01-0.07, answers 2.01-2.05 (and 2.31), 4.xx, 5.xx; 7.xx signals over TCP. */
function coapCode(code: number): boolean {
  if (code <= 7) return true
  const detail = code & 31
  const group = code >> 5
  if (group === 2) return (detail >= 1 && detail <= 5) || detail === 31
  return (group === 4 && detail <= 29) || (group === 5 && detail <= 8)
}

/** Value of an option's delta or length nibble with its extension; -1 when wrong. Section 3.1. */
function extended(payload: Payload, nibble: number, at: number): number {
  const { bytes, end } = payload
  if (nibble < 13) return nibble
  if (nibble === 13) return at < end ? bytes[at] + 13 : -1
  return nibble === 14 && at + 2 <= end ? readU16(bytes, at) + 269 : -1
}

function extensionSize(nibble: number): number {
  return nibble === 13 ? 1 : nibble === 14 ? 2 : 0
}

/** Number of options when they and the payload marker fill the message, -1 when they do not. */
function coapOptions(payload: Payload, from: number): number {
  const { bytes, start, end } = payload
  const stop = start + payload.length
  let at = from
  let option = 0
  for (let count = 0; count < MAX_OPTIONS; count++) {
    if (at >= stop) return at === stop ? count : -1
    if (at >= end) return count
    if (bytes[at] === 0xff) return at + 1 < stop ? count : -1
    const deltaNibble = bytes[at] >> 4
    const lengthNibble = bytes[at] & 15
    const delta = extended(payload, deltaNibble, at + 1)
    const length = extended(payload, lengthNibble, at + 1 + extensionSize(deltaNibble))
    if (delta < 0 || length < 0 || length > 1034) return -1
    option += delta
    if (option > 2054) return -1
    const value = at + 1 + extensionSize(deltaNibble) + extensionSize(lengthNibble)
    at = value + length
    if (at > stop) return -1
  }
  return -1
}

function tellPath(payload: Payload, from: number): void {
  const { bytes, end } = payload
  let at = from
  let option = 0
  for (let count = 0; count < MAX_OPTIONS && at < end && bytes[at] !== 0xff; count++) {
    const deltaNibble = bytes[at] >> 4
    const lengthNibble = bytes[at] & 15
    option += extended(payload, deltaNibble, at + 1)
    const value = at + 1 + extensionSize(deltaNibble) + extensionSize(lengthNibble)
    const stop = value + extended(payload, lengthNibble, at + 1 + extensionSize(deltaNibble))
    if (stop > end || stop < value) return
    if (option === OPTION_URI_PATH) tellText(payload, 'coap', 'path', [value, stop])
    if (option === OPTION_URI_HOST) tellText(payload, 'coap', 'host', [value, stop])
    at = stop
  }
}

/** Section 3: version 1, type, token length up to 8, code, message id, token, options. */
function coap(payload: Payload): number {
  const { bytes, start, end, peer } = payload
  if (end - start < 4 || bytes[start] >> 6 !== 1 || (bytes[start] & 15) > 8 || !coapCode(bytes[start + 1]))
    return NO_MATCH
  const type = (bytes[start] >> 4) & 3
  const code = bytes[start + 1]
  const token = bytes[start] & 15
  if (code === 0 && payload.length !== 4) return NO_MATCH
  const options = coapOptions(payload, start + 4 + token)
  if (options < 0) return NO_MATCH
  const role = code === 0 ? 0 : code <= 7 ? FROM_CLIENT : FROM_SERVER
  // An acknowledgement that echoes the message id (and so the version and token) of a confirmable message.
  const echo =
    payload.peerLength >= 4 &&
    (type === TYPE_ACK || type === TYPE_RESET) &&
    peer[0] >> 4 === 4 &&
    readU16(peer, 2) === readU16(bytes, start + 2)
  if (echo || onPort(payload, COAP_PORT)) {
    tell(payload, 'coap', 'code', `${code >> 5}.${String(code & 31).padStart(2, '0')}`)
    tellPath(payload, start + 4 + token)
  }
  if (echo) return STRONG | role
  return onPort(payload, COAP_PORT) || isShortPort(payload) ? WEAK | role : NO_MATCH
}

/** Sixteen ports that 6LoWPAN writes in four bits (RFC 6282 section 4.3.1), which RFC 7252 section 12.7 suggests. */
function isShortPort({ srcPort, dstPort }: Payload): boolean {
  return (srcPort & 0xfff0) === COAP_SHORT_PORT || (dstPort & 0xfff0) === COAP_SHORT_PORT
}

const HART_PORT = 5094

/** HART-IP header: version 1 or 2, type 0-3 or f, id 0-4, status, sequence, length of the whole. */
function hartIp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || bytes[start + 1] > 15 || bytes[start + 2] > 4) return NO_MATCH
  if (bytes[start] !== 1 && bytes[start] !== 2) return NO_MATCH
  if (readU16(bytes, start + 6) !== payload.length || !onPort(payload, HART_PORT)) return NO_MATCH
  return STRONG | roleByPort(payload, HART_PORT)
}

export const signatures: Signature[] = [
  {
    label: 'bacnet',
    says: 'holds a BACnet/IP header (81) with known function and agreeing length',
    protocols: UDP,
    ports: [BACNET_PORT],
    firstBytes: [BVLL],
    match: bacnet,
  },
  {
    label: 'knxnet-ip',
    says: 'holds a KNXnet/IP header (06 10) with known service and agreeing length',
    protocols: TCP_UDP,
    ports: [3671],
    firstBytes: [6],
    match: knx,
  },
  {
    label: 'coap',
    says: 'is a CoAP message whose options fill it, on port 5683, or one that echoes a message id',
    protocols: UDP,
    ports: [COAP_PORT],
    firstBytes: firstBytesWhere((byte) => byte >> 6 === 1 && (byte & 15) <= 8),
    match: coap,
  },
  {
    label: 'hart-ip',
    says: 'holds a HART-IP header with agreeing length, on port 5094',
    protocols: TCP_UDP,
    ports: [HART_PORT],
    firstBytes: [1, 2],
    match: hartIp,
  },
]
