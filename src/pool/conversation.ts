/** A conversation and its chains, see shapes.ts: how they begin, and which end is which. */
import type { Packet } from '../types.ts'
import { NO_SEQUENCE } from './conversations/mosh.ts'
import type { Address } from './hosts.ts'
import type { Chain, Conversation } from './shapes.ts'
import { SIDE_A, SIDE_B, SIDE_UNKNOWN } from './sides.ts'

/** Seconds before any packet; a small integer, so that the field stays one. */
export const NO_TIME = -(2 ** 31)

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
    seenSec: packet.timeSec,
    lagSec: 0,
    judged: false,
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
