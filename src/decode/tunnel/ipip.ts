/** IP in IP: RFC 2003 (4), RFC 2473 (4 and 41 under IPv6), and IPv6 in IPv4 (RFC 4213, protocol 41). */
import { LAYER_6IN4, LAYER_IPIP } from '../../bytes.ts'
import { type Cursor, enterTunnel } from '../cursor.ts'
import { TOO_DEEP } from '../status.ts'
import { STEP_IPV4, STEP_IPV6 } from '../steps.ts'

export function ipip(cursor: Cursor): number {
  return enterTunnel(cursor, LAYER_IPIP, -1) ? STEP_IPV4 : ~TOO_DEEP
}

export function sixInFour(cursor: Cursor): number {
  const kind = cursor.packet.ipVersion === 4 ? LAYER_6IN4 : LAYER_IPIP
  return enterTunnel(cursor, kind, -1) ? STEP_IPV6 : ~TOO_DEEP
}
