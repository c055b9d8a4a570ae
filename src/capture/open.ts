/**
 * Captures in, batches of packets out. An input is a path, "-" for standard input, a stream, or bytes in
 * memory; it is recognised by content: classic pcap, pcapng, and either inside gzip, zstd or lz4.
 *
 * Promised: packets in the order they stand in the file, each exactly once, whatever the chunk size; memory
 * bounded by the chunk size and the longest record (262,144 bytes), whatever lengths the file claims; everything
 * before damage is delivered, damage is listed with its offset in the (decompressed) capture, and behind a
 * damaged pcapng block reading goes on where blocks chain again.
 *
 * Not supported: writing, seeking, compression inside compression, other capture formats (editcap converts
 * them). An input that is no capture at all is an InputError.
 */
import { open as openDescriptor, openSync, statSync } from 'node:fs'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { InputError } from '../errors.ts'
import { safeText } from '../text.ts'
import type { CaptureInfo, Damage, Instant, PacketBatch, PacketSource } from '../types.ts'
import {
  BATCH_CAPACITY,
  createBatch,
  restartBatch,
  WALK_END,
  WALK_FULL,
  WALK_MORE,
  WALK_STOPPED,
} from './batch.ts'
import { u32 } from './byte-order.ts'
import { type Compression, DecompressError, sniffCompression } from './compressed/compression.ts'
import { decompressor } from './compressed/decompress.ts'
import { type DamageLog, noteDamage } from './damage.ts'
import {
  PCAP_HEADER,
  type PcapState,
  pcapPrecision,
  preparePcapBatch,
  readPcapHeader,
  walkPcap,
} from './pcap.ts'
import { createPcapngWalker, type PcapngWalker, walkPcapng } from './pcapng.ts'
import { type ByteReader, DeviceReader, FileReader, MemoryReader, StreamReader } from './readers.ts'
import { MICROSECOND_RESOLUTION } from './resolution.ts'
import { sniffFormat } from './sniff.ts'
import { Window } from './window.ts'

const DEFAULT_CHUNK_SIZE = 262_144
/** Of a file that is smaller than a chunk; it may grow while it is read. */
const MIN_CHUNK_SIZE = 16_384
const MAX_CHUNK_SIZE = 16 * 1024 * 1024
/** Bytes of the shortest record: a pcap record header without data. */
const LEAST_RECORD = 16

export interface OpenOptions {
  /** Bytes read at once, 1 to 16 MiB; default 262,144. */
  chunkSize?: number
  /** The name for reports; default the path, "-" for streams. */
  source?: string
}

/** A capture being read. */
export interface CaptureSource extends PacketSource {
  /** Bytes taken from the input so far (compressed bytes where it is compressed), for a progress bar. */
  readonly bytesRead: number
  /** The time of the first packet, undefined when there is none. Does not disturb `next()` if called before it. */
  firstPacketTime(): Promise<Instant | undefined>
}

/** Opens a path, "-" (standard input) or a stream. Throws InputError where there is no capture. */
export async function openCapture(
  input: string | Readable,
  options: OpenOptions = {},
): Promise<CaptureSource> {
  if (typeof input !== 'string') return openReader(new StreamReader(input), '-', options)
  return openReader(await readerOf(input), input, options)
}

/** Opens a capture held in memory. Throws InputError where there is no capture. */
export function openBytes(bytes: Uint8Array, options: OpenOptions = {}): Promise<CaptureSource> {
  return openReader(new MemoryReader(bytes), '-', options)
}

async function openReader(reader: ByteReader, name: string, options: OpenOptions): Promise<CaptureSource> {
  const place = safeText(options.source ?? name)
  const chunkSize = Math.max(1, Math.min(options.chunkSize ?? DEFAULT_CHUNK_SIZE, MAX_CHUNK_SIZE))
  let window = new Window(reader, Math.min(chunkSize, Math.max(MIN_CHUNK_SIZE, reader.size ?? Infinity)))
  try {
    const compression = await sniffCompression(window)
    if (compression !== undefined) {
      window = new Window(await decompressor(window, compression), chunkSize)
    }
    const format = await sniffFormat(window, place)
    const log: DamageLog = { source: options.source ?? name, compression, list: [] }
    const source = format === 'pcap' ? await openPcap(window, log) : openPcapng(window, log)
    await source.prepare()
    return source
  } catch (error) {
    await window.close()
    // Only a skippable frame before the first real one can fail here; the decompressor notes its own damage.
    if (error instanceof DecompressError) throw new InputError(error.failure.code, place, error.message)
    throw error
  }
}

async function openPcap(window: Window, log: DamageLog): Promise<FileSource> {
  const whole = await window.need(PCAP_HEADER)
  const timestampPrecision = pcapPrecision(u32(window.bytes, window.at, true))
  const info: CaptureInfo = { ...baseInfo(log, 'pcap'), timestampPrecision }
  let state: PcapState | undefined
  if (whole) {
    state = readPcapHeader(window.bytes, window.at)
    window.at += PCAP_HEADER
    info.linkTypes.push(state.linkType)
  } else {
    const rest = window.end - window.at
    const reason = `file header cut after ${rest} bytes, ${PCAP_HEADER} expected`
    if (!window.cutByReader) noteDamage(log, 0, 'PCAP_CUT', reason)
    window.at = window.end
  }
  return new FileSource(window, log, info, { pcap: state })
}

function openPcapng(window: Window, log: DamageLog): FileSource {
  return new FileSource(window, log, baseInfo(log, 'pcapng'), { pcapng: createPcapngWalker() })
}

function baseInfo(log: DamageLog, format: 'pcap' | 'pcapng'): CaptureInfo {
  const compression: { compression?: Compression } =
    log.compression === undefined ? {} : { compression: log.compression }
  return { source: log.source, format, ...compression, linkTypes: [], timestampPrecision: 'microseconds' }
}

/** The walker of the format; a pcap without one is a file whose header was cut. */
interface Format {
  pcap?: PcapState
  pcapng?: PcapngWalker
}

class FileSource implements CaptureSource {
  readonly info: CaptureInfo
  readonly dropped: { kernel?: number; interface?: number }
  readonly #window: Window
  readonly #log: DamageLog
  readonly #format: Format
  readonly #batch: PacketBatch
  #status = WALK_FULL
  /** The batch is filled already, before `next()` asks for it. */
  #filled = false

  constructor(window: Window, log: DamageLog, info: CaptureInfo, format: Format) {
    this.#window = window
    this.#batch = createBatch(Math.min(BATCH_CAPACITY, Math.ceil(window.chunkSize / LEAST_RECORD)))
    this.#log = log
    this.info = info
    this.#format = format
    this.dropped = format.pcapng?.state.dropped ?? {}
    if (format.pcap !== undefined) preparePcapBatch(format.pcap, this.#batch)
  }

  get damage(): readonly Damage[] {
    return this.#log.list
  }

  get bytesRead(): number {
    return this.#window.bytesRead
  }

  /** pcapng describes its interfaces in blocks before the first packet: the info is complete only behind them. */
  async prepare(): Promise<void> {
    const state = this.#format.pcapng?.state
    if (state === undefined) return
    await this.#fillBatch()
    this.info.linkTypes = [...state.linkTypes]
    this.info.timestampPrecision = (state.finest ?? MICROSECOND_RESOLUTION).name
  }

  async firstPacketTime(): Promise<Instant | undefined> {
    if (this.#batch.firstFrame !== 1) return undefined
    await this.#fillBatch()
    return this.#batch.count > 0 ? [this.#batch.timeSec[0], this.#batch.timeNsec[0]] : undefined
  }

  async next(): Promise<PacketBatch | undefined> {
    await this.#fillBatch()
    this.#filled = false
    if (this.#format.pcapng?.state.mixed === true) this.info.mixedInterfaces = true
    return this.#batch.count > 0 ? this.#batch : undefined
  }

  close(): Promise<void> {
    this.#status = WALK_STOPPED
    return this.#window.close()
  }

  /** Fills the batch, unless it is filled already; it stays empty at the end. */
  async #fillBatch(): Promise<void> {
    if (this.#filled) return
    this.#filled = true
    restartBatch(this.#batch, this.#window.bytes)
    while (this.#batch.count === 0 && this.#status < WALK_END) {
      if (this.#status === WALK_MORE) await this.#window.fill()
      this.#batch.bytes = this.#window.bytes
      this.#status = this.#walk()
      if (this.#status === WALK_END) this.#noteFailure()
    }
  }

  #walk(): number {
    const { pcap, pcapng } = this.#format
    if (pcap !== undefined) return walkPcap(pcap, this.#window, this.#batch, this.#log)
    if (pcapng !== undefined) return walkPcapng(pcapng, this.#window, this.#batch, this.#log)
    return WALK_END
  }

  /** Lists the reader's own fault (a cut or damaged compressed stream) at the offset where its data ends. */
  #noteFailure(): void {
    const { failure } = this.#window
    const end = this.#window.streamOffset(this.#window.end)
    if (failure !== undefined) noteDamage(this.#log, end, failure.code, failure.reason)
  }
}

/** The raw bytes of a path or "-". Throws InputError where it cannot be opened. */
export async function readerOf(path: string): Promise<ByteReader> {
  if (path === '-') return new StreamReader(process.stdin)
  const place = safeText(path)
  try {
    const stats = statSync(path)
    // Synchronous: with many small files, waiting for the thread pool would take most of the time.
    if (stats.isFile()) return new FileReader(openSync(path, 'r'), stats.size)
    if (!stats.isDirectory()) return new DeviceReader(await openDevice(path))
  } catch (error) {
    throw openError(error as NodeJS.ErrnoException, place)
  }
  throw new InputError('INPUT_IS_DIRECTORY', place, 'a directory; a capture file expected')
}

/** Asynchronous: opening a named pipe blocks until a writer opens it too. */
function openDevice(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    openDescriptor(path, 'r', (error, opened) => (error ? reject(error) : resolve(opened)))
  })
}

/** The InputError for a system error on a path. */
export function openError(error: NodeJS.ErrnoException, place: string): InputError {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError('INPUT_NOT_FOUND', place, 'no such file')
    case 'EACCES':
    case 'EPERM':
      return new InputError('INPUT_NO_PERMISSION', place, 'no permission to read it')
    default:
      return new InputError(
        'INPUT_UNREADABLE',
        place,
        `cannot be opened (${safeText(error.code ?? error.message)})`,
      )
  }
}
