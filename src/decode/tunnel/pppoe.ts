/** PPPoE session packets (RFC 2516 section 4); discovery has an EtherType of its own and carries no IP. */
import { LAYER_PPPOE, readU16 } from '../../bytes.ts'
import { type Cursor, limitLength, pushLayer } from '../cursor.ts'
import { NON_IP, PPPOE_CUT, TOO_DEEP } from '../status.ts'
import { STEP_PPP } from '../steps.ts'

/** Version and type (4 bits each, both 1), code, session id, length. */
const VERSION_TYPE = 0
const CODE = 1
const SESSION = 2
const LENGTH = 4
const PPPOE_HEADER = 6

const VERSION_1_TYPE_1 = 0x11
const CODE_SESSION = 0

export function pppoe(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < PPPOE_HEADER) return ~PPPOE_CUT
  if (bytes[at + VERSION_TYPE] !== VERSION_1_TYPE_1 || bytes[at + CODE] !== CODE_SESSION) return ~NON_IP
  if (!pushLayer(cursor, LAYER_PPPOE, readU16(bytes, at + SESSION))) return ~TOO_DEEP
  cursor.at = at + PPPOE_HEADER
  limitLength(cursor, cursor.at, readU16(bytes, at + LENGTH))
  return STEP_PPP
}
