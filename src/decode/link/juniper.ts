/**
 * The header that Juniper's routers put before captured frames (LINKTYPE_JUNIPER_…): a magic number, flags and
 * extensions, then the cookie of the interface card. What a cookie does not specify is inferred from the bytes after it.
 * Where the magic number is missing, as in captures of old routers, there is no header but the cookie.
 */
import { readU16, readU32, readU32LE } from '../../bytes.ts'
import type { Cursor, StepDecoder } from '../cursor.ts'
import { LINK_CUT, NON_IP } from '../status.ts'
import {
  etherTypeStep,
  STEP_ATM,
  STEP_CISCO_HDLC,
  STEP_ETHERNET,
  STEP_FRAME_RELAY,
  STEP_IPV4,
  STEP_IPV6,
  STEP_LLC,
  STEP_MPLS,
  STEP_MULTILINK_FRAME_RELAY,
  STEP_PPP,
  STEP_RAW_IP,
} from '../steps.ts'
import { frameRelayPayload } from './frame-relay.ts'
import { plausibleIp } from './mpls.ts'

/** "MGC", flags; with extensions their length (2) and as many bytes; without link layer the protocol (4). */
const MAGIC = 0x4d4743
const HEADER = 4
const FLAG_INCOMING = 0x01
const FLAG_NO_LINK = 0x02
const FLAG_EXTENSIONS = 0x80
const EXTENSIONS_LENGTH = 2
const PROTOCOL = 4
/** Protocols are small: a greater value was written in the other byte order. */
const PROTOCOL_MAX = 0xffff

type Payload = (cursor: Cursor, flags: number) => number

function afterHeader(payload: Payload): StepDecoder {
  return (cursor) => {
    const flags = skipHeader(cursor)
    if (flags < 0) return flags
    return (flags & FLAG_NO_LINK) === 0 ? payload(cursor, flags) : networkStep(cursor)
  }
}

/** The flags, or ~status. */
function skipHeader(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < HEADER) return ~LINK_CUT
  const word = readU32(bytes, at)
  if (word >>> 8 !== MAGIC) return 0
  let next = at + HEADER
  if ((word & FLAG_EXTENSIONS) !== 0) {
    if (end - next < EXTENSIONS_LENGTH) return ~LINK_CUT
    next += EXTENSIONS_LENGTH + readU16(bytes, next)
    if (end < next) return ~LINK_CUT
  }
  cursor.at = next
  return word & 0xff
}

function networkStep(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < PROTOCOL) return ~LINK_CUT
  const protocol = readU32(bytes, at)
  cursor.at = at + PROTOCOL
  switch (protocol > PROTOCOL_MAX ? readU32LE(bytes, at) : protocol) {
    case 2:
    case 3:
      return STEP_IPV4
    case 6:
    case 7:
      return STEP_IPV6
    case 4:
    case 5:
    case 8:
    case 32:
      return STEP_MPLS
    case 200:
      return STEP_PPP
    case 202:
    case 203:
      return STEP_LLC
    case 204:
      return STEP_ETHERNET
    case 207:
      return STEP_FRAME_RELAY
    case 208:
      return STEP_CISCO_HDLC
    default:
      return ipStep(cursor)
  }
}

/** Recognises a datagram by its version and header length, where no field names the protocol. */
function ipStep({ bytes, at, end }: Cursor): number {
  if (end <= at) return ~LINK_CUT
  const version = bytes[at] >> 4
  if (version === 4 && (bytes[at] & 15) >= 5) return STEP_IPV4
  return version === 6 ? STEP_IPV6 : ~NON_IP
}

// ---------------------------------------------------------------- frames without cookie

export const ethernet = afterHeader(() => STEP_ETHERNET)
export const ppp = afterHeader(() => STEP_PPP)
export const frameRelay = afterHeader(() => STEP_FRAME_RELAY)
export const ciscoHdlc = afterHeader(() => STEP_CISCO_HDLC)

/** PPPoE over ATM: an EtherType, then its payload. */
const TYPE = 2

export const pppoeAtm = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end - at < TYPE) return ~LINK_CUT
  cursor.at = at + TYPE
  return etherTypeStep(cursor, readU16(bytes, at))
})

// ---------------------------------------------------------------- ATM

/** ATM1: format (1), circuit (1), channel (2). */
const ATM1_COOKIE = 4
const ATM1_MANAGEMENT = 0x80
/** ATM2: channel (4), …, packet type and gap count (1). */
const ATM2_COOKIE = 8
const ATM2_GAP_AT = 3
const ATM2_GAP = 0x3f
const ATM2_TYPE_AT = 7
const ATM2_MANAGEMENT = 0x70

const LLC_SNAP = 0xaaaa
const LLC_NLPID = 0xfefe

export const atm1 = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end - at < ATM1_COOKIE) return ~LINK_CUT
  cursor.at = at + ATM1_COOKIE
  return bytes[at] === ATM1_MANAGEMENT ? ~NON_IP : STEP_ATM
})

export const atm2 = afterHeader((cursor, flags) => {
  const { bytes, at, end } = cursor
  if (end - at < ATM2_COOKIE + 2) return ~LINK_CUT
  cursor.at = at + ATM2_COOKIE
  if ((bytes[at + ATM2_TYPE_AT] & ATM2_MANAGEMENT) !== 0) return ~NON_IP
  const first = readU16(bytes, cursor.at)
  if (first === LLC_SNAP || first === LLC_NLPID) return STEP_ATM
  const hasGap = (bytes[at + ATM2_GAP_AT] & ATM2_GAP) !== 0
  if (hasGap && (flags & FLAG_INCOMING) === 0) return STEP_ETHERNET
  return isPppProtocol(first) ? STEP_PPP : STEP_ATM
})

function isPppProtocol(protocol: number): boolean {
  switch (protocol) {
    case 0x0021: // IPv4
    case 0x0023: // OSI
    case 0x003d: // multilink
    case 0x0057: // IPv6
    case 0x0281: // MPLS
    case 0x0283:
    case 0x8021: // and their control protocols
    case 0x8023:
    case 0x8057:
    case 0x8281:
    case 0xc021:
    case 0xc023:
    case 0xc223:
      return true
    default:
      return false
  }
}

// ---------------------------------------------------------------- bundles of links

/** The first byte of a cookie identifies the card; the cookie of link services has 4 bytes, with multilink frame relay 6. */
const LINK_SERVICES = 0x54
const LINK_SERVICES_COOKIE = 4
const ADAPTIVE_SERVICES = 0x47
const APPLICATION_SERVICES = 0x40
const SERVICES_COOKIE = 8
const SERVICES_PROTOCOL_AT = 5
const BUNDLE_COOKIE = 2
const MFR_COOKIE = 4
const MFR_LINK_SERVICES_COOKIE = 6
/** A frame of a single link of the bundle has no cookie: it begins with the beginning and end bits of FRF.16.1. */
const MFR_CHILD = 0xc0
const ADDRESS_CONTROL = 0xff03
const UNNUMBERED = 0x03

function isServicesCookie(first: number): boolean {
  return first === ADAPTIVE_SERVICES || first === APPLICATION_SERVICES
}

/** `otherwise`: the step where the cookie names IPv4 but the bytes after it are something else. */
function servicesStep(cursor: Cursor, otherwise: number): number {
  const { bytes, at, end } = cursor
  if (end - at <= SERVICES_COOKIE) return ~LINK_CUT
  cursor.at = at + SERVICES_COOKIE
  switch (bytes[at + SERVICES_PROTOCOL_AT] >> 4) {
    case 0:
      return ipStep(cursor) === STEP_IPV4 ? STEP_IPV4 : otherwise
    case 1:
      return STEP_IPV6
    case 2:
      return STEP_MPLS
    default:
      return ~NON_IP
  }
}

export const mlppp = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end - at < BUNDLE_COOKIE + 2) return ~LINK_CUT
  if (isServicesCookie(bytes[at])) return servicesStep(cursor, STEP_PPP)
  const first = readU16(bytes, at)
  if (bytes[at] === LINK_SERVICES) cursor.at = at + LINK_SERVICES_COOKIE
  else if (first !== ADDRESS_CONTROL && (!isPppProtocol(first) || isPppProtocol(readU16(bytes, at + 2))))
    cursor.at = at + BUNDLE_COOKIE
  return STEP_PPP
})

export const mlfr = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end <= at) return ~LINK_CUT
  if (isServicesCookie(bytes[at])) return servicesStep(cursor, ~NON_IP)
  cursor.at = at + (bytes[at] === LINK_SERVICES ? LINK_SERVICES_COOKIE : BUNDLE_COOKIE)
  return nlpidStep(cursor)
})

export const mfr = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end <= at) return ~LINK_CUT
  if ((bytes[at] & MFR_CHILD) === MFR_CHILD) return STEP_MULTILINK_FRAME_RELAY
  if (isServicesCookie(bytes[at])) return servicesStep(cursor, ~NON_IP)
  cursor.at = at + (bytes[at] === LINK_SERVICES ? MFR_LINK_SERVICES_COOKIE : MFR_COOKIE)
  return nlpidStep(cursor)
})

/** Frame relay without its address. */
function nlpidStep(cursor: Cursor): number {
  if (cursor.end <= cursor.at) return ~LINK_CUT
  if (cursor.bytes[cursor.at] !== UNNUMBERED) return ~NON_IP
  cursor.at++
  return frameRelayPayload(cursor)
}

// ---------------------------------------------------------------- services

/** Encryption: index (2), TTL (1), type (1), SPI (4), source (4), destination (4); then the datagram in clear. */
const ES_HEADER = 16
const ES_TYPE_AT = 3
const ES_AUTHENTICATION = 3
const ES_ENCRYPTION = 5

export const encryption = afterHeader((cursor) => {
  const { bytes, at, end } = cursor
  if (end - at <= ES_TYPE_AT) return ~LINK_CUT
  const type = bytes[at + ES_TYPE_AT]
  return type < ES_AUTHENTICATION || type > ES_ENCRYPTION ? ~NON_IP : afterCookie(cursor, ES_HEADER)
})

/** Monitoring: packet type (1), …, interface (2), service (4). Voice: 18 bytes of unknown meaning. */
const MONITOR_COOKIE = 8
const VOICE_COOKIE = 18

export const monitor = afterHeader((cursor) => afterCookie(cursor, MONITOR_COOKIE))
export const voice = afterHeader((cursor) => afterCookie(cursor, VOICE_COOKIE))

function afterCookie(cursor: Cursor, length: number): number {
  if (cursor.end - cursor.at <= length) return ~LINK_CUT
  cursor.at += length
  return ipStep(cursor)
}

/** Cookies of varying length: the datagram begins where its lengths fit the frame. */
export const ggsn = afterHeader((cursor) => findIp(cursor, 4, 8))
export const services = afterHeader((cursor) => findIp(cursor, 8, 16))

function findIp(cursor: Cursor, from: number, to: number): number {
  const { at, end } = cursor
  for (let offset = from; offset <= to; offset += 4) {
    if (!plausibleIp(cursor, at + offset)) continue
    cursor.at = at + offset
    return STEP_RAW_IP
  }
  return end - at <= to ? ~LINK_CUT : ~NON_IP
}
