/** What the pools say of a conversation, for the labels of its flows. */
import type { PoolRule } from '../types.ts'
import { clientAddress, serverAddress, serverPort } from './conversation.ts'
import type { Ledger } from './counting/ledger.ts'
import { type Hosts, textOf } from './hosts.ts'
import { supporterOf } from './membership.ts'
import { isLoneSlot } from './session/certainty.ts'
import type { Conversation } from './shapes.ts'
import { SIDE_A } from './sides.ts'
import { slotOf } from './slots.ts'

export interface PoolClaim {
  pool: string
  label: string
  slot: number
  slotIndex: number
  slots: number
  /** The port of the server's end: of an even/odd pair it may be the odd one. */
  serverPort: number
  /** The slot is on the side that sent the conversation's first packet. */
  serverIsFirst: boolean
  /** The site file says that this server runs the pool. */
  site: boolean
  /** A label that was confirmed by payload at the same server and supports the pool's, '' for none. */
  supporter: string
  supporterSameClient: boolean
  lonely: boolean
  retired: PoolRule['retired']
  refused: '' | 'client_port' | 'both_in_range'
}

/** Undefined when nothing. */
export function claimOf(c: Conversation, hosts: Hosts, ledger: Ledger): PoolClaim | undefined {
  const { pool, reason } = c
  if (pool === undefined || reason === 'multicast' || reason === 'other_pool') return undefined
  const slot = slotOf(pool.rule, serverPort(c))
  if (slot === undefined) return undefined
  const host = hosts.passing(serverAddress(c))
  const supporter = host === undefined ? '' : supporterOf(host, pool)
  const lowestUsed = (host === undefined ? undefined : ledger.find(pool, host)?.lowestUsed) ?? Infinity
  return {
    pool: pool.rule.name,
    label: pool.rule.label,
    slot: slot.port,
    slotIndex: slot.index,
    slots: pool.slots,
    serverPort: serverPort(c),
    serverIsFirst: c.side === SIDE_A,
    site: host?.site?.pools.includes(pool.rule.name) === true,
    supporter,
    supporterSameClient: host?.supporters.get(supporter)?.has(textOf(clientAddress(c))) === true,
    lonely: pool.rule.allocation === 'lowest-first' && isLoneSlot(slot.index, lowestUsed),
    retired: pool.rule.retired,
    refused: reason === 'client_port' || reason === 'both_in_range' ? reason : '',
  }
}
