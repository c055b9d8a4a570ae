/** The payload of a SNAP header (RFC 1042), by its organisation code and that organisation's protocol number. */
import type { Cursor } from '../cursor.ts'
import { LLC_CUT, NON_IP } from '../status.ts'
import { ETHERTYPE_LOWEST, etherTypeStep, STEP_ETHERNET } from '../steps.ts'

const ORGANISATION_ETHERNET = 0x000000
/** IEEE 802.1H bridge tunnel encapsulation: EtherTypes too. */
const ORGANISATION_BRIDGE_TUNNEL = 0x0000f8
/** IEEE 802.1: bridged frames, RFC 2427 section 4.2 and RFC 2684 section 5.2. */
const ORGANISATION_8021 = 0x0080c2

const BRIDGED_ETHERNET_WITH_FCS = 0x0001
const BRIDGED_ETHERNET = 0x0007

/** The step after a SNAP header; `cursor.at` is after it. `padding`: bytes of the link before a bridged frame. */
export function snapStep(cursor: Cursor, organisation: number, protocol: number, padding: number): number {
  if (organisation === ORGANISATION_ETHERNET || organisation === ORGANISATION_BRIDGE_TUNNEL) {
    return protocol >= ETHERTYPE_LOWEST ? etherTypeStep(cursor, protocol) : ~NON_IP
  }
  if (organisation !== ORGANISATION_8021) return ~NON_IP
  if (protocol !== BRIDGED_ETHERNET && protocol !== BRIDGED_ETHERNET_WITH_FCS) return ~NON_IP
  if (cursor.end - cursor.at < padding) return ~LLC_CUT
  cursor.at += padding
  return STEP_ETHERNET
}
