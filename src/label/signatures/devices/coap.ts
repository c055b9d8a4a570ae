/** CoAP over UDP (RFC 7252) and TCP (RFC 8323). */
import { readU16 } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
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
import { firstBytesWhere } from '../common/byte-scan.ts'
import { setExtra, setExtraText } from '../common/extras.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'

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
  if (from > stop) return -1
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

/** Longest path reported, in characters. */
const MAX_PATH = 512

/** Uri-Path stands once for each segment (section 6.4). */
function tellPath(payload: Payload, from: number): void {
  const { bytes, end } = payload
  let at = from
  let option = 0
  let path = ''
  for (let count = 0; count < MAX_OPTIONS && at < end && bytes[at] !== 0xff; count++) {
    const deltaNibble = bytes[at] >> 4
    const lengthNibble = bytes[at] & 15
    option += extended(payload, deltaNibble, at + 1)
    const value = at + 1 + extensionSize(deltaNibble) + extensionSize(lengthNibble)
    const stop = value + extended(payload, lengthNibble, at + 1 + extensionSize(deltaNibble))
    if (stop > end || stop < value) break
    if (option === OPTION_URI_PATH && path.length < MAX_PATH)
      path += `${path === '' ? '' : '/'}${packetString(bytes, value, stop)}`
    if (option === OPTION_URI_HOST) setExtraText(payload, 'coap', 'host', [value, stop])
    at = stop
  }
  if (path !== '') setExtra(payload, 'coap', 'path', path)
}

function tellMessage(payload: Payload, code: number, options: number): void {
  setExtra(payload, 'coap', 'code', `${code >> 5}.${String(code & 31).padStart(2, '0')}`)
  tellPath(payload, options)
}

/** A token of this many bytes is met again only in the answer. */
const TELLING_TOKEN = 4

/** An answer with the token of the other side's request (section 5.3.2), whatever their message ids. */
function echoesToken({ bytes, start, end, peer, peerLength }: Payload): boolean {
  const size = bytes[start] & 15
  if (peerLength < 4 + size || size < TELLING_TOKEN || start + 4 + size > end) return false
  const asked = peer[0] >> 6 === 1 && (peer[0] & 15) === size && peer[1] >= 1 && peer[1] <= 7
  if (!asked || bytes[start + 1] >> 5 < 2) return false
  let varies = false
  for (let i = 4; i < 4 + size; i++) {
    if (bytes[start + i] !== peer[i]) return false
    varies ||= peer[i] !== peer[4]
  }
  // Zeros, or what else fills a payload, are met again anywhere.
  return varies
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
  const strong = echo || echoesToken(payload)
  if (strong || onPort(payload, COAP_PORT)) tellMessage(payload, code, start + 4 + token)
  if (strong) return STRONG | role
  return onPort(payload, COAP_PORT) || isShortPort(payload) ? WEAK | role : NO_MATCH
}

/** Sixteen ports that 6LoWPAN writes in four bits (RFC 6282 section 4.3.1), which RFC 7252 section 12.7 suggests. */
function isShortPort({ srcPort, dstPort }: Payload): boolean {
  return (srcPort & 0xfff0) === COAP_SHORT_PORT || (dstPort & 0xfff0) === COAP_SHORT_PORT
}

/** RFC 8323 section 5.3: capabilities and settings, the first message of both sides; its options 2 and 4. */
const CODE_SETTINGS = 0xe1
const OPTION_MAX_SIZE = 2
const OPTION_BLOCKS = 4

/** Settings that fill their length: a maximum size of up to four bytes, blocks without a value. */
function settingsFill({ bytes }: Payload, from: number, stop: number): boolean {
  let option = 0
  let at = from
  while (at < stop) {
    const length = bytes[at] & 15
    option += bytes[at] >> 4
    if (option !== OPTION_MAX_SIZE && option !== OPTION_BLOCKS) return false
    if (length > (option === OPTION_MAX_SIZE ? 4 : 0)) return false
    at += 1 + length
  }
  return at === stop
}

/** Section 3.2: length of options and payload, token length 0, code, options; requests may follow at once. */
function coapSettings(payload: Payload): number {
  const { bytes, start, end } = payload
  const length = bytes[start] >> 4
  const stop = start + 2 + length
  if (payload.ordinal > 0 || end - start < 2 || (bytes[start] & 15) !== 0 || length > 12) return NO_MATCH
  if (bytes[start + 1] !== CODE_SETTINGS || stop > end || !settingsFill(payload, start + 2, stop))
    return NO_MATCH
  if (stop < end && (bytes[stop] & 15) > 8) return NO_MATCH
  return length > 0 || onPort(payload, COAP_PORT) ? WEAK | MORE : NO_MATCH
}

/** What the length field's extension of one byte and of two counts from (section 3.2). */
const LENGTH_13 = 13
const LENGTH_14 = 269

/** A message that fills its segment, in a flow that began with settings: length, token length, code, token, options. */
function coapOverTcp(payload: Payload): number {
  const { bytes, start, end } = payload
  const nibble = bytes[start] >> 4
  const token = bytes[start] & 15
  const extension = Math.max(0, nibble - 12)
  const codeAt = start + 1 + extension
  if (payload.labelSoFar !== 'coap' || token > 8 || extension > 2 || codeAt >= end) return NO_MATCH
  let length = nibble
  if (extension === 1) length = bytes[start + 1] + LENGTH_13
  else if (extension === 2) length = readU16(bytes, start + 1) + LENGTH_14
  const options = codeAt + 1 + token
  if (options - start + length !== payload.length) return NO_MATCH
  const code = bytes[codeAt]
  if (code === 0 || !coapCode(code) || coapOptions(payload, options) < 0) return NO_MATCH
  tellMessage(payload, code, options)
  return WEAK | (code <= 7 ? FROM_CLIENT : FROM_SERVER)
}

/** Codes as coapCode has them: below 8, of group 2, and of 4 and 5. */
const COAP_BITS = [
  { offset: 0, mask: 0x00f80000, value: 0 },
  { offset: 0, mask: 0x00e00000, value: 0x00400000 },
  { offset: 0, mask: 0x00c00000, value: 0x00800000 },
]

export const signatures: Signature[] = [
  {
    label: 'coap',
    says: 'is a CoAP message whose options fill it, on port 5683, or one that echoes a message id or a token',
    protocols: UDP,
    ports: [COAP_PORT],
    firstBytes: firstBytesWhere((byte) => byte >> 6 === 1 && (byte & 15) <= 8),
    bits: COAP_BITS,
    match: coap,
  },
  {
    label: 'coap',
    says: 'starts with the settings of CoAP over TCP (code 7.01), whose options fill its length',
    protocols: TCP,
    ports: [COAP_PORT],
    // Token length 0, code 7.01.
    bits: { offset: 0, mask: 0x0fff0000, value: 0x00e10000 },
    match: coapSettings,
  },
  {
    label: 'coap',
    says: 'is a CoAP message whose length and options fill the segment',
    protocols: TCP,
    // Without ports: tried only in flows that are CoAP already.
    portsOnly: true,
    firstBytes: firstBytesWhere((byte) => (byte & 15) <= 8 && byte >> 4 < 15),
    match: coapOverTcp,
  },
]
