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
import { SpanSource } from './capture/time-span.ts'
import { type ClassifierOptions, FlowClassifier } from './classification.ts'
import { ClosingQueue } from './closing.ts'
import { createDecoder, type Decoder } from './decode/decode.ts'
import { encapsulationText } from './decode/encapsulation.ts'
import { createPacket } from './decode/packet.ts'
import { DECODED, HELD, LINK_TYPE_UNKNOWN, NON_IP, STATUS_NAMES } from './decode/status.ts'
import { PacketClock } from './flow/clock.ts'
import { FlowTracker } from './flow/flows.ts'
import * as row from './flow/layout.ts'
import type { RowPages } from './flow/pages.ts'
import { createClosedFlow } from './flow/view.ts'
import { Lookahead, RELEASED } from './lookahead.ts'
import type { PoolTracker } from './pool/tracker.ts'
import { addDrops, addOutside, emptySummary, increment } from './summary.ts'
import type { EndReason, Packet, PacketBatch, PacketSource, RecordSink, Summary, TimeSpan } from './types.ts'

export interface PipelineOptions extends ClassifierOptions {
  /** Seconds; 0 is never. */
  activeTimeoutSec: number
  maxFlows: number
  decapsulate: 'inner' | 'outer'
  ignoreVlan: boolean
  /** Build and hand out flow records. */
  flows: boolean
  /** Packets outside are left out, as if the captures had been cut. */
  span?: TimeSpan
}

const IDLE_TCP_SEC = 300
const IDLE_OTHER_SEC = 60
/** Records written before the sink may apply backpressure (`drained`). */
const STEP = 2048
const MAX_ENCAPSULATION_TEXTS = 4096
const NO_ENCAPSULATION: readonly string[] = []

/** An unpredictable seed for hash tables. */
export function randomSeed(): number {
  return (Math.random() * 0x1_0000_0000) | 0
}

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
  readonly clock = new PacketClock()
  readonly flows: FlowTracker
  readonly classifier: FlowClassifier
  readonly pools: PoolTracker
  private readonly queue: ClosingQueue
  private readonly packet = createPacket()
  private readonly closed = createClosedFlow()
  private readonly encapsulations: (readonly string[])[] = []
  private readonly encapsulationTexts = new Map<string, readonly string[]>()
  /** The current packet is decoded and only waits for what is due before it. */
  private resuming = false
  /** No packet will come: rows that end need not be freed. */
  private finishing = false
  private poolDueSec = Infinity
  private poolDueNsec = 0
  private readonly ahead = new Lookahead()

  constructor(options: PipelineOptions, sink: RecordSink) {
    this.options = options
    this.sink = sink
    this.summary = emptySummary()
    this.decoder = createDecoder({ decapsulate: options.decapsulate, ignoreVlan: options.ignoreVlan })
    this.flows = new FlowTracker(flowOptions(options), this.flowEvents(), createPacket())
    this.classifier = new FlowClassifier(options, sink.extrasText)
    this.pools = this.classifier.pools
    this.queue = new ClosingQueue(rowOrder(this.flows.pages))
  }

  /** Reads one source to its end and closes it. */
  async read(whole: PacketSource): Promise<void> {
    const { span } = this.options
    const source = span === undefined ? whole : new SpanSource(whole, span)
    this.clock.startInput()
    this.decoder.startInput()
    this.flows.startInput()
    this.sink.capture(source.info)
    try {
      for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
        if (batch.count > 0) this.pools.begin(batch.timeSec[0], batch.timeNsec[0])
        for (let from = 0; from < batch.count || this.resuming; ) {
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
      this.summary.damaged.push(...source.damage)
      addDrops(this.summary, source)
      if (source.outside !== undefined) addOutside(this.summary, source.outside)
    }
  }

  /**
   * For live sources, between batches: advances the clock while no packets arrive, and writes what is due. The host's
   * clock is ahead of packets that the kernel still holds: the caller subtracts a margin.
   */
  async tick(sec: number, nsec: number): Promise<void> {
    const { clock } = this
    const later = sec > clock.sec || (sec === clock.sec && nsec > clock.nsec)
    if (clock.sec === -Infinity || !later) return
    clock.sec = sec
    clock.nsec = nsec
    if (!this.isDue()) return
    this.drain()
    await this.emitAll()
  }

  get liveFlows(): number {
    return this.flows.live
  }

  /** Sessions under way: slots of pools in use. */
  get liveSessions(): number {
    return this.pools.slotsInUse
  }

  /** Adds packets until the batch ends or more is due than one step writes; returns the next packet's index. */
  private addBatch(batch: PacketBatch, from: number): number {
    const { ahead, decoder, flows } = this
    let next = from
    while (ahead.next < ahead.count || next < batch.count) {
      if (ahead.next === ahead.count) next = ahead.fill(decoder, flows, batch, next)
      if (!this.addAhead(batch)) return next
    }
    return next
  }

  /** Adds the packets that are decoded; false when more is due than one step writes: the rest waits. */
  private addAhead(batch: PacketBatch): boolean {
    const { ahead, flows, summary } = this
    for (; ahead.next < ahead.count; ahead.next++) {
      const place = ahead.next
      const index = ahead.indices[place]
      if (index !== RELEASED && !this.resuming) {
        summary.packets++
        summary.wireBytes += batch.originalLength[index]
        this.clock.observe(batch.timeSec[index], batch.timeNsec[index])
        if (ahead.orphans !== 0) this.addOrphans(batch.bytes)
        if (this.isDue() && !this.drain()) {
          this.resuming = true
          return false
        }
      }
      this.resuming = false
      const packet = ahead.packets[place]
      if (ahead.statuses[place] === DECODED) this.addPacket(packet, batch.bytes, flows.lookup.hashes[place])
      else this.countUndecoded(ahead.statuses[place], packet, batch.linkType[index])
    }
    return true
  }

  /** Fragments that are given up at this packet came before it: they are added first, so that their flows do not expire. */
  private addOrphans(bytes: Uint8Array): void {
    const { ahead, flows } = this
    for (let place = ahead.next + 1; ahead.isOrphan(place); place++) {
      this.addPacket(ahead.packets[place], bytes, flows.lookup.hashes[place])
      ahead.statuses[place] = HELD
    }
  }

  private addPacket(packet: Packet, bytes: Uint8Array, hash?: number): void {
    const flows = this.flows
    const found = flows.add(packet, this.clock.sec, hash)
    const words = flows.pages.words[row.pageOf(found)]
    const at = row.offsetOf(found)
    if (flows.created) {
      this.nameEncapsulation(found, packet)
      this.classifier.begin(words, at, packet)
    }
    this.classifier.observe(words, at, packet, bytes, flows.direction)
    if (words[at + row.POOL_HANDLE] >= 0) this.readPoolDue()
  }

  private nameEncapsulation(found: number, packet: Packet): void {
    if (packet.layerCount > 0) this.encapsulations[found] = this.encapsulation(packet)
    else if (this.encapsulations[found] !== undefined) this.encapsulations[found] = NO_ENCAPSULATION
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
    const { clock, flows } = this
    const { sec, nsec } = clock
    if (flows.nextDueSec < sec || (flows.nextDueSec === sec && flows.nextDueNsec < nsec)) return true
    return this.poolDueSec < sec || (this.poolDueSec === sec && this.poolDueNsec < nsec)
  }

  /** Call whenever a pool took a packet: reading the getters for every packet would cost too much. */
  private readPoolDue(): void {
    this.poolDueSec = this.pools.nextDueSec
    this.poolDueNsec = this.pools.nextDueNsec
  }

  /** Writes what the clock has passed; false when it is more than one step, and the rest waits in the queue. */
  private drain(): boolean {
    const { clock, flows, pools, queue } = this
    for (let due = flows.popDue(clock.sec, clock.nsec); due >= 0; due = flows.popDue(clock.sec, clock.nsec))
      queue.addRow(due, flows.deadline.sec, flows.deadline.nsec)
    for (;;) {
      const session = pools.popDue(clock.sec, clock.nsec)
      if (session === undefined) break
      queue.addSession(session)
    }
    this.readPoolDue()
    queue.seal()
    this.emit(STEP)
    return queue.empty
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
        flows.findDeadline(due)
        flows.end(due)
        if (!this.finishing) flows.retire(due)
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
    flows.deadline.endAt(clock.sec, clock.nsec, reason)
    this.finishing = true
    flows.close()
    this.queueLiveRows()
    const last = pools.finish({
      start: [clock.firstSec, clock.firstNsec],
      end: [clock.lastSec, clock.lastNsec],
    })
    for (const session of last.sessions) queue.addSession(session)
    queue.seal()
    await this.emitAll()
    await this.each(last.concurrency, (change) => sink.concurrency(change))
    await this.each(last.pools, (report) => sink.pool(report))
    await this.each(last.notices, (notice) => sink.notice(notice))
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
    let last = 0
    for (const each of live) {
      flows.findDeadline(each)
      const { sec, nsec } = flows.deadline
      if (sec < clock.sec || (sec === clock.sec && nsec < clock.nsec)) early.push([each, sec, nsec])
      else live[last++] = each
    }
    early.sort((a, b) => a[1] - b[1] || a[2] - b[2])
    for (const [each, sec, nsec] of early) queue.addRow(each, sec, nsec)
    queue.addLast(live.subarray(0, last), clock.sec, clock.nsec)
  }

  private async emitAll(): Promise<void> {
    while (!this.queue.empty) {
      this.emit(STEP)
      await this.sink.drained?.()
    }
  }

  /** Writes them a step at a time. */
  private async each<T>(records: Iterable<T>, write: (record: T) => void): Promise<void> {
    let left = STEP
    for (const record of records) {
      write(record)
      if (--left > 0) continue
      left = STEP
      await this.sink.drained?.()
    }
  }

  private fillSummary(): void {
    const { clock, flows, summary } = this
    summary.timeBackwards = clock.backwards
    summary.evictedFlows = flows.evicted
    if (this.classifier.extrasLeftOut > 0) summary.extrasLeftOut = this.classifier.extrasLeftOut
    if (clock.firstSec === Infinity) return
    summary.firstPacketAt = [clock.firstSec, clock.firstNsec]
    summary.lastPacketAt = [clock.lastSec, clock.lastNsec]
  }

  // ------------------------------------------------------------ a flow ends

  private flowEvents() {
    return {
      closed: (found: number, reason: EndReason, closeSec: number, closeNsec: number) =>
        this.closeFlow(found, reason, closeSec, closeNsec),
      forget: (handle: number) => this.classifier.forget(handle),
    }
  }

  private closeFlow(found: number, reason: EndReason, closeSec: number, closeNsec: number): void {
    this.summary.flows++
    if (!this.options.flows) return
    const { closed } = this
    this.classifier.describe(this.flows.pages, found, closed)
    closed.endReason = reason
    closed.closeSec = closeSec
    closed.closeNsec = closeNsec
    closed.encapsulation = this.encapsulations[found] ?? NO_ENCAPSULATION
    this.sink.flow(closed)
  }
}

const NO_BYTES = new Uint8Array(0)

function rowOrder(pages: RowPages) {
  const word = (each: number, field: number) => pages.words[row.pageOf(each)][row.offsetOf(each) + field]
  return {
    startSec: (each: number) => pages.doubles[row.pageOf(each)][(row.offsetOf(each) >> 1) + row.F_START_SEC],
    startNsec: (each: number) => word(each, row.START_NSEC),
    idHigh: (each: number) => word(each, row.ID_HIGH),
    idLow: (each: number) => word(each, row.ID_LOW),
  }
}

function flowOptions(options: PipelineOptions) {
  const seconds = (given: number | undefined, otherwise: number) =>
    given === 0 ? Infinity : (given ?? otherwise)
  return {
    idleTcpSec: seconds(options.idleTimeoutSec, IDLE_TCP_SEC),
    idleOtherSec: seconds(options.idleTimeoutSec, IDLE_OTHER_SEC),
    activeSec: seconds(options.activeTimeoutSec, Infinity),
    maxFlows: options.maxFlows,
    seed: options.seed,
  }
}
