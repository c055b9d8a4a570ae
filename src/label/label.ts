/**
 * The label of one closed flow. In: what payload inspection kept, the two ports, what the pools and the user's rules
 * say. Out: a Verdict (shared between flows that differ in nothing it says, so its identity can be used as a cache
 * key). Promised: a port alone is never more than `possible`; the client's port never labels.
 * Not here: sessions (pool judges those itself when they close).
 */
import type { ClosedFlow, LabelRule, PoolClaim, Verdict } from '../types.ts'
import type { Announcement } from './announced.ts'
import { announcedEvidence } from './evidence/announcement.ts'
import { headerEvidence, registration } from './evidence/header.ts'
import { payloadEvidence } from './evidence/payload.ts'
import { poolEvidence, poolKey } from './evidence/pool.ts'
import { ruleEvidence, ruleMatches } from './evidence/rule.ts'
import { EVIDENCE_SLOTS } from './inspect/evidence-words.ts'
import type { Inspector } from './inspect/inspect.ts'
import type { PortRegistry } from './ports/registry.ts'
import { judge, type Weighed } from './verdict.ts'

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

export function createLabeller(options: LabelOptions): Labeller {
  const { inspector, registry, rules } = options
  const cache = new Map<number | string, Verdict>()
  /** Where there is nothing but the server port to go by: one verdict a port. */
  const plain = new Map<number, Verdict>()

  function label(flow: ClosedFlow, handle: number, pool?: PoolClaim, announced?: Announcement): Verdict {
    if (announced !== undefined || rules.length > 0) {
      const evidence = collect(flow, handle, pool)
      if (announced !== undefined) evidence.push(announcedEvidence(flow, announced))
      return verdictOf(flow, evidence)
    }
    const header = headerKey(flow)
    if (pool === undefined && handle < 0)
      return plain.get(header) ?? share(plain, header, verdictOf(flow, headerEvidence(flow, registry)))
    const payload = handle < 0 ? header : payloadKey(flow, handle, header)
    const key = pool === undefined ? payload : `${payload};${poolKey(flow, pool)}`
    return cache.get(key) ?? share(cache, key, verdictOf(flow, collect(flow, handle, pool)))
  }

  /** All of header and payload that a verdict depends on. Most flows have evidence of one signature: a number. */
  function payloadKey(flow: ClosedFlow, handle: number, header: number): number | string {
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
    evidence.push(...headerEvidence(flow, registry))
    return evidence
  }

  function verdictOf(flow: ClosedFlow, evidence: readonly Weighed[]): Verdict {
    return judge(evidence, registration(flow, registry), options.candidates)
  }

  return { label }
}

/** Keeps the verdict for other flows with this key. */
function share<K>(cache: Map<K, Verdict>, key: K, verdict: Verdict): Verdict {
  if (cache.size >= MAX_CACHED) cache.clear()
  verdict.shared = true
  cache.set(key, verdict)
  return verdict
}
