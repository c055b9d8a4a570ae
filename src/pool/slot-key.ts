/** Names of what holds one session at a time: a slot of a server, or one client of it where the pool counts those. */

import { slotOf } from '../slots.ts'
import { clientAddress, clientPort, serverAddress, serverPort } from './conversation.ts'
import { addressKey, type Hosts } from './hosts.ts'
import type { Pool } from './pool.ts'
import type { Conversation } from './shapes.ts'
import { SIDE_UNKNOWN } from './sides.ts'

export class SlotKeys {
  private readonly hosts: Hosts
  /** The key that was made last, and of what: a conversation that finds its slot asks for it several times. */
  private c: Conversation | undefined
  private pool: Pool | undefined
  private side = SIDE_UNKNOWN
  private key = ''

  constructor(hosts: Hosts) {
    this.hosts = hosts
  }

  /** Of the slot that the conversation has in the pool. */
  of(c: Conversation, pool: Pool): string {
    if (c.heldOn !== '') return c.heldOn
    if (this.c === c && this.pool === pool && this.side === c.side) return this.key
    this.c = c
    this.pool = pool
    this.side = c.side
    this.key = this.make(c, pool)
    return this.key
  }

  private make(c: Conversation, pool: Pool): string {
    const slot = slotOf(pool.rule, serverPort(c))
    const client =
      pool.rule.session === 'per-client' ? ` ${addressKey(clientAddress(c))} ${clientPort(c)}` : ''
    return `${pool.index} ${this.hosts.ip(serverAddress(c))} ${slot?.index}${client}`
  }
}
