/** Linux cooked captures: LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 (as tcpdump.org documents them). */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { LINK_CUT, NON_IP } from '../status.ts'
import { ETHERTYPE_LOWEST, etherTypeStep, STEP_LLC, STEP_RADIOTAP } from '../steps.ts'

/** Version 1: packet type, ARPHRD_ type, address length, address (8), protocol. */
const SLL_HARDWARE = 2
const SLL_PROTOCOL = 14
const SLL_HEADER = 16

/** Version 2: protocol, reserved, interface index (4), ARPHRD_ type, packet type, address length, address (8). */
const SLL2_PROTOCOL = 0
const SLL2_HARDWARE = 8
const SLL2_HEADER = 20

const ARPHRD_IEEE80211_RADIOTAP = 803
const ARPHRD_NETLINK = 824
/** Linux's protocol numbers below the EtherTypes: 802.2 LLC. */
const PROTOCOL_8022 = 4

export function sll(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < SLL_HEADER) return ~LINK_CUT
  cursor.at = at + SLL_HEADER
  return cookedStep(cursor, readU16(bytes, at + SLL_HARDWARE), readU16(bytes, at + SLL_PROTOCOL))
}

export function sll2(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < SLL2_HEADER) return ~LINK_CUT
  cursor.at = at + SLL2_HEADER
  return cookedStep(cursor, readU16(bytes, at + SLL2_HARDWARE), readU16(bytes, at + SLL2_PROTOCOL))
}

function cookedStep(cursor: Cursor, hardware: number, protocol: number): number {
  if (hardware === ARPHRD_NETLINK) return ~NON_IP
  if (hardware === ARPHRD_IEEE80211_RADIOTAP) return STEP_RADIOTAP
  if (protocol >= ETHERTYPE_LOWEST) return etherTypeStep(cursor, protocol)
  return protocol === PROTOCOL_8022 ? STEP_LLC : ~NON_IP
}
