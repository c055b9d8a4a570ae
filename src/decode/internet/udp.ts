/** UDP (RFC 768), UDP-Lite (RFC 3828) and the table of ports that may carry a tunnel. */
import { readU16 } from '../../bytes.ts'
import type { Cursor } from '../cursor.ts'
import { DECODED, UDP_CUT } from '../status.ts'
import {
  STEP_CAPWAP,
  STEP_GENEVE,
  STEP_GTPU,
  STEP_L2TP,
  STEP_MPLS_TUNNEL,
  STEP_NONE,
  STEP_TEREDO,
  STEP_TZSP,
  STEP_VXLAN,
  STEP_VXLAN_GPE,
} from '../steps.ts'

/** RFC 768: source port, destination port, length (of header and payload), checksum. */
const DESTINATION = 2
const LENGTH = 4
const UDP_HEADER = 8
const PORTS = 4

/** Port to the tunnel's step, which enters the tunnel only after it has checked the header. */
const TUNNELS = new Uint8Array(0x10000)
TUNNELS[1701] = STEP_L2TP
TUNNELS[2152] = STEP_GTPU
TUNNELS[3544] = STEP_TEREDO
TUNNELS[4789] = STEP_VXLAN
TUNNELS[4790] = STEP_VXLAN_GPE
TUNNELS[5247] = STEP_CAPWAP
TUNNELS[6081] = STEP_GENEVE
TUNNELS[6635] = STEP_MPLS_TUNNEL
TUNNELS[8472] = STEP_VXLAN // default of Linux, older than the assignment of 4789
TUNNELS[37008] = STEP_TZSP

export function udp(cursor: Cursor): number {
  const bytes = cursor.bytes
  const at = cursor.at
  const captured = cursor.end - at
  if (captured < PORTS) return ~UDP_CUT
  const packet = cursor.packet
  const srcPort = readU16(bytes, at)
  const dstPort = readU16(bytes, at + DESTINATION)
  packet.srcPort = srcPort
  packet.dstPort = dstPort
  let declared = cursor.declaredEnd - at
  if (captured < UDP_HEADER) {
    packet.payloadBytes = Math.max(0, declared - UDP_HEADER)
    packet.payloadStart = cursor.end
    packet.payloadEnd = cursor.end
    return ~DECODED
  }
  // Length 0 is a jumbogram (RFC 2675 section 4) or a segment yet to be split; other values under 8 are invalid.
  const length = readU16(bytes, at + LENGTH)
  if (length !== 0 && length < declared) declared = Math.max(length, UDP_HEADER)
  packet.payloadBytes = declared - UDP_HEADER
  packet.payloadStart = at + UDP_HEADER
  packet.payloadEnd = declared < captured ? at + declared : cursor.end
  if (!cursor.decapsulate) return ~DECODED
  const tunnel = TUNNELS[dstPort] === STEP_NONE ? TUNNELS[srcPort] : TUNNELS[dstPort]
  if (tunnel === STEP_NONE) return ~DECODED
  cursor.at = packet.payloadStart
  cursor.end = packet.payloadEnd
  cursor.declaredEnd = at + declared
  return tunnel
}

/** The length field is the checksum's coverage here: the payload is the rest of the datagram. */
export function udplite(cursor: Cursor): number {
  const { bytes, at, end, packet } = cursor
  if (end - at < PORTS) return ~UDP_CUT
  packet.srcPort = readU16(bytes, at)
  packet.dstPort = readU16(bytes, at + DESTINATION)
  packet.payloadBytes = Math.max(0, cursor.declaredEnd - at - UDP_HEADER)
  packet.payloadStart = Math.min(end, at + UDP_HEADER)
  packet.payloadEnd = end
  return ~DECODED
}
