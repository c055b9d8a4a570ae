/** What the pools say of a conversation, as evidence for its flows. */

import { slotOf } from '../slots.ts'
import type { PoolClaim } from '../types.ts'
import { clientAddress, serverAddress, serverPort } from './conversation.ts'
import type { Ledger } from './counting/ledger.ts'
import { type Hosts, textOf } from './hosts.ts'
import { supporterOf } from './membership.ts'
import { isLoneSlot } from './session/certainty.ts'
import type { Conversation } from './shapes.ts'
import { SIDE_A } from './sides.ts'

/** Undefined where no pool concerns the conversation. */
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
