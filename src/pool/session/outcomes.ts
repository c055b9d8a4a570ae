/**
 * What becomes of presences on slots besides sessions: rejections with their reasons, and the notices that go with
 * both. In: sessions and components as they close, conversations that never counted; out: tallies in the ledger.
 */
import { endpoint } from '../../address.ts'
import { slotOf } from '../../slots.ts'
import type { Instant, Notice, Session } from '../../types.ts'
import { chainOf, clientAddress, serverAddress, serverPort } from '../conversation.ts'
import type { Ledger } from '../counting/ledger.ts'
import { type Failure, Rejections, Tally } from '../counting/rejections.ts'
import { type Hosts, textOf } from '../hosts.ts'
import type { Pool } from '../pool.ts'
import type { Component, Conversation } from '../shapes.ts'
import { SIDE_A, SIDE_UNKNOWN } from '../sides.ts'
import type { Sessions } from './sessions.ts'

export interface OutcomeOptions {
  hosts: Hosts
  ledger: Ledger
  sessions: Sessions
  notify(notice: Notice): void
}

export class Outcomes {
  private readonly hosts: Hosts
  private readonly ledger: Ledger
  private readonly sessions: Sessions
  private readonly notify: (notice: Notice) => void
  private readonly rejections: Rejections

  constructor(options: OutcomeOptions) {
    this.hosts = options.hosts
    this.ledger = options.ledger
    this.sessions = options.sessions
    this.notify = options.notify
    this.rejections = new Rejections(options.notify)
  }

  /** What a session took counts as `other_pool` in the other pools of its ports; a shared slot is a notice. */
  accepted(session: Session, component: Component): void {
    for (const [pool, flows] of component.losers ?? []) {
      this.ledger.place(pool, component.unit.host).tally.add('other_pool', component.label, flows)
      this.ledger.totals[pool.index].add('other_pool', component.label, flows)
    }
    if (component.sharedAt === undefined) return
    const clients = component.clients.map(({ ip, port }) => endpoint(ip, port))
    this.notify({
      notice: 'slot_shared',
      says: `${component.clientsTotal} clients shared slot ${session.slot} of pool ${session.pool} on ${session.serverIp} at one time: counted as one session`,
      at: component.sharedAt,
      about: {
        pool: session.pool,
        server_ip: session.serverIp,
        slot: session.slot,
        session_id: session.sessionId,
        clients,
      },
    })
  }

  /** A slot's presence has too few packets, or one direction only. */
  failed(component: Component): void {
    const { unit, start, packetsClient, packetsServer } = component
    const oneWay = packetsClient === 0 || packetsServer === 0
    const enough = packetsClient + packetsServer >= unit.pool.rule.minPackets
    this.rejections.fail({
      place: this.placeOf(unit.pool, this.ledger.place(unit.pool, unit.host).tally, unit.host.ip),
      source: component.clients[0].ip,
      slot: unit.slot.port,
      at: start,
      reason: oneWay && enough ? 'one_way' : 'probe',
      label: component.label,
      flows: component.clientsTotal,
    })
  }

  /** A conversation ends without ever having counted: it was refused, or no answer came. */
  abandoned(c: Conversation): void {
    const { pool, reason } = c
    if (pool === undefined) return
    const chain = chainOf(c, pool.main)
    if (chain.turnedAway) return
    const fromA = c.packetsA - chain.packetsA
    const fromB = c.packetsB - chain.packetsB
    if (fromA + fromB === 0) return
    const total = this.ledger.totals[pool.index]
    const host = this.hosts.passing(serverAddress(c))
    const tally = host === undefined ? new Tally() : this.ledger.place(pool, host).tally
    // A low source port alone makes no server of a sender that the slot's end never spoke to: scanners like port 53.
    const unsolicited =
      reason === 'client_port' && c.serverByWire === SIDE_UNKNOWN && (c.side === SIDE_A ? fromA : fromB) === 0
    if (reason !== '' && !unsolicited) {
      tally.add(reason, c.label, 1)
      total.add(reason, c.label, 1)
      return
    }
    if (pool.rule.stride > 1 && this.sessions.hasSibling(c, pool.main)) return
    const enough = fromA + fromB >= pool.rule.minPackets
    this.rejections.fail({
      place: this.placeOf(pool, tally, this.hosts.ip(serverAddress(c))),
      source: textOf(clientAddress(c)),
      slot: slotOf(pool.rule, serverPort(c))?.port ?? serverPort(c),
      at: [chain.startSec, chain.startNsec],
      reason: (fromA === 0 || fromB === 0) && enough ? 'one_way' : 'probe',
      label: c.label,
      flows: 1,
    })
  }

  private placeOf(pool: Pool, tally: Tally, serverIp: string): Failure['place'] {
    return { tally, total: this.ledger.totals[pool.index], pool: pool.rule.name, serverIp }
  }

  /** Judges what waits of sources that were quiet since `cutoff`. */
  settleQuiet(cutoff: Instant): void {
    this.rejections.settleQuiet(cutoff)
  }

  /** Judges what still waits for judgement as a scan. */
  settle(): void {
    this.rejections.settle()
  }
}
