/** Network service header (RFC 8300), after its EtherType or in VXLAN-GPE. Its metadata are skipped. */
import { LAYER_NSH, readU16, readU32 } from '../../bytes.ts'
import { type Cursor, pushLayer } from '../cursor.ts'
import { LINK_CUT, NON_IP, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET, STEP_IPV4, STEP_IPV6, STEP_MPLS, STEP_NSH } from '../steps.ts'

/** Section 2.2: version (2 bits), flags (2), TTL (6), length in words (6), metadata type, next protocol. */
const NEXT_PROTOCOL = 3
/** Section 2.3: service path identifier (24 bits), service index. */
const SERVICE_PATH = 4
const NSH_HEADER = 8

const VERSION = 0xc000
const LENGTH = 0x003f

export function nsh(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < NSH_HEADER) return ~LINK_CUT
  const fields = readU16(bytes, at)
  const next = at + ((fields & LENGTH) << 2)
  if ((fields & VERSION) !== 0 || next < at + NSH_HEADER) return ~NON_IP
  if (next >= end) return ~LINK_CUT
  if (!pushLayer(cursor, LAYER_NSH, readU32(bytes, at + SERVICE_PATH) >>> 8)) return ~TOO_DEEP
  cursor.at = next
  return nextProtocolStep(bytes[at + NEXT_PROTOCOL], ~NON_IP)
}

/** Section 2.2, "Next Protocol", which VXLAN-GPE shares; `unknown` for any other. */
export function nextProtocolStep(protocol: number, unknown: number): number {
  switch (protocol) {
    case 1:
      return STEP_IPV4
    case 2:
      return STEP_IPV6
    case 3:
      return STEP_ETHERNET
    case 4:
      return STEP_NSH
    case 5:
      return STEP_MPLS
    default:
      return unknown
  }
}
