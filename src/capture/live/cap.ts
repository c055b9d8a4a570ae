/**
 * Live packets through the npm package `cap` (libpcap, or Npcap on Windows). In: an interface name. Out: batches.
 *
 * Promised: packets in the order in which libpcap delivers them, times of this host's clock at delivery, an empty batch
 * at least once a second while no packets arrive. The package does not report drops, so `dropped` stays empty; packets
 * that do not fit into the queue while the caller is slow are counted in `damage`. It always captures promiscuously, and
 * cuts packets at 65,535 bytes.
 */
import { performance } from 'node:perf_hooks'
import { InputError, UsageError } from '../../errors.ts'
import { safeText } from '../../text.ts'
import type { CaptureInfo, Damage, PacketBatch } from '../../types.ts'
import { BATCH_CAPACITY, createBatch } from '../batch.ts'
import type { LiveOptions, LiveSource } from './live-types.ts'
import { permissionHelp } from './ring-socket.ts'

/** The part of the package that is used. */
interface CapHandle {
  open(device: string, filter: string, bufferBytes: number, packet: Buffer): string
  close(): void
  /** Windows only. */
  setMinBytes?(bytes: number): void
  on(event: 'packet', listener: (bytes: number, truncated: boolean) => void): void
}

interface CapPackage {
  Cap: new () => CapHandle
}

const SNAPLEN = 65_535
const DEFAULT_BUFFER_BYTES = 64 << 20
/** The package occupies the event loop as long as packets arrive; they are queued in at most this many chunks. */
const CHUNK_BYTES = 1 << 20
const MAX_CHUNKS = 64
const IDLE_MS = 1000
/** LINKTYPE_ values of the package's names. */
const LINK_TYPES = new Map([
  ['NULL', 0],
  ['ETHERNET', 1],
  ['RAW', 101],
  ['IEEE802_11_RADIO', 127],
  ['LINKTYPE_LINUX_SLL', 113],
])

/** Opens the interface. `load` returns the package, or throws an InputError that says how to install it. */
export async function openCap(
  name: string,
  options: LiveOptions,
  load: (place: string) => Promise<unknown>,
): Promise<LiveSource> {
  const place = safeText(name)
  const loaded = await load(place)
  if (!isCapPackage(loaded)) {
    throw new InputError('BACKEND_MISSING', place, 'the package cap has no class Cap; version 0.2 expected')
  }
  const handle = new loaded.Cap()
  // The package keeps only the address: the buffer must live as long as the handle.
  const packet = Buffer.alloc(SNAPLEN)
  const { filter = '', ringBytes = DEFAULT_BUFFER_BYTES } = options
  try {
    const linkName = handle.open(name, filter, ringBytes, packet)
    handle.setMinBytes?.(0)
    return new CapSource(name, handle, packet, linkTypeOf(linkName, place))
  } catch (error) {
    throw error instanceof InputError ? error : openError(error, place, filter)
  }
}

function isCapPackage(value: unknown): value is CapPackage {
  return typeof value === 'object' && value !== null && 'Cap' in value && typeof value.Cap === 'function'
}

function linkTypeOf(name: string, place: string): number {
  const linkType = LINK_TYPES.get(name) ?? Number(/^Unknown linktype (\d+)$/.exec(name)?.[1] ?? Number.NaN)
  if (Number.isNaN(linkType)) {
    const what = `its link type is ${safeText(name)}, one of ${[...LINK_TYPES.keys()].join(', ')} expected`
    throw new InputError('LINK_TYPE_UNKNOWN', place, what)
  }
  return linkType
}

/** The InputError or UsageError for a message of libpcap. */
function openError(error: unknown, place: string, filter: string): Error {
  const message = safeText(error instanceof Error ? error.message : String(error))
  if (/permi(?:tted|ssion)/i.test(message)) {
    return new InputError('CAPTURE_NO_PERMISSION', place, `${message}; ${permissionHelp()}`)
  }
  if (/no such device|not found/i.test(message)) {
    return new InputError('INTERFACE_NOT_FOUND', place, 'no such interface; see flowhawk interfaces')
  }
  if (filter !== '' && /syntax|filter|parse|expression|unknown/i.test(message)) {
    const what = `${message}; found ${JSON.stringify(filter)}, see man pcap-filter`
    return new UsageError('FILTER_SYNTAX', '--filter', what)
  }
  return new InputError('CAPTURE_OPEN', place, `cannot be opened, ${message}`)
}

/** A batch whose bytes are copies of the packets, one after another. */
interface Chunk {
  batch: PacketBatch
  used: number
}

function createChunk(linkType: number): Chunk {
  const batch = createBatch()
  batch.bytes = new Uint8Array(CHUNK_BYTES)
  batch.linkType.fill(linkType)
  return { batch, used: 0 }
}

class CapSource implements LiveSource {
  readonly backend = 'cap'
  readonly info: CaptureInfo
  readonly dropped = {}
  readonly #handle: CapHandle
  readonly #packet: Buffer
  readonly #linkType: number
  /** Chunks with packets, the oldest first; the last one is being filled. */
  readonly #waiting: Chunk[] = []
  readonly #free: Chunk[] = []
  #reading: Chunk
  #lost = 0
  #open = true
  #wake: (() => void) | undefined
  #waking = false

  constructor(name: string, handle: CapHandle, packet: Buffer, linkType: number) {
    this.#handle = handle
    this.#packet = packet
    this.#linkType = linkType
    this.#reading = createChunk(linkType)
    this.info = {
      source: name,
      format: 'live',
      linkTypes: [linkType],
      timestampPrecision: 'microseconds (clock of this host, as packets are handed over)',
    }
    handle.on('packet', (bytes) => this.#copyPacket(bytes))
  }

  get damage(): readonly Damage[] {
    if (this.#lost === 0) return []
    const reason = `${this.#lost} packets did not fit while the output was slow`
    return [{ source: this.info.source, offset: 0, reason, code: 'CAP_QUEUE_FULL' }]
  }

  async next(): Promise<PacketBatch | undefined> {
    if (this.#waiting.length === 0 && this.#open) await this.#wait()
    // The package delivers packets from the event loop, which must run even when packets are queued.
    else await new Promise((resolve) => setImmediate(resolve))
    const done = this.#reading
    const firstFrame = done.batch.firstFrame + done.batch.count
    const next = this.#waiting.shift()
    if (next === undefined && !this.#open) return undefined
    if (next === undefined) done.batch.count = 0
    else {
      this.#free.push(done)
      this.#reading = next
    }
    this.#reading.batch.firstFrame = firstFrame
    return this.#reading.batch
  }

  stop(): void {
    if (!this.#open) return
    this.#open = false
    this.#handle.close()
    this.#wake?.()
  }

  async close(): Promise<void> {
    this.stop()
    this.#waiting.length = 0
  }

  #copyPacket(bytes: number): void {
    const length = Math.min(bytes, this.#packet.length)
    const chunk = this.#chunkFor(length)
    if (chunk === undefined) {
      this.#lost++
      return
    }
    const { batch, used } = chunk
    const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1000)
    const index = batch.count++
    batch.bytes.set(this.#packet.subarray(0, length), used)
    batch.start[index] = used
    batch.capturedLength[index] = length
    batch.originalLength[index] = bytes
    batch.timeSec[index] = Math.floor(microseconds / 1e6)
    batch.timeNsec[index] = (microseconds % 1e6) * 1000
    chunk.used += length
    this.#wakeSoon()
  }

  /** Deferred: promises are resolved after each packet, and a batch of one packet costs as much as one of many. */
  #wakeSoon(): void {
    if (this.#waking) return
    this.#waking = true
    setImmediate(() => {
      this.#waking = false
      this.#wake?.()
    })
  }

  /** A chunk with space for the packet; undefined when the queue is full. */
  #chunkFor(length: number): Chunk | undefined {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.batch.count < BATCH_CAPACITY && last.used + length <= CHUNK_BYTES)
      return last
    if (this.#waiting.length >= MAX_CHUNKS) return undefined
    const chunk = this.#free.pop() ?? createChunk(this.#linkType)
    chunk.batch.count = 0
    chunk.used = 0
    this.#waiting.push(chunk)
    return chunk
  }

  /** Until a packet arrives, `stop()` is called or a second has passed. */
  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}
