/**
 * IPv6 (RFC 8200) and its extension headers, each a step of its own. A payload length of 0 is a jumbogram where the
 * hop-by-hop header says so (RFC 2675), otherwise a segment that the network card has yet to split (TSO): it extends to
 * the end of the frame. ESP is no extension header here: everything after it is encrypted.
 */
import { PACKET_FRAGMENT, PACKET_SNAPLEN_CUT, readI32, readU16, readU32 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { IP_EXTENSION_CUT, IP_VERSION, IPV6_HEADER_CUT } from '../status.ts'
import { isNoNextHeader, protocolStep } from '../steps.ts'
import { firstFragment, laterFragment } from './fragment.ts'

/** RFC 8200 section 3. */
const PAYLOAD_LENGTH = 4
const NEXT_HEADER = 6
const SOURCE = 8
const DESTINATION = 24
const IPV6_HEADER = 40

export function ipv6(cursor: Cursor): number {
  const bytes = cursor.bytes
  const at = cursor.at
  const captured = cursor.end - at
  if (captured < 1) return ~IPV6_HEADER_CUT
  if (bytes[at] >> 4 !== 6) return ~IP_VERSION
  if (captured < IPV6_HEADER) return ~IPV6_HEADER_CUT
  const packet = cursor.packet
  const nextHeader = bytes[at + NEXT_HEADER]
  const payloadLength = readU16(bytes, at + PAYLOAD_LENGTH)
  const toFrameEnd = payloadLength === 0 && !isNoNextHeader(nextHeader)
  const ipBytes = toFrameEnd ? cursor.declaredEnd - at : IPV6_HEADER + payloadLength
  cursor.ipStart = at
  packet.ipVersion = 6
  packet.src0 = readI32(bytes, at + SOURCE)
  packet.src1 = readI32(bytes, at + SOURCE + 4)
  packet.src2 = readI32(bytes, at + SOURCE + 8)
  packet.src3 = readI32(bytes, at + SOURCE + 12)
  packet.dst0 = readI32(bytes, at + DESTINATION)
  packet.dst1 = readI32(bytes, at + DESTINATION + 4)
  packet.dst2 = readI32(bytes, at + DESTINATION + 8)
  packet.dst3 = readI32(bytes, at + DESTINATION + 12)
  setIpLength(cursor, ipBytes)
  cursor.at = at + IPV6_HEADER
  return protocolStep(cursor, nextHeader)
}

/** The datagram is `ipBytes` long from its IP header on. */
function setIpLength(cursor: Cursor, ipBytes: number): void {
  const end = cursor.ipStart + ipBytes
  if (end <= cursor.end) cursor.end = end
  else if (!cursor.insideFragment) cursor.packet.flags |= PACKET_SNAPLEN_CUT
  cursor.declaredEnd = end
  cursor.packet.ipBytes = ipBytes
}

/** RFC 8200 section 4.2: next header, length in 8-byte units after the first 8. The same for all but fragment and AH. */
const EXTENSION_LENGTH = 1
const EXTENSION_MIN = 8

export function ipv6Extension(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (cursor.end - at < EXTENSION_MIN) return ~IP_EXTENSION_CUT
  const length = (bytes[at + EXTENSION_LENGTH] + 1) << 3
  if (cursor.end - at < length) return ~IP_EXTENSION_CUT
  if (at === cursor.ipStart + IPV6_HEADER && bytes[cursor.ipStart + NEXT_HEADER] === 0) {
    const jumbo = jumboLength(bytes, at, at + length)
    if (jumbo > 0 && readU16(bytes, cursor.ipStart + PAYLOAD_LENGTH) === 0)
      setIpLength(cursor, IPV6_HEADER + jumbo)
  }
  cursor.at = at + length
  return protocolStep(cursor, bytes[at])
}

/** RFC 2675 section 2: option type, option length 4, length. */
const OPTION_PAD1 = 0x00
const OPTION_JUMBO = 0xc2
const JUMBO_LENGTH = 4
/** More than any capture can hold; offsets stay 31-bit integers. */
const JUMBO_MAX = 0x3fffffff

/** The jumbo payload option's value in a hop-by-hop header, 0 where there is none. */
function jumboLength(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 2
  while (at + 2 <= end) {
    if (bytes[at] === OPTION_PAD1) {
      at++
      continue
    }
    if (bytes[at] === OPTION_JUMBO && bytes[at + 1] === JUMBO_LENGTH && at + 6 <= end) {
      return Math.min(readU32(bytes, at + 2), JUMBO_MAX)
    }
    at += 2 + bytes[at + 1]
  }
  return 0
}

/** RFC 8200 section 4.5: next header, reserved, offset (13 bits) with the M flag, identification. */
const FRAGMENT_FIELDS = 2
const FRAGMENT_IDENTIFICATION = 4
const FRAGMENT_HEADER = 8
const OFFSET_MASK = 0xfff8
const MORE_FRAGMENTS = 1

export function ipv6Fragment(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (cursor.end - at < FRAGMENT_HEADER) return ~IP_EXTENSION_CUT
  const fields = readU16(bytes, at + FRAGMENT_FIELDS)
  const identification = readI32(bytes, at + FRAGMENT_IDENTIFICATION)
  cursor.at = at + FRAGMENT_HEADER
  // RFC 6946: offset 0 without more fragments is a whole datagram.
  if ((fields & (OFFSET_MASK | MORE_FRAGMENTS)) !== 0) {
    cursor.packet.flags |= PACKET_FRAGMENT
    const offset = fields & OFFSET_MASK
    if (offset !== 0) return laterFragment(cursor, bytes[at], identification, offset)
    firstFragment(cursor, bytes[at], identification)
  }
  return protocolStep(cursor, bytes[at])
}

/** IP authentication header (RFC 4302 section 2), under IPv4 too: next header, length in 4-byte units minus 2. */
const AH_LENGTH = 1
const AH_MIN = 12

export function authenticationHeader(cursor: Cursor): number {
  const { bytes, at } = cursor
  if (cursor.end - at < AH_MIN) return ~IP_EXTENSION_CUT
  const length = (bytes[at + AH_LENGTH] + 2) << 2
  if (length < AH_MIN || cursor.end - at < length) return ~IP_EXTENSION_CUT
  cursor.at = at + length
  return protocolStep(cursor, bytes[at])
}
