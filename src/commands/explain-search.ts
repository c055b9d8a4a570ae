/**
 * Finding a flow, its relatives and its packets. Flows stream by: only those that are asked for are kept, and of
 * each kind at most a named number, so that a capture with millions of flows needs no more memory than its analysis.
 */
import { PACKET_ORPHAN_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../bytes.ts'
import { type Explanation, explainPacket } from '../decode/explain.ts'
import type { PipelineOptions } from '../pipeline.ts'
import { type CommunityIdTuple, communityId } from '../report/community-id.ts'
import {
  type FlowFacts,
  type KeptFlow,
  keyedEncapsulation,
  type RelatedFlow,
  type Sample,
} from '../report/explain-facts.ts'
import { flowLine } from '../report/flow-record.ts'
import type { FlowRecord } from '../report/record-types.ts'
import type { ClosedFlow, Packet, PacketBatch, PacketSource } from '../types.ts'
import type { RepeatableInputs } from './explain-inputs.ts'

/** Related flows that are kept beside the direct predecessor and successor. */
const MAX_RELATED = 100
const MAX_ENCAPSULATIONS = 32
/** Packets looked at for one of the other direction. */
const MAX_LOOK_AHEAD = 20_000

export interface RecordOptions {
  time: 'iso' | 'epoch'
  communityIdSeed: number
}

/** A flow kept from the stream: its record, and the words to compare others with. */
export interface Found extends KeptFlow {
  tuple: CommunityIdTuple
}

export function keep(flow: ClosedFlow, options: RecordOptions): Found {
  const record: FlowRecord = JSON.parse(flowLine(flow, options))
  return {
    record,
    start: [flow.startSec, flow.startNsec],
    end: [flow.endSec, flow.endNsec],
    tuple: { ...flow },
  }
}

/** A 64-bit id of 16 hexadecimal digits, or the beginning of one. */
export function idMatcher(prefix: string): (high: number, low: number) => boolean {
  const digits = prefix.toLowerCase()
  const [high, highMask] = wordAndMask(digits.slice(0, 8))
  const [low, lowMask] = wordAndMask(digits.slice(8))
  return (idHigh, idLow) => ((idHigh ^ high) & highMask) === 0 && ((idLow ^ low) & lowMask) === 0
}

function wordAndMask(digits: string): [word: number, mask: number] {
  const known = digits.length * 4
  const word = Number.parseInt(digits.padEnd(8, '0'), 16) | 0
  return [word, known === 0 ? 0 : -1 << (32 - known)]
}

// ---------------------------------------------------------------- ends

/** How the ends of two flows (or of a packet and a flow) compare. */
export type Likeness = 'other' | 'same' | 'crossed'

export function compareEnds(a: CommunityIdTuple, b: CommunityIdTuple): Likeness {
  if (a.protocol !== b.protocol || a.ipVersion !== b.ipVersion) return 'other'
  const straight = sameAddresses(a, b)
  const reversed = sameAddresses(a, swapped(b))
  if (!straight && !reversed) return 'other'
  if (a.protocol === PROTOCOL_ICMP || a.protocol === PROTOCOL_ICMPV6) {
    return communityId(a) === communityId(b) ? 'same' : 'other'
  }
  const parallel = a.srcPort === b.srcPort && a.dstPort === b.dstPort
  const twisted = a.srcPort === b.dstPort && a.dstPort === b.srcPort
  if ((straight && parallel) || (reversed && twisted)) return 'same'
  return (straight && twisted) || (reversed && parallel) ? 'crossed' : 'other'
}

function sameAddresses(a: CommunityIdTuple, b: CommunityIdTuple): boolean {
  return (
    a.src3 === b.src3 &&
    a.dst3 === b.dst3 &&
    a.src0 === b.src0 &&
    a.src1 === b.src1 &&
    a.src2 === b.src2 &&
    a.dst0 === b.dst0 &&
    a.dst1 === b.dst1 &&
    a.dst2 === b.dst2
  )
}

function swapped(tuple: CommunityIdTuple): CommunityIdTuple {
  const { src0, src1, src2, src3, srcPort, dst0, dst1, dst2, dst3, dstPort } = tuple
  return {
    ...tuple,
    ...{ src0: dst0, src1: dst1, src2: dst2, src3: dst3, srcPort: dstPort },
    ...{ dst0: src0, dst1: src1, dst2: src2, dst3: src3, dstPort: srcPort },
  }
}

/** A packet's ends as a flow would have them. */
export function endsOf(packet: Packet): CommunityIdTuple {
  const icmp = packet.protocol === PROTOCOL_ICMP || packet.protocol === PROTOCOL_ICMPV6
  const orphan = (packet.flags & PACKET_ORPHAN_FRAGMENT) !== 0
  const ported = !orphan && [6, 17, 33, 132, 136].includes(packet.protocol)
  return {
    ...packet,
    srcPort: ported ? packet.srcPort : -1,
    dstPort: ported ? packet.dstPort : -1,
    icmpType: icmp && !orphan ? packet.icmpType : -1,
    icmpCode: icmp && !orphan ? packet.icmpCode : -1,
  }
}

export function encapsulationKey(list: readonly string[], ignoreVlan: boolean): string {
  return keyedEncapsulation(list, ignoreVlan).join(' ')
}

// ---------------------------------------------------------------- relatives

/** Gathers, from the flows of a pass, what stands between the same ends as `target`. */
export function createRelatives(target: Found, ignoreVlan: boolean, options: RecordOptions) {
  const { record, tuple } = target
  const own = encapsulationKey(record.encapsulation ?? [], ignoreVlan)
  const related: RelatedFlow[] = []
  const others = new Map<string, readonly string[]>()
  const sameEnds = { flows: 0, packets: 0 }
  const found = { related, sameEnds, otherEncapsulations: [] as (readonly string[])[], crossed: false }

  function see(flow: ClosedFlow): void {
    const likeness = compareEnds(flow, tuple)
    if (likeness === 'other') return
    if (likeness === 'crossed') {
      found.crossed = true
      return
    }
    const key = encapsulationKey(flow.encapsulation, ignoreVlan)
    if (key !== own) {
      if (others.size < MAX_ENCAPSULATIONS)
        others.set(key, keyedEncapsulation(flow.encapsulation, ignoreVlan))
      found.otherEncapsulations = [...others.values()]
      return
    }
    sameEnds.flows++
    sameEnds.packets += flow.src.packets + flow.dst.packets
    const kept = keep(flow, options)
    if (kept.record.flow_id === record.flow_id) return
    const relation = relationOf(kept.record, record)
    if (relation !== 'same_ends' || related.length < MAX_RELATED) related.push({ ...kept, relation })
  }
  return { see, found }
}

function relationOf(other: FlowRecord, target: FlowRecord): RelatedFlow['relation'] {
  if (other.flow_id === target.continues) return 'continued'
  return other.continues === target.flow_id ? 'continued_by' : 'same_ends'
}

// ---------------------------------------------------------------- packets

/** Reads an input up to the packet with this number; the number of packets where there are fewer. */
export async function readPacket<T>(
  inputs: RepeatableInputs,
  which: { input: number; frame: number },
  take: (at: PacketPlace) => T | Promise<T>,
): Promise<{ found: T } | { packets: number }> {
  const source = await inputs.open(inputs.inputs[which.input])
  let packets = 0
  try {
    for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
      packets = batch.firstFrame + batch.count - 1
      if (which.frame <= packets)
        return { found: await take({ source, batch, index: which.frame - batch.firstFrame }) }
    }
    return { packets }
  } finally {
    await source.close()
  }
}

/** A packet in its batch; both are borrowed from the source. */
export interface PacketPlace {
  source: PacketSource
  batch: PacketBatch
  index: number
}

/** The flow's first packet, and where it is tunnelled or tagged and has two directions, the first of the other. */
export async function findSamples(
  target: Found,
  inputs: RepeatableInputs,
  options: Pick<PipelineOptions, 'decapsulate' | 'ignoreVlan'>,
): Promise<Pick<FlowFacts, 'source' | 'samples'>> {
  const { record } = target
  const twoWay = record.src_packets > 0 && record.dst_packets > 0
  const take = async (at: PacketPlace) => {
    const first = explainPacket(at.batch, at.index, options)
    if (!isFirst(first, target)) return undefined
    const answer =
      twoWay && record.encapsulation !== undefined ? await findAnswer(first, at, options) : undefined
    return { source: at.source.info.source, samples: [first, ...(answer ?? [])].map(sampleOf) }
  }
  for (let input = 0; input < inputs.inputs.length; input++) {
    const read = await readPacket(inputs, { input, frame: record.first_frame }, take)
    if ('found' in read && read.found !== undefined) return read.found
  }
  return { samples: [] }
}

/** Frame numbers count from 1 in every input: time and ends tell which one it is. */
function isFirst({ packet }: Explanation, { start, record, tuple }: Found): boolean {
  const anomalies = record.anomalies ?? []
  const inTime = packet.timeSec === start[0] && packet.timeNsec === start[1]
  if (!inTime && !anomalies.includes('time_backwards')) return false
  // A later fragment takes its ports from the first one.
  return compareEnds(endsOf(packet), tuple) === 'same' || anomalies.includes('fragments')
}

async function findAnswer(
  first: Explanation,
  { source, ...from }: PacketPlace,
  options: Pick<PipelineOptions, 'decapsulate' | 'ignoreVlan'>,
): Promise<[Explanation] | undefined> {
  const ends = endsOf(first.packet)
  const key = encapsulationKey(first.encapsulation, options.ignoreVlan)
  let batch: PacketBatch | undefined = from.batch
  let index = from.index + 1
  for (let looked = 0; batch !== undefined && looked < MAX_LOOK_AHEAD; looked++) {
    if (index === batch.count) {
      batch = await source.next()
      index = 0
      continue
    }
    const other = explainPacket(batch, index++, options)
    const { packet } = other
    const reversed = packet.src3 === ends.dst3 && packet.srcPort === first.packet.dstPort
    if (!reversed || compareEnds(endsOf(packet), ends) !== 'same') continue
    if (encapsulationKey(other.encapsulation, options.ignoreVlan) === key) return [other]
  }
  return undefined
}

function sampleOf({ frame, linkType, layers, encapsulation, packet }: Explanation): Sample {
  return { frame, linkType, layers, encapsulation, icmpIdentifier: packet.icmpIdentifier }
}
