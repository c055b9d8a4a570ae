/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443). The port fields hold the type and its counterpart type, as Community ID pairs
 * them; for a type without counterpart they hold type and code, and the flow keeps its direction.
 */
import { PACKET_DIRECTED, readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { DECODED, ICMP_CUT } from '../status.ts'

/** RFC 792: type, code, checksum, then mostly identifier and sequence number or 4 unused bytes. */
const CODE = 1
const IDENTIFIER = 4
const TYPE_AND_CODE = 2
const ICMP_HEADER = 8

const NO_COUNTERPART = 255

/** Type to the type that answers it (echo, timestamp, information, address mask; router discovery). */
const COUNTERPART = new Uint8Array(256).fill(NO_COUNTERPART)
const COUNTERPART_V6 = new Uint8Array(256).fill(NO_COUNTERPART)
pair(COUNTERPART, 8, 0)
pair(COUNTERPART, 13, 14)
pair(COUNTERPART, 15, 16)
pair(COUNTERPART, 10, 9)
pair(COUNTERPART, 17, 18)
pair(COUNTERPART_V6, 128, 129)
pair(COUNTERPART_V6, 130, 131)
pair(COUNTERPART_V6, 133, 134)
pair(COUNTERPART_V6, 135, 136)
pair(COUNTERPART_V6, 139, 140)
pair(COUNTERPART_V6, 144, 145)

function pair(table: Uint8Array, request: number, reply: number): void {
  table[request] = reply
  table[reply] = request
}

export function icmp(cursor: Cursor): number {
  if (cursor.end - cursor.at < TYPE_AND_CODE) return ~ICMP_CUT
  const type = cursor.bytes[cursor.at]
  readMessage(cursor, COUNTERPART[type], hasIdentifier(type))
  if (isError(type)) cursor.quoteAt = cursor.at + ICMP_HEADER
  return ~DECODED
}

export function icmpv6(cursor: Cursor): number {
  if (cursor.end - cursor.at < TYPE_AND_CODE) return ~ICMP_CUT
  const type = cursor.bytes[cursor.at]
  readMessage(cursor, COUNTERPART_V6[type], hasIdentifierV6(type))
  if (isErrorV6(type)) cursor.quoteAt = cursor.at + ICMP_HEADER
  return ~DECODED
}

function readMessage(cursor: Cursor, counterpart: number, identified: boolean): void {
  const { bytes, at, end, packet } = cursor
  const type = bytes[at]
  const code = bytes[at + CODE]
  packet.icmpType = type
  packet.icmpCode = code
  packet.icmpIdentifier = identified && end - at >= IDENTIFIER + 2 ? readU16(bytes, at + IDENTIFIER) : 0
  packet.srcPort = type
  packet.dstPort = counterpart === NO_COUNTERPART ? code : counterpart
  if (counterpart === NO_COUNTERPART) packet.flags |= PACKET_DIRECTED
  packet.payloadBytes = Math.max(0, cursor.declaredEnd - at - ICMP_HEADER)
  packet.payloadStart = Math.min(end, at + ICMP_HEADER)
  packet.payloadEnd = end
}

/** Echo, timestamp, information and address mask messages (RFC 792, RFC 950). */
function hasIdentifier(type: number): boolean {
  return type === 0 || type === 8 || (type >= 13 && type <= 18)
}

function hasIdentifierV6(type: number): boolean {
  return type === 128 || type === 129
}

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
function isError(type: number): boolean {
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12
}

/** RFC 4443 section 2.1: destination unreachable, packet too big, time exceeded, parameter problem. */
function isErrorV6(type: number): boolean {
  return type >= 1 && type <= 4
}
