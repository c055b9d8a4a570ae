/**
 * TCP sequence numbers: which segments are retransmissions. A segment without new sequence numbers is one, unless it
 * fills a gap: within a round trip after the gap opened it is out of order, later it replaces a segment that was lost
 * before the capture point. Only the last gap of a flow is kept; segments missing soon after widen it.
 */
import { TCP_FIN, TCP_RST, TCP_SYN } from '../bytes.ts'
import type { Packet } from '../types.ts'
import { HISTORY_RETRANSMISSION, recordHistory } from './history.ts'
import * as row from './layout.ts'

/** A keep-alive repeats at most this many bytes (RFC 9293, 3.8.4). */
const KEEPALIVE_BYTES = 1
/** How late a segment may be where no handshake gave the round trip, as in tshark; nanoseconds. */
const LATE_NSEC = 3e6

export function trackSequence(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  const flags = packet.tcpFlags
  const length = lengthOf(packet)
  // No flag at all: the capture cut them off, and perhaps the sequence number, too.
  if (length === 0 || flags === 0 || (flags & TCP_RST) !== 0) return
  const known = direction === 0 ? row.STATE_SEQUENCE_A : row.STATE_SEQUENCE_B
  const nextAt = at + row.NEXT_SEQUENCE_A + direction
  const end = (packet.tcpSequence + length) | 0
  if ((words[at + row.STATE] & known) === 0) {
    words[at + row.STATE] |= known
    words[nextAt] = end
    return
  }
  const ahead = (end - words[nextAt]) | 0
  if (ahead > 0) {
    if (ahead > length) openGap(words, doubles, at, packet, direction)
    words[nextAt] = end
    // Only the FIN is new of a last segment that is sent once more with it.
    if (ahead !== 1 || packet.payloadBytes === 0 || (flags & TCP_FIN) === 0) return
  }
  trackRepeated(words, doubles, at, packet, direction)
}

/** The segment brings no new sequence numbers, or a FIN alone. */
function trackRepeated(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  const length = lengthOf(packet)
  const end = (packet.tcpSequence + length) | 0
  const reached = end === words[at + row.NEXT_SEQUENCE_A + direction]
  if (length <= KEEPALIVE_BYTES && reached && (packet.tcpFlags & (TCP_SYN | TCP_FIN)) === 0) return
  // Zeek's letter stands for both.
  if (packet.payloadBytes > 0) recordHistory(words, at, HISTORY_RETRANSMISSION, direction)
  if (fillGap(words, doubles, at, packet, direction)) words[at + row.ANOMALIES] |= row.ANOMALY_OUT_OF_ORDER
  else words[at + row.RETRANSMISSIONS_A + direction]++
}

/** Sequence numbers that the segment takes. */
function lengthOf({ payloadBytes, tcpFlags }: Packet): number {
  return payloadBytes + (tcpFlags & TCP_SYN ? 1 : 0) + (tcpFlags & TCP_FIN ? 1 : 0)
}

/** The segment begins behind what its side has reached. */
function openGap(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  if (!isOpen(words, doubles, at, packet, direction)) {
    const now = 1 + Math.max(0, row.sinceStart(words, doubles, at, packet))
    words[at + row.GAP_START] = words[at + row.NEXT_SEQUENCE_A + direction]
    doubles[(at >> 1) + row.F_GAP] = direction === 0 ? now : -now
  }
  words[at + row.GAP_END] = packet.tcpSequence
}

/** The side has a gap that was opened no longer ago than a round trip. */
function isOpen(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): boolean {
  const opened = doubles[(at >> 1) + row.F_GAP]
  if (direction === 0 ? opened <= 0 : opened >= 0) return false
  const measured = (words[at + row.STATE] & row.STATE_HANDSHAKE) !== 0
  const late = measured ? doubles[(at >> 1) + row.F_HANDSHAKE] : LATE_NSEC
  return row.sinceStart(words, doubles, at, packet) + 1 - Math.abs(opened) < late
}

/** True when all of the segment was missing; of a gap that it parts in two the first part stays. */
function fillGap(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): boolean {
  const start = words[at + row.GAP_START]
  const stop = words[at + row.GAP_END]
  const end = (packet.tcpSequence + lengthOf(packet)) | 0
  const fits = ((packet.tcpSequence - start) | 0) >= 0 && ((stop - end) | 0) >= 0
  if (!fits || !isOpen(words, doubles, at, packet, direction)) return false
  if (packet.tcpSequence === start) words[at + row.GAP_START] = end
  else words[at + row.GAP_END] = packet.tcpSequence
  if (words[at + row.GAP_START] === words[at + row.GAP_END]) doubles[(at >> 1) + row.F_GAP] = 0
  return true
}
