/**
 * Readers of compressed input. A decompressor is a generator of borrowed chunks over a window of compressed bytes;
 * it produces only what is asked for, so the memory is bounded by one block, whatever the ratio. Its pieces do not
 * depend on how the input is cut into chunks.
 */

import { readU32LE } from '../../bytes.ts'
import type { ByteReader, Failure } from '../readers.ts'
import type { Window } from '../window.ts'
import {
  type Compression,
  DecompressError,
  isSkippable,
  LZ4_LEGACY_MAGIC,
  LZ4_MAGIC,
  skipFrame,
  trailingGarbage,
  ZSTD_MAGIC,
} from './compression.ts'

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
  const { BlockMemory, lz4Frame, lz4LegacyFrame } = await import('./lz4.ts')
  const work = { moved: 0, produced: 0 }
  const memory = new BlockMemory()
  let first = true
  while (await window.need(1)) {
    const whole = await window.need(4)
    const magic = whole ? readU32LE(window.bytes, window.at) : 0
    if (magic === ZSTD_MAGIC) yield* zstdFrame(window, work)
    else if (magic === LZ4_MAGIC) yield* lz4Frame(window, memory)
    else if (magic === LZ4_LEGACY_MAGIC) yield* lz4LegacyFrame(window, memory)
    else if (isSkippable(magic)) await skipFrame(window, compression)
    else throw trailingGarbage(compression, first)
    first = false
  }
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
