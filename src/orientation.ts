/**
 * Which end of a flow is the client: SYN or SYN-ACK, payload, pool, registry (the registered port is the server's;
 * both: the lower), first packet; the first that decides. A SYN amid a flow whose start was not seen began nothing:
 * there payload decides before it.
 */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from './bytes.ts'
import * as row from './flow/layout.ts'
import type { PortRegistry } from './label/ports/registry.ts'
import type { ClosedFlow } from './types.ts'

export interface OrientationFacts {
  /** STATE, KIND and PORTS words of the flow's row. */
  state: number
  kind: number
  ports: number
  /** ANOMALY_ bits of the flow. */
  anomalies: number
  /** The client by payload: 0 side a, 1 side b, -1 unknown. */
  client: number
  /** The server by pool: 0 side a, 1 side b, -1 unknown. */
  poolServer: number
  registry: PortRegistry
}

export interface Orientation {
  /** Side b (not the first sender) is the client. */
  reversed: boolean
  reason: ClosedFlow['orientation']
}

const SYN_AMID = row.ANOMALY_MIDSTREAM | row.ANOMALY_SYN_IN_FLOW

const shared = {
  syn: [orientation(false, 'syn'), orientation(true, 'syn')],
  payload: [orientation(false, 'payload'), orientation(true, 'payload')],
  pool: [orientation(false, 'pool'), orientation(true, 'pool')],
  registry: [orientation(false, 'registry'), orientation(true, 'registry')],
  first: orientation(false, 'first_packet'),
}

export function chooseOrientation(facts: OrientationFacts): Orientation {
  const { state, kind, ports, anomalies, client, poolServer, registry } = facts
  if (client >= 0 && (anomalies & SYN_AMID) === SYN_AMID) return shared.payload[client]
  if ((state & (row.STATE_SYN_A | row.STATE_SYNACK_B)) !== 0) return shared.syn[0]
  if ((state & (row.STATE_SYN_B | row.STATE_SYNACK_A)) !== 0) return shared.syn[1]
  if (client >= 0) return shared.payload[client]
  if (poolServer >= 0) return shared.pool[1 - poolServer]
  const protocol = kind & 0xff
  // A fragment without ports has no ICMP type either, and 0 would be an echo reply.
  if ((kind & row.KIND_ORPHAN_FRAGMENT) !== 0) return shared.first
  if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6)
    return isReply(protocol, ports >>> 16) ? shared.payload[1] : shared.first
  const a = ports >>> 16
  const b = ports & 0xffff
  if (a === b) return shared.first
  const registeredA = registry.registered(protocol, a)
  const registeredB = registry.registered(protocol, b)
  if (!registeredA && !registeredB) return shared.first
  const serverIsB = registeredA && registeredB ? b < a : registeredB
  return shared.registry[serverIsB ? 0 : 1]
}

/** ICMP types that answer another one: echo, timestamp, information, address mask; ICMPv6 echo. */
function isReply(protocol: number, type: number): boolean {
  if (protocol === PROTOCOL_ICMPV6) return type === 129
  return type === 0 || type === 14 || type === 16 || type === 18
}

function orientation(reversed: boolean, reason: ClosedFlow['orientation']): Orientation {
  return { reversed, reason }
}
