/**
 * TCP as far as a flow record needs it: who opened, who closed, the handshake's round trip, and Zeek's conn_state and
 * history; sequence.ts counts retransmissions. RFC 9293.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../bytes.ts'
import type { Packet } from '../types.ts'
import * as history from './history.ts'
import * as row from './layout.ts'
import { trackSequence } from './sequence.ts'

const SYN_FIN_RST = TCP_SYN | TCP_FIN | TCP_RST

/** The first segment of a connection. */
export function isOpening(tcpFlags: number): boolean {
  return (tcpFlags & (SYN_FIN_RST | TCP_ACK)) === TCP_SYN
}

/** The state that a continuing flow inherits: which side opened the connection, FINs, sequence numbers. */
const KEPT_STATE =
  row.STATE_FIN_A |
  row.STATE_FIN_B |
  row.STATE_SYN_A |
  row.STATE_SYN_B |
  row.STATE_SYNACK_A |
  row.STATE_SYNACK_B |
  row.STATE_SEQUENCE_A |
  row.STATE_SEQUENCE_B

/** STATE of the flow that continues one with this STATE. Who answered a SYN-ACK has sent the SYN that was missed. */
export function keptState(state: number): number {
  const ackA = ((state >>> row.STATE_FLAGS_A_SHIFT) & TCP_ACK) !== 0
  const ackB = ((state >>> row.STATE_FLAGS_B_SHIFT) & TCP_ACK) !== 0
  const synA = ackA && (state & row.STATE_SYNACK_B) !== 0 ? row.STATE_SYN_A : 0
  const synB = ackB && (state & row.STATE_SYNACK_A) !== 0 ? row.STATE_SYN_B : 0
  return (state & KEPT_STATE) | synA | synB
}

/** Updates state, sequence numbers and history of the row for one TCP packet of `direction`. */
export function trackTcp(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  const flags = packet.tcpFlags
  let state = words[at + row.STATE]
  state |= flags << (direction === 0 ? row.STATE_FLAGS_A_SHIFT : row.STATE_FLAGS_B_SHIFT)
  words[at + row.STATE] = state
  if ((flags & SYN_FIN_RST) !== 0) trackControl(words, doubles, at, packet, direction)
  else if ((state & (row.STATE_SYN_TIMED | row.STATE_HANDSHAKE)) === row.STATE_SYN_TIMED)
    finishHandshake(words, doubles, at, packet, direction)
  if (packet.payloadBytes > 0) history.recordHistory(words, at, history.HISTORY_DATA, direction)
  else if ((flags & (SYN_FIN_RST | TCP_ACK)) === TCP_ACK)
    history.recordHistory(words, at, history.HISTORY_ACK, direction)
  if (packet.tcpWindow === 0 && flags !== 0) trackZeroWindow(words, at, flags, direction)
  trackSequence(words, doubles, at, packet, direction)
}

/** A zero window in a RST, or after the peer's FIN, does not stall the connection and is not recorded. */
function trackZeroWindow(words: Int32Array, at: number, flags: number, direction: number): void {
  const over = (row.STATE_FIN_A << (1 - direction)) | (row.STATE_RST_A << direction)
  if ((flags & TCP_RST) === 0 && (words[at + row.STATE] & over) === 0)
    history.recordHistory(words, at, history.HISTORY_ZERO_WINDOW, direction)
}

function trackControl(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  const flags = packet.tcpFlags
  history.recordHistory(words, at, controlLetter(flags), direction)
  let state = words[at + row.STATE]
  if ((flags & TCP_SYN) !== 0) {
    const ack = (flags & TCP_ACK) !== 0
    state |= (ack ? row.STATE_SYNACK_A : row.STATE_SYN_A) << direction
    if (!ack && (state & (row.STATE_SYNACK_A | row.STATE_SYNACK_B)) === 0) {
      state |= row.STATE_SYN_TIMED
      doubles[(at >> 1) + row.F_HANDSHAKE] = row.sinceStart(words, doubles, at, packet)
    }
  }
  const bothFins = row.STATE_FIN_A | row.STATE_FIN_B
  // A FIN after a reset, or with one, ends nothing; nor does a reset after both FINs, which only tidies up.
  if ((flags & TCP_RST) !== 0) {
    if ((state & bothFins) !== bothFins) state |= row.STATE_RST_A << direction
  } else if ((flags & TCP_FIN) !== 0 && (state & (row.STATE_RST_A << direction)) === 0)
    state |= row.STATE_FIN_A << direction
  const reset = (state & (row.STATE_RST_A | row.STATE_RST_B)) !== 0
  if ((state & row.STATE_CLOSING) === 0 && (reset || (state & bothFins) === bothFins)) {
    state |= row.STATE_CLOSING
    doubles[(at >> 1) + row.F_CLOSING] = row.sinceStart(words, doubles, at, packet)
  }
  words[at + row.STATE] = state
}

/** Several of SYN, FIN and RST in one segment have a letter of their own. */
function controlLetter(flags: number): number {
  const control = flags & SYN_FIN_RST
  if ((control & (control - 1)) !== 0) {
    const both = TCP_FIN | TCP_RST
    return (control & both) === both ? history.HISTORY_INCONSISTENT : history.HISTORY_MULTIPLE
  }
  if (control === TCP_FIN) return history.HISTORY_FIN
  if (control === TCP_RST) return history.HISTORY_RST
  return (flags & TCP_ACK) !== 0 ? history.HISTORY_SYN_ACK : history.HISTORY_SYN
}

/** The SYN's sender acknowledges the SYN-ACK: the round trip is complete. */
function finishHandshake(
  words: Int32Array,
  doubles: Float64Array,
  at: number,
  packet: Packet,
  direction: number,
): void {
  const state = words[at + row.STATE]
  const opened = (state & (row.STATE_SYN_A << direction)) !== 0
  const answered = (state & (row.STATE_SYNACK_A << (1 - direction))) !== 0
  if (!opened || !answered || (packet.tcpFlags & TCP_ACK) === 0) return
  const roundTrip = row.sinceStart(words, doubles, at, packet) - doubles[(at >> 1) + row.F_HANDSHAKE]
  if (roundTrip < 0) return
  doubles[(at >> 1) + row.F_HANDSHAKE] = roundTrip
  words[at + row.STATE] = state | row.STATE_HANDSHAKE
}

const INACTIVE = 0
const PARTIAL = 1
const SYN_SENT = 2
const ESTABLISHED = 3
const CLOSED = 4
const RESET = 5

/** What a side that has got beyond its SYN has in its history. */
const MORE_THAN_SYN = [
  history.HISTORY_SYN_ACK,
  history.HISTORY_ACK,
  history.HISTORY_FIN,
  history.HISTORY_INCONSISTENT,
  history.HISTORY_MULTIPLE,
]

/** Zeek's conn_state; `reversed`: side b is the client. Only for TCP and UDP, otherwise ''. */
export function connState(words: Int32Array, at: number, reversed: boolean): string {
  const protocol = words[at + row.KIND] & 0xff
  const client = reversed ? 1 : 0
  const clientPackets = words[at + row.PACKETS + client * row.SIDE_WORDS] !== 0
  const serverPackets = words[at + row.PACKETS + (1 - client) * row.SIDE_WORDS] !== 0
  if (protocol === PROTOCOL_UDP) {
    if (clientPackets) return serverPackets ? 'SF' : 'S0'
    return serverPackets ? 'SHR' : 'OTH'
  }
  if (protocol !== PROTOCOL_TCP) return ''
  const state = words[at + row.STATE]
  const origin = sideState(state, client, clientPackets)
  const responder = sideState(state, 1 - client, serverPackets)
  if (origin === RESET && responder === RESET && payloadFree(words, at)) return 'REJ'
  const idle = responder === INACTIVE || responder === PARTIAL
  // Bare ACKs are no answer to a SYN: what sends them waits for another sequence number (RFC 5961).
  const sent = history.inHistory(words, at, history.HISTORY_DATA, 1 - client)
  if (origin === SYN_SENT && responder === PARTIAL && !sent) return 'S0'
  // Zeek 5: only a SYN's reset, and before the sender acknowledged anything.
  if (origin === RESET && idle) return onlySyn(words, at, state, client) ? 'RSTOS0' : 'OTH'
  return tcpConnState(origin, responder)
}

function payloadFree(words: Int32Array, at: number): boolean {
  return words[at + row.PAYLOAD_BYTES] === 0 && words[at + row.PAYLOAD_BYTES + row.SIDE_WORDS] === 0
}

/** All that the side did before its RST was to send a SYN. */
function onlySyn(words: Int32Array, at: number, state: number, side: number): boolean {
  if ((state & (row.STATE_SYN_A << side)) === 0) return false
  return !MORE_THAN_SYN.some((letter) => history.inHistory(words, at, letter, side))
}

function tcpConnState(origin: number, responder: number): string {
  const originIdle = origin === INACTIVE || origin === PARTIAL
  const responderIdle = responder === INACTIVE || responder === PARTIAL
  if (responder === RESET) {
    if (origin === SYN_SENT) return 'REJ'
    return originIdle ? 'RSTRH' : 'RSTR'
  }
  if (origin === RESET) return 'RSTO'
  if (origin === CLOSED && responder === CLOSED) return 'SF'
  if (origin === CLOSED) return responderIdle ? 'SH' : 'S2'
  if (responder === CLOSED) return originIdle ? 'SHR' : 'S3'
  if (origin === SYN_SENT && responder === INACTIVE) return 'S0'
  return origin === ESTABLISHED && responder === ESTABLISHED ? 'S1' : 'OTH'
}

function sideState(state: number, side: number, packets: boolean): number {
  const fin = (state & (row.STATE_FIN_A << side)) !== 0
  const peerFin = (state & (row.STATE_FIN_A << (1 - side))) !== 0
  // A side that resets behind its own FIN has ended well once the other one has sent its FIN, too.
  if ((state & (row.STATE_RST_A << side)) !== 0) return fin && peerFin ? CLOSED : RESET
  if (fin) return CLOSED
  const syn = (state & (row.STATE_SYN_A << side)) !== 0
  const synAck = (state & (row.STATE_SYNACK_A << side)) !== 0
  const peerSyn = (state & (row.STATE_SYN_A << (1 - side))) !== 0
  const peerSynAck = (state & (row.STATE_SYNACK_A << (1 - side))) !== 0
  const flags = state >>> (side === 0 ? row.STATE_FLAGS_A_SHIFT : row.STATE_FLAGS_B_SHIFT)
  // An acknowledged SYN-ACK implies the SYN that the capture missed.
  if (synAck || (syn && (peerSyn || peerSynAck)) || (peerSynAck && (flags & TCP_ACK) !== 0))
    return ESTABLISHED
  if (syn) return SYN_SENT
  return packets ? PARTIAL : INACTIVE
}
