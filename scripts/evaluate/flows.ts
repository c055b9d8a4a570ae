/** (a) Are our flows the oracle's flows, in 5-tuple, packets and captured frame bytes? */

import type { FlowRecord } from '../../src/report/record/record-types.ts'
import { type OracleCapture, type OracleSum, type OurSum, sameCounts, sumOracle, sumOurs } from './oracle.ts'

export interface FlowAgreement {
  flows: number
  equal: number
  packetsDiffer: number
  bytesDiffer: number
  missing: number
  extra: number
  orphans: number
  captures: number
  equalCaptures: number
  /** One line a capture that differs. */
  differing: string[]
}

export function emptyAgreement(): FlowAgreement {
  return {
    flows: 0,
    equal: 0,
    packetsDiffer: 0,
    bytesDiffer: 0,
    missing: 0,
    extra: 0,
    orphans: 0,
    captures: 0,
    equalCaptures: 0,
    differing: [],
  }
}

const has = (sum: OurSum, anomaly: string) =>
  sum.records.some((record) => record.anomalies?.includes(anomaly))

function why(theirs: OracleSum, ours: OurSum): string {
  const difference = (a: [number, number], b: [number, number]) => a[0] + a[1] - b[0] - b[1]
  const packets = difference(ours.packets, theirs.packets)
  if (has(ours, 'fragments') && packets > 0) return 'later fragments, which the oracle drops'
  if (theirs.flows.some((flow) => flow.tunnel !== undefined)) return 'tunnel'
  if (packets !== 0) return packets > 0 ? 'more packets than the oracle' : 'fewer packets than the oracle'
  const bytes = difference(ours.bytes, theirs.bytes)
  return bytes === 0 ? 'counted in the other direction' : bytes > 0 ? 'more bytes' : 'fewer bytes'
}

function compareSums(
  agreement: FlowAgreement,
  theirs: Map<string, OracleSum>,
  ours: Map<string, OurSum>,
): Map<string, string[]> {
  const reasons = new Map<string, string[]>()
  const note = (reason: string, key: string) => {
    const keys = reasons.get(reason)
    if (keys === undefined) reasons.set(reason, [key])
    else keys.push(key)
  }
  for (const [key, theirSum] of theirs) {
    agreement.flows++
    const ourSum = ours.get(key)
    if (ourSum === undefined) {
      agreement.missing++
      note('not in ours', key)
    } else if (!sameCounts(theirSum.packets, ourSum.packets)) {
      agreement.packetsDiffer++
      note(why(theirSum, ourSum), key)
    } else if (!sameCounts(theirSum.bytes, ourSum.bytes)) {
      agreement.bytesDiffer++
      note(why(theirSum, ourSum), key)
    } else agreement.equal++
  }
  for (const key of ours.keys()) {
    if (theirs.has(key)) continue
    agreement.extra++
    note('not in the oracle', key)
  }
  return reasons
}

export function compareFlows(
  agreement: FlowAgreement,
  capture: OracleCapture,
  records: readonly FlowRecord[],
): void {
  const { sums, orphans } = sumOurs(records)
  const reasons = compareSums(agreement, sumOracle(capture), sums)
  agreement.orphans += orphans.length
  agreement.captures++
  if (reasons.size === 0) agreement.equalCaptures++
  else {
    const parts = [...reasons].map(([reason, keys]) => `${keys.length} ${reason} (${keys[0]})`)
    agreement.differing.push(`${capture.pcap}: ${parts.join('; ')}`)
  }
}

export function printFlows(agreement: FlowAgreement, say: (line: string) => void): void {
  const { flows, equal, captures, equalCaptures } = agreement
  say(
    `flows: ${equal} of ${flows} equal in 5-tuple, packets and captured frame bytes (${percent(equal, flows)})`,
  )
  say(
    `  ${agreement.packetsDiffer} differ in packets, ${agreement.bytesDiffer} only in bytes, ${agreement.missing} missing`,
  )
  say(
    `  ${agreement.extra} of ours unknown to the oracle, ${agreement.orphans} flows of orphan fragments aside`,
  )
  say(`  ${equalCaptures} of ${captures} captures equal; the others:`)
  for (const line of agreement.differing) say(`    ${line}`)
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`
}
