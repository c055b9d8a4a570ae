/** Evidence of payload: what signatures found. A label seen in both directions is confirmed even where each sign is weak. */
import { PROTOCOL_TCP } from '../../bytes.ts'
import { lowerOf } from '../../certainty.ts'
import type { ClosedFlow } from '../../types.ts'
import {
  BOTH_DIRECTIONS,
  directionsOf,
  EVIDENCE_SLOTS,
  signatureOf,
  strengthOf,
} from '../inspect/evidence-words.ts'
import type { Inspector } from '../inspect/inspect.ts'
import { type Signature, STRONG } from '../inspect/payload.ts'
import { ruleOf } from '../rules/rule-signatures.ts'
import type { Weighed } from '../verdict.ts'
import { ruleMatches } from './rule.ts'

const STRONG_WEIGHT = 80
const WEAK_WEIGHT = 40
const BOTH_WAYS_BONUS = 10
const MAX_WEIGHT = 100
const OTHER_ANSWER_WEIGHT = -50

/** A signature that matched in the flow. */
interface Found {
  signature: Signature
  strong: boolean
  /** Bit 0: matched from side a, bit 1: from b. */
  directions: number
}

/** `handle`: of the flow's payload state, negative for none. */
export function payloadEvidence(inspector: Inspector, handle: number, flow: ClosedFlow): Weighed[] {
  if (handle < 0) return []
  const found = foundIn(inspector, handle, flow)
  const directions = new Map<string, number>()
  for (const { signature, directions: own } of found)
    directions.set(signature.label, (directions.get(signature.label) ?? 0) | own)
  const evidence = found
    .filter((each) => each.signature.bothNeeded !== true || each.directions === BOTH_DIRECTIONS)
    .map((each) => weighed(each, directions.get(each.signature.label) === BOTH_DIRECTIONS))
  if (directions.size > 1) evidence.push(...otherAnswers(flow, evidence, directions))
  return evidence
}

/** In the order of discovery. */
function foundIn(inspector: Inspector, handle: number, flow: ClosedFlow): Found[] {
  const found: Found[] = []
  for (let slot = 0; slot < EVIDENCE_SLOTS; slot++) {
    const word = inspector.evidenceWord(handle, slot)
    if (word === 0) break
    const signature = inspector.signatures[signatureOf(word)]
    const directions = directionsOf(word)
    if (ruleCounts(signature, directions, flow))
      found.push({ signature, strong: strengthOf(word) === STRONG, directions })
  }
  return found
}

/** False for what a rule file looks for where another condition of the rule fails, or in the other sender's packets only. */
function ruleCounts(signature: Signature, directions: number, flow: ClosedFlow): boolean {
  const rule = ruleOf(signature)
  if (rule === undefined) return true
  const client = flow.reversed ? 2 : 1
  const senders = { client, server: BOTH_DIRECTIONS - client, both: BOTH_DIRECTIONS, either: 0 }
  const needed = senders[rule.payload?.direction ?? 'either']
  return (directions & needed) === needed && ruleMatches(rule, flow)
}

/** `agreed`: both directions show the label, by whatever signatures. */
function weighed({ signature, strong, directions }: Found, agreed: boolean): Weighed {
  const rule = ruleOf(signature)
  const both = directions === BOTH_DIRECTIONS
  const weight = (signature.weight ?? (strong ? STRONG_WEIGHT : WEAK_WEIGHT)) + (both ? BOTH_WAYS_BONUS : 0)
  return {
    source: signature.source ?? 'payload',
    says: both ? `${signature.says} (both directions)` : signature.says,
    for: signature.label,
    weight: Math.min(MAX_WEIGHT, weight),
    proves: lowerOf(strong || agreed ? 'confirmed' : 'likely', rule?.certainty ?? 'confirmed'),
    category: rule?.category,
  }
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
