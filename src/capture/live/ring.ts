/**
 * Live packets of a Linux interface, or of `any`, through an AF_PACKET ring. In: an interface name. Out: batches
 * that borrow a block of the ring, which is returned to the kernel with the next call of `next()`; kernel timestamps in
 * nanoseconds.
 *
 * Promised: packets sent = packets delivered + `dropped.kernel`, exactly, also at `stop()`, which delivers what
 * the kernel has captured until then; waiting uses no processor time and never delays signals or timers; an empty
 * batch at least once a second while no packets arrive, so that the caller's clock can advance; an interface that goes
 * down is waited for until it is up again, one that is removed is an InputError INTERFACE_GONE, after the packets
 * captured before. Frames that the kernel merged (GRO) stay merged.
 *
 * Not supported: several readers of one ring (fanout), hardware timestamps, sending.
 */
import { closeSync, readFileSync, writeSync } from 'node:fs'
import { InputError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import type { CaptureInfo, Damage, PacketBatch } from '../../types.ts'
import { createBatch, restartBatch } from '../batch.ts'
import type { LiveSource, StateReport } from './live-types.ts'
import {
  BLOCK_KERNEL,
  BLOCK_STATUS,
  BLOCK_USER,
  createRingWalk,
  enterBlock,
  type RingWalk,
  walkBlock,
} from './ring-block.ts'
import { words } from './ring-native.ts'
import {
  ANY,
  BLOCK_BYTES,
  closePacketSocket,
  isUp,
  openPacketSocket,
  type PacketSocket,
  RETIRE_MS,
  type RingOptions,
  stopCapturing,
  takeError,
  takeStatistics,
} from './ring-socket.ts'

/** Longest wait for packets, in milliseconds. */
const IDLE_MS = 1000
/** How long draining waits for packets that the kernel has counted but not yet handed out. */
const DRAIN_MS = 2000
const POLLIN = 1
/** struct pollfd: descriptor 4, events 2, returned events 2. */
const POLLFD = 8

/** Opens the interface. Throws InputError, or UsageError for a wrong filter. */
export async function openRing(
  name: string,
  options: RingOptions = {},
  report: StateReport = () => undefined,
): Promise<LiveSource> {
  return new RingSource(name, await openPacketSocket(name, options), report)
}

class RingSource implements LiveSource {
  readonly backend = 'ring'
  readonly info: CaptureInfo
  readonly damage: readonly Damage[] = []
  readonly #name: string
  readonly #socket: PacketSocket
  readonly #report: StateReport
  readonly #walk: RingWalk
  readonly #statuses: Int32Array
  readonly #batch: PacketBatch = createBatch()
  readonly #missed: InterfaceDrops
  /** Offset of the block being read, and whether the kernel has handed it to us. */
  #block = 0
  #blockBorrowed = false
  /** Blocks read since the event loop last ran. */
  #blocksSinceYield = 0
  #delivered = 0
  /** Packets that the kernel put into the ring. */
  #captured = 0
  #dropped = 0
  #state: 'up' | 'down' | 'gone' = 'up'
  #stopping = false
  /** Date.now() at which draining stops; Infinity until the end has begun. */
  #deadline = Infinity
  #open = true
  readonly #eventfd: number
  readonly #pollSet: Uint8Array
  #polling: Promise<void> | undefined

  constructor(name: string, socket: PacketSocket, report: StateReport) {
    this.#name = name
    this.#socket = socket
    this.#report = report
    this.info = {
      source: name,
      format: 'live',
      linkTypes: [socket.linkType],
      timestampPrecision: 'nanoseconds',
    }
    this.#walk = createRingWalk(socket.ring.memory, socket)
    this.#statuses = new Int32Array(socket.ring.memory)
    this.#missed = new InterfaceDrops(name, socket.index)
    this.#eventfd = socket.native.eventfd()
    this.#pollSet = new Uint8Array(POLLFD * 2)
    this.#pollSet.set(words(socket.descriptor, POLLIN, this.#eventfd, POLLIN))
  }

  /** Counted anew at every access. */
  get dropped(): { kernel?: number; interface?: number } {
    this.#countDrops()
    const missed = this.#missed.count()
    return missed === undefined ? { kernel: this.#dropped } : { kernel: this.#dropped, interface: missed }
  }

  async next(): Promise<PacketBatch | undefined> {
    const batch = this.#batch
    restartBatch(batch, this.#walk.bytes)
    for (let waited = false; this.#open; ) {
      if (this.#walk.left > 0) {
        walkBlock(this.#walk, batch)
        this.#delivered += batch.count
        if (batch.count > 0) return batch
      }
      this.#giveBack()
      if (this.#isReady()) {
        if (this.#blocksSinceYield++ > 0) await this.#yieldToEventLoop()
        if (this.#open) this.#borrow()
        continue
      }
      if (this.#ending && this.#isDrained()) {
        if (this.#state === 'gone' && !this.#stopping) throw this.#gone()
        return undefined
      }
      if (waited && !this.#ending) return batch
      await this.#wait()
      waited = true
    }
    return undefined
  }

  stop(): void {
    if (this.#stopping || !this.#open) return
    this.#stopping = true
    stopCapturing(this.#socket)
    this.#beginEnd()
    this.#wakeUp()
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#countDrops()
    this.#missed.count()
    this.#open = false
    this.#wakeUp()
    // The descriptors must not be used for something else while poll looks at them.
    await this.#polling
    this.#batch.count = 0
    closePacketSocket(this.#socket)
    closeSync(this.#eventfd)
  }

  get #ending(): boolean {
    return this.#deadline !== Infinity
  }

  #beginEnd(): void {
    if (!this.#ending) this.#deadline = Date.now() + DRAIN_MS
  }

  #isReady(): boolean {
    return (Atomics.load(this.#statuses, (this.#block + BLOCK_STATUS) >>> 2) & BLOCK_USER) !== 0
  }

  #borrow(): void {
    enterBlock(this.#walk, this.#block, BLOCK_BYTES)
    this.#blockBorrowed = true
  }

  #giveBack(): void {
    if (!this.#blockBorrowed) return
    Atomics.store(this.#statuses, (this.#block + BLOCK_STATUS) >>> 2, BLOCK_KERNEL)
    this.#blockBorrowed = false
    this.#block += BLOCK_BYTES
    if (this.#block >= this.#walk.bytes.length) this.#block = 0
  }

  /** Runs timers and signal handlers: resolved promises alone would keep them waiting as long as packets arrive. */
  async #yieldToEventLoop(): Promise<void> {
    this.#blocksSinceYield = 0
    await new Promise((resolve) => setImmediate(resolve))
  }

  async #wait(): Promise<void> {
    this.#blocksSinceYield = 0
    const milliseconds = this.#ending ? RETIRE_MS : IDLE_MS
    this.#polling = this.#socket.native.poll(this.#pollSet, 2, milliseconds)
    await this.#polling
    this.#polling = undefined
    if (this.#open) this.#checkInterface()
  }

  /** Whether the interface went down, came up again, or was removed. */
  #checkInterface(): void {
    const failed = takeError(this.#socket)
    this.#countDrops()
    if (this.#name === ANY || (!failed && this.#state === 'up')) return
    if (this.#state === 'gone') return
    const up = isUp(this.#socket)
    if (up === undefined) {
      this.#state = 'gone'
      this.#beginEnd()
      return
    }
    const state = up ? 'up' : 'down'
    if (state !== this.#state) this.#report(state)
    this.#state = state
  }

  #countDrops(): void {
    if (!this.#open) return
    const { packets, drops } = takeStatistics(this.#socket)
    this.#captured += packets - drops
    this.#dropped += drops
  }

  #isDrained(): boolean {
    this.#countDrops()
    return this.#delivered >= this.#captured || Date.now() > this.#deadline
  }

  /** Ends a pending poll(), which also waits for the eventfd. */
  #wakeUp(): void {
    writeSync(this.#eventfd, new Uint8Array(BigUint64Array.of(1n).buffer))
  }

  #gone(): InputError {
    return new InputError(
      'INTERFACE_GONE',
      safeText(this.#name),
      'the interface was removed; start again when it is back',
    )
  }
}

/** Frames that the network card missed, so that the kernel never saw them; unknown where sysfs shows another network namespace. */
class InterfaceDrops {
  readonly #folder: string
  readonly #index: number
  #last: number | undefined
  #sum = 0

  constructor(name: string, index: number) {
    this.#folder = `/sys/class/net/${name}`
    this.#index = index
    this.#last = this.#read()
  }

  /** Since the start; undefined when unknown. */
  count(): number | undefined {
    const now = this.#last === undefined ? undefined : this.#read()
    // A card that was reset counts from 0 again.
    if (now !== undefined && this.#last !== undefined) this.#sum += now >= this.#last ? now - this.#last : now
    this.#last = now ?? this.#last
    return this.#last === undefined ? undefined : this.#sum
  }

  #read(): number | undefined {
    if (this.#index === 0) return undefined
    const value = (path: string) => Number(readFileSync(`${this.#folder}/${path}`, 'utf8'))
    try {
      if (value('ifindex') !== this.#index) return undefined
      return value('statistics/rx_missed_errors') + value('statistics/rx_fifo_errors')
    } catch {
      return undefined
    }
  }
}
