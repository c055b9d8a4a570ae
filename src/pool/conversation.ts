/**
 * What the tracker keeps of one conversation (a 5-tuple without direction, plus its encapsulation). Side A sent the
 * first packet. Counters only grow; a chain remembers what they were when it began, so a chain's own counts are
 * differences and a packet is counted once however many chains it is part of.
 *
 *   conversation ── chains[timeout] ── component (a session in the making on a slot, see sessions.ts)
 *
 * A chain is the uninterrupted presence of the conversation under one idle timeout. All timeouts share one chain
 * until they have to differ.
 */
import type { Packet, RejectReason } from '../types.ts'
import type { Component, Unit } from './components.ts'
import type { Address } from './hosts.ts'
import type { Pool } from './membership.ts'
import { NO_SEQUENCE } from './mosh.ts'

export const SIDE_UNKNOWN = 0
export const SIDE_A = 1
export const SIDE_B = 2

/** Seconds before any packet; a small integer, so that the field stays one. */
export const NO_TIME = -(2 ** 31)

export interface Chain {
  startSec: number
  startNsec: number
  /** The side that sent first. */
  first: number
  /** When the other side sent for the first time; -1 seconds and `answered` false before. */
  answered: boolean
  answerSec: number
  answerNsec: number
  packetsA: number
  packetsB: number
  ipBytes: number
  /** Began with a SYN. */
  syn: boolean
  /** Began with a start marker that both directions agree on. */
  marker: boolean
  /** Its session was closed, or its connection: the next packet begins another. */
  done: boolean
  /** There was no room for its slot: it is neither a session nor rejected. */
  turnedAway: boolean
  component: Component | undefined
  /** Place among the component's members. */
  position: number
}

export interface Conversation {
  /** Index and generation, see table.ts. */
  handle: number
  hash: number
  next: number
  protocol: number
  a: Address
  b: Address
  aPort: number
  bPort: number
  encapsulation0: number
  encapsulation1: number

  /** Pools whose ports contain the side's port, narrowest first. Shared lists. */
  poolsA: readonly Pool[]
  poolsB: readonly Pool[]
  /** The side that sent the packet observed last. */
  lastSide: number
  /** Evidence: which side is the server by SYN or payload, and the label that payload gave (bit set of sides that showed it). */
  serverByWire: number
  serverBySyn: boolean
  label: string
  labelSides: number
  labelConfirmed: boolean
  toGroup: boolean
  /** What follows from it: the pool and the server's side, or why not. `pool` with a reason: where the rejection counts. */
  pool: Pool | undefined
  side: number
  reason: RejectReason | ''
  unit: Unit | undefined
  /** The slot on which it waits alone for more packets, '' for none; see sessions.ts. */
  heldOn: string

  packetsA: number
  packetsB: number
  ipBytes: number
  lastSec: number
  lastNsec: number
  lastASec: number
  lastANsec: number
  lastBSec: number
  lastBNsec: number
  chains: Chain[]
  /** The session in the making under the pool's own timeout; its longest gap is measured packet by packet. */
  session: Component | undefined
  /** Longest gap before that, seconds. */
  gap: number
  /** Some chain waits for an answer or for its component. */
  waiting: boolean

  flowHigh: number
  flowLow: number
  /** Flows of the pool's own chain: the first as it is, later ones as text, capped. */
  firstFlowHigh: number
  firstFlowLow: number
  laterFlowIds: string[] | undefined
  flowIdsTotal: number
  flowPending: boolean

  /** Bit set of FIN_A, FIN_B, RESET. */
  tcpEnd: number
  closed: boolean
  closedSec: number
  closedNsec: number

  /** Some pool of its ports has a start marker. */
  marked: boolean
  markerPending: boolean
  clientSequence: number
  serverSequence: number
}

export function createChain(packet: Packet, c: Conversation, side: number): Chain {
  return {
    startSec: packet.timeSec,
    startNsec: packet.timeNsec,
    first: side,
    answered: false,
    answerSec: -1,
    answerNsec: 0,
    packetsA: c.packetsA,
    packetsB: c.packetsB,
    ipBytes: c.ipBytes,
    syn: false,
    marker: false,
    done: false,
    turnedAway: false,
    component: undefined,
    position: 0,
  }
}

export function createConversation(packet: Packet): Conversation {
  const c: Conversation = {
    handle: -1,
    hash: 0,
    next: -1,
    protocol: packet.protocol,
    a: { version: packet.ipVersion, w0: packet.src0, w1: packet.src1, w2: packet.src2, w3: packet.src3 },
    b: { version: packet.ipVersion, w0: packet.dst0, w1: packet.dst1, w2: packet.dst2, w3: packet.dst3 },
    aPort: packet.srcPort,
    bPort: packet.dstPort,
    encapsulation0: packet.encapsulation0,
    encapsulation1: packet.encapsulation1,
    poolsA: [],
    poolsB: [],
    lastSide: SIDE_A,
    serverByWire: SIDE_UNKNOWN,
    serverBySyn: false,
    label: '',
    labelSides: 0,
    labelConfirmed: false,
    toGroup: false,
    pool: undefined,
    side: SIDE_UNKNOWN,
    reason: '',
    unit: undefined,
    heldOn: '',
    packetsA: 0,
    packetsB: 0,
    ipBytes: 0,
    lastSec: packet.timeSec,
    lastNsec: packet.timeNsec,
    lastASec: NO_TIME,
    lastANsec: 0,
    lastBSec: NO_TIME,
    lastBNsec: 0,
    chains: [],
    session: undefined,
    gap: 0,
    waiting: true,
    flowHigh: 0,
    flowLow: 0,
    firstFlowHigh: 0,
    firstFlowLow: 0,
    laterFlowIds: undefined,
    flowIdsTotal: 0,
    flowPending: false,
    tcpEnd: 0,
    closed: false,
    closedSec: 0,
    closedNsec: 0,
    marked: false,
    markerPending: false,
    clientSequence: NO_SEQUENCE,
    serverSequence: NO_SEQUENCE,
  }
  c.chains = [createChain(packet, c, SIDE_A)]
  return c
}

/** The side that sent the packet. */
export function senderOf(c: Conversation, packet: Packet): number {
  if (packet.srcPort !== c.aPort) return SIDE_B
  if (c.aPort !== c.bPort) return SIDE_A
  const a = c.a
  const same = packet.src3 === a.w3 && packet.src2 === a.w2 && packet.src1 === a.w1 && packet.src0 === a.w0
  return same ? SIDE_A : SIDE_B
}

/** The chain under one timeout. */
export function chainOf(c: Conversation, timeout: number): Chain {
  return c.chains.length === 1 ? c.chains[0] : c.chains[timeout]
}

/** Gives every timeout a chain of its own. */
export function spreadChains(c: Conversation, timeouts: number): void {
  if (c.chains.length > 1) return
  const shared = c.chains[0]
  c.chains = Array.from({ length: timeouts }, (_, i) => (i === 0 ? shared : { ...shared }))
}

export function serverAddress(c: Conversation): Address {
  return c.side === SIDE_A ? c.a : c.b
}

export function clientAddress(c: Conversation): Address {
  return c.side === SIDE_A ? c.b : c.a
}

export function serverPort(c: Conversation): number {
  return c.side === SIDE_A ? c.aPort : c.bPort
}

export function clientPort(c: Conversation): number {
  return c.side === SIDE_A ? c.bPort : c.aPort
}
