/** Evidence of a rule file: labels by port, address and host name. */
import { cidrContains } from '../../address.ts'
import { PROTOCOL_TCP } from '../../bytes.ts'
import { lowerOf } from '../../certainty.ts'
import type { ClosedFlow, LabelRule } from '../../types.ts'
import { transportName } from '../ports/registry.ts'
import type { Weighed } from '../verdict.ts'

const RULE_WEIGHT = 50

/** Of a rule without payload that matches. */
export function ruleEvidence(rule: LabelRule, flow: ClosedFlow): Weighed {
  const parts = [
    rule.ports === undefined ? '' : 'server port',
    rule.cidr === undefined ? '' : 'server address',
    rule.hostnameSuffix === undefined ? '' : `host name under ${rule.hostnameSuffix}`,
  ].filter((part) => part !== '')
  return {
    source: 'rule',
    says: `a rule for ${rule.label} matches (${parts.join(', ') || rule.transport})`,
    for: rule.label,
    weight: RULE_WEIGHT,
    proves: lowerOf(rule.certainty ?? 'possible', isUnanswered(flow) ? 'possible' : 'likely'),
    category: rule.category,
  }
}

/** All conditions of the rule but its payload. */
export function ruleMatches(rule: LabelRule, flow: ClosedFlow): boolean {
  const { cidr, hostnameSuffix, ports, transport } = rule
  const { dstPort, ipVersion, dst0, dst1, dst2, dst3 } = flow
  if (transport !== undefined && transport !== transportName(flow.protocol)) return false
  if (ports !== undefined && !ports.some(({ low, high }) => dstPort >= low && dstPort <= high)) return false
  if (cidr !== undefined && !cidrContains(cidr, ipVersion, dst0, dst1, dst2, dst3)) return false
  return hostnameSuffix === undefined || hasSuffix(flow.hostname, hostnameSuffix)
}

/** ".corp.example" matches "a.corp.example" and "corp.example"; case does not count. */
function hasSuffix(hostname: string | undefined, suffix: string): boolean {
  if (hostname === undefined) return false
  const name = hostname.toLowerCase()
  const bare = suffix.toLowerCase().replace(/^\./, '')
  return name === bare || name.endsWith(`.${bare}`)
}

/** A SYN without answer, repeated or not, or one unanswered packet: its port shows what was asked for, not what runs. */
function isUnanswered({ protocol, src, dst }: ClosedFlow): boolean {
  if (src.packets > 0 && dst.packets > 0) return false
  if (protocol === PROTOCOL_TCP) return src.payloadBytes + dst.payloadBytes === 0
  return src.packets + dst.packets <= 1
}
