/**
 * How long conversations are remembered. After a silence that ends a session under every timeout a conversation is
 * judged; it stays for the verdicts of its flows, which may be silent for longer, and is forgotten when those are over.
 * A packet after that begins another conversation, whether the first was really removed by then or not: as long as the
 * table is not full, nothing depends on the traffic of others.
 */
import type { Instant, Packet } from '../../types.ts'
import { goesOn } from '../session/progress.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Conversation } from '../shapes.ts'
import type { Chains } from './chains.ts'
import { type ConversationTable, MAX_CONVERSATIONS } from './table.ts'

/** Rows looked at for each new conversation, to drop what is over, and for each eviction. */
const REAPED_ROWS = 2
const EVICTION_ROWS = 16
/** A flow of TCP is over after so long a silence, others earlier; seconds. */
const FLOW_IDLE_SEC = 300

export interface RetentionOptions {
  table: ConversationTable
  chains: Chains
  sessions: Sessions
  /** Longest timeout of pools, Infinity for never. */
  longestSec: number
  /** The longest that a flow may be silent, Infinity for any time. */
  flowIdleSec?: number
  maxConversations?: number
}

export class Retention {
  /** Conversations that were dropped because as many were known as there is room for. */
  evicted = 0
  /** When the first of them was dropped that had been answered. */
  fullAt: Instant | undefined
  private readonly table: ConversationTable
  private readonly chains: Chains
  private readonly sessions: Sessions
  private readonly judgeSec: number
  private readonly keepSec: number
  private readonly maxConversations: number
  private hand = 0

  constructor({ table, chains, sessions, longestSec, ...rest }: RetentionOptions) {
    this.table = table
    this.chains = chains
    this.sessions = sessions
    this.judgeSec = longestSec
    this.keepSec = Math.max(longestSec, rest.flowIdleSec ?? FLOW_IDLE_SEC)
    this.maxConversations = Math.min(rest.maxConversations ?? MAX_CONVERSATIONS, MAX_CONVERSATIONS)
  }

  /** The packet's conversation, unless it is over. */
  find(packet: Packet): Conversation | undefined {
    const found = this.table.find(packet)
    if (found === undefined) return undefined
    return this.reap(found, packet.timeSec) ? undefined : found
  }

  /** Drops a few conversations that are over, and if there is no room yet one that is not. Call before `add`. */
  makeRoom(packet: Packet, clockSec: number): void {
    for (let i = 0; i < REAPED_ROWS; i++) this.reapBy(this.nextRow(), clockSec)
    if (this.table.count >= this.maxConversations) this.evict([packet.timeSec, packet.timeNsec])
  }

  reapAll(clockSec: number): void {
    for (let i = 0; i < this.table.used; i++) this.reapBy(this.table.at(i), clockSec)
  }

  /** As `reap`, by the packet clock: packets that lag behind it are judged so much later. */
  private reapBy(c: Conversation | undefined, clockSec: number): void {
    if (c !== undefined) this.reap(c, clockSec - c.lagSec)
  }

  /** Judges the conversation if it was silent for longer than any timeout; true when it is gone. */
  private reap(c: Conversation, clockSec: number): boolean {
    if (!this.isOver(c, clockSec)) return false
    if (!c.judged) this.chains.conclude(c)
    if (clockSec - c.seenSec <= this.keepSec + 1) return false
    this.table.remove(c)
    return true
  }

  /** Silent for longer than any timeout, unless others keep its session going. */
  private isOver(c: Conversation, clockSec: number): boolean {
    if (clockSec - c.lastSec <= this.judgeSec + 1) return false
    const now: Instant = [clockSec, 0]
    return !c.chains.some((chain) => goesOn(chain, now))
  }

  private evict(now: Instant): void {
    let victim: Conversation | undefined
    for (let i = 0; i < EVICTION_ROWS; i++) {
      const c = this.nextRow()
      if (c === undefined) continue
      if (victim === undefined || c.lastSec < victim.lastSec || !isMissed(c)) victim = c
      // What came last stands where the hand comes last: the first is the oldest, as nearly as need be.
      if (!isMissed(c)) break
    }
    if (victim === undefined) return
    this.evicted++
    if (isMissed(victim)) this.fullAt ??= now
    // It leaves before its silence is over, which may last longer than some timeouts.
    if (!victim.judged) {
      this.sessions.spreadOf(victim)
      this.chains.conclude(victim)
    }
    this.table.remove(victim)
  }

  private nextRow(): Conversation | undefined {
    this.hand = this.hand + 1 >= this.table.used ? 0 : this.hand + 1
    return this.table.at(this.hand)
  }
}

/** In a pool, and by both ends, and not over: something is lost with it. */
function isMissed(c: Conversation): boolean {
  return c.pool !== undefined && c.packetsA > 0 && c.packetsB > 0 && !c.judged
}
