/**
 * The pipeline: sources of packets in, records out. Read this first.
 *
 *   source.next() -> decode -> clock -> flows -> inspect payload -> pools;  what is due -> label -> sink
 *
 * Stages do not know each other; they meet here. Between batches the pipeline is asynchronous (reading ahead,
 * waiting for a slow output), inside a batch it is one synchronous loop. Records leave in the order of their close
 * instants (closing.ts). Packet time is the only clock.
 */
import { linkTypeName } from './capture/linktypes.ts'
import { ClosingQueue } from './closing.ts'
import { createDecoder, type Decoder } from './decode/decode.ts'
import { encapsulationText } from './decode/encapsulation.ts'
import { createPacket } from './decode/packet.ts'
import { DECODED, HELD, LINK_TYPE_UNKNOWN, NON_IP, STATUS_NAMES } from './decode/status.ts'
import { PacketClock } from './flow/clock.ts'
import { FlowTracker } from './flow/flows.ts'
import * as row from './flow/layout.ts'
import { createClosedFlow, readFlow } from './flow/view.ts'
import { createDispatch } from './label/dispatch.ts'
import { EXHAUSTED, Inspector } from './label/inspect.ts'
import { createLabeller, type Labeller } from './label/label.ts'
import { createNameCache, type NameCache } from './label/names.ts'
import type { PortRegistry } from './label/registry.ts'
import { ruleSignatures } from './label/rule-signatures.ts'
import { builtinSignatures } from './label/signatures/all.ts'
import { chooseOrientation } from './orientation.ts'
import { createPoolTracker, type PoolClaim, type PoolTracker, SERVER_RECEIVES, SERVER_SENDS } from './pool/tracker.ts'
import type { EndReason, Packet, PacketBatch, PacketSource, RecordSink, RuleSet, Site, Summary } from './types.ts'

export interface PipelineOptions {
  /** Seconds; 0 is never. Absent: 300 for TCP, 60 for others. */
  idleTimeoutSec?: number
  /** Seconds; 0 is never. */
  activeTimeoutSec: number
  /** Seconds; overrides every pool's idle_timeout; 0 is never. */
  poolIdleSec?: number
  maxFlows: number
  decapsulate: 'inner' | 'outer'
  ignoreVlan: boolean
  candidates: boolean
  /** Build and hand out flow records. */
  flows: boolean
  /** Hand out concurrency records. */
  concurrency: boolean
  rules: RuleSet
  site?: Site
  registry: PortRegistry
  /** Of the hash table; nothing in a record depends on it. */
  seed: number
}

const IDLE_TCP_SEC = 300
const IDLE_OTHER_SEC = 60
/** Records written before the output is asked whether it is behind. */
const STEP = 2048
const MAX_ENCAPSULATION_TEXTS = 4096
const NO_ENCAPSULATION: readonly string[] = []

/** Reads every source to its end, one after another, as one continuous capture. */
export async function runPipeline(
  sources: AsyncIterable<PacketSource> | Iterable<PacketSource>,
  options: PipelineOptions,
  sink: RecordSink,
): Promise<Summary> {
  const pipeline = new Pipeline(options, sink)
  for await (const source of sources) await pipeline.read(source)
  return pipeline.finish('capture_end')
}

export class Pipeline {
  readonly summary: Summary
  private readonly options: PipelineOptions
  private readonly sink: RecordSink
  private readonly decoder: Decoder
  private readonly clock = new PacketClock()
  private readonly flows: FlowTracker
  private readonly inspector: Inspector
  private readonly labeller: Labeller
  private readonly names: NameCache
  private readonly pools: PoolTracker
  private readonly queue: ClosingQueue
  private readonly packet = createPacket()
  private readonly closed = createClosedFlow()
  private readonly encapsulations: (readonly string[])[] = []
  private readonly encapsulationTexts = new Map<string, readonly string[]>()
  /** The current packet is decoded and only waits for what is due before it. */
  private resuming = false
  private status = DECODED

  constructor(options: PipelineOptions, sink: RecordSink) {
    this.options = options
    this.sink = sink
    this.summary = emptySummary()
    this.decoder = createDecoder({ decapsulate: options.decapsulate, ignoreVlan: options.ignoreVlan })
    this.flows = new FlowTracker(flowOptions(options), this.flowEvents(), createPacket())
    this.names = createNameCache()
    const signatures = [...builtinSignatures(), ...ruleSignatures(options.rules.labels)]
    this.inspector = new Inspector(createDispatch(signatures), this.names)
    this.labeller = createLabeller({
      inspector: this.inspector,
      registry: options.registry,
      rules: options.rules.labels,
      candidates: options.candidates,
    })
    this.pools = createPoolTracker({
      pools: options.rules.pools,
      site: options.site,
      poolIdleSec: options.poolIdleSec,
      concurrency: options.concurrency,
      seed: options.seed,
    })
    this.queue = new ClosingQueue(rowOrder(this.flows.pages))
  }

  /** Reads one source to its end and closes it. */
  async read(source: PacketSource): Promise<void> {
    this.clock.startInput()
    this.sink.capture(source.info)
    try {
      for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
        if (batch.count > 0) this.pools.begin(batch.timeSec[0], batch.timeNsec[0])
        for (let from = 0; from < batch.count; ) {
          from = this.addBatch(batch, from)
          while (!this.queue.empty) {
            this.emit(STEP)
            await this.sink.drained?.()
          }
        }
        await this.sink.drained?.()
      }
    } finally {
      await source.close()
    }
    this.summary.damaged.push(...source.damage)
    addDrops(this.summary, source)
  }

  /** Adds packets until the batch ends or more is due than one step writes; returns the next packet's index. */
  private addBatch(batch: PacketBatch, from: number): number {
    const { packet, decoder, summary } = this
    for (let index = from; index < batch.count; index++) {
      if (!this.resuming) {
        this.status = decoder.decode(batch, index, packet)
        summary.packets++
        summary.wireBytes += batch.originalLength[index]
        this.clock.observe(batch.timeSec[index], batch.timeNsec[index])
        if (this.isDue() && !this.drain()) {
          this.resuming = true
          return index
        }
      }
      this.resuming = false
      if (this.status === DECODED) this.addPacket(packet, batch.bytes)
      else this.countUndecoded(this.status, packet, batch.linkType[index])
      while (decoder.released(packet)) this.addPacket(packet, batch.bytes)
    }
    return batch.count
  }

  private addPacket(packet: Packet, bytes: Uint8Array): void {
    const flows = this.flows
    const found = flows.add(packet, this.clock.sec)
    const words = flows.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    if (flows.created) this.begin(found, words, at, packet)
    if (words[at + row.POOL_HANDLE] >= 0) this.observePool(words, at, packet, bytes)
    if (packet.payloadEnd > packet.payloadStart && words[at + row.LABEL_HANDLE] !== EXHAUSTED)
      this.inspect(words, at, packet, bytes)
  }

  private begin(found: number, words: Int32Array, at: number, packet: Packet): void {
    if (packet.layerCount > 0) this.encapsulations[found] = this.encapsulation(packet)
    else if (this.encapsulations[found] !== undefined) this.encapsulations[found] = NO_ENCAPSULATION
    if (this.pools.touches(packet.protocol, packet.srcPort, packet.dstPort))
      words[at + row.POOL_HANDLE] = this.pools.open(packet, words[at + row.ID_HIGH], words[at + row.ID_LOW])
  }

  private observePool(words: Int32Array, at: number, packet: Packet, bytes: Uint8Array): void {
    const { inspector, pools } = this
    if (pools.observe(words[at + row.POOL_HANDLE], packet, bytes)) return
    const reopened = pools.open(packet, words[at + row.ID_HIGH], words[at + row.ID_LOW])
    words[at + row.POOL_HANDLE] = reopened
    pools.observe(reopened, packet, bytes)
    const handle = words[at + row.LABEL_HANDLE]
    const known = handle < 0 ? -1 : inspector.evidenceSignature(handle, 0)
    if (known >= 0)
      pools.learn(reopened, inspector.signatures[known].label, inspector.evidenceStrength(handle, 0), 0)
  }

  private inspect(words: Int32Array, at: number, packet: Packet, bytes: Uint8Array): void {
    const { inspector, pools } = this
    let handle = words[at + row.LABEL_HANDLE]
    if (handle === -1) handle = inspector.open()
    handle = inspector.inspect(handle, packet, bytes, this.flows.direction)
    words[at + row.LABEL_HANDLE] = handle
    if (inspector.matched < 0) return
    const label = inspector.signatures[inspector.matched].label
    const pool = words[at + row.POOL_HANDLE]
    if (pool >= 0) pools.learn(pool, label, inspector.matchedStrength, inspector.matchedServer)
    if (inspector.agreesBothWays(handle, label)) {
      const clientSent = this.orient(words, at, handle).reversed === (this.flows.direction === 1)
      pools.support(packet, clientSent ? SERVER_RECEIVES : SERVER_SENDS, label)
    }
  }

  private orient(words: Int32Array, at: number, handle: number): { reversed: boolean; reason: Orientation } {
    const pool = words[at + row.POOL_HANDLE]
    const claim = pool >= 0 ? this.pools.claim(pool) : undefined
    return chooseOrientation({
      state: words[at + row.STATE],
      kind: words[at + row.KIND],
      ports: words[at + row.PORTS],
      client: this.inspector.client(handle),
      poolServer: claim === undefined ? -1 : serverSide(claim, words[at + row.PORTS]),
      registry: this.options.registry,
    })
  }

  private countUndecoded(status: number, packet: Packet, linkType: number): void {
    if (status === HELD) return
    if (status === NON_IP) {
      const type = packet.etherType
      increment(this.summary.nonIp, type < 0 ? 'llc' : `0x${type.toString(16).padStart(4, '0')}`)
      return
    }
    increment(this.summary.undecoded, STATUS_NAMES[status])
    if (status === LINK_TYPE_UNKNOWN) increment(this.summary.linkTypesUndecoded, linkTypeName(linkType))
  }

  private encapsulation(packet: Packet): readonly string[] {
    const list = encapsulationText(packet)
    const key = list.join()
    const known = this.encapsulationTexts.get(key)
    if (known !== undefined) return known
    if (this.encapsulationTexts.size >= MAX_ENCAPSULATION_TEXTS) this.encapsulationTexts.clear()
    this.encapsulationTexts.set(key, list)
    return list
  }

  // ------------------------------------------------------------ what is due

  private isDue(): boolean {
    const { clock, flows, pools } = this
    const { sec, nsec } = clock
    if (flows.nextDueSec < sec || (flows.nextDueSec === sec && flows.nextDueNsec < nsec)) return true
    return pools.nextDueSec < sec || (pools.nextDueSec === sec && pools.nextDueNsec < nsec)
  }

  /** Writes what the clock has passed; false when it is more than one step, and the rest waits in the queue. */
  private drain(): boolean {
    const { clock, flows, pools, queue } = this
    let rows = 0
    for (let due = flows.popDue(clock.sec, clock.nsec); due >= 0; due = flows.popDue(clock.sec, clock.nsec)) {
      queue.addRow(due, flows.closeSec, flows.closeNsec)
      rows++
    }
    for (;;) {
      const session = pools.popDue(clock.sec, clock.nsec)
      if (session === undefined) break
      queue.addSession(session)
    }
    queue.seal()
    this.emit(STEP)
    return rows <= STEP
  }

  /** Hands out at most `limit` queued flows and sessions. */
  private emit(limit: number): void {
    const { queue, flows } = this
    for (let i = 0; i < limit && !queue.empty; i++) {
      const due = queue.takeRow()
      if (due < 0) {
        this.summary.sessions++
        this.sink.session(queue.takeSession())
      } else {
        flows.setClose(due)
        flows.end(due)
        flows.retire(due)
      }
    }
    if (queue.empty) queue.clear()
  }

  /** End of input: everything that is open closes now, then pools and summary. */
  async finish(reason: EndReason): Promise<Summary> {
    const { clock, decoder, flows, packet, pools, queue, sink, summary } = this
    clock.settle()
    decoder.flush()
    while (decoder.released(packet)) this.addPacket(packet, NO_BYTES)
    this.drain()
    await this.emitAll()
    flows.endAt(clock.sec, clock.nsec, reason)
    this.queueLiveRows()
    const last = pools.finish({
      start: [clock.firstSec, clock.firstNsec],
      end: [clock.lastSec, clock.lastNsec],
    })
    for (const session of last.sessions) queue.addSession(session)
    queue.seal()
    await this.emitAll()
    for (const change of last.concurrency) sink.concurrency(change)
    for (const report of last.pools) sink.pool(report)
    for (const notice of last.notices) sink.notice(notice)
    this.fillSummary()
    sink.summary(summary)
    await sink.drained?.()
    return summary
  }

  /** Nearly all close at the end's instant; those that close earlier (their packets lagged behind the clock) come first. */
  private queueLiveRows(): void {
    const { clock, flows, queue } = this
    const early: [row: number, sec: number, nsec: number][] = []
    const live = flows.liveRows()
    for (const each of live) {
      flows.setClose(each)
      if (flows.closeSec < clock.sec || (flows.closeSec === clock.sec && flows.closeNsec < clock.nsec))
        early.push([each, flows.closeSec, flows.closeNsec])
    }
    early.sort((a, b) => a[1] - b[1] || a[2] - b[2])
    for (const [each, sec, nsec] of early) queue.addRow(each, sec, nsec)
    const ahead = new Set(early.map(([each]) => each))
    for (const each of live) if (!ahead.has(each)) queue.addRow(each, clock.sec, clock.nsec)
  }

  private async emitAll(): Promise<void> {
    while (!this.queue.empty) {
      this.emit(STEP)
      await this.sink.drained?.()
    }
  }

  private fillSummary(): void {
    const { clock, flows, summary } = this
    summary.timeBackwards = clock.backwards
    summary.evictedFlows = flows.evicted
    if (clock.firstSec === Infinity) return
    summary.firstPacketAt = [clock.firstSec, clock.firstNsec]
    summary.lastPacketAt = [clock.lastSec, clock.lastNsec]
  }

  // ------------------------------------------------------------ a flow ends

  private flowEvents() {
    return {
      closed: (found: number, reason: EndReason, closeSec: number, closeNsec: number) =>
        this.closeFlow(found, reason, closeSec, closeNsec),
      forget: (handle: number) => {
        if (handle >= 0) this.inspector.close(handle)
      },
    }
  }

  private closeFlow(found: number, reason: EndReason, closeSec: number, closeNsec: number): void {
    this.summary.flows++
    if (!this.options.flows) return
    const { closed, flows, inspector, pools } = this
    const words = flows.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    const handle = words[at + row.LABEL_HANDLE]
    const { reversed, reason: orientation } = this.orient(words, at, handle)
    readFlow(flows.pages, found, reversed, closed)
    closed.orientation = orientation
    closed.endReason = reason
    closed.closeSec = closeSec
    closed.closeNsec = closeNsec
    closed.encapsulation = this.encapsulations[found] ?? NO_ENCAPSULATION
    const facts = inspector.factsOf(handle)
    closed.extras = facts?.extras
    closed.hostname = facts?.hostname
    closed.hostnameSource = facts?.hostnameSource
    if (closed.hostname === undefined) this.nameByDns()
    const pool = words[at + row.POOL_HANDLE]
    closed.verdict = this.labeller.label(closed, handle, pool >= 0 ? pools.claim(pool) : undefined)
    this.sink.flow(closed)
  }

  private nameByDns(): void {
    const closed = this.closed
    const name = this.names.lookup(closed, closed.startSec, closed.endSec)
    if (name === undefined) return
    closed.hostname = name
    closed.hostnameSource = 'dns'
  }
}

/** The side of the row that holds the slot: 0 a, 1 b, -1 when the pools do not know. */
function serverSide(claim: PoolClaim, ports: number): number {
  if (claim.refused === 'both_in_range') return -1
  const a = ports >>> 16
  const b = ports & 0xffff
  const server = a === b ? (claim.serverIsFirst ? 0 : 1) : claim.serverPort === a ? 0 : 1
  // The pool's port is on the client's end: the other end is the server.
  return claim.refused === 'client_port' ? 1 - server : server
}

type Orientation = ReturnType<typeof createClosedFlow>['orientation']

const NO_BYTES = new Uint8Array(0)

function rowOrder(pages: row.RowPages) {
  const word = (each: number, field: number) => pages.words[row.pageOf(each)][row.offsetOf(each) + field]
  return {
    startSec: (each: number) => pages.doubles[row.pageOf(each)][(row.offsetOf(each) >> 1) + row.F_START_SEC],
    startNsec: (each: number) => word(each, row.START_NSEC),
    idHigh: (each: number) => word(each, row.ID_HIGH),
    idLow: (each: number) => word(each, row.ID_LOW),
  }
}

function flowOptions(options: PipelineOptions) {
  const seconds = (given: number | undefined, otherwise: number) => (given === 0 ? Infinity : (given ?? otherwise))
  return {
    idleTcpSec: seconds(options.idleTimeoutSec, IDLE_TCP_SEC),
    idleOtherSec: seconds(options.idleTimeoutSec, IDLE_OTHER_SEC),
    activeSec: seconds(options.activeTimeoutSec, Infinity),
    maxFlows: options.maxFlows,
    seed: options.seed,
  }
}

function emptySummary(): Summary {
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

function addDrops(summary: Summary, source: PacketSource): void {
  const { kernel, interface: device } = source.dropped
  if (kernel !== undefined) summary.dropped.kernel = (summary.dropped.kernel ?? 0) + kernel
  if (device !== undefined) summary.dropped.interface = (summary.dropped.interface ?? 0) + device
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
