/** What was not decoded and why, and what the records say of how they were measured: losses, damage, anomalies. */

import { ANOMALIES } from '../explain/words.ts'
import { etherTypeText } from '../record/ethertypes.ts'
import type { StatsRecord, SummaryRecord } from '../record/record-types.ts'
import { counted, grouped } from '../terminal/layout.ts'
import type { PageData } from './page-data.ts'

const MAX_REASONS = 100
const MAX_DAMAGED = 20
const MAX_ANOMALIES = 50

interface Dropped {
  kernel?: number
  interface?: number
}

interface Counts {
  packets: number
  bytes: number
  flows: number
}

export class MethodBook {
  #summaries = 0
  #totals: Counts = { packets: 0, bytes: 0, flows: 0 }
  /** Of stats records: what the summary at the end of the run will count. */
  #soFar: Counts = { packets: 0, bytes: 0, flows: 0 }
  readonly #reasons = new Map<string, Map<string, number>>()
  readonly #linkTypes = new Map<string, number>()
  readonly #anomalies = new Map<string, number>()
  readonly #damaged: string[] = []
  #damagedTotal = 0
  #timeBackwards = 0
  #evicted = 0
  #extrasLeftOut = 0
  #outside = 0
  #skipped = 0
  #dropped: Dropped = {}
  #droppedSoFar: Dropped = {}

  addSummary(summary: SummaryRecord): void {
    this.#summaries++
    this.#totals.packets += summary.packets
    this.#totals.bytes += summary.wire_bytes
    this.#totals.flows += summary.flows
    this.#addReasons('not IP', summary.non_ip)
    this.#addReasons('not decoded', summary.undecoded)
    addCounts(this.#linkTypes, summary.link_types_undecoded)
    this.#timeBackwards += summary.time_backwards
    this.#evicted += summary.evicted_flows
    this.#extrasLeftOut += summary.extras_left_out ?? 0
    this.#outside += summary.packets_outside ?? 0
    this.#skipped += summary.skipped_inputs_total ?? summary.skipped_inputs.length
    this.#damagedTotal += summary.damaged_total ?? summary.damaged.length
    for (const { source, offset, reason, code } of summary.damaged)
      if (this.#damaged.length < MAX_DAMAGED)
        this.#damaged.push(`${source}: byte ${offset}: ${reason} (${code})`)
    addDropped(this.#dropped, summary.dropped)
  }

  addStats(stats: StatsRecord): void {
    this.#soFar.packets += stats.packets
    this.#soFar.bytes += stats.wire_bytes
    this.#soFar.flows += stats.flows
    addDropped(this.#droppedSoFar, stats.dropped)
  }

  addAnomaly(name: string): void {
    if (this.#anomalies.has(name) || this.#anomalies.size < MAX_ANOMALIES)
      this.#anomalies.set(name, (this.#anomalies.get(name) ?? 0) + 1)
  }

  /** The greatest counts: of the summaries, of the stats records since the last one, or of the page itself. */
  counted(here: Counts): Counts {
    const greatest = (name: keyof Counts) => Math.max(this.#totals[name], this.#soFar[name], here[name])
    return { packets: greatest('packets'), bytes: greatest('bytes'), flows: greatest('flows') }
  }

  unseen(): PageData['unseen'] {
    return [...this.#reasons].flatMap(([what, reasons]) =>
      [...reasons]
        .sort(byCount)
        .map(([reason, packets]) => ({ what, reason: etherTypeText(reason), packets })),
    )
  }

  sentences(): PageData['method'] {
    const found: PageData['method'] = []
    if (this.#linkTypes.size > 0) {
      const list = [...this.#linkTypes].sort(byCount).map(([name, count]) => `${name} ${grouped(count)}`)
      found.push(['Unknown link types', list.join(', ')])
    }
    const { kernel, interface: device } = this.#summaries > 0 ? this.#dropped : this.#droppedSoFar
    if (kernel === undefined && device === undefined)
      found.push(['Lost while capturing', 'not known: the capture does not say'])
    if (kernel !== undefined) found.push(['Lost by the kernel', counted(kernel, 'packet')])
    if (device !== undefined) found.push(['Lost by the interface', counted(device, 'packet')])
    if (this.#summaries === 0)
      found.push(['Summary', 'none so far: what was not decoded, lost or damaged is not known'])
    found.push([
      'Damage',
      this.#damagedTotal === 0 ? 'no input was cut short or damaged' : this.#damaged.join('; '),
    ])
    if (this.#damagedTotal > this.#damaged.length)
      found.push(['More damage', counted(this.#damagedTotal - this.#damaged.length, 'further place')])
    if (this.#timeBackwards > 0)
      found.push(['Time', `${counted(this.#timeBackwards, 'packet')} older than the one before`])
    if (this.#evicted > 0)
      found.push([
        'Flow table',
        `${counted(this.#evicted, 'flow')} written early, as --max-flows was reached`,
      ])
    if (this.#extrasLeftOut > 0)
      found.push([
        'Extras',
        `${counted(this.#extrasLeftOut, 'flow')} without all extras, which took too much room together`,
      ])
    if (this.#outside > 0)
      found.push(['Left out', `${counted(this.#outside, 'packet')} outside the time asked for`])
    if (this.#skipped > 0)
      found.push(['Skipped', `${counted(this.#skipped, 'file')} without a capture, or named before`])
    for (const [name, flows] of [...this.#anomalies].sort(byCount))
      found.push([name.replaceAll('_', ' '), `${counted(flows, 'flow')}: ${ANOMALIES[name] ?? 'an anomaly'}`])
    return found
  }

  #addReasons(what: string, counts: Record<string, number>): void {
    const reasons = this.#reasons.get(what)
    if (reasons === undefined) this.#reasons.set(what, addCounts(new Map(), counts))
    else addCounts(reasons, counts)
  }
}

function addCounts(into: Map<string, number>, counts: Record<string, number>): Map<string, number> {
  for (const [name, count] of Object.entries(counts))
    if (into.has(name) || into.size < MAX_REASONS) into.set(name, (into.get(name) ?? 0) + count)
  return into
}

function byCount(a: [string, number], b: [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1)
}

function addDropped(sum: Dropped, dropped: Dropped | undefined): void {
  for (const where of ['kernel', 'interface'] as const) {
    const lost = dropped?.[where]
    if (lost !== undefined) sum[where] = (sum[where] ?? 0) + lost
  }
}
