/**
 * MPLS label stacks (RFC 3032), one label a step. What lies under the bottom label is not announced: IPv4 or IPv6
 * by their version nibble, otherwise an Ethernet pseudowire with (RFC 4448 section 4.6) or without control word.
 */
import { LAYER_MPLS, readU16, readU32 } from '../bytes.ts'
import { type Cursor, pushLayer } from './cursor.ts'
import { plausibleEthernet } from './ethernet.ts'
import { MPLS_CUT, NON_IP, TOO_DEEP } from './status.ts'
import { STEP_ETHERNET, STEP_IPV4, STEP_IPV6, STEP_MPLS } from './steps.ts'

/** RFC 3032 section 2.1: label (20 bits), traffic class (3), bottom of stack (1), TTL (8). */
const MPLS_LABEL = 4
const BOTTOM = 0x100
const CONTROL_WORD = 4
const IPV4_HEADER = 20
const IPV4_TOTAL_LENGTH = 2

export function mpls(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < MPLS_LABEL) return ~MPLS_CUT
  const entry = readU32(bytes, at)
  if (!pushLayer(cursor, LAYER_MPLS, entry >>> 12)) return ~TOO_DEEP
  cursor.at = at + MPLS_LABEL
  return (entry & BOTTOM) === 0 ? STEP_MPLS : bottomStep(cursor)
}

function bottomStep(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end <= at) return ~MPLS_CUT
  const version = bytes[at] >> 4
  if (version === 4 && (plausibleIpv4(cursor) || !plausibleEthernet(cursor, at))) return STEP_IPV4
  if (version === 6 && !plausibleEthernet(cursor, at)) return STEP_IPV6
  if (version === 0 && plausibleEthernet(cursor, at + CONTROL_WORD)) {
    cursor.at = at + CONTROL_WORD
    return STEP_ETHERNET
  }
  return plausibleEthernet(cursor, at) ? STEP_ETHERNET : ~NON_IP
}

/** A MAC address may begin with 4, too: the lengths must agree. */
function plausibleIpv4(cursor: Cursor): boolean {
  const { bytes, at, end } = cursor
  if (end - at < IPV4_HEADER || (bytes[at] & 15) < 5) return false
  return readU16(bytes, at + IPV4_TOTAL_LENGTH) <= cursor.declaredEnd - at
}
