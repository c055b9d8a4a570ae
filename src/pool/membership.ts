/**
 * Which pool a conversation belongs to, and which end is the server. In: the ports' pools, the site file, and what
 * the wire told so far (a SYN, payload). Out: pool and side, or the reason why not. A conversation belongs to one pool
 * at most: by site file, then payload, then the narrowest range. Decided anew whenever evidence comes.
 *
 * A pool that requires a payload label is not concerned by a conversation that never showed it: no session and no
 * rejection, for such pools lie inside ephemeral ranges. A server that the site file lists without the pool is
 * rejected as `other_pool`, and so is, in every other pool whose range it touches, what one pool took.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../bytes.ts'
import type { PoolRule, RejectReason } from '../types.ts'
import type { Host, Hosts } from './hosts.ts'
import { createPool, MEDIA_LABELS, type Pool, SENSITIVITY_SEC } from './pool.ts'
import type { Conversation } from './shapes.ts'
import { SIDE_A, SIDE_B, SIDE_UNKNOWN } from './sides.ts'

export interface Membership {
  pools: readonly Pool[]
  /** Idle timeouts in use, ascending, seconds; Infinity for never. */
  timeouts: readonly number[]
  touches(protocol: number, portA: number, portB: number): boolean
  poolsOf(protocol: number, port: number): readonly Pool[]
  /** Sets pool, side and reason of the conversation from its evidence. */
  decide(c: Conversation): void
  /** Other pools of the server's port, which might have taken the conversation. */
  losers(c: Conversation): Pool[]
}

const PORTS = 65_536
const WELL_KNOWN_PORTS = 1024
const NO_POOLS: readonly Pool[] = []
const REASONS: readonly RejectReason[] = ['multicast', 'client_port', 'other_protocol', 'other_pool']

/** How a pool would take one end of a conversation. */
const UNCONCERNED = -1
const REFUSED = 0
const BY_RANGE = 1
const BY_PAYLOAD = 2
const BY_SITE = 3

export function createMembership(
  rules: readonly PoolRule[],
  idleSec: number | undefined,
  hosts: Hosts,
): Membership {
  const idle = (rule: PoolRule) => (idleSec ?? rule.idleTimeoutSec) || Infinity
  const timeouts = [...new Set([...SENSITIVITY_SEC, ...rules.map(idle)])].sort((a, b) => a - b)
  const pools = rules.map((rule, index) => createPool(rule, index, idle(rule), timeouts))
  const tcp = new PortTable(pools.filter((pool) => pool.rule.transport === 'tcp'))
  const udp = new PortTable(pools.filter((pool) => pool.rule.transport === 'udp'))
  const tableOf = (protocol: number) =>
    protocol === PROTOCOL_UDP ? udp : protocol === PROTOCOL_TCP ? tcp : undefined
  const judge = createJudge(hosts)
  return {
    pools,
    timeouts,
    touches(protocol, portA, portB) {
      const table = protocol === PROTOCOL_UDP ? udp : protocol === PROTOCOL_TCP ? tcp : undefined
      return table !== undefined && (table.lists[portA] | table.lists[portB]) !== 0
    },
    poolsOf: (protocol, port) => tableOf(protocol)?.of(port) ?? NO_POOLS,
    decide: judge.decide,
    losers: judge.losers,
  }
}

/** For every port the number of a list of pools; list 0 is empty. */
class PortTable {
  readonly lists = new Uint16Array(PORTS)
  private readonly pools: (readonly Pool[])[] = [NO_POOLS]

  constructor(pools: readonly Pool[]) {
    const narrowFirst = pools.slice().sort((a, b) => a.ports - b.ports || a.index - b.index)
    const ranges = pools.flatMap((pool) => pool.rule.ports)
    const edges = [...new Set(ranges.flatMap(({ low, high }) => [low, high + 1]))].sort((a, b) => a - b)
    for (let i = 0; i + 1 < edges.length; i++) {
      const at = edges[i]
      const own = narrowFirst.filter(({ rule }) =>
        rule.ports.some(({ low, high }) => at >= low && at <= high),
      )
      if (own.length > 0) this.lists.fill(this.pools.push(own) - 1, Math.max(1, at), edges[i + 1])
    }
  }

  of(port: number): readonly Pool[] {
    return this.pools[this.lists[port]]
  }
}

interface Judge {
  decide(c: Conversation): void
  losers(c: Conversation): Pool[]
}

function createJudge(hosts: Hosts): Judge {
  /** Why the pool refused, valid after `assess` returned REFUSED. */
  let reason: RejectReason = 'probe'

  function assess(c: Conversation, pool: Pool, side: number): number {
    const { rule } = pool
    if (!requirementMet(c, pool)) return UNCONCERNED
    const site = hosts.site(side === SIDE_A ? c.a : c.b)
    const listed = site?.pools.includes(rule.name) === true
    const refusal = refuse(c, pool, side, listed)
    if (refusal !== undefined) {
      reason = refusal
      return REFUSED
    }
    if (listed) return BY_SITE
    if (site !== undefined) {
      reason = 'other_pool'
      return REFUSED
    }
    return c.label !== '' && (c.label === rule.requires || c.label === rule.label)
      ? BY_PAYLOAD
      : supported(c, pool, side)
  }

  /** A companion confirmed by payload at the server counts as payload where the flow's own payload is accepted. */
  function supported(c: Conversation, pool: Pool, side: number): number {
    if (c.label === '' || pool.rule.supportedBy.length === 0) return BY_RANGE
    const host = hosts.passing(side === SIDE_A ? c.a : c.b)
    return host !== undefined && supporterOf(host, pool) !== '' ? BY_PAYLOAD : BY_RANGE
  }

  function decide(c: Conversation): void {
    let best = REFUSED
    let tied = false
    let refused: RejectReason | '' = ''
    let refusedPool: Pool | undefined
    let refusedSide = SIDE_UNKNOWN
    c.pool = undefined
    c.side = SIDE_UNKNOWN
    for (let side = SIDE_B; side >= SIDE_A; side--) {
      for (const pool of side === SIDE_A ? c.poolsA : c.poolsB) {
        const rank = assess(c, pool, side)
        if (rank > best) {
          best = rank
          tied = false
          c.pool = pool
          c.side = side
        } else if (rank > REFUSED && rank === best && side !== c.side) tied = true
        else if (rank === REFUSED && (refused === '' || REASONS.indexOf(reason) < REASONS.indexOf(refused))) {
          refused = reason
          refusedPool = pool
          refusedSide = side
        }
      }
    }
    c.reason = best > REFUSED ? (tied ? 'both_in_range' : '') : refused
    if (best > REFUSED) return
    c.pool = refusedPool
    c.side = refusedSide
  }

  function losers(c: Conversation): Pool[] {
    const pools = c.side === SIDE_A ? c.poolsA : c.poolsB
    return pools.filter((pool) => pool !== c.pool && assess(c, pool, c.side) !== UNCONCERNED)
  }

  return { decide, losers }
}

/** True unless the pool wants payload evidence that the conversation did not show. */
function requirementMet(c: Conversation, pool: Pool): boolean {
  const wanted = pool.rule.requires
  if (wanted === undefined || c.label === wanted) return true
  return MEDIA_LABELS.includes(wanted) && MEDIA_LABELS.includes(c.label)
}

/** Why this end cannot be the pool's server, whatever the site file says of pools. */
function refuse(c: Conversation, pool: Pool, side: number, listed: boolean): RejectReason | undefined {
  if (c.toGroup) return 'multicast'
  if (c.serverByWire !== SIDE_UNKNOWN) {
    if (c.serverByWire !== side) return 'client_port'
  } else if (!listed) {
    const slotPort = side === SIDE_A ? c.aPort : c.bPort
    const otherPort = side === SIDE_A ? c.bPort : c.aPort
    if (otherPort > 0 && otherPort < WELL_KNOWN_PORTS && slotPort >= WELL_KNOWN_PORTS) return 'client_port'
  }
  return c.labelConfirmed && !pool.accepts.has(c.label) ? 'other_protocol' : undefined
}

/** A label confirmed at the host that supports the pool's, '' for none; the rule's order decides. */
export function supporterOf(host: Host, pool: Pool): string {
  return pool.rule.supportedBy.find((label) => host.supporters.has(label)) ?? ''
}
