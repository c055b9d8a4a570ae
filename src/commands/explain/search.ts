/**
 * Finds a flow and the related flows. Flows are streamed: only the requested ones are kept, and of each kind at most a
 * fixed number, so that a capture with millions of flows needs no more memory than its analysis.
 */
import { PACKET_ORPHAN_FRAGMENT, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../../bytes.ts'
import { icmpPeer, type KeptFlow, keyedEncapsulation, type RelatedFlow } from '../../report/explain/facts.ts'
import { type CommunityIdTuple, communityId } from '../../report/record/community-id.ts'
import { flowLine } from '../../report/record/flow-record.ts'
import type { FlowRecord } from '../../report/record/record-types.ts'
import type { ClosedFlow, Packet } from '../../types.ts'

/** Related flows that are kept beside the direct predecessor and successor. */
const MAX_RELATED = 100
const MAX_ENCAPSULATIONS = 32

export interface RecordOptions {
  time: 'iso' | 'epoch'
  communityIdSeed: number
}

/** A flow kept from the stream: its record, and the tuple to compare others with. */
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

/** Whether two flows (or a packet and a flow) have the same ends; crossed: the same addresses with swapped ports. */
export type EndsRelation = 'other' | 'same' | 'crossed'

export function compareEnds(a: CommunityIdTuple, b: CommunityIdTuple): EndsRelation {
  if (a.protocol !== b.protocol || a.ipVersion !== b.ipVersion) return 'other'
  const straight = sameAddresses(a, b)
  const reversed = sameAddresses(a, swapped(b))
  if (!straight && !reversed) return 'other'
  if (a.protocol === PROTOCOL_ICMP || a.protocol === PROTOCOL_ICMPV6) {
    if (communityId(a) === communityId(b)) return 'same'
    const peer = icmpPeer(a.protocol, a.icmpType)
    return peer !== undefined && (a.icmpType === b.icmpType || peer === b.icmpType) ? 'crossed' : 'other'
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

export type Relatives = ReturnType<typeof createRelatives>['found']

/** Gathers the flows of a pass that have the same ends as `target`. */
export function createRelatives(target: Found, ignoreVlan: boolean, options: RecordOptions) {
  const { record, tuple } = target
  const own = encapsulationKey(record.encapsulation ?? [], ignoreVlan)
  const related: (Found & RelatedFlow)[] = []
  const others = new Map<string, readonly string[]>()
  const sameEnds = { flows: 0, packets: 0 }
  const found = { related, sameEnds, otherEncapsulations: [] as (readonly string[])[], crossed: false }

  function see(flow: ClosedFlow): void {
    const ends = compareEnds(flow, tuple)
    if (ends === 'other') return
    if (ends === 'crossed') {
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
