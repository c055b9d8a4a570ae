/** SCTP (RFC 9260) and DCCP (RFC 4340): ports and where the payload begins. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { DCCP_CUT, DECODED, SCTP_CUT } from '../status.ts'

const DESTINATION = 2
const PORTS = 4

/** RFC 9260 section 3.1: ports, verification tag, checksum; then the chunks, which are the payload here. */
const SCTP_HEADER = 12

export function sctp(cursor: Cursor): number {
  if (cursor.end - cursor.at < PORTS) return ~SCTP_CUT
  return portsAndPayload(cursor, SCTP_HEADER)
}

/** RFC 4340 section 5.1: ports, data offset in 32-bit words. */
const DCCP_DATA_OFFSET = 4
const DCCP_HEADER = 12

export function dccp(cursor: Cursor): number {
  const { bytes, at, end } = cursor
  if (end - at < PORTS) return ~DCCP_CUT
  const headerLength = end - at > DCCP_DATA_OFFSET ? bytes[at + DCCP_DATA_OFFSET] << 2 : DCCP_HEADER
  // An impossible data offset leaves no payload, as with TCP.
  return portsAndPayload(cursor, headerLength < DCCP_HEADER ? cursor.declaredEnd - at : headerLength)
}

function portsAndPayload(cursor: Cursor, headerLength: number): number {
  const { bytes, at, end, packet } = cursor
  packet.srcPort = readU16(bytes, at)
  packet.dstPort = readU16(bytes, at + DESTINATION)
  packet.payloadBytes = Math.max(0, cursor.declaredEnd - at - headerLength)
  packet.payloadStart = Math.min(end, at + headerLength)
  packet.payloadEnd = end
  return ~DECODED
}
