/** The summary while it grows: counts of everything that was read, whatever became of it. */
import { earlier, later } from './instant.ts'
import type { Outside, PacketSource, Summary } from './types.ts'

export function emptySummary(): Summary {
  return {
    packets: 0,
    wireBytes: 0,
    flows: 0,
    sessions: 0,
    nonIp: new Map(),
    undecoded: new Map(),
    linkTypesUndecoded: new Map(),
    timeBackwards: 0,
    evictedFlows: 0,
    skippedInputs: [],
    damaged: [],
    dropped: {},
  }
}

export function addDrops(summary: Summary, source: PacketSource): void {
  const { kernel, interface: device } = source.dropped
  if (kernel !== undefined) summary.dropped.kernel = (summary.dropped.kernel ?? 0) + kernel
  if (device !== undefined) summary.dropped.interface = (summary.dropped.interface ?? 0) + device
}

export function addOutside(summary: Pick<Summary, 'outside'>, { packets, first, last }: Outside): void {
  summary.outside ??= { packets: 0 }
  const { outside } = summary
  outside.packets += packets
  if (first !== undefined) outside.first = earlier(outside.first ?? first, first)
  if (last !== undefined) outside.last = later(outside.last ?? last, last)
}

export function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
