/** VLAN tags: IEEE 802.1Q, 802.1ad and the 9100 tag that came before it. Tags nest through the decode loop. */
import { LAYER_VLAN, readU16 } from '../../bytes.ts'
import { type Cursor, pushLayer } from '../cursor.ts'
import { TOO_DEEP, VLAN_CUT } from '../status.ts'
import { ETHERTYPE_LOWEST, etherTypeStep } from '../steps.ts'
import { lengthStep } from './ethernet.ts'

/** IEEE 802.1Q section 9.6: priority (3 bits), drop eligible (1), VLAN id (12); then an EtherType or a length. */
const TYPE = 2
const VLAN_TAG = 4
const VLAN_ID = 0x0fff

export function vlan(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < VLAN_TAG) return ~VLAN_CUT
  if (!pushLayer(cursor, LAYER_VLAN, readU16(bytes, at) & VLAN_ID)) return ~TOO_DEEP
  const type = readU16(bytes, at + TYPE)
  cursor.at = at + VLAN_TAG
  return type >= ETHERTYPE_LOWEST ? etherTypeStep(cursor, type) : lengthStep(cursor, type)
}
