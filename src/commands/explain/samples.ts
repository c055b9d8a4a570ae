/**
 * Sample packets of a flow, read again for the filters: the first, and one of each other shape (direction, tags, tunnels)
 * among those that follow it. Records lack what the filters need: echo identifiers, offsets, identifications of
 * fragmented datagrams.
 */
import { PACKET_FRAGMENT } from '../../bytes.ts'
import { type Explanation, explainPacket } from '../../decode/explain.ts'
import type { PipelineOptions } from '../../pipeline.ts'
import type { FlowFacts, Sample } from '../../report/explain/facts.ts'
import type { PacketBatch, PacketSource } from '../../types.ts'
import type { RepeatableInputs } from './inputs.ts'
import { compareEnds, encapsulationKey, endsOf, type Found } from './search.ts'

/** Packets that are examined, from the flow's first on. */
export const LOOK_AHEAD = 20_000
const MAX_SHAPES = 16
const MAX_FRAGMENTED = 32
/** Smaller values of the EtherType field are the length of an 802.3 frame. */
const LEAST_TYPE = 0x600

type DecodeOptions = Pick<PipelineOptions, 'decapsulate' | 'ignoreVlan'>
export type Samples = Pick<FlowFacts, 'source' | 'samples' | 'fragmentIds'>

/** A packet in its batch; both are borrowed from the source. */
export interface PacketPlace {
  source: PacketSource
  batch: PacketBatch
  index: number
}

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
      const index = which.frame - batch.firstFrame
      if (which.frame <= packets) return { found: await take({ source, batch, index }) }
    }
    return { packets }
  } finally {
    await source.close()
  }
}

export async function findSamples(
  target: Found,
  inputs: RepeatableInputs,
  options: DecodeOptions & { lookAhead: number },
): Promise<Samples> {
  const take = async (at: PacketPlace): Promise<Samples | undefined> => {
    const first = explainPacket(at.batch, at.index, options)
    if (!isFirst(first, target)) return undefined
    return { source: at.source.info.source, ...(await collect(first, at, { ...options, target })) }
  }
  for (let input = 0; input < inputs.inputs.length; input++) {
    const read = await readPacket(inputs, { input, frame: target.record.first_frame }, take)
    if ('found' in read && read.found !== undefined) return read.found
  }
  return { samples: [], fragmentIds: [] }
}

/** Frame numbers count from 1 in every input: time and addresses identify the right one. */
function isFirst({ packet }: Explanation, { start, end, record, tuple }: Found): boolean {
  const { timeSec, timeNsec } = packet
  if (timeSec < start[0] || (timeSec === start[0] && timeNsec < start[1])) return false
  if (timeSec > end[0] || (timeSec === end[0] && timeNsec > end[1])) return false
  // Later fragments carry no ports.
  return compareEnds(endsOf(packet), tuple) === 'same' || record.anomalies?.includes('fragments') === true
}

interface Wanted extends DecodeOptions {
  target: Found
  lookAhead: number
}

async function collect(
  first: Explanation,
  { source, ...from }: PacketPlace,
  wanted: Wanted,
): Promise<Pick<Samples, 'samples' | 'fragmentIds'>> {
  const { record } = wanted.target
  const shapes = new Map<string, Sample>([[shapeOf(first), sampleOf(first)]])
  const fragments = createFragments(wanted.target)
  const isOwn = packetMatcher(first, wanted)
  let own = 0
  let batch: PacketBatch | undefined = from.batch
  let index = from.index
  const all = record.src_packets + record.dst_packets
  for (let looked = 0; batch !== undefined && looked < wanted.lookAhead && own < all; looked++) {
    if (index === batch.count) {
      batch = await source.next()
      index = 0
      continue
    }
    const each = explainPacket(batch, index++, wanted)
    const mine = isOwn(each)
    fragments.see(each, mine)
    if (!mine) continue
    own++
    const shape = shapeOf(each)
    if (!shapes.has(shape) && shapes.size < MAX_SHAPES) shapes.set(shape, sampleOf(each))
  }
  return { samples: [...shapes.values()], fragmentIds: fragments.ids() }
}

function packetMatcher(first: Explanation, { target, ignoreVlan }: Wanted): (each: Explanation) => boolean {
  const key = encapsulationKey(first.encapsulation, ignoreVlan)
  const { icmpIdentifier } = first.packet
  return ({ packet, encapsulation, status }) =>
    status === 'decoded' &&
    packet.icmpIdentifier === icmpIdentifier &&
    compareEnds(endsOf(packet), target.tuple) === 'same' &&
    encapsulationKey(encapsulation, ignoreVlan) === key
}

/** Everything that filters by keywords or offsets depend on. */
function shapeOf({ layers, packet, linkType }: Explanation): string {
  const outer = layers.filter(({ quoted }) => !quoted)
  const typed = ({ type }: Explanation['layers'][number]['fields']) =>
    Number(type) >= LEAST_TYPE ? type : ''
  const places = outer.map(({ protocol, offset, fields }) => `${protocol}@${offset}${typed(fields)}`)
  const direction = `${packet.src0},${packet.src1},${packet.src2},${packet.src3}:${packet.srcPort}`
  return `${linkType} ${direction} ${places.join(' ')}`
}

function sampleOf({ frame, linkType, layers, encapsulation, packet }: Explanation): Sample {
  return { frame, linkType, layers, encapsulation, icmpIdentifier: packet.icmpIdentifier }
}

/** Identifications of the flow's fragmented datagrams: first fragments name the ports, orphans have no first one. */
function createFragments({ record, tuple }: Found) {
  const own = new Set<number>()
  const named = new Set<number>()
  const orphan = record.src_port === undefined && record.anomalies?.includes('orphan_fragments') === true
  const bare = { ...tuple, srcPort: -1, dstPort: -1, icmpType: -1, icmpCode: -1 }
  let full = false
  return {
    see({ packet, layers, status }: Explanation, mine: boolean): void {
      if ((packet.flags & PACKET_FRAGMENT) === 0 && status !== 'held') return
      const id = identificationOf(layers)
      if (id === undefined) return
      if (status !== 'held') named.add(id)
      const ends = { ...endsOf(packet), srcPort: -1, dstPort: -1, icmpType: -1, icmpCode: -1 }
      if (!mine && !(orphan && status === 'held' && compareEnds(ends, bare) === 'same')) return
      if (own.size >= MAX_FRAGMENTED) full = true
      else own.add(id)
    },
    /** Empty if they are too many to list. */
    ids: () => (full ? [] : [...own].filter((id) => !orphan || !named.has(id))),
  }
}

function identificationOf(layers: Explanation['layers']): number | undefined {
  const header = layers.findLast(
    ({ protocol, quoted }) => !quoted && /^(?:ipv4|ipv6 fragment)$/.test(protocol),
  )
  const id = header === undefined ? Number.NaN : Number(header.fields.identification)
  return Number.isNaN(id) ? undefined : id
}

/** The ICMP identifiers of flows, each from its first packet, in one reading of the inputs. */
export async function identifiersOf(
  flows: readonly Found[],
  inputs: RepeatableInputs,
  options: DecodeOptions,
): Promise<Map<string, number>> {
  const byFrame = new Map<number, Found[]>()
  for (const flow of flows) {
    const frame = flow.record.first_frame
    byFrame.set(frame, [...(byFrame.get(frame) ?? []), flow])
  }
  const found = new Map<string, number>()
  for (const input of inputs.inputs) {
    const source = await inputs.open(input)
    try {
      for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
        for (const [frame, candidates] of byFrame) {
          if (frame < batch.firstFrame || frame >= batch.firstFrame + batch.count) continue
          const first = explainPacket(batch, frame - batch.firstFrame, options)
          for (const flow of candidates)
            if (isFirst(first, flow)) found.set(flow.record.flow_id, first.packet.icmpIdentifier)
        }
      }
    } finally {
      await source.close()
    }
  }
  return found
}
