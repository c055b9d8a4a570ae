/** `flowhawk explain --packet`: the packet itself, then one pass over the input for the flow that counts it. */
import { linkTypeName } from '../../capture/linktypes.ts'
import { type Explanation, explainPacket } from '../../decode/explain.ts'
import { UsageError } from '../../errors.ts'
import { type Instant, isBefore } from '../../instant.ts'
import type { PacketFacts, PacketFlow } from '../../report/explain/facts.ts'
import { packetJson, packetText } from '../../report/explain/packet.ts'
import { epochText, timeText } from '../../report/record/time.ts'
import type { ClosedFlow } from '../../types.ts'
import { runPass } from './inputs.ts'
import { identifiersOf, readPacket } from './samples.ts'
import { compareEnds, encapsulationKey, endsOf, type Found, keep } from './search.ts'
import type { Task } from './task.ts'

const MAX_HEADER_BYTES = 512
/** Flows that match the packet, of which the first packets are compared. */
const MAX_CANDIDATES = 16

interface Packet {
  source: string
  explanation: Explanation
  headers: Uint8Array
  headerBytes: number
}

export async function explainPacketNumber(task: Task, frame: number): Promise<string> {
  const { inputs, options } = task
  if (inputs.inputs.length > 1) {
    const what = `found ${inputs.inputs.length} captures, expected one: every capture counts its packets from 1`
    throw new UsageError('EXPLAIN_ONE_INPUT', '--packet', what)
  }
  const packet = await findPacket(task, frame)
  const flows = await findFlows(task, packet.explanation)
  const { explanation } = packet
  const { timeSec, timeNsec } = explanation.packet
  const facts: PacketFacts = {
    source: packet.source,
    frame,
    time: options.time === 'epoch' ? epochText(timeSec, timeNsec) : timeText(timeSec, timeNsec),
    linkType: linkTypeName(explanation.linkType),
    wireBytes: explanation.wireBytes,
    capturedBytes: explanation.capturedBytes,
    encapsulation: explanation.encapsulation,
    layers: explanation.layers,
    status: explanation.status,
    reason: explanation.reason,
    headers: packet.headers,
    headerBytes: packet.headerBytes,
    flows: flows.map(shortFlow),
  }
  return task.json ? packetJson(facts) : packetText(facts, task.text)
}

async function findPacket({ inputs, options, pipeline }: Task, frame: number): Promise<Packet> {
  const read = await readPacket(inputs, { input: 0, frame }, ({ source, batch, index }): Packet => {
    const explanation = explainPacket(batch, index, pipeline)
    const start = batch.start[index]
    const ends = explanation.layers.map(({ offset, length }) => offset + length)
    // Where a header was cut or unknown, the whole frame is shown instead of its headers.
    const sound = explanation.status === 'decoded' || explanation.status === 'held'
    const headerBytes = Math.min(
      explanation.capturedBytes,
      sound ? Math.max(0, ...ends) : explanation.capturedBytes,
    )
    const headers = batch.bytes.slice(start, start + Math.min(headerBytes, MAX_HEADER_BYTES))
    return { source: source.info.source, explanation, headers, headerBytes }
  })
  if ('found' in read) return read.found
  const what = `found ${read.packets} packets in ${options.inputs.join(' ')}, expected a number up to that`
  throw new UsageError('PACKET_NOT_FOUND', '--packet', `${frame}: ${what}`)
}

async function findFlows(task: Task, { packet, status, encapsulation }: Explanation): Promise<Found[]> {
  const { inputs, options, pipeline } = task
  const found: Found[] = []
  const ends = endsOf(packet)
  const at: Instant = [packet.timeSec, packet.timeNsec]
  const held = status === 'held'
  const key = encapsulationKey(encapsulation, options.ignoreVlan)
  const fits = (flow: ClosedFlow) => {
    if (flow.firstFrame > packet.frame && !held) return false
    if (isBefore(at, [flow.startSec, flow.startNsec]) || isBefore([flow.endSec, flow.endNsec], at))
      return false
    if (encapsulationKey(flow.encapsulation, options.ignoreVlan) !== key) return false
    if (!held) return compareEnds(flow, ends) === 'same'
    const bare = { ...flow, srcPort: -1, dstPort: -1 }
    return (
      flow.anomalies.includes('fragments') &&
      compareEnds(bare, { ...ends, srcPort: -1, dstPort: -1 }) === 'same'
    )
  }
  const summary = await runPass(inputs, pipeline, {
    flow: (flow) => {
      const wanted = status === 'decoded' || held
      if (wanted && found.length < MAX_CANDIDATES && fits(flow)) found.push(keep(flow, options))
    },
  })
  task.damaged.push(...summary.damaged)
  if (found.length < 2 || held) return found
  return latest(await ofIdentifier(found, packet.icmpIdentifier, task))
}

/** ICMP flows between the same hosts differ by the echo identifier, which records do not have. */
async function ofIdentifier(
  found: Found[],
  identifier: number,
  { inputs, pipeline }: Task,
): Promise<Found[]> {
  if (found[0].record.icmp_type === undefined) return found
  const identifiers = await identifiersOf(found, inputs, pipeline)
  const same = found.filter(({ record }) => identifiers.get(record.flow_id) === identifier)
  return same.length > 0 ? same : found
}

/** If one flow ends at the instant at which the next one of the same ends begins, the packet belongs to the later. */
function latest(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => b.record.first_frame - a.record.first_frame).slice(0, 1)
}

function shortFlow({ record }: Found): PacketFlow {
  const { flow_id, label, certainty, src_ip, src_port, dst_ip, dst_port } = record
  return { flow_id, label, certainty, src_ip, src_port, dst_ip, dst_port }
}
