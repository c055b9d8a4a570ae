/**
 * Compressed captures, recognised by content: gzip (RFC 1952), zstd (RFC 8878) and lz4 (frame and legacy
 * format), any number of members or frames, skippable frames between them. A decompressor is a generator of
 * borrowed chunks over a window of compressed bytes; it produces only what is asked for, so the memory is
 * bounded by one block, whatever the ratio. Its pieces do not depend on how the input is cut into chunks.
 */
import type { ByteReader, Failure } from './readers.ts'
import type { Window } from './window.ts'

export type Compression = 'gzip' | 'zstd' | 'lz4'

/** Ends a decompressor where its input is cut or damaged. Never leaves this folder. */
export class DecompressError extends Error {
  readonly failure: Failure

  constructor(code: string, reason: string, trailing = false) {
    super(reason)
    this.failure = { code, reason, trailing }
  }
}

const ZSTD_MAGIC = 0xfd2fb528
const LZ4_MAGIC = 0x184d2204
const LZ4_LEGACY_MAGIC = 0x184c2102
/** 0x184d2a50 .. 0x184d2a5f, in zstd and lz4 alike. */
const SKIPPABLE_MAGIC = 0x184d2a50
const SKIPPABLE_MASK = 0xfffffff0
const GZIP_MAGIC = 0x8b1f

export function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** What compresses the bytes at the window's start; skippable frames before the first real one are dropped. */
export async function sniffCompression(window: Window): Promise<Compression | undefined> {
  while (await window.need(4)) {
    const magic = u32(window.bytes, window.at)
    if ((magic & 0xffff) === GZIP_MAGIC) return 'gzip'
    if (magic === ZSTD_MAGIC) return 'zstd'
    if (magic === LZ4_MAGIC || magic === LZ4_LEGACY_MAGIC) return 'lz4'
    if ((magic & SKIPPABLE_MASK) >>> 0 !== SKIPPABLE_MAGIC) return undefined
    await skipFrame(window, 'zstd')
  }
  return undefined
}

/** A reader of the decompressed bytes of `window`. */
export async function decompressor(window: Window, compression: Compression): Promise<ByteReader> {
  if (compression === 'gzip') {
    const { gunzip } = await import('./gzip.ts')
    return new GeneratorReader(gunzip(window), window)
  }
  return new GeneratorReader(frames(window, compression), window)
}

/** zstd and lz4 frames, one after the other; a file may mix them. */
async function* frames(window: Window, compression: Compression): AsyncGenerator<Uint8Array> {
  const { zstdFrame } = await import('./zstd.ts')
  const { lz4Frame, lz4LegacyFrame } = await import('./lz4.ts')
  let first = true
  while (await window.need(1)) {
    const whole = await window.need(4)
    const magic = whole ? u32(window.bytes, window.at) : 0
    if (magic === ZSTD_MAGIC) yield* zstdFrame(window)
    else if (magic === LZ4_MAGIC) yield* lz4Frame(window)
    else if (magic === LZ4_LEGACY_MAGIC) yield* lz4LegacyFrame(window)
    else if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) await skipFrame(window, compression)
    else throw trailingGarbage(compression, first)
    first = false
  }
}

export function trailingGarbage(compression: Compression, first = false): DecompressError {
  const code = `${compression.toUpperCase()}_TRAILING_GARBAGE`
  return new DecompressError(code, `bytes that are not ${compression} follow the compressed data`, !first)
}

/** True where a frame of any kind starts at the window's start (which must hold four bytes). */
export function isFrameMagic(magic: number): boolean {
  const skippable = (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC
  return skippable || magic === ZSTD_MAGIC || magic === LZ4_MAGIC || magic === LZ4_LEGACY_MAGIC
}

async function skipFrame(window: Window, compression: Compression): Promise<void> {
  await needOrCut(window, 8, compression)
  let left = u32(window.bytes, window.at + 4) + 8
  while (left > 0) {
    await needOrCut(window, 1, compression)
    const step = Math.min(left, window.end - window.at)
    window.at += step
    left -= step
  }
}

/** Makes sure that `count` bytes stand in the window. */
export async function needOrCut(window: Window, count: number, compression: Compression): Promise<void> {
  if (await window.need(count)) return
  if (window.failure !== undefined) throw new DecompressError(window.failure.code, window.failure.reason)
  const code = `${compression.toUpperCase()}_CUT`
  throw new DecompressError(code, `the ${compression} data ends in the middle of its compressed stream`)
}

/** Makes a reader of a generator of chunks. */
class GeneratorReader implements ByteReader {
  failure: Failure | undefined = undefined
  readonly #chunks: AsyncGenerator<Uint8Array>
  readonly #window: Window
  #chunk: Uint8Array = new Uint8Array(0)
  #ended = false

  constructor(chunks: AsyncGenerator<Uint8Array>, window: Window) {
    this.#chunks = chunks
    this.#window = window
  }

  get bytesRead(): number {
    return this.#window.bytesRead
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0
    while (filled < into.length) {
      if (this.#chunk.length === 0 && !(await this.#nextChunk())) break
      const count = Math.min(into.length - filled, this.#chunk.length)
      into.set(this.#chunk.subarray(0, count), filled)
      this.#chunk = this.#chunk.subarray(count)
      filled += count
    }
    return filled
  }

  async #nextChunk(): Promise<boolean> {
    while (!this.#ended && this.#chunk.length === 0) {
      try {
        const next = await this.#chunks.next()
        if (next.done) this.#ended = true
        else this.#chunk = next.value
      } catch (error) {
        if (!(error instanceof DecompressError)) throw error
        this.failure = error.failure
        this.#ended = true
      }
    }
    return this.#chunk.length > 0
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#window.close()
    await this.#chunks.return(undefined)
  }
}
