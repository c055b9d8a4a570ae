/**
 * The built-in knowledge, and how a user's rules join it. In: rule sets. Out: one rule set. Promised: a pool of a
 * later file replaces the pool of the same name, other pools and labels are added, order is kept.
 */
import { UsageError } from '../../errors.ts'
import type { RuleSet } from '../../types.ts'
import { BUILTIN_RULES } from './knowledge-rules.data.ts'

export { BUILTIN_RULES_TEXT as builtinRulesText } from './knowledge.data.ts'

/** Shared: do not change it. */
export function builtinRules(): RuleSet {
  return BUILTIN_RULES
}

/** Label rules with a payload prefix, over all files: each may be tried on every payload, and evidence counts them. */
const MAX_PAYLOAD_RULES = 2048

/** Throws a UsageError where all files together have too many payload rules. */
export function mergeRules(sets: readonly RuleSet[]): RuleSet {
  const pools = new Map<string, RuleSet['pools'][number]>()
  const labels: RuleSet['labels'] = []
  for (const set of sets) {
    for (const pool of set.pools) pools.set(pool.name, pool)
    labels.push(...set.labels)
  }
  const payloads = labels.filter(({ payload }) => payload !== undefined).length
  if (payloads > MAX_PAYLOAD_RULES) {
    const what = `found ${payloads} labels with a payload, at most ${MAX_PAYLOAD_RULES} over all files expected`
    throw new UsageError('RULE_LIMIT', 'rules', what)
  }
  return { pools: [...pools.values()], labels }
}
