/**
 * GRE: RFC 2784 with key and sequence (RFC 2890) and the routing of RFC 1701; version 1 is PPTP (RFC 2637). The payload
 * is named by an EtherType; ERSPAN and WCCP have a header of their own before it.
 */
import { LAYER_ERSPAN, LAYER_GRE, LAYER_PPTP, readI32, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel, limitLength } from '../cursor.ts'
import { DECODED, IPV4_HEADER_CUT, TOO_DEEP } from '../status.ts'
import { etherTypeStep, STEP_ERSPAN2, STEP_ERSPAN3, STEP_ETHERNET, STEP_IPV4, STEP_PPP } from '../steps.ts'

/** RFC 2784 section 2: flags and version, protocol type; the optional fields follow in this order. */
const PROTOCOL = 2
const GRE_HEADER = 4
const CHECKSUM_AND_OFFSET = 4
const KEY = 4
const SEQUENCE = 4

const FLAG_CHECKSUM = 0x8000
const FLAG_ROUTING = 0x4000
const FLAG_KEY = 0x2000
const FLAG_SEQUENCE = 0x1000
const VERSION = 0x0007

const TYPE_PPP = 0x880b
const TYPE_WCCP = 0x883e
const TYPE_ERSPAN = 0x88be
const TYPE_ERSPAN3 = 0x22eb

/** WCCP version 2: a redirect header of four bytes may precede the IPv4 datagram. */
const WCCP_REDIRECT = 4

export function gre(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < GRE_HEADER) return ~DECODED
  const flags = readU16(bytes, at)
  const type = readU16(bytes, at + PROTOCOL)
  if ((flags & VERSION) === 1) return pptp(cursor, flags, type)
  if ((flags & VERSION) !== 0) return ~DECODED
  let next = at + GRE_HEADER
  if ((flags & (FLAG_CHECKSUM | FLAG_ROUTING)) !== 0) next += CHECKSUM_AND_OFFSET
  const keyAt = next
  if ((flags & FLAG_KEY) !== 0) next += KEY
  if ((flags & FLAG_SEQUENCE) !== 0) next += SEQUENCE
  if ((flags & FLAG_ROUTING) !== 0) next = skipRouting(bytes, next, end)
  if (next >= end) return ~DECODED
  cursor.at = next
  if (type === TYPE_ERSPAN || type === TYPE_ERSPAN3) return erspanStep(cursor, type, flags)
  const key = (flags & FLAG_KEY) !== 0 ? readI32(bytes, keyAt) : -1
  if (!enterTunnel(cursor, LAYER_GRE, key)) return ~TOO_DEEP
  if (type === TYPE_PPP) return STEP_PPP
  return type === TYPE_WCCP ? wccp(cursor) : etherTypeStep(cursor, type)
}

/** Type I has no header of its own and, unlike type II, no GRE sequence number. */
function erspanStep(cursor: Cursor, type: number, flags: number): number {
  if (type === TYPE_ERSPAN3) return STEP_ERSPAN3
  if ((flags & FLAG_SEQUENCE) !== 0) return STEP_ERSPAN2
  return enterTunnel(cursor, LAYER_ERSPAN, -1) ? STEP_ETHERNET : ~TOO_DEEP
}

/** RFC 1701: address family (2), offset, length; a zero length ends the list. Returns `end` where it does not fit. */
const ROUTE_ENTRY = 4
const MAX_ROUTE_ENTRIES = 32

function skipRouting(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (let i = 0; i < MAX_ROUTE_ENTRIES && at + ROUTE_ENTRY <= end; i++) {
    const length = bytes[at + 3]
    at += ROUTE_ENTRY + length
    if (length === 0) return at
  }
  return end
}

function wccp(cursor: Cursor): number {
  if (cursor.bytes[cursor.at] >> 4 === 4) return STEP_IPV4
  if (cursor.end - cursor.at < WCCP_REDIRECT) return ~IPV4_HEADER_CUT
  cursor.at += WCCP_REDIRECT
  return STEP_IPV4
}

/** RFC 2637 section 4.1: the key is payload length and call id; sequence and acknowledgement are optional. */
const FLAG_ACKNOWLEDGEMENT = 0x0080
const PPTP_LENGTH = 4
const PPTP_CALL = 6
const PPTP_HEADER = 8

function pptp(cursor: Cursor, flags: number, type: number): number {
  const { bytes, at, end } = cursor
  // Without a sequence number there is no payload: a bare acknowledgement.
  if (type !== TYPE_PPP || (flags & FLAG_KEY) === 0 || (flags & FLAG_SEQUENCE) === 0) return ~DECODED
  const next = at + PPTP_HEADER + SEQUENCE + ((flags & FLAG_ACKNOWLEDGEMENT) !== 0 ? 4 : 0)
  if (next >= end) return ~DECODED
  cursor.at = next
  if (!enterTunnel(cursor, LAYER_PPTP, readU16(bytes, at + PPTP_CALL))) return ~TOO_DEEP
  limitLength(cursor, next, readU16(bytes, at + PPTP_LENGTH))
  return STEP_PPP
}
