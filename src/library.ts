/**
 * The library: `open` names the input, `analyze` gives records, `packets` gives decoded packets. The records are
 * the parsed lines that the command line writes: one implementation.
 */
import { Readable } from 'node:stream'
import { addressText } from './address.ts'
import { hasPorts } from './bytes.ts'
import { resolveInputs } from './capture/inputs.ts'
import { type CaptureSource, openBytes, openCapture } from './capture/open.ts'
import { createDecoder } from './decode/decode.ts'
import { createPacket } from './decode/packet.ts'
import { DECODED, HELD, STATUS_NAMES } from './decode/status.ts'
import { InputError } from './errors.ts'
import { loadRegistry } from './label/ports/registry.ts'
import { builtinRules, mergeRules } from './label/rules/knowledge.ts'
import {
  ANALYZE_OPTIONS,
  type AnalyzeOptions,
  type Captures,
  checkCaptures,
  checkInput,
  checkOptions,
  checkSitePools,
  type Input,
  instantFrom,
  OPEN_OPTIONS,
  type OpenOptions,
  PACKETS_OPTIONS,
} from './library-options.ts'
import { DEFAULT_MAX_FLOWS, spanOf } from './options.ts'
import { type PipelineOptions, randomSeed, runPipeline } from './pipeline.ts'
import { protocolName } from './report/record/protocols.ts'
import type { RecordName } from './report/record/record.ts'
import type { FlowhawkRecord } from './report/record/record-types.ts'
import { timeText } from './report/record/time.ts'
import { createRecordQueue, DEFAULT_RECORDS } from './report/sink.ts'
import type { Packet, PacketBatch, PacketSource } from './types.ts'

/** A decoded packet with names; times as RFC 3339. `payload` is a copy. */
export interface PacketRecord {
  frame: number
  time: string
  wire_bytes: number
  /** "decoded", or why the packet belongs to no flow ("non_ip", "ipv4_header_cut", …). */
  status: string
  transport?: string
  ip_bytes?: number
  src_ip?: string
  src_port?: number
  dst_ip?: string
  dst_port?: number
  payload_bytes?: number
  payload?: Uint8Array
}

/** Names an input. Throws a UsageError when it cannot be one, an InputError only when it is read. */
export function open(input: Input, options: OpenOptions = {}): Captures {
  checkInput(input)
  checkOptions(options, OPEN_OPTIONS)
  return { sources: () => openSources(input, options) }
}

/**
 * Every record of the captures, in the contract's order. Throws a UsageError when an option is wrong, an InputError when
 * an input cannot be used.
 */
export async function* analyze(
  captures: Captures,
  options: AnalyzeOptions = {},
): AsyncGenerator<FlowhawkRecord, void, undefined> {
  checkCaptures(captures)
  checkOptions(options, ANALYZE_OPTIONS)
  const records = options.records === undefined ? DEFAULT_RECORDS : new Set(options.records)
  const queue = createRecordQueue({ records, time: options.time, communityIdSeed: options.communityIdSeed })
  const settings = await pipelineOptions(options, records)
  let source: PacketSource | undefined
  let stopped = false
  async function* sources(): AsyncGenerator<PacketSource, void, undefined> {
    for await (source of captures.sources()) {
      if (!stopped) yield source
      if (stopped) return await source.close()
    }
    source = undefined
  }
  const pause = createPause()
  const sink = { ...queue, drained: () => pause(queue.drained()) }
  const running = runPipeline(sources(), settings, sink).then(
    () => queue.end(),
    (error) => queue.fail(error),
  )
  try {
    yield* queue.records()
  } finally {
    // Who stops early does not wait for what a stream may still bring, and has no use for a fault of closing it.
    stopped = true
    source?.close().catch(() => undefined)
  }
  await running
}

/** Every packet of the captures as it stands in the file, decoded. Later fragments carry no ports here. */
export async function* packets(
  captures: Captures,
  options: Pick<AnalyzeOptions, 'decapsulate' | 'ignoreVlan'> = {},
): AsyncGenerator<PacketRecord, void, undefined> {
  checkCaptures(captures)
  checkOptions(options, PACKETS_OPTIONS)
  const { decapsulate = 'inner', ignoreVlan = false } = options
  const decoder = createDecoder({ decapsulate, ignoreVlan })
  const packet = createPacket()
  const pause = createPause()
  for await (const source of captures.sources()) {
    try {
      for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
        for (let index = 0; index < batch.count; index++) {
          const status = decoder.decode(batch, index, packet)
          yield packetRecord(packet, status, batch)
          while (decoder.released(packet));
        }
        await pause()
      }
    } finally {
      await source.close()
    }
  }
}

/** Timers of the program that embeds the library wait at most about this long, and for one batch. */
const PAUSE_EVERY_MS = 20

/**
 * Input from memory never waits for the system: without a pause now and then, timers and sockets of the program that
 * embeds the library would wait for the end of the analysis. Returns a promise to wait for, together with `waiting`.
 */
function createPause(): (waiting?: Promise<void>) => Promise<void> | undefined {
  let pausedAt = performance.now()
  return (waiting) => {
    if (performance.now() - pausedAt < PAUSE_EVERY_MS) return waiting
    const pause = new Promise<void>((resolve) =>
      setImmediate(() => {
        pausedAt = performance.now()
        resolve()
      }),
    )
    return waiting === undefined ? pause : waiting.then(() => pause)
  }
}

async function* openSources(
  input: Input,
  options: OpenOptions,
): AsyncGenerator<CaptureSource, void, undefined> {
  if (input instanceof Uint8Array) return yield await openBytes(input, options)
  if (typeof input !== 'string' && !isList(input)) return yield await openCapture(nodeStream(input), options)
  const { inputs, errors } = await resolveInputs(typeof input === 'string' ? [input] : input, options)
  try {
    if (errors.length > 0) throw errors[0]
    for (const each of inputs) yield await each.open()
  } finally {
    for (const each of inputs) await each.close()
  }
}

function isList(input: Input): input is readonly string[] {
  return Array.isArray(input)
}

/** As objects, so that text is not taken for bytes; one at a time, for nobody knows how large they are. */
function nodeStream(input: AsyncIterable<Uint8Array>): Readable {
  if ('destroy' in input) return input as Readable
  const options = { objectMode: true, highWaterMark: 1 }
  if (!(input instanceof ReadableStream)) return Readable.from(input, options)
  if (input.locked) throw new InputError('INPUT_READ', '-', 'another reader has locked the stream')
  return Readable.fromWeb(input, options)
}

async function pipelineOptions(
  options: AnalyzeOptions,
  records: ReadonlySet<RecordName>,
): Promise<PipelineOptions> {
  const rules =
    options.rules === undefined ? builtinRules() : mergeRules([builtinRules()].concat(options.rules))
  if (options.site !== undefined) checkSitePools(options.site, rules)
  return {
    idleTimeoutSec: options.idleTimeout,
    activeTimeoutSec: options.activeTimeout ?? 0,
    poolIdleSec: options.poolIdle,
    maxFlows: options.maxFlows ?? DEFAULT_MAX_FLOWS,
    span: spanOf(instantFrom(options.from), instantFrom(options.to)),
    decapsulate: options.decapsulate ?? 'inner',
    ignoreVlan: options.ignoreVlan ?? false,
    candidates: options.candidates ?? false,
    flows: records.has('flow'),
    concurrency: records.has('concurrency'),
    rules,
    site: options.site,
    registry: options.registry ?? (await loadRegistry()),
    seed: randomSeed(),
  }
}

function packetRecord(packet: Packet, status: number, batch: PacketBatch): PacketRecord {
  const record: PacketRecord = {
    frame: packet.frame,
    time: timeText(packet.timeSec, packet.timeNsec),
    wire_bytes: packet.wireBytes,
    status: STATUS_NAMES[status],
  }
  if (status !== DECODED && status !== HELD) return record
  record.transport = protocolName(packet.protocol)
  record.ip_bytes = packet.ipBytes
  record.src_ip = addressText(packet.ipVersion, packet.src0, packet.src1, packet.src2, packet.src3)
  record.dst_ip = addressText(packet.ipVersion, packet.dst0, packet.dst1, packet.dst2, packet.dst3)
  if (status === DECODED) {
    // For ICMP the packet's port fields hold types.
    if (hasPorts(packet.protocol)) {
      record.src_port = packet.srcPort
      record.dst_port = packet.dstPort
    }
    record.payload_bytes = packet.payloadBytes
    record.payload = batch.bytes.slice(packet.payloadStart, packet.payloadEnd)
  }
  return record
}
