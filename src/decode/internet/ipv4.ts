/**
 * IPv4 (RFC 791). Options are skipped; the header checksum is not verified (with offloading, captures on the sending
 * host do not contain it). A total length of 0 is a segment that the network card has yet to split (TSO): it extends to
 * the end of the frame. Bytes beyond the total length are padding.
 */
import { PACKET_FRAGMENT, PACKET_SNAPLEN_CUT, readI32, readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { IP_VERSION, IPV4_HEADER_CUT, IPV4_HEADER_LENGTH, IPV4_TOTAL_LENGTH } from '../status.ts'
import { protocolStep } from '../steps.ts'
import { firstFragment, laterFragment } from './fragment.ts'

/** RFC 791 section 3.1. */
const TOTAL_LENGTH = 2
const IDENTIFICATION = 4
const FRAGMENT = 6
const PROTOCOL = 9
const SOURCE = 12
const DESTINATION = 16
const IPV4_HEADER = 20

const MORE_FRAGMENTS = 0x2000
const FRAGMENT_OFFSET = 0x1fff

export function ipv4(cursor: Cursor): number {
  const bytes = cursor.bytes
  const at = cursor.at
  const captured = cursor.end - at
  if (captured < IPV4_HEADER) return captured > 0 && bytes[at] >> 4 !== 4 ? ~IP_VERSION : ~IPV4_HEADER_CUT
  const first = bytes[at]
  if (first >> 4 !== 4) return ~IP_VERSION
  const headerLength = (first & 15) << 2
  if (headerLength < IPV4_HEADER) return ~IPV4_HEADER_LENGTH
  const totalLength = readU16(bytes, at + TOTAL_LENGTH)
  const ipBytes = totalLength === 0 ? cursor.declaredEnd - at : totalLength
  if (ipBytes < headerLength) return ~IPV4_TOTAL_LENGTH
  if (captured < headerLength) return ~IPV4_HEADER_CUT

  const packet = cursor.packet
  if (ipBytes <= captured) cursor.end = at + ipBytes
  else if (!cursor.insideFragment) packet.flags |= PACKET_SNAPLEN_CUT
  cursor.declaredEnd = at + ipBytes
  cursor.ipStart = at
  cursor.at = at + headerLength
  packet.ipVersion = 4
  packet.ipBytes = ipBytes
  packet.src0 = 0
  packet.src1 = 0
  packet.src2 = 0
  packet.src3 = readI32(bytes, at + SOURCE)
  packet.dst0 = 0
  packet.dst1 = 0
  packet.dst2 = 0
  packet.dst3 = readI32(bytes, at + DESTINATION)

  const fragment = readU16(bytes, at + FRAGMENT)
  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0) {
    const identification = readU16(bytes, at + IDENTIFICATION)
    packet.flags |= PACKET_FRAGMENT
    const protocol = bytes[at + PROTOCOL]
    const offset = (fragment & FRAGMENT_OFFSET) << 3
    if (offset !== 0) return laterFragment(cursor, protocol, identification, offset)
    firstFragment(cursor, protocol, identification)
  }
  return protocolStep(cursor, bytes[at + PROTOCOL])
}
