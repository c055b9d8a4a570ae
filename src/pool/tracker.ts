/**
 * The pools: who was on which slot of which server, when; how many at once; the proof. In: packets of flows whose ports
 * touch a pool, what payload showed of those flows, and where companion labels were confirmed. Out: sessions in the
 * order of their close instants, then concurrency, reports per pool and server, and notices.
 *
 * Promised: sessions are built from packets alone, so that flow timeouts, splits and evictions change nothing; the
 * same packets give the same output whatever the hash seed; the sensitivity table says what a run with that timeout
 * would have found; memory is bounded by named constants (conversations in table.ts, hosts, sources, intervals). When
 * the table is full, unanswered conversations go first; a session outlives the eviction of its conversation.
 * Not here: the label of a flow, and protocols other than mosh's start marker and TCP's flags.
 */
import { isGroupAddress } from '../address.ts'
import { addSeconds } from '../instant.ts'
import type {
  Concurrency,
  Instant,
  Notice,
  OpenSession,
  Packet,
  PoolClaim,
  PoolReport,
  PoolRule,
  Session,
  Site,
} from '../types.ts'
import { claimOf } from './claim.ts'
import { chainOf } from './conversation.ts'
import { Chains } from './conversations/chains.ts'
import { Retention } from './conversations/retention.ts'
import { ConversationTable } from './conversations/table.ts'
import type { Window } from './counting/concurrency.ts'
import { Ledger } from './counting/ledger.ts'
import { fullNotice } from './counting/notices.ts'
import { compareNotices, compareSessions } from './counting/order.ts'
import { SCAN_WINDOW_SEC } from './counting/rejections.ts'
import { addSupporter, createHosts, type Hosts, textOf } from './hosts.ts'
import { createMembership, type Membership } from './membership.ts'
import type { Pool } from './pool.ts'
import { countOpen, levelsOf, openSessionsOf, type PoolLevel } from './session/open.ts'
import { Outcomes } from './session/outcomes.ts'
import { Sessions } from './session/sessions.ts'
import type { Conversation } from './shapes.ts'
import { SIDE_A, SIDE_B } from './sides.ts'
import { PoolWindows, type WindowReports } from './windows.ts'

export interface PoolOptions {
  pools: readonly PoolRule[]
  site?: Site
  /** Overrides every pool's idle timeout; 0 for never. */
  poolIdleSec?: number
  /** Whether `finish` lists every change of concurrency. */
  concurrency?: boolean
  /** The longest that a flow may be silent, Infinity for any time; default 300. Its conversation is known as long. */
  flowIdleSec?: number
  /** At most and by default MAX_CONVERSATIONS. */
  maxConversations?: number
  /** By default MAX_UNITS of sessions.ts and MAX_INTERVALS of ledger.ts. */
  maxUnits?: number
  maxIntervals?: number
  /** Of the hash, any integer; never shows. */
  seed?: number
}

/** Reports of the whole run. The iterables are generated while they are read, and can be read once. */
export interface PoolFinish {
  sessions: Session[]
  concurrency: Iterable<Concurrency>
  pools: Iterable<PoolReport>
  notices: Notice[]
}

/** `learn` and `support` name an end of the packet observed last. */
export const SERVER_UNKNOWN = 0
export const SERVER_SENDS = 1
export const SERVER_RECEIVES = 2

const CONFIRMED = 2
const MAX_NOTICES = 10_000
const BOTH_SIDES = SIDE_A | SIDE_B

export function createPoolTracker(options: PoolOptions): PoolTracker {
  return new PoolTracker(options)
}

export class PoolTracker {
  private readonly hosts: Hosts
  private readonly membership: Membership
  private readonly ledger: Ledger
  private readonly sessions: Sessions
  private readonly chains: Chains
  private readonly outcomes: Outcomes
  private readonly table: ConversationTable
  private readonly companions: ReadonlySet<string>
  private readonly retention: Retention
  private readonly wantsConcurrency: boolean
  /** Latest first: taking the last away costs nothing, however many are due at once. */
  private ready: Session[] = []
  private notices: Notice[] = []
  private clockSec = -Infinity
  private begun = false
  private windowSec = Infinity
  private windows: PoolWindows | undefined
  private fullReported = false

  constructor(options: PoolOptions) {
    this.hosts = createHosts(options.site)
    this.membership = createMembership(options.pools, options.poolIdleSec, this.hosts)
    const { pools, timeouts } = this.membership
    this.ledger = new Ledger(pools, options.maxIntervals)
    this.table = new ConversationTable(options.seed ?? 0)
    this.companions = new Set(pools.flatMap((pool) => pool.rule.supportedBy))
    this.wantsConcurrency = options.concurrency === true
    this.sessions = new Sessions({
      timeouts,
      hosts: this.hosts,
      ledger: this.ledger,
      maxUnits: options.maxUnits,
      events: {
        session: (session, component) => {
          this.ready.push(session)
          this.outcomes.accepted(session, component)
        },
        failed: (component) => this.outcomes.failed(component),
      },
    })
    this.outcomes = new Outcomes({
      hosts: this.hosts,
      ledger: this.ledger,
      sessions: this.sessions,
      notify: (notice) => this.notify(notice),
    })
    this.chains = new Chains({
      membership: this.membership,
      sessions: this.sessions,
      abandon: (c) => this.outcomes.abandoned(c),
    })
    this.retention = new Retention({
      table: this.table,
      chains: this.chains,
      sessions: this.sessions,
      longestSec: timeouts[timeouts.length - 1],
      flowIdleSec: options.flowIdleSec,
      maxConversations: options.maxConversations,
    })
  }

  /** Conversations that were dropped because MAX_CONVERSATIONS were known. */
  get evicted(): number {
    return this.retention.evicted
  }

  /** True when some pool may want a flow with these ports. */
  touches(protocol: number, portA: number, portB: number): boolean {
    return this.membership.touches(protocol, portA, portB)
  }

  /**
   * Call when a flow is created (also one that goes on after a split) and when `observe` says that the handle is
   * stale. Returns the handle of the flow's conversation, -1 when no pool wants it. Payload evidence found
   * before must be passed again (`learn`) to the conversation that replaces a stale one.
   */
  open(packet: Packet, flowIdHigh: number, flowIdLow: number): number {
    if (!this.touches(packet.protocol, packet.srcPort, packet.dstPort)) return -1
    if (!this.begun) this.begin(packet.timeSec, packet.timeNsec)
    const c = this.retention.find(packet) ?? this.create(packet)
    c.flowHigh = flowIdHigh
    c.flowLow = flowIdLow
    c.flowPending = true
    return c.handle
  }

  /**
   * Takes a packet of the conversation, its first included, in order; `lagSec` is how far its time lies behind the packet
   * clock. False: the handle is stale, open it again.
   */
  observe(handle: number, packet: Packet, bytes: Uint8Array, lagSec = 0): boolean {
    const c = this.table.get(handle)
    if (c === undefined) return false
    c.lagSec = lagSec
    this.chains.observe(c, packet, bytes)
    return true
  }

  /** The instant of the input's first packet, whether of a pool or not. Call before the first `open`. */
  begin(sec: number, nsec: number): void {
    if (this.begun) return
    this.begun = true
    this.sessions.begin([sec, nsec])
    if (this.windowSec < Infinity) this.windows = this.createWindows([sec, nsec])
  }

  /** For runs without end: reports every window of this length separately. Call before the first packet. */
  cutWindows(lengthSec: number): void {
    this.windowSec = lengthSec
  }

  /** Reports of windows that are over, and notices. Call `popDue` until it is undefined before. */
  takeReports(now: Instant): WindowReports {
    const reports = this.windows?.take(now) ?? { concurrency: [], pools: [], notices: [] }
    // While a table is full, the notice is given once in each window.
    if (reports.pools.length > 0) this.fullReported = false
    const notices = [...reports.notices, ...this.takeFull(), ...this.takeNotices()].sort(compareNotices)
    return { ...reports, notices }
  }

  /** The slots in use at this moment, by pool and server. Reads every session under way: do not call it per packet. */
  get levels(): PoolLevel[] {
    return levelsOf(this.sessions.components())
  }

  /** How many those are together. */
  get slotsInUse(): number {
    return countOpen(this.sessions.components())
  }

  /** The sessions under way, at most so many. As costly as `levels`. */
  openSessions(most: number): OpenSession[] {
    return openSessionsOf(this.sessions.components(), this.ledger, most)
  }

  /**
   * Payload showed `label` in the packet observed last: strength 1 weakly, 2 beyond doubt; `server` is SERVER_SENDS,
   * SERVER_RECEIVES or SERVER_UNKNOWN.
   */
  learn(handle: number, label: string, strength: number, server: number): void {
    const c = this.table.get(handle)
    if (c === undefined) return
    if (label !== c.label) {
      const replaces =
        c.label === '' || this.wanted(c, label) || (!c.labelConfirmed && strength === CONFIRMED)
      if (!replaces || (this.wanted(c, c.label) && !this.wanted(c, label))) return
      c.label = label
      c.labelSides = 0
      c.labelConfirmed = false
    }
    c.labelSides |= c.lastSide
    if (strength === CONFIRMED || c.labelSides === BOTH_SIDES) c.labelConfirmed = true
    if (server !== SERVER_UNKNOWN && c.labelConfirmed && !c.serverBySyn)
      c.serverByWire = (server === SERVER_SENDS) === (c.lastSide === SIDE_A) ? SIDE_A : SIDE_B
    this.chains.redecide(c)
    if (c.waiting) this.chains.attachAll(c)
  }

  /**
   * Payload inspection of the conversation's flow is over. True: no pool can want it any more (every one requires a
   * label that never came), it is forgotten and the handle is void; -1 may stand in its place.
   */
  dismiss(handle: number): boolean {
    const c = this.table.get(handle)
    if (c === undefined || c.pool !== undefined) return false
    this.table.remove(c)
    return true
  }

  /** Some pool is likelier where this label was proved at the same server. */
  isCompanion(label: string): boolean {
    return this.companions.has(label)
  }

  /** A flow's label was confirmed by payload: it may support pools at its server. Any flow, not only those of pools. */
  support(packet: Packet, server: number, label: string): void {
    if (server === SERVER_UNKNOWN) return
    const { ipVersion: version, src0, src1, src2, src3, dst0, dst1, dst2, dst3 } = packet
    const src = { version, w0: src0, w1: src1, w2: src2, w3: src3 }
    const dst = { version, w0: dst0, w1: dst1, w2: dst2, w3: dst3 }
    const host = this.hosts.proven(server === SERVER_SENDS ? src : dst)
    if (host !== undefined) addSupporter(host, label, textOf(server === SERVER_SENDS ? dst : src))
  }

  /** What the pools say of the conversation's flows now; undefined when nothing. */
  claim(handle: number): PoolClaim | undefined {
    const c = this.table.get(handle)
    return c === undefined ? undefined : claimOf(c, this.hosts, this.ledger)
  }

  /** The instant from which on `popDue` may have something; Infinity for never. */
  get nextDueSec(): number {
    return this.ready.length > 0 ? -Infinity : this.sessions.nextDue[0]
  }

  get nextDueNsec(): number {
    return this.ready.length > 0 ? 0 : this.sessions.nextDue[1]
  }

  /**
   * The next session whose close instant lies before the packet clock, by close instant, start, id. Call until it
   * returns undefined, before the packet that moved the clock is observed.
   */
  popDue(sec: number, nsec: number): Session | undefined {
    this.clockSec = sec
    const before = this.ready.length
    this.sessions.settle([sec, nsec])
    if (this.ready.length > before) this.ready.sort((a, b) => compareSessions(b, a))
    return this.ready.pop()
  }

  /** Notices since the last call. */
  takeNotices(): Notice[] {
    const taken = this.notices
    this.notices = []
    return taken
  }

  /** The end of input: the window is its first and last packet. */
  finish(window: Window): PoolFinish {
    for (let i = 0; i < this.table.used; i++) {
      const c = this.table.at(i)
      if (c !== undefined && this.isUncounted(c)) this.outcomes.abandoned(c)
    }
    this.sessions.finish(window)
    this.outcomes.settle()
    const sessions = this.ready.sort(compareSessions)
    this.ready = []
    const reports = this.windows?.finish(window.end) ?? this.reportWhole(window)
    const notices = [...this.takeFull(), ...this.takeNotices(), ...reports.notices].sort(compareNotices)
    return { ...reports, sessions, notices }
  }

  private takeFull(): Notice[] {
    if (this.fullReported) return []
    const { sessions, ledger, retention } = this
    const notices: Notice[] = []
    if (sessions.fullAt !== undefined) notices.push(fullNotice('pool_table_full', sessions.fullAt))
    if (ledger.fullAt !== undefined) notices.push(fullNotice('pool_report_full', ledger.fullAt))
    if (retention.fullAt !== undefined) notices.push(fullNotice('pool_traffic_full', retention.fullAt))
    retention.fullAt = undefined
    sessions.fullAt = undefined
    ledger.fullAt = undefined
    this.fullReported = notices.length > 0
    return notices
  }

  private reportWhole(window: Window): Omit<PoolFinish, 'sessions'> {
    const { ledger } = this
    return {
      concurrency: this.wantsConcurrency ? ledger.concurrency() : [],
      pools: ledger.reports(window),
      notices: [...ledger.saturations(window), ...ledger.unexplained()],
    }
  }

  private createWindows(start: Instant): PoolWindows {
    const { ledger, sessions, hosts, windowSec: lengthSec, wantsConcurrency } = this
    const patienceSec = this.membership.timeouts.findLast(Number.isFinite) ?? 0
    const settle = (now: Instant) => {
      this.retention.reapAll(now[0])
      this.outcomes.settleQuiet(addSeconds(now, -patienceSec - SCAN_WINDOW_SEC))
    }
    return new PoolWindows(
      { lengthSec, patienceSec, ledger, sessions, hosts, wantsConcurrency, settle },
      start,
    )
  }

  /** The label is what a pool of the conversation's ports looks for. */
  private wanted(c: Conversation, label: string): boolean {
    const wants = ({ rule }: Pool) => rule.requires === label || rule.label === label
    return label !== '' && (c.poolsA.some(wants) || c.poolsB.some(wants))
  }

  private create(packet: Packet): Conversation {
    // The clock goes back where an input begins before the one ahead of it has ended.
    const clockSec = this.clockSec === -Infinity ? packet.timeSec : Math.min(this.clockSec, packet.timeSec)
    this.retention.makeRoom(packet, clockSec)
    const c = this.table.add(packet)
    c.poolsA = this.membership.poolsOf(packet.protocol, packet.srcPort)
    c.poolsB = this.membership.poolsOf(packet.protocol, packet.dstPort)
    c.toGroup = isGroupAddress(packet.ipVersion, packet.dst0, packet.dst3)
    c.marked = c.poolsA.some(hasMarker) || c.poolsB.some(hasMarker)
    this.membership.decide(c)
    return c
  }

  private isUncounted(c: Conversation): boolean {
    const main = chainOf(c, c.pool?.main ?? 0)
    return main.component === undefined && !main.done
  }

  private notify(notice: Notice): void {
    if (this.notices.length < MAX_NOTICES) this.notices.push(notice)
  }
}

function hasMarker(pool: Pool): boolean {
  return pool.rule.startMarker !== undefined
}
