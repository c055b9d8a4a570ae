/**
 * Evidence in, verdict out: the order of evidence. Classes rank payload > site > rule > context > pool > registry;
 * the strongest class with positive net weight wins, the sum of weights breaks ties inside a class, and negative
 * evidence of a higher class vetoes. A registry hit alone is never more than `possible`.
 */
import { higherOf } from '../certainty.ts'
import type { Certainty, Evidence, EvidenceSource, Registry, Verdict } from '../types.ts'
import { categoryOf } from './categories.data.ts'

export const SOURCES: readonly EvidenceSource[] = ['payload', 'site', 'rule', 'context', 'pool', 'registry']

/** One piece of evidence with what it would prove if nothing stood against it. */
export interface Weighed extends Evidence {
  proves: Certainty
  /** The service group, where a rule names one. */
  category?: string
}

interface Standing {
  label: string
  rank: number
  weight: number
  certainty: Certainty
}

/** Judges the evidence; the list is kept in the verdict, strongest first, whatever the outcome. */
export function judge(
  evidence: readonly Weighed[],
  registry: Registry | undefined,
  candidates: boolean,
): Verdict {
  const standings = standingsOf(evidence)
  const winner = standings[0]
  const label = winner?.label ?? 'unknown'
  const verdict: Verdict = {
    label,
    certainty: winner?.certainty ?? 'unknown',
    category: winner === undefined ? undefined : (ruledCategory(label, evidence) ?? categoryOf(label)),
    evidence: evidence.toSorted(byRank).map(({ source, says, for: speaksFor, weight }) => ({
      source,
      says,
      for: speaksFor,
      weight,
    })),
    registry,
  }
  if (candidates)
    verdict.candidates = standings
      .slice(1)
      .map(({ label: loser, certainty, weight }) => ({ label: loser, certainty, weight }))
  return verdict
}

function ruledCategory(label: string, evidence: readonly Weighed[]): string | undefined {
  return evidence.find((each) => each.for === label && each.category !== undefined)?.category
}

/** Labels that stand, best first. */
function standingsOf(evidence: readonly Weighed[]): Standing[] {
  const labels = [...new Set(evidence.map((each) => each.for))]
  const standings = labels.map((label) => standing(label, evidence)).filter((each) => each !== undefined)
  return standings.sort((a, b) => a.rank - b.rank || b.weight - a.weight || (a.label < b.label ? -1 : 1))
}

/** A label stands on its highest class with positive net weight, unless a higher class speaks against it. */
function standing(label: string, evidence: readonly Weighed[]): Standing | undefined {
  for (let rank = 0; rank < SOURCES.length; rank++) {
    const own = evidence.filter((each) => each.for === label && each.source === SOURCES[rank])
    if (own.length === 0) continue
    const weight = own.reduce((sum, each) => sum + each.weight, 0)
    if (weight < 0) return undefined
    if (weight > 0) return { label, rank, weight, certainty: certaintyOf(own) }
  }
  return undefined
}

function certaintyOf(own: readonly Weighed[]): Certainty {
  return own.reduce<Certainty>(
    (highest, each) => (each.weight > 0 ? higherOf(highest, each.proves) : highest),
    'unknown',
  )
}

function byRank(a: Weighed, b: Weighed): number {
  return SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source) || b.weight - a.weight
}
