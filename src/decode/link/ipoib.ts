/**
 * IP over InfiniBand (RFC 4391 section 6): an EtherType and two zero bytes. LINKTYPE_IPOIB is specified to begin with
 * them; in practice 40 bytes of addresses often precede them.
 */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT } from '../status.ts'
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, etherTypeStep } from '../steps.ts'

const RESERVED = 2
const IPOIB_HEADER = 4
/** A global routing header, or two hardware addresses of 20 bytes. */
const ADDRESSES = 40

export function ipoib(cursor: Cursor): number {
  const { bytes, end } = cursor
  const at = beginsWithType(cursor) ? cursor.at : cursor.at + ADDRESSES
  if (end - at < IPOIB_HEADER) return ~LINK_CUT
  cursor.at = at + IPOIB_HEADER
  return etherTypeStep(cursor, readU16(bytes, at))
}

/** In the other form these bytes are flags (0 or 80) and a queue pair number, or version 6 and a traffic class. */
function beginsWithType({ bytes, at, end }: Cursor): boolean {
  if (end - at < IPOIB_HEADER || readU16(bytes, at + RESERVED) !== 0) return false
  const type = readU16(bytes, at)
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 || type === ETHERTYPE_ARP
}
