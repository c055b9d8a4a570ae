/** The payload prefixes of a rule file as signatures: offset, bytes under a mask, minimum length, direction. */
import type { LabelRule } from '../../types.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../inspect/payload.ts'

const TRANSPORT_PROTOCOLS = { tcp: [6], udp: [17] } as const
const ANY_TRANSPORT = [6, 17]
/** Fixed bits from which a pattern proves its label alone (README.md, certainty). */
const STRONG_BITS = 32

interface RuleSignature extends Signature {
  rule: LabelRule
}

/** The rule that the signature was made from. Its host name and direction are checked when the flow is judged (label.ts). */
export function ruleOf(signature: Signature): LabelRule | undefined {
  return 'rule' in signature ? (signature as RuleSignature).rule : undefined
}

/** Whether a match counts as evidence for pools at once. A rule with a host name does not: that may become known later. */
export function countsForPools(signature: Signature): boolean {
  return ruleOf(signature)?.hostnameSuffix === undefined
}

export function ruleSignatures(rules: readonly LabelRule[]): Signature[] {
  return rules.flatMap((rule) => (rule.payload === undefined ? [] : [signatureOf(rule, rule.payload)]))
}

function signatureOf(rule: LabelRule, pattern: NonNullable<LabelRule['payload']>): RuleSignature {
  const role = pattern.direction === 'client' ? FROM_CLIENT : pattern.direction === 'server' ? FROM_SERVER : 0
  const answer = (fixedBits(pattern.mask) >= STRONG_BITS ? STRONG : WEAK) | role
  const shown = [...pattern.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return {
    rule,
    label: rule.label,
    says: `a rule for ${rule.label} matches: payload bytes ${shown} at offset ${pattern.offset}`,
    protocols: rule.transport === undefined ? ANY_TRANSPORT : TRANSPORT_PROTOCOLS[rule.transport],
    source: 'rule',
    bothNeeded: pattern.direction === 'both',
    match: (payload) => (fits(rule, pattern, payload) ? answer : NO_MATCH),
  }
}

function fits(rule: LabelRule, pattern: NonNullable<LabelRule['payload']>, payload: Payload): boolean {
  if (payload.length < pattern.minLength) return false
  const at = payload.start + pattern.offset
  if (at + pattern.bytes.length > payload.end) return false
  for (let i = 0; i < pattern.bytes.length; i++)
    if ((payload.bytes[at + i] & pattern.mask[i]) !== (pattern.bytes[i] & pattern.mask[i])) return false
  if (rule.cidr !== undefined && !payload.touches(rule.cidr)) return false
  return rule.ports === undefined || rule.ports.some((range) => hasPort(range, payload))
}

function hasPort(range: { low: number; high: number }, payload: Payload): boolean {
  const within = (port: number) => port >= range.low && port <= range.high
  return within(payload.srcPort) || within(payload.dstPort)
}

function fixedBits(mask: Uint8Array): number {
  let bits = 0
  for (const byte of mask) for (let rest = byte; rest !== 0; rest &= rest - 1) bits++
  return bits
}
