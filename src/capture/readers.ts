/**
 * Where raw bytes come from: an open file, a device, a stream (standard input), or memory. `read` fills the given
 * array and returns 0 at the end; it never rejects: a fault ends the input early and is kept in `failure`.
 */
import { close, closeSync, read, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { safeText } from '../text.ts'

/** Why a reader ended before its bytes did. */
export interface Failure {
  code: string
  reason: string
  /** True when all data was delivered and something unusable follows it. */
  trailing: boolean
}

export interface ByteReader {
  /** Fills the front of `into`; the number of bytes filled, 0 at the end and ever after. One call at a time. */
  read(into: Uint8Array): Promise<number>
  /** Bytes taken from the input so far, read-ahead included; compressed bytes where it is compressed. */
  readonly bytesRead: number
  readonly failure: Failure | undefined
  /** Bytes there will be, as far as that is known beforehand; a file may still grow. */
  readonly size?: number
  /** Closes the input; a pending read ends. */
  close(): Promise<void>
}

function readFailure(error: unknown): Failure {
  const what = error instanceof Error ? error.message : String(error)
  return { code: 'INPUT_READ', reason: `reading failed: ${safeText(what)}`, trailing: false }
}

/** Chunks of a file read before yielding to the event loop. */
const CHUNKS_BETWEEN_YIELDS = 16

/**
 * Reads a regular file from the descriptor's current position; closes it with the reader. Synchronous: handing every
 * chunk to the thread pool would take longer than copying it, and leave it in the cache of another processor.
 */
export class FileReader implements ByteReader {
  bytesRead = 0
  failure: Failure | undefined = undefined
  readonly size: number
  readonly #descriptor: number
  #open = true
  #chunks = 0

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor
    this.size = size
  }

  async read(into: Uint8Array): Promise<number> {
    if (++this.#chunks % CHUNKS_BETWEEN_YIELDS === 0) await new Promise((resolve) => setImmediate(resolve))
    if (!this.#open || this.failure !== undefined) return 0
    try {
      const count = readSync(this.#descriptor, into)
      this.bytesRead += count
      return count
    } catch (error) {
      this.failure = readFailure(error)
      return 0
    }
  }

  async close(): Promise<void> {
    if (this.#open) closeSync(this.#descriptor)
    this.#open = false
  }
}

/** Reads anything else that has a path, such as a named pipe, where a read may block; closes it with the reader. */
export class DeviceReader implements ByteReader {
  bytesRead = 0
  failure: Failure | undefined = undefined
  readonly #descriptor: number
  #open = true
  #reading: Promise<number> = Promise.resolve(0)

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  read(into: Uint8Array): Promise<number> {
    this.#reading = new Promise((resolve) => {
      if (!this.#open || this.failure !== undefined) return resolve(0)
      read(this.#descriptor, into, 0, into.length, null, (error, count) => {
        if (error) this.failure = readFailure(error)
        else this.bytesRead += count
        resolve(error ? 0 : count)
      })
    })
    return this.#reading
  }

  /** Waits for a read under way: its descriptor must not be used for another file meanwhile. */
  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#reading
    await new Promise<void>((resolve) => close(this.#descriptor, () => resolve()))
  }
}

/** Reads a stream of byte chunks; the stream's own flow control limits the writer. */
export class StreamReader implements ByteReader {
  bytesRead = 0
  failure: Failure | undefined = undefined
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<unknown>
  #chunk: Uint8Array = new Uint8Array(0)
  #ended = false

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      if (this.#ended || !(await this.#nextChunk())) return 0
    }
    const count = Math.min(into.length, this.#chunk.length)
    into.set(this.#chunk.subarray(0, count))
    this.#chunk = this.#chunk.subarray(count)
    this.bytesRead += count
    return count
  }

  async #nextChunk(): Promise<boolean> {
    try {
      const next = await this.#chunks.next()
      if (!next.done) this.#chunk = chunkBytes(next.value)
      this.#ended = next.done === true
    } catch (error) {
      this.failure = readFailure(error)
      this.#ended = true
    }
    return !this.#ended
  }

  close(): Promise<void> {
    this.#ended = true
    this.#stream.destroy()
    return Promise.resolve()
  }
}

function chunkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  // A FileHandle's readableWebStream() yields these.
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new Error('the stream gives text or objects, bytes expected')
}

/** Reads from memory. */
export class MemoryReader implements ByteReader {
  bytesRead = 0
  readonly failure = undefined
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(into: Uint8Array): Promise<number> {
    const count = Math.min(into.length, this.#bytes.length - this.bytesRead)
    into.set(this.#bytes.subarray(this.bytesRead, this.bytesRead + count))
    this.bytesRead += count
    return Promise.resolve(count)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
