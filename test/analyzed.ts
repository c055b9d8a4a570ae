/** Captures written down packet by packet, and the records that the pipeline makes of them. */
import { openBytes } from '../src/capture/open.ts'
import { loadRegistry } from '../src/label/ports/registry.ts'
import { builtinRules } from '../src/label/rules/knowledge.ts'
import { type PipelineOptions, runPipeline } from '../src/pipeline.ts'
import { RECORD_NAMES } from '../src/report/record/record.ts'
import type {
  FlowhawkRecord,
  FlowRecord,
  PoolRecord,
  SessionRecord,
  SummaryRecord,
} from '../src/report/record/record-types.ts'
import { createRecordQueue } from '../src/report/sink.ts'
import type { Instant, PacketSource } from '../src/types.ts'
import { ethernet, ipv4, type Payload, pcapFile, tcp, udp } from './packet-builder.ts'

/** 2018-03-14 09:00:00 UTC: Framehawk was still in use. */
export const BEGIN = 1_521_018_000

export interface Sent {
  /** Seconds after BEGIN, to the microsecond. */
  at: number
  frame: Uint8Array
}

/** "10.0.0.1:50000 > 10.0.0.2:53" */
export type Way = `${string}:${number} > ${string}:${number}`

interface Ends {
  src: string
  dst: string
  srcPort: number
  dstPort: number
}

export function ends(way: Way): Ends {
  const [[src, srcPort], [dst, dstPort]] = way.split(' > ').map((end) => end.split(':'))
  return { src, dst, srcPort: Number(srcPort), dstPort: Number(dstPort) }
}

/** The way back. */
export function back(way: Way): Way {
  return way.split(' > ').reverse().join(' > ') as Way
}

export function sendUdp(at: number, way: Way, payload: Payload = 'x'): Sent {
  const { src, dst, ...ports } = ends(way)
  return { at, frame: ethernet(ipv4({ src, dst }, udp(ports, payload))) }
}

/** A question at once and its answer 10 ms later, `times` times, `everySec` apart. */
export function exchange(at: number, way: Way, times = 1, everySec = 1): Sent[] {
  return Array.from({ length: times }, (_, i) => [
    sendUdp(at + i * everySec, way),
    sendUdp(at + i * everySec + 0.01, back(way)),
  ]).flat()
}

export function sendTcp(at: number, way: Way, flags: string, payload: Payload = ''): Sent {
  const { src, dst, ...ports } = ends(way)
  return { at, frame: ethernet(ipv4({ src, dst }, tcp({ ...ports, flags }, payload))) }
}

/** SYN, SYN-ACK, ACK within 2 ms. */
export function handshake(at: number, way: Way): Sent[] {
  return [sendTcp(at, way, 'S'), sendTcp(at + 0.001, back(way), 'SA'), sendTcp(at + 0.002, way, 'A')]
}

/** A pcap file of the packets in the order given. */
export function captureOf(...sent: (Sent | Sent[])[]): Uint8Array {
  const packets = sent.flat()
  const times = packets.map(({ at }): Instant => {
    const microseconds = Math.round(at * 1e6)
    return [BEGIN + Math.floor(microseconds / 1e6), (microseconds % 1e6) * 1000]
  })
  return pcapFile(
    packets.map(({ frame }) => frame),
    { times },
  )
}

export interface Settings extends Partial<PipelineOptions> {
  chunkSize?: number
}

/** All records of the captures, read one after another. */
export async function recordsOf(
  captures: Uint8Array | Uint8Array[],
  settings: Settings = {},
): Promise<FlowhawkRecord[]> {
  const { chunkSize, ...given } = settings
  const queue = createRecordQueue({ records: new Set(RECORD_NAMES) })
  const list = captures instanceof Uint8Array ? [captures] : captures
  async function* sources(): AsyncGenerator<PacketSource> {
    for (const bytes of list) yield await openBytes(bytes, { chunkSize })
  }
  const running = runPipeline(sources(), await pipelineOptions(given), queue).then(
    () => queue.end(),
    (error) => queue.fail(error),
  )
  const records: FlowhawkRecord[] = []
  for await (const record of queue.records()) records.push(record)
  await running
  return records
}

export async function pipelineOptions(given: Partial<PipelineOptions> = {}): Promise<PipelineOptions> {
  return {
    activeTimeoutSec: 0,
    maxFlows: 1_000_000,
    decapsulate: 'inner',
    ignoreVlan: false,
    candidates: false,
    flows: true,
    concurrency: true,
    rules: builtinRules(),
    registry: await loadRegistry(),
    seed: 1,
    ...given,
  }
}

export function flowsOf(records: FlowhawkRecord[]): FlowRecord[] {
  return records.filter((record): record is FlowRecord => record.type === 'flow')
}

export function sessionsOf(records: FlowhawkRecord[]): SessionRecord[] {
  return records.filter((record): record is SessionRecord => record.type === 'session')
}

/** Pool records of one server, without those over all servers. */
export function serverPoolsOf(records: FlowhawkRecord[]): PoolRecord[] {
  return records.filter(
    (record): record is PoolRecord => record.type === 'pool' && record.server_ip !== undefined,
  )
}

export function summaryOf(records: FlowhawkRecord[]): SummaryRecord {
  const last = records.at(-1)
  if (last?.type !== 'summary') throw new Error(`the last record is ${last?.type}, not summary`)
  return last
}
