/** GENEVE (RFC 8926). */
import { LAYER_GENEVE, readU16, readU32 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { ETHERTYPE_BRIDGE, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_MPLS, etherTypeStep } from '../steps.ts'

/** RFC 8926 section 3.4: version (2 bits) and options length in words, flags, protocol, network identifier (3), reserved. */
const VERSION_LENGTH = 0
const FLAGS = 1
const PROTOCOL = 2
const NETWORK = 4
const RESERVED = 7
const GENEVE_HEADER = 8

const OPTIONS_LENGTH = 0x3f
/** Control packets (O) count for the outer flow; the lower six bits are reserved. */
const NOT_DATA = 0xbf

export function geneve(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < GENEVE_HEADER) return ~DECODED
  const versionLength = bytes[at + VERSION_LENGTH]
  if (versionLength >> 6 !== 0 || (bytes[at + FLAGS] & NOT_DATA) !== 0 || bytes[at + RESERVED] !== 0)
    return ~DECODED
  const next = at + GENEVE_HEADER + ((versionLength & OPTIONS_LENGTH) << 2)
  const protocol = readU16(bytes, at + PROTOCOL)
  if (next >= end || !isKnown(protocol)) return ~DECODED
  cursor.at = next
  if (!enterTunnel(cursor, LAYER_GENEVE, readU32(bytes, at + NETWORK) >>> 8)) return ~TOO_DEEP
  return etherTypeStep(cursor, protocol)
}

function isKnown(protocol: number): boolean {
  return (
    protocol === ETHERTYPE_BRIDGE ||
    protocol === ETHERTYPE_IPV4 ||
    protocol === ETHERTYPE_IPV6 ||
    protocol === ETHERTYPE_MPLS
  )
}
