/**
 * Packets into chains. Cuts a conversation's chains where a silence, a new connection or a start marker separates
 * sessions, counts the packet, and decides when a client endpoint starts to count: once both directions were seen (the
 * server has answered), or where the rule wants one direction only, with min_packets packets.
 */
import { MAX_LIST, PACKET_FRAGMENT, PROTOCOL_TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../bytes.ts'
import { compareInstants, isLonger } from '../../instant.ts'
import { idText } from '../../text.ts'
import type { Instant, Packet } from '../../types.ts'
import { chainOf, createChain, NO_TIME, senderOf, spreadChains } from '../conversation.ts'
import type { Membership } from '../membership.ts'
import type { Pool } from '../pool.ts'
import { addLoser, FIN_A, FIN_B, fold, LINGER_SEC, RESET } from '../session/components.ts'
import { goesOn } from '../session/progress.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Chain, Conversation } from '../shapes.ts'
import { SIDE_A, SIDE_B, SIDE_UNKNOWN } from '../sides.ts'
import { isFromServer, NO_SEQUENCE, sequenceOf } from './mosh.ts'

const NSEC_PER_SEC = 1e9
/** Packets of a media conversation that look for the other port of the pair, and how often later ones do. */
const EAGER_PACKETS = 8
const LATER_MASK = 63

export interface ChainOptions {
  membership: Membership
  sessions: Sessions
  /** A chain ends that never counted. */
  abandon(c: Conversation): void
}

export class Chains {
  private readonly membership: Membership
  private readonly sessions: Sessions
  private readonly abandon: (c: Conversation) => void
  private readonly shortest: number
  /** Longest finite timeout: a packet further back in time begins a chain of its own. */
  private readonly longest: number
  /** The current packet begins the pool's own chain. */
  private fresh = false

  constructor(options: ChainOptions) {
    this.membership = options.membership
    this.sessions = options.sessions
    this.abandon = options.abandon
    this.shortest = options.membership.timeouts[0]
    this.longest = options.membership.timeouts.reduce(
      (most, sec) => (Number.isFinite(sec) ? Math.max(most, sec) : most),
      0,
    )
  }

  observe(c: Conversation, packet: Packet, bytes: Uint8Array): void {
    const side = senderOf(c, packet)
    c.seenSec = Math.max(c.seenSec, packet.timeSec)
    const silence =
      ((packet.timeSec - c.lastSec) * NSEC_PER_SEC + (packet.timeNsec - c.lastNsec)) / NSEC_PER_SEC
    const ends =
      c.protocol === PROTOCOL_TCP && (c.closed || (packet.tcpFlags & (TCP_SYN | TCP_FIN | TCP_RST)) !== 0)
    c.lastSide = side
    this.fresh = false
    let closes = false
    if (silence >= this.shortest || silence < 0 || ends || c.flowPending || c.marked || c.waiting) {
      if (!this.separate(c, packet, side, silence)) return
      if (c.marked) this.mark(c, packet, bytes, side)
      if (ends) closes = this.track(c, packet, side)
    }
    this.count(c, packet, side, this.fresh ? 0 : silence)
    for (let i = 0; i < c.chains.length; i++) {
      const { component, position } = c.chains[i]
      if (component === undefined) continue
      component.members.touch(position)
      component.lagSec = c.lagSec
      if (closes) this.sessions.hasten(component)
    }
    if (c.waiting) this.admit(c, packet, side)
  }

  /** Lets every chain that may count find its component. */
  admit(c: Conversation, packet: Packet, side: number): void {
    // A refused connection may be tried again, or be captured twice: that is no answer either.
    const refuses = c.protocol === PROTOCOL_TCP && side === c.side && (packet.tcpFlags & TCP_RST) !== 0
    for (const chain of c.chains) {
      if (refuses || chain.answered || chain.first === side || chain.done) continue
      chain.answered = true
      chain.answerSec = packet.timeSec
      chain.answerNsec = packet.timeNsec
    }
    this.attachAll(c)
  }

  attachAll(c: Conversation): void {
    const { pool } = c
    c.waiting = c.chains.some((chain) => !chain.answered)
    if (pool === undefined || c.reason !== '') return
    if (this.isTooFew(c, pool) && this.sessions.hold(c)) c.waiting = true
    else this.attachEach(c, pool, [c.lastSec, c.lastNsec])
  }

  /** Answered, but not enough for a session as long as it is alone. The slots of pairs look for each other at once. */
  private isTooFew(c: Conversation, { rule }: Pool): boolean {
    if (rule.stride > 1 || c.chains.some(({ component }) => component !== undefined)) return false
    const widest = c.chains[c.chains.length - 1]
    const packets = c.packetsA + c.packetsB - widest.packetsA - widest.packetsB
    return packets < rule.minPackets && c.chains.some(({ answered, done }) => answered && !done)
  }

  private attachEach(c: Conversation, pool: Pool, now: Instant): void {
    let alike = this.isAlike(c, pool, now)
    for (const timeout of pool.timeouts) {
      if (alike && timeout !== pool.main) break
      const chain = chainOf(c, timeout)
      if (chain.component !== undefined || isOver(c, this.membership.timeouts[timeout], now)) continue
      if (chain.done || !this.counts(c, chain, timeout)) {
        c.waiting = true
        continue
      }
      const before = this.sessions.takeHeld(c)
      if (before?.pool !== undefined) {
        this.attachEach(before, before.pool, now)
        alike = this.isAlike(c, pool, now)
      }
      if (!alike) spreadChains(c, this.membership.timeouts.length)
      if (this.sessions.attach(c, timeout)) {
        if (timeout === pool.main) this.noteLosers(c)
      } else {
        chain.turnedAway = true
        c.waiting = true
      }
    }
  }

  /** All timeouts still agree, for the conversation and on its slot: one chain, under the pool's own timeout, is enough. */
  private isAlike(c: Conversation, pool: Pool, now: Instant): boolean {
    return c.chains.length === 1 && this.sessions.keepTogether(c) && !isOver(c, pool.shortestSec, now)
  }

  /** Ends every chain; the next one begins with this packet. */
  cutAll(c: Conversation, packet: Packet, side: number): void {
    // The next chain may go on where this one stood.
    if (c.heldOn !== '' && c.pool !== undefined) this.attachEach(c, c.pool, [packet.timeSec, packet.timeNsec])
    this.endChains(c)
    c.judged = false
    c.chains = [createChain(packet, c, side)]
    this.restart(c, packet)
    c.lastSec = packet.timeSec
    c.lastNsec = packet.timeNsec
    c.lastASec = NO_TIME
    c.lastBSec = NO_TIME
  }

  /** Ends every chain for good: whatever comes begins others. */
  conclude(c: Conversation): void {
    this.endChains(c)
    for (const chain of c.chains) chain.done = true
    c.judged = true
  }

  /** Folds what counted and abandons what did not. */
  private endChains(c: Conversation): void {
    this.sessions.release(c)
    const main = chainOf(c, c.pool?.main ?? 0)
    if (main.component === undefined && !main.done) this.abandon(c)
    for (const chain of c.chains) fold(c, chain)
  }

  private counts(c: Conversation, chain: Chain, timeout: number): boolean {
    if (chain.answered) return true
    const { bidirectional, minPackets, stride } = (c.pool as NonNullable<Conversation['pool']>).rule
    const packets = c.packetsA + c.packetsB - chain.packetsA - chain.packetsB
    if (!bidirectional && packets >= minPackets) return true
    const looks = packets <= EAGER_PACKETS || (packets & LATER_MASK) === 0
    return stride > 1 && looks && this.sessions.hasSibling(c, timeout)
  }

  private noteLosers(c: Conversation): void {
    if (c.session === undefined || c.poolsA.length + c.poolsB.length < 2) return
    for (const pool of this.membership.losers(c)) addLoser(c.session, pool, 1)
  }

  /** Cuts chains before the packet is added. False when the packet is a late one of a closed connection, and counts nowhere. */
  private separate(c: Conversation, packet: Packet, side: number, silence: number): boolean {
    if (c.closed && !this.reopen(c, packet, side)) return false
    if (silence < 0) this.goBack(c, packet, side)
    else if (silence >= this.shortest) this.cutSilent(c, packet, side)
    for (let i = 0; i < c.chains.length; i++) if (c.chains[i].done) this.replace(c, i, packet, side)
    if (c.flowPending) {
      c.flowPending = false
      noteFlow(c)
    }
    return true
  }

  /** After FIN or RST: a SYN, or payload after the linger, is a new connection; anything else then is a straggler. */
  private reopen(c: Conversation, packet: Packet, side: number): boolean {
    const begins = (packet.tcpFlags & (TCP_SYN | TCP_ACK)) === TCP_SYN
    const lingers = !isLonger([c.closedSec, c.closedNsec], [packet.timeSec, packet.timeNsec], LINGER_SEC)
    if (lingers && !begins) return true
    if (!begins && packet.payloadBytes === 0) return false
    this.cutAll(c, packet, side)
    return true
  }

  private goBack(c: Conversation, packet: Packet, side: number): void {
    const now: Instant = [packet.timeSec, packet.timeNsec]
    const first = c.chains[0]
    if (isLonger(now, [first.startSec, first.startNsec], this.longest)) {
      this.cutAll(c, packet, side)
      return
    }
    for (const chain of c.chains) {
      if (chain.done || compareInstants(now, [chain.startSec, chain.startNsec]) >= 0) continue
      chain.startSec = packet.timeSec
      chain.startNsec = packet.timeNsec
      const { component } = chain
      if (component !== undefined && compareInstants(now, component.start) < 0) component.start = now
    }
  }

  private cutSilent(c: Conversation, packet: Packet, side: number): void {
    const now: Instant = [packet.timeSec, packet.timeNsec]
    const last: Instant = [c.lastSec, c.lastNsec]
    const { timeouts } = this.membership
    if (isLonger(last, now, timeouts[timeouts.length - 1]) && !c.chains.some((chain) => goesOn(chain, now))) {
      this.cutAll(c, packet, side)
      return
    }
    if (!isLonger(last, now, this.shortest)) return
    this.sessions.spreadOf(c)
    spreadChains(c, timeouts.length)
    for (let i = 0; i < timeouts.length; i++) {
      if (!isLonger(last, now, timeouts[i])) break
      const chain = c.chains[i]
      if (goesOn(chain, now)) continue
      if (i === c.pool?.main && chain.component === undefined && !chain.done) this.abandon(c)
      fold(c, chain)
      this.replace(c, i, packet, side)
    }
  }

  private replace(c: Conversation, timeout: number, packet: Packet, side: number): void {
    c.judged = false
    if (c.chains.length === 1) {
      c.chains = [createChain(packet, c, side)]
      this.restart(c, packet)
      return
    }
    c.chains[timeout] = createChain(packet, c, side)
    c.waiting = true
    if (timeout === c.pool?.main) this.restart(c, packet)
  }

  /** The pool's own chain begins anew. */
  private restart(c: Conversation, packet: Packet): void {
    this.fresh = true
    c.waiting = true
    c.gap = 0
    c.laterFlowIds = undefined
    c.flowIdsTotal = 0
    c.flowPending = false
    noteFlow(c)
    if (!c.closed) return
    c.closed = false
    c.tcpEnd = 0
    if ((packet.tcpFlags & TCP_SYN) !== 0) c.serverBySyn = false
  }

  private count(c: Conversation, packet: Packet, side: number, silence: number): void {
    if (side === SIDE_A) {
      c.packetsA++
      if (packet.timeSec > c.lastASec || (packet.timeSec === c.lastASec && packet.timeNsec > c.lastANsec)) {
        c.lastASec = packet.timeSec
        c.lastANsec = packet.timeNsec
      }
    } else {
      c.packetsB++
      if (packet.timeSec > c.lastBSec || (packet.timeSec === c.lastBSec && packet.timeNsec > c.lastBNsec)) {
        c.lastBSec = packet.timeSec
        c.lastBNsec = packet.timeNsec
      }
    }
    c.ipBytes += packet.ipBytes
    if (silence > c.gap && c.packetsA + c.packetsB > 1) c.gap = silence
    const { session } = c
    if (session !== undefined) session.silence.addPacket(packet.timeSec, packet.timeNsec, side !== c.side)
    if (packet.timeSec > c.lastSec || (packet.timeSec === c.lastSec && packet.timeNsec > c.lastNsec)) {
      c.lastSec = packet.timeSec
      c.lastNsec = packet.timeNsec
    }
  }

  /** A SYN shows which side is the server; FIN from both sides or RST closes the connection: true when this packet did. */
  private track(c: Conversation, packet: Packet, side: number): boolean {
    const { tcpFlags } = packet
    if ((tcpFlags & TCP_SYN) !== 0) {
      if (!c.serverBySyn) {
        c.serverBySyn = true
        c.serverByWire = ((tcpFlags & TCP_ACK) !== 0) === (side === SIDE_A) ? SIDE_A : SIDE_B
        this.redecide(c)
      }
      for (const chain of c.chains)
        if (chain.packetsA === c.packetsA && chain.packetsB === c.packetsB) chain.syn = true
    }
    if (c.closed) return false
    if ((tcpFlags & TCP_FIN) !== 0) c.tcpEnd |= side === SIDE_A ? FIN_A : FIN_B
    if ((tcpFlags & TCP_RST) !== 0) c.tcpEnd |= RESET
    if ((c.tcpEnd & RESET) === 0 && c.tcpEnd !== (FIN_A | FIN_B)) return false
    c.closed = true
    c.closedSec = packet.timeSec
    c.closedNsec = packet.timeNsec
    return true
  }

  /** Decides pool and side anew; what counted on another slot moves. */
  redecide(c: Conversation): void {
    const { pool, side, reason } = c
    this.membership.decide(c)
    if (c.pool === pool && c.side === side && c.reason === reason) return
    this.sessions.release(c)
    this.sessions.detach(c)
    c.unit = undefined
    c.waiting = true
  }

  /** A client's sequence back at 0 begins a session, once the server's, too, has gone back (or was never seen). */
  private mark(c: Conversation, packet: Packet, bytes: Uint8Array, side: number): void {
    if ((packet.flags & PACKET_FRAGMENT) !== 0) return
    const sequence = sequenceOf(packet, bytes)
    if (sequence === NO_SEQUENCE) return
    const fromServer = isFromServer(packet, bytes)
    if (c.side !== SIDE_UNKNOWN && fromServer !== (side === c.side)) return
    if (fromServer) {
      const agreed = c.markerPending && (c.serverSequence === NO_SEQUENCE || sequence < c.serverSequence)
      if (agreed) for (const chain of c.chains) if (chain.component === undefined) chain.marker = true
      c.serverSequence = c.markerPending ? sequence : Math.max(sequence, c.serverSequence)
      c.markerPending = false
      return
    }
    if (sequence === 0 && !c.markerPending) {
      const packets = c.packetsA + c.packetsB
      if (c.chains.some((chain) => packets > chain.packetsA + chain.packetsB)) this.cutAll(c, packet, side)
      c.markerPending = true
    }
    c.clientSequence = sequence
  }
}

/** The conversation has been silent for too long to be on the slot still. */
function isOver(c: Conversation, idleSec: number, now: Instant): boolean {
  return c.closed
    ? isLonger([c.closedSec, c.closedNsec], now, LINGER_SEC)
    : isLonger([c.lastSec, c.lastNsec], now, idleSec)
}

function noteFlow(c: Conversation): void {
  c.flowIdsTotal++
  if (c.flowIdsTotal === 1) {
    c.firstFlowHigh = c.flowHigh
    c.firstFlowLow = c.flowLow
    return
  }
  if (c.flowIdsTotal > MAX_LIST) return
  const id = idText(c.flowHigh, c.flowLow)
  if (c.laterFlowIds === undefined) c.laterFlowIds = [id]
  else c.laterFlowIds.push(id)
}
