/** Evidence of the headers alone: the registered use of the server's port, and ICMP, which its own header proves. */
import { PROTOCOL_ICMP } from '../../bytes.ts'
import type { ClosedFlow, Registry } from '../../types.ts'
import { type PortRegistry, transportName } from '../ports/registry.ts'
import type { Weighed } from '../verdict.ts'

const ICMP_WEIGHT = 80
const REGISTRY_WEIGHT = 15

/** The decoder has read type and code. */
const ICMP_EVIDENCE: readonly Weighed[] = ['icmp', 'icmpv6'].map((label) => ({
  source: 'payload',
  says: `has an ${label === 'icmp' ? 'ICMP' : 'ICMPv6'} header with type and code`,
  for: label,
  weight: ICMP_WEIGHT,
  proves: 'confirmed',
}))

export function headerEvidence(flow: ClosedFlow, registry: PortRegistry): Weighed[] {
  if (flow.icmpType >= 0) return [ICMP_EVIDENCE[flow.protocol === PROTOCOL_ICMP ? 0 : 1]]
  const transport = transportName(flow.protocol)
  if (transport === undefined || flow.dstPort < 0) return []
  const name = registry.label(flow.protocol, flow.dstPort)
  if (name === '') return []
  const registered = registry.lookup(flow.dstPort, transport).name ?? name
  return [
    {
      source: 'registry',
      says: `server port ${flow.dstPort}/${transport} is registered as ${registered}`,
      for: name,
      weight: REGISTRY_WEIGHT,
      proves: 'possible',
    },
  ]
}

/** What the registry says of the server's port. */
export function registration(flow: ClosedFlow, registry: PortRegistry): Registry | undefined {
  const transport = transportName(flow.protocol)
  return transport === undefined || flow.dstPort < 0 ? undefined : registry.lookup(flow.dstPort, transport)
}
