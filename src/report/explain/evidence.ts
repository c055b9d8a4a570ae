/** Evidence and what would change it, as rows; shared by flows and sessions. */
import type { Evidence } from '../../types.ts'
import type { Change } from './facts.ts'
import type { Page } from './text.ts'
import { EVIDENCE_CLASSES } from './words.ts'

/** By class, in the order in which they decide; within a class the heaviest first. */
export function orderedEvidence(evidence: readonly Evidence[]): Evidence[] {
  const rank = ({ source }: Evidence) => EVIDENCE_CLASSES.indexOf(source)
  return [...evidence].sort((a, b) => rank(a) - rank(b) || Math.abs(b.weight) - Math.abs(a.weight))
}

export function changesText(page: Page, changes: readonly Change[]): void {
  page.gap()
  page.head('What would change the verdict')
  for (const { says } of changes) page.item(says)
}
