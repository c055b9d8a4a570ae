/**
 * The built-in knowledge, and how a user's rules join it. In: rule sets. Out: one rule set. Promised: a pool of a
 * later file replaces the pool of the same name, other pools and labels are added, order is kept.
 */
import type { RuleSet } from '../types.ts'
import { BUILTIN_RULES } from './knowledge-rules.data.ts'

export { BUILTIN_RULES_TEXT as builtinRulesText } from './knowledge.data.ts'

/** Shared: do not change it. */
export function builtinRules(): RuleSet {
  return BUILTIN_RULES
}

export function mergeRules(sets: readonly RuleSet[]): RuleSet {
  const pools = new Map<string, RuleSet['pools'][number]>()
  const labels: RuleSet['labels'] = []
  for (const set of sets) {
    for (const pool of set.pools) pools.set(pool.name, pool)
    labels.push(...set.labels)
  }
  return { pools: [...pools.values()], labels }
}
