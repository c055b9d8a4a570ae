/**
 * What is in homes: Tuya, TP-Link (Kasa), Xiaomi miIO, LIFX, Broadlink, Nest Weave, ESPHome, and the handshakes of Matter
 * 1.0. Most specifications are their makers' or were written down by others.
 */
import { PROTOCOL_TCP, readI32, readU16, readU16LE, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { opening } from '../common/beginnings.ts'
import { zeroWords } from '../common/byte-scan.ts'
import { TCP, TCP_UDP, UDP } from '../common/ports.ts'
import { printableRun } from '../common/text-scan.ts'

/** What stands in front and behind, of versions up to 3.4 and of 3.5. */
const TUYA = 0x000055aa
const TUYA_END = 0x0000aa55
const TUYA_35 = 0x00006699
const TUYA_35_END = 0x00009966 | 0
const TUYA_HEADER = 16
const TUYA_35_HEADER = 18

/** Prefix, (reserved,) sequence, command, length of the rest, … suffix. */
function tuya({ bytes, start, end, length }: Payload): number {
  const prefix = end - start < 24 ? 0 : readI32(bytes, start)
  if (prefix !== TUYA && prefix !== TUYA_35) return NO_MATCH
  const header = prefix === TUYA ? TUYA_HEADER : TUYA_35_HEADER
  // The newer one does not count its suffix.
  const total = header + readU32(bytes, start + header - 4) + (prefix === TUYA ? 0 : 4)
  if (total > length) return NO_MATCH
  if (start + total > end) return total === length ? STRONG : NO_MATCH
  const suffix = readI32(bytes, start + total - 4)
  return suffix === (prefix === TUYA ? TUYA_END : TUYA_35_END) ? STRONG : NO_MATCH
}

/** The first byte's key; each byte is the key of the next. */
const XOR_KEY = 0xab
const BRACE = 0x7b
const QUOTE = 0x22
const CLOSING_BRACE = 0x7d
const MAX_PLAIN = 128

/** "{" and a quotation mark or "}", and as many bytes of text as are looked at. */
function isHiddenJson(bytes: Uint8Array, at: number, end: number): boolean {
  const second = bytes[at + 1] ^ bytes[at]
  if ((bytes[at] ^ XOR_KEY) !== BRACE || (second !== QUOTE && second !== CLOSING_BRACE)) return false
  const stop = Math.min(end, at + MAX_PLAIN)
  for (let here = at + 1; here < stop; here++) {
    const plain = bytes[here] ^ bytes[here - 1]
    if (plain > 0x7e || (plain < 0x20 && plain !== 0x0a && plain !== 0x0d && plain !== 9)) return false
  }
  return true
}

const SHORTEST_JSON = 12

/** JSON under a running exclusive-or; over TCP behind its length. */
function tplink({ bytes, start, end, length, protocol }: Payload): number {
  const stream = protocol === PROTOCOL_TCP
  const at = stream ? start + 4 : start
  if (end - at < SHORTEST_JSON || !isHiddenJson(bytes, at, end)) return NO_MATCH
  if (stream) {
    const rest = readU32(bytes, start)
    return rest + 4 === length || (rest + 4 > length && length >= 500 && rest < 0x100000) ? STRONG : NO_MATCH
  }
  if (start + length > end) return WEAK
  return (bytes[end - 1] ^ bytes[end - 2]) === CLOSING_BRACE ? STRONG : NO_MATCH
}

const MIIO_MAGIC = 0x2131
const MIIO_HEADER = 32

/** 21 31, length of the whole, then 0; a hello is ff to its end. */
function miio({ bytes, start, end, length }: Payload): number {
  if (end - start < 8 || length < MIIO_HEADER || readU16(bytes, start) !== MIIO_MAGIC) return NO_MATCH
  if (readU16(bytes, start + 2) !== length) return NO_MATCH
  const unknown = readI32(bytes, start + 4)
  if (unknown === -1) return length === MIIO_HEADER ? STRONG | FROM_CLIENT : NO_MATCH
  return unknown === 0 ? STRONG : NO_MATCH
}

const LIFX_HEADER = 36

/** Size (little-endian), protocol 1024 with the addressable bit, source, target, … type, reserved. */
function lifx({ bytes, start, end, length }: Payload): number {
  if (end - start < LIFX_HEADER || readU16LE(bytes, start) !== length) return NO_MATCH
  if (bytes[start + 2] !== 0 || (bytes[start + 3] & 0xdf) !== 0x14) return NO_MATCH
  return readU16(bytes, start + 34) === 0 ? STRONG : NO_MATCH
}

/** Message header of Weave: version, flags of the node ids, both from the numbers of Nest (18 b4 30). */
const WEAVE_BOTH_IDS = 3

function weave({ bytes, start, end, length, protocol }: Payload): number {
  const at = protocol === PROTOCOL_TCP ? start + 2 : start
  if (at + 22 > end || (at !== start && readU16LE(bytes, start) + 2 > length)) return NO_MATCH
  const version = bytes[at + 1] >> 4
  if (version < 1 || version > 2 || (bytes[at + 1] & WEAVE_BOTH_IDS) !== WEAVE_BOTH_IDS) return NO_MATCH
  return isNestNode(bytes, at + 6) && isNestNode(bytes, at + 14) ? STRONG : NO_MATCH
}

/** A node id, little-endian, that begins with the maker's number. */
function isNestNode(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 7] === 0x18 && bytes[at + 6] === 0xb4 && bytes[at + 5] === 0x30
}

const HELLO_REQUEST = 1
const HELLO_RESPONSE = 2

/** Plain: 00, length, type; a hello names the client's software, its answer has versions 1 and x first. */
function esphome(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const size = bytes[start + 1]
  if (end - start < 8 || bytes[start] !== 0 || size > 0x7f || size + 3 > length) return NO_MATCH
  if (bytes[start + 2] === HELLO_REQUEST) {
    const name = bytes[start + 4]
    if (bytes[start + 3] !== 0x0a || name < 4 || name + 2 > size) return NO_MATCH
    const stop = start + 5 + name
    if (stop > end || printableRun(bytes, start + 5, stop) !== stop) return NO_MATCH
    return STRONG | FROM_CLIENT
  }
  if (bytes[start + 2] !== HELLO_RESPONSE) return NO_MATCH
  const versions = readU16(bytes, start + 3) === 0x0801 && bytes[start + 5] === 0x10
  return versions && bytes[start + 7] === 0x1a ? STRONG | FROM_SERVER : NO_MATCH
}

/** Empty but for its header: the client's first frame with Noise. */
const NOISE_HELLO = 0x010000

/** With Noise: 01, length, 1 (the protocol chosen), the name of the device with NUL. */
function esphomeNoise({ bytes, start, end, length, peer, peerLength }: Payload): number {
  if (peerLength < 3 || ((peer[0] << 16) | readU16(peer, 1)) !== NOISE_HELLO || end - start < 6)
    return NO_MATCH
  const size = readU16(bytes, start + 1)
  if (bytes[start + 3] !== 1 || size + 3 > length) return NO_MATCH
  const stop = Math.min(end, start + 3 + size)
  const name = printableRun(bytes, start + 4, stop)
  return name > start + 4 && name < stop && bytes[name] === 0 ? STRONG | FROM_SERVER : NO_MATCH
}

const BROADLINK_SEARCH = 48
const BROADLINK_SEARCH_KIND = 6
const BROADLINK_SUM = 0xbeaf

/** Who is there? 48 bytes: zeros, time, address and port, sum (little-endian) of all else from beaf on, 6. */
function broadlinkSearch({ bytes, start, end, length }: Payload): number {
  if (length !== BROADLINK_SEARCH || end - start < length) return NO_MATCH
  if (bytes[start + 38] !== BROADLINK_SEARCH_KIND || !zeroWords(bytes, start, 2)) return NO_MATCH
  let sum = BROADLINK_SUM - bytes[start + 32] - bytes[start + 33]
  for (let at = start; at < end; at++) sum += bytes[at]
  return (sum & 0xffff) === readU16LE(bytes, start + 32) ? STRONG | FROM_CLIENT : NO_MATCH
}

const MATTER_INITIATOR = 1
const MATTER_ACKNOWLEDGES = 2
const MATTER_VENDOR = 0x10
const TLV_STRUCTURE = 0x15
const TLV_END = 0x18

/** Of passcode (20 to 24) and of certificates (30 to 33). */
function isHandshake(opcode: number): boolean {
  return (opcode >= 0x20 && opcode <= 0x24) || (opcode >= 0x30 && opcode <= 0x33)
}

/** Matter 1.0 section 4.4: session 0 without security, node ids by flags, secure channel protocol, one structure. */
function matter({ bytes, start, end, length }: Payload): number {
  if (end - start < 24 || (readI32(bytes, start) & 0xf8ffffff) !== 0) return NO_MATCH
  const flags = bytes[start]
  const destination = (flags & 3) === 1 ? 8 : (flags & 3) === 2 ? 2 : 0
  let at = start + 8 + (flags & 4 ? 8 : 0) + destination
  if ((flags & 3) === 3 || at + 12 > end) return NO_MATCH
  const exchange = bytes[at]
  if (exchange > 0x1f || (exchange & MATTER_VENDOR) !== 0 || !isHandshake(bytes[at + 1])) return NO_MATCH
  if (readU16(bytes, at + 4) !== 0) return NO_MATCH
  at += exchange & MATTER_ACKNOWLEDGES ? 10 : 6
  if (bytes[at] !== TLV_STRUCTURE) return NO_MATCH
  const whole = start + length <= end
  if (whole && bytes[end - 1] !== TLV_END) return NO_MATCH
  return (whole ? STRONG : WEAK) | (exchange & MATTER_INITIATOR ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'tuya',
    says: 'holds a Tuya frame between 00 00 55 aa and 00 00 aa 55 (or 66 99 and 99 66) with agreeing length',
    protocols: TCP_UDP,
    ports: [6666, 6667, 6668],
    bits: [
      { offset: 0, mask: 0xffffffff, value: TUYA },
      { offset: 0, mask: 0xffffffff, value: TUYA_35 },
    ],
    match: tuya,
  },
  {
    label: 'tplink-smarthome',
    says: 'is JSON under the running exclusive-or of TP-Link that begins with ab',
    protocols: UDP,
    ports: [9999],
    firstBytes: [BRACE ^ XOR_KEY],
    match: tplink,
  },
  {
    label: 'tplink-smarthome',
    says: 'is a length and as much JSON under the running exclusive-or of TP-Link that begins with ab',
    protocols: TCP,
    ports: [9999],
    bits: { offset: 4, mask: 0xff000000, value: (BRACE ^ XOR_KEY) << 24 },
    match: tplink,
  },
  {
    label: 'miio',
    says: 'starts with 21 31, its own length, and zeros or a hello of ff',
    protocols: UDP,
    ports: [54321],
    bits: { offset: 0, mask: 0xffff0000, value: MIIO_MAGIC << 16 },
    match: miio,
  },
  {
    label: 'lifx',
    says: 'holds a LIFX header: its own size, protocol 1024 and the reserved bytes',
    protocols: UDP,
    ports: [56700],
    bits: { offset: 2, mask: 0xffdf0000, value: 0x00140000 },
    match: lifx,
  },
  opening({
    label: 'broadlink',
    says: 'starts with the eight bytes 5a a5 aa 55 5a a5 aa 55 of Broadlink commands',
    protocols: UDP,
    ports: [80],
    text: '\x5a\xa5\xaa\x55\x5a\xa5\xaa\x55',
    least: 56,
  }),
  {
    label: 'broadlink',
    says: 'searches for Broadlink devices: 48 bytes of kind 6 whose sum agrees',
    protocols: UDP,
    ports: [80],
    firstBytes: [0],
    bits: { offset: 36, mask: -1, value: BROADLINK_SEARCH_KIND << 8 },
    match: broadlinkSearch,
  },
  {
    label: 'weave',
    says: 'holds a Weave header whose both node ids are numbers of Nest (18 b4 30)',
    protocols: TCP,
    ports: [11095],
    bits: { offset: 13, mask: 0xffffff00, value: 0x30b41800 },
    match: weave,
  },
  {
    label: 'weave',
    says: 'holds a Weave datagram whose both node ids are numbers of Nest (18 b4 30)',
    protocols: UDP,
    ports: [11095],
    bits: { offset: 11, mask: 0xffffff00, value: 0x30b41800 },
    match: weave,
  },
  {
    label: 'esphome',
    says: 'is a hello of the native API of ESPHome, or its answer with versions',
    protocols: TCP,
    ports: [6053],
    bits: [
      { offset: 0, mask: 0xff80ffff, value: 0x0000010a },
      { offset: 0, mask: 0xff80ffff, value: 0x00000208 },
    ],
    match: esphome,
  },
  opening({
    label: 'esphome',
    says: 'starts with the empty frame and the Noise handshake of the native API of ESPHome',
    protocols: TCP,
    ports: [6053],
    text: '\x01\0\0\x01\0\x31\0',
    role: FROM_CLIENT,
  }),
  {
    label: 'esphome',
    says: 'answers the empty frame of the native API of ESPHome with the name of a device',
    protocols: TCP,
    ports: [6053],
    firstBytes: [1],
    bits: { offset: 0, mask: 0xff0000ff | 0, value: 0x01000001 },
    match: esphomeNoise,
  },
  {
    label: 'matter',
    says: 'is a handshake of Matter: session 0, secure channel protocol and one structure to its end',
    protocols: UDP,
    ports: [5540],
    bits: { offset: 0, mask: 0xf8ffffff, value: 0 },
    match: matter,
  },
]
