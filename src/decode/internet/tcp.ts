/** TCP (RFC 9293). Fields that were cut off are 0, except the window; the payload length follows from the IP header. */
import { readI32, readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { DECODED, TCP_CUT } from '../status.ts'

/** RFC 9293 section 3.1. */
const DESTINATION = 2
const SEQUENCE = 4
const ACKNOWLEDGEMENT = 8
const DATA_OFFSET = 12
const FLAGS = 13
const WINDOW = 14
const TCP_HEADER = 20
const PORTS = 4
/** For a window that was cut off: 0 would mean that the receiver's buffer is full. */
const UNKNOWN_WINDOW = 0xffff

export function tcp(cursor: Cursor): number {
  const bytes = cursor.bytes
  const at = cursor.at
  const end = cursor.end
  const captured = end - at
  if (captured < PORTS) return ~TCP_CUT
  const packet = cursor.packet
  packet.srcPort = readU16(bytes, at)
  packet.dstPort = readU16(bytes, at + DESTINATION)
  const declared = cursor.declaredEnd - at
  if (captured < TCP_HEADER) return cutHeader(cursor, captured, declared)
  packet.tcpSequence = readI32(bytes, at + SEQUENCE)
  packet.tcpAcknowledgement = readI32(bytes, at + ACKNOWLEDGEMENT)
  packet.tcpFlags = bytes[at + FLAGS]
  packet.tcpWindow = readU16(bytes, at + WINDOW)
  const headerLength = (bytes[at + DATA_OFFSET] >> 4) << 2
  // With an impossible header length ports and flags are still used, but it is unknown where the payload begins.
  const valid = headerLength >= TCP_HEADER && headerLength <= declared
  packet.payloadBytes = valid ? declared - headerLength : 0
  packet.payloadStart = valid && headerLength < captured ? at + headerLength : end
  packet.payloadEnd = end
  return ~DECODED
}

/** A header that was cut after the ports: the other fields are read as far as they were captured. */
function cutHeader(cursor: Cursor, captured: number, declared: number): number {
  const { bytes, at, packet } = cursor
  packet.tcpSequence = captured >= ACKNOWLEDGEMENT ? readI32(bytes, at + SEQUENCE) : 0
  packet.tcpAcknowledgement = captured >= DATA_OFFSET ? readI32(bytes, at + ACKNOWLEDGEMENT) : 0
  packet.tcpFlags = captured > FLAGS ? bytes[at + FLAGS] : 0
  packet.tcpWindow = captured >= WINDOW + 2 ? readU16(bytes, at + WINDOW) : UNKNOWN_WINDOW
  const headerLength =
    captured > DATA_OFFSET ? Math.max(TCP_HEADER, (bytes[at + DATA_OFFSET] >> 4) << 2) : TCP_HEADER
  packet.payloadBytes = Math.max(0, declared - headerLength)
  packet.payloadStart = cursor.end
  packet.payloadEnd = cursor.end
  return ~DECODED
}
