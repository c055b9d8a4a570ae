/**
 * The order of evidence for one closed flow. In: what payload inspection kept, the two ports, what the pools and
 * the user's rules say. Out: a Verdict (shared between flows that differ in nothing it says, so its identity can be
 * used as a cache key). Promised: a port alone is never more than `possible`; the client's port never labels.
 * Not here: sessions (pool judges those itself when they close).
 */
import { cidrContains } from '../address.ts'
import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../bytes.ts'
import { lowerOf } from '../certainty.ts'
import type { Certainty, ClosedFlow, Evidence, LabelRule, PoolClaim, Registry, Verdict } from '../types.ts'
import type { Announcement } from './announced.ts'
import {
  BOTH_DIRECTIONS,
  directionsOf,
  EVIDENCE_SLOTS,
  signatureOf,
  strengthOf,
} from './inspect/evidence-words.ts'
import type { Inspector } from './inspect/inspect.ts'
import { type Signature, STRONG } from './inspect/payload.ts'
import { type PortRegistry, transportName } from './ports/registry.ts'
import { ruleOf } from './rules/rule-signatures.ts'
import { judge, type Weighed } from './verdict.ts'

const STRONG_WEIGHT = 80
const WEAK_WEIGHT = 40
const BOTH_WAYS_BONUS = 10
const SITE_WEIGHT = 90
const RULE_WEIGHT = 50
const CONTEXT_WEIGHT = 45
const SAME_CLIENT_WEIGHT = 60
/** It names the endpoint, where a supporter is only at the same server. */
const ANNOUNCED_WEIGHT = 70
const POOL_WEIGHT = 30
const LONE_SLOT_WEIGHT = -15
const CLIENT_PORT_WEIGHT = -40
const OTHER_PAYLOAD_WEIGHT = -80
const OTHER_ANSWER_WEIGHT = -50
const REGISTRY_WEIGHT = 15
const MAX_CACHED = 16_384

export interface LabelOptions {
  inspector: Inspector
  registry: PortRegistry
  rules: readonly LabelRule[]
  candidates: boolean
}

export interface Labeller {
  /**
   * Judges the flow (its ends, ports and counters are filled); `handle` is its payload state, negative for none;
   * `announced` what signalling or DNS said of an end of it.
   */
  label(flow: ClosedFlow, handle: number, pool: PoolClaim | undefined, announced?: Announcement): Verdict
}

const HEADER_KEYS = 65_537 * 256 * 2

/** Protocol, server port, and whether there is an ICMP type. */
function headerKey({ dstPort, icmpType, protocol }: ClosedFlow): number {
  return ((dstPort + 1) * 256 + protocol) * 2 + (icmpType < 0 ? 0 : 1)
}

/** All that `poolEvidence` depends on, besides payload and server port. */
function poolKey(flow: ClosedFlow, claim: PoolClaim): string {
  const { pool, slot, supporter, refused } = claim
  const flags = [claim.site, claim.supporterSameClient, claim.lonely, isRetired(flow, claim), isTwoWay(flow)]
  return `${pool} ${slot} ${flags.map(Number).join('')} ${refused} ${supporter}`
}

function isRetired(flow: ClosedFlow, { retired }: PoolClaim): boolean {
  return retired !== undefined && flow.startSec >= retired.sinceSec
}

function isTwoWay({ src, dst }: ClosedFlow): boolean {
  return src.packets > 0 && dst.packets > 0
}

/** ICMP is proved by its own header: the decoder has read type and code. */
const ICMP_EVIDENCE: readonly Weighed[] = ['icmp', 'icmpv6'].map((label) => ({
  source: 'payload',
  says: `has an ${label === 'icmp' ? 'ICMP' : 'ICMPv6'} header with type and code`,
  for: label,
  weight: STRONG_WEIGHT,
  proves: 'confirmed',
}))

export function createLabeller(options: LabelOptions): Labeller {
  const { inspector, registry, rules } = options
  const cache = new Map<number | string, Verdict>()
  const plain = new Map<number, Verdict>()

  function label(flow: ClosedFlow, handle: number, pool?: PoolClaim, announced?: Announcement): Verdict {
    if (announced !== undefined || rules.length > 0) {
      const evidence = collect(flow, handle, pool)
      if (announced !== undefined) evidence.push(announcedEvidence(flow, announced))
      return judge(evidence, registration(flow), options.candidates)
    }
    if (pool === undefined && handle < 0) return plainVerdict(flow)
    const payload = handle < 0 ? headerKey(flow) : payloadKey(flow, handle)
    const key = pool === undefined ? payload : `${payload};${poolKey(flow, pool)}`
    let verdict = cache.get(key)
    if (verdict === undefined) {
      if (cache.size >= MAX_CACHED) cache.clear()
      verdict = judge(collect(flow, handle, pool), registration(flow), options.candidates)
      verdict.shared = true
      cache.set(key, verdict)
    }
    return verdict
  }

  /** Nothing but the server port to go by: one shared verdict a port. */
  function plainVerdict(flow: ClosedFlow): Verdict {
    const key = headerKey(flow)
    let verdict = plain.get(key)
    if (verdict === undefined) {
      if (plain.size >= MAX_CACHED) plain.clear()
      verdict = judge(registryEvidence(flow), registration(flow), options.candidates)
      verdict.shared = true
      plain.set(key, verdict)
    }
    return verdict
  }

  /** All of header and payload that a verdict depends on. Most flows have evidence of one signature: a number. */
  function payloadKey(flow: ClosedFlow, handle: number): number | string {
    const header = headerKey(flow)
    let key: number | string = inspector.evidenceWord(handle, 0) * HEADER_KEYS + header
    for (let slot = 1; slot < EVIDENCE_SLOTS; slot++) {
      const evidence = inspector.evidenceWord(handle, slot)
      if (evidence === 0) break
      key = `${key}${flow.reversed ? ';' : ','}${evidence}`
    }
    return key
  }

  function collect(flow: ClosedFlow, handle: number, pool: PoolClaim | undefined): Weighed[] {
    const evidence = payloadEvidence(inspector, handle, flow)
    if (pool !== undefined) evidence.push(...poolEvidence(flow, pool, evidence))
    for (const rule of rules)
      if (rule.payload === undefined && ruleMatches(rule, flow)) evidence.push(ruleEvidence(rule, flow))
    evidence.push(...registryEvidence(flow))
    return evidence
  }

  function registration(flow: ClosedFlow): Registry | undefined {
    const transport = transportName(flow.protocol)
    return transport === undefined || flow.dstPort < 0 ? undefined : registry.lookup(flow.dstPort, transport)
  }

  /** What the IP and transport headers say by themselves: the registered use of the port, or of the protocol number. */
  function registryEvidence(flow: ClosedFlow): Weighed[] {
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

  return { label }
}

/** What signatures found; a label seen in both directions is confirmed even where each sign is weak. */
function payloadEvidence(inspector: Inspector, handle: number, flow: ClosedFlow): Weighed[] {
  const evidence: Weighed[] = []
  if (handle < 0) return evidence
  const directions = new Map<string, number>()
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
    const word = inspector.evidenceWord(handle, slot)
    if (word === 0) break
    const signature = inspector.signatures[signatureOf(word)]
    if (!ruleCounts(signature, word, flow)) continue
    const { label } = signature
    directions.set(label, (directions.get(label) ?? 0) | directionsOf(word))
  }
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
    const word = inspector.evidenceWord(handle, slot)
    if (word === 0) break
    const signature = inspector.signatures[signatureOf(word)]
    const strong = strengthOf(word) === STRONG
    const both = directionsOf(word) === BOTH_DIRECTIONS
    if (signature.bothNeeded === true && !both) continue
    if (!ruleCounts(signature, word, flow)) continue
    const rule = ruleOf(signature)
    const weight = (signature.weight ?? (strong ? STRONG_WEIGHT : WEAK_WEIGHT)) + (both ? BOTH_WAYS_BONUS : 0)
    const proven = strong || directions.get(signature.label) === BOTH_DIRECTIONS
    evidence.push({
      source: signature.source ?? 'payload',
      says: both ? `${signature.says} (both directions)` : signature.says,
      for: signature.label,
      weight: Math.min(100, weight),
      proves: lowerOf(proven ? 'confirmed' : 'likely', rule?.certainty ?? 'confirmed'),
      category: rule?.category,
    })
  }
  if (directions.size > 1) evidence.push(...otherAnswers(flow, evidence, directions))
  return evidence
}

/** False for what a rule file looks for where another condition of the rule fails, or in the other sender's packets only. */
function ruleCounts(signature: Signature, word: number, flow: ClosedFlow): boolean {
  const rule = ruleOf(signature)
  if (rule === undefined) return true
  const client = flow.reversed ? 2 : 1
  const senders = { client, server: BOTH_DIRECTIONS - client, both: BOTH_DIRECTIONS, either: 0 }
  const needed = senders[rule.payload?.direction ?? 'either']
  return (directionsOf(word) & needed) === needed && ruleMatches(rule, flow)
}

/**
 * A client may speak another protocol than the server: a scanner, or a wrong port. The server's payload shows what runs
 * there, and speaks against the client's. `directions`: the directions in which a label was seen. Not for datagrams: of
 * two protocols that share a port each side may send either. Nor for a mail protocol and its form within TLS.
 */
function otherAnswers(
  flow: ClosedFlow,
  evidence: readonly Weighed[],
  directions: ReadonlyMap<string, number>,
): Weighed[] {
  if (flow.protocol !== PROTOCOL_TCP) return []
  const server = flow.reversed ? 1 : 2
  const said = (side: number) =>
    evidence.filter((each) => each.source === 'payload' && directions.get(each.for) === side)
  const [answer] = said(server)
    .filter(({ proves }) => proves === 'confirmed')
    .sort(byWeight)
  if (answer === undefined) return []
  const asked = said(BOTH_DIRECTIONS - server).filter(
    (each) => each.weight >= answer.weight && each.for !== `${answer.for}s`,
  )
  return [...new Set(asked.map((each) => each.for))].map((label) => ({
    source: 'payload',
    says: `the server answers with ${answer.for}`,
    for: label,
    weight: OTHER_ANSWER_WEIGHT,
    proves: 'unknown',
  }))
}

function byWeight(a: Weighed, b: Weighed): number {
  return b.weight - a.weight || (a.for < b.for ? -1 : 1)
}

function poolEvidence(flow: ClosedFlow, pool: PoolClaim, payload: readonly Evidence[]): Weighed[] {
  const transport = transportName(flow.protocol) ?? ''
  const slotText = `slot ${pool.slotIndex + 1} of ${pool.slots} of pool ${pool.pool}`
  const found: Weighed[] = []
  const add = (source: Evidence['source'], says: string, weight: number, proves: Certainty) =>
    found.push({ source, says, for: pool.label, weight, proves })
  const other = payload.find((each) => each.for !== pool.label && each.weight > 0)
  if (other !== undefined && !payload.some((each) => each.for === pool.label))
    add('payload', `the payload is ${other.for}, not ${pool.label}`, OTHER_PAYLOAD_WEIGHT, 'unknown')
  if (pool.refused === 'client_port') {
    add(
      'pool',
      `port ${pool.slot}/${transport} is in pool ${pool.pool} but belongs to the client side`,
      CLIENT_PORT_WEIGHT,
      'unknown',
    )
    return found
  }
  if (pool.refused === 'both_in_range') {
    add(
      'pool',
      `both ports are in pool ${pool.pool} and nothing tells which is the server`,
      CLIENT_PORT_WEIGHT,
      'unknown',
    )
    return found
  }
  const twoWay = isTwoWay(flow)
  if (pool.site)
    add(
      'site',
      `the site file says that the server runs pool ${pool.pool}`,
      SITE_WEIGHT,
      twoWay ? 'confirmed' : 'possible',
    )
  add('pool', `server port ${pool.slot}/${transport} is ${slotText}`, POOL_WEIGHT, 'possible')
  if (pool.retired !== undefined && isRetired(flow, pool)) add('pool', pool.retired.says, 0, 'unknown')
  if (pool.lonely)
    add(
      'pool',
      `lower slots of ${pool.pool} were never used, though slots fill lowest first`,
      LONE_SLOT_WEIGHT,
      'unknown',
    )
  if (pool.supporter !== '' && twoWay) {
    const where = pool.supporterSameClient ? 'between the same client and server' : 'at the same server'
    add(
      'context',
      `${pool.supporter} was confirmed by payload ${where}`,
      pool.supporterSameClient ? SAME_CLIENT_WEIGHT : CONTEXT_WEIGHT,
      pool.lonely ? 'possible' : 'likely',
    )
  }
  return found
}

/** What is announced is there only where it answers. */
function announcedEvidence(flow: ClosedFlow, { label, says }: Announcement): Weighed {
  const { src, dst } = flow
  const connected = flow.protocol !== PROTOCOL_TCP || src.payloadBytes + dst.payloadBytes > 0
  const answered = connected && src.packets > 0 && dst.packets > 0
  return {
    source: 'context',
    says,
    for: label,
    weight: ANNOUNCED_WEIGHT,
    proves: answered ? 'likely' : 'possible',
  }
}

/** All conditions of the rule but its payload. */
function ruleMatches(rule: LabelRule, flow: ClosedFlow): boolean {
  if (rule.transport !== undefined && rule.transport !== transportName(flow.protocol)) return false
  if (
    rule.ports !== undefined &&
    !rule.ports.some((range) => flow.dstPort >= range.low && flow.dstPort <= range.high)
  )
    return false
  if (
    rule.cidr !== undefined &&
    !cidrContains(rule.cidr, flow.ipVersion, flow.dst0, flow.dst1, flow.dst2, flow.dst3)
  )
    return false
  return rule.hostnameSuffix === undefined || hasSuffix(flow.hostname, rule.hostnameSuffix)
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

function ruleEvidence(rule: LabelRule, flow: ClosedFlow): Weighed {
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
