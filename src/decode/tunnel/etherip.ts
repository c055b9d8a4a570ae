/** EtherIP (RFC 3378): an Ethernet frame after a 16-bit version. It is reported as GRE without a key. */
import { LAYER_GRE, readU16 } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { DECODED, TOO_DEEP } from '../status.ts'
import { STEP_ETHERNET } from '../steps.ts'

/** RFC 3378 section 3: version 3, twelve zero bits. */
const ETHERIP_HEADER = 2
const VERSION_3 = 0x3000

export function etherIp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < ETHERIP_HEADER || readU16(bytes, at) !== VERSION_3) return ~DECODED
  cursor.at = at + ETHERIP_HEADER
  return enterTunnel(cursor, LAYER_GRE, -1) ? STEP_ETHERNET : ~TOO_DEEP
}
