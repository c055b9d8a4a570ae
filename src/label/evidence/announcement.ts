/** Evidence of what signalling or DNS announced of an end of the flow. */
import { PROTOCOL_TCP } from '../../bytes.ts'
import type { ClosedFlow } from '../../types.ts'
import type { Announcement } from '../announced.ts'
import type { Weighed } from '../verdict.ts'

/** It names the endpoint, where a supporter of a pool is only at the same server. */
const ANNOUNCED_WEIGHT = 70

/** What is announced is there only where it answers. */
export function announcedEvidence(flow: ClosedFlow, { label, says }: Announcement): Weighed {
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
