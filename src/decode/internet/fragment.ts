/**
 * Assigns later fragments to flows. Datagrams are not reassembled: the flow key of the first fragment is kept in
 * fragment-table.ts for those that follow.
 */
import { PACKET_DIRECTED, PROTOCOL_TCP } from '../../bytes.ts'
import { type Cursor, MAX_NESTED_FRAGMENTS } from '../cursor.ts'
import { setEncapsulation } from '../encapsulation.ts'
import { copyKey, createPacket } from '../packet.ts'
import { DECODED, HELD } from '../status.ts'
import { needsFirstFragment } from '../steps.ts'
import {
  addEntry,
  type FragmentTable,
  findEntry,
  hold,
  join,
  KNOWN,
  KNOWN_INSIDE,
  NONE,
  releaseHeld,
  renew,
  setProbe,
  WAITING,
} from './fragment-table.ts'

/** Adds the datagram whose first fragment is being decoded to the table; resolveFirst() completes it with the flow. */
export function firstFragment(cursor: Cursor, protocol: number, identification: number): void {
  cursor.insideFragment = true
  const { fragments: table, packet } = cursor
  if (table === undefined || cursor.firstFragmentCount >= MAX_NESTED_FRAGMENTS) return
  setEncapsulation(packet, cursor.ignoreVlan)
  const bucket = setProbe(table, packet, protocol, identification)
  const found = findEntry(table, bucket, packet)
  const entry = found === NONE ? addEntry(table, bucket, packet) : renew(table, found, packet)
  table.layers[entry] = packet.layerCount
  cursor.firstFragments[cursor.firstFragmentCount++] = entry
}

/** RFC 9293 section 3.1, without options: how many there are is known only where the fragment before tells. */
const TCP_HEADER = 20

/**
 * The packet is a later fragment, which begins `offset` bytes into its datagram: its flow is known or needs no ports
 * (DECODED), or is awaited (HELD). Ends the decode.
 */
export function laterFragment(
  cursor: Cursor,
  protocol: number,
  identification: number,
  offset: number,
): number {
  const packet = cursor.packet
  const header = protocol === PROTOCOL_TCP ? Math.max(0, TCP_HEADER - offset) : 0
  packet.protocol = protocol
  packet.srcPort = 0
  packet.dstPort = 0
  packet.payloadStart = cursor.end
  packet.payloadEnd = cursor.end
  packet.payloadBytes = Math.max(0, cursor.declaredEnd - cursor.at - header)
  const table = cursor.fragments
  if (table === undefined) return ~HELD
  if (!needsFirstFragment(protocol, packet.ipVersion, cursor.decapsulate)) return ~DECODED
  setEncapsulation(packet, cursor.ignoreVlan)
  const bucket = setProbe(table, packet, protocol, identification)
  const found = findEntry(table, bucket, packet)
  if (found !== NONE && table.state[found] !== WAITING) {
    join(table, found, packet)
    return ~DECODED
  }
  const entry = found === NONE ? addEntry(table, bucket, packet) : found
  return hold(table, entry, packet) ? ~HELD : ~DECODED
}

/** Gives the datagrams of this packet's first fragments their flow; without one they stay WAITING until they expire. */
export function resolveFirst(cursor: Cursor, table: FragmentTable, decoded: boolean): void {
  for (let i = 0; i < cursor.firstFragmentCount; i++) {
    const entry = cursor.firstFragments[i]
    // More layers than the flow has: the fragment is in a tunnel that was not used.
    if (!decoded || table.layers[entry] > cursor.packet.layerCount) continue
    if (table.template[entry] === undefined) table.template[entry] = createPacket()
    copyKey(cursor.packet, table.template[entry])
    table.template[entry].flags = cursor.packet.flags & PACKET_DIRECTED
    table.state[entry] = cursor.packet.layerCount > table.layers[entry] ? KNOWN_INSIDE : KNOWN
    releaseHeld(table, entry, false)
  }
}
