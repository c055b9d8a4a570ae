/**
 * A growing window over a reader's bytes. What is at `at` .. `end - 1` can be read now; `fill()` brings more
 * and may move everything (re-read `bytes`, `at` and `end` after it). Positions behind `at` are gone.
 *
 *      bytes  [ headroom | chunk                      ]   the window now
 *                    at ^-----------------^ end
 *      spare  [ headroom | next chunk, being read     ]
 *
 * While a caller works on one chunk the next is already being read behind the headroom of the other buffer;
 * `fill()` copies only the unread tail in front of it. A tail too long for that (a record of many chunks) is
 * kept and the chunk is copied behind it instead, in a buffer that doubles: a caller that asks only for bounded
 * records gets bounded memory.
 */
import { assert } from '../errors.ts'
import type { ByteReader, Failure } from './readers.ts'

const HEADROOM = 65_536
/** No caller may need more than this at once, in bytes. */
const MAX_WINDOW = 32 * 1024 * 1024

export class Window {
  bytes: Uint8Array
  at = 0
  end = 0
  /** True once the reader has said that nothing more comes. */
  ended = false
  readonly #reader: ByteReader
  /** Bytes read at once. */
  readonly chunkSize: number
  readonly #headroom: number
  /** Offset in the stream of bytes[0]. */
  #base = 0
  #spare: Uint8Array
  #pending: Promise<number> | undefined = undefined

  constructor(reader: ByteReader, chunkSize: number) {
    this.#reader = reader
    this.chunkSize = chunkSize
    this.#headroom = Math.min(HEADROOM, chunkSize)
    this.bytes = new Uint8Array(this.#headroom + chunkSize)
    this.#spare = new Uint8Array(this.#headroom + chunkSize)
  }

  /** Offset in the stream of the byte at `position`. */
  streamOffset(position: number): number {
    return this.#base + position
  }

  get bytesRead(): number {
    return this.#reader.bytesRead
  }

  /** Why the reader ended early; meaningful once `ended`. */
  get failure(): Failure | undefined {
    return this.ended ? this.#reader.failure : undefined
  }

  /** The reader failed before all data was delivered; it describes the cut itself. Meaningful once `ended`. */
  get cutByReader(): boolean {
    return this.failure !== undefined && !this.failure.trailing
  }

  /** One more chunk, or false at the end. */
  async fill(): Promise<boolean> {
    if (this.ended) return false
    const count = await (this.#pending ?? this.#readAhead())
    this.#pending = undefined
    if (count === 0) {
      this.ended = true
      return false
    }
    const tail = this.end - this.at
    if (tail <= this.#headroom && tail <= count) this.#swap(tail, count)
    else this.#append(tail, count)
    this.#pending = this.#readAhead()
    return true
  }

  /** Fills until `count` bytes are there; false when the input ends before. */
  async need(count: number): Promise<boolean> {
    while (this.end - this.at < count) if (!(await this.fill())) return false
    return true
  }

  close(): Promise<void> {
    this.ended = true
    return this.#reader.close()
  }

  #readAhead(): Promise<number> {
    return this.#reader.read(this.#spare.subarray(this.#headroom, this.#headroom + this.chunkSize))
  }

  /** The spare buffer becomes the window, the tail in front of its chunk. */
  #swap(tail: number, count: number): void {
    const start = this.#headroom - tail
    this.#spare.set(this.bytes.subarray(this.at, this.end), start)
    const old = this.bytes
    this.bytes = this.#spare
    this.#spare = old
    this.#base += this.at - start
    this.at = start
    this.end = this.#headroom + count
  }

  /** The chunk is copied behind the tail. */
  #append(tail: number, count: number): void {
    if (this.end + count > this.bytes.length) this.#moveTail(tail, count)
    this.bytes.set(this.#spare.subarray(this.#headroom, this.#headroom + count), this.end)
    this.end += count
  }

  #moveTail(tail: number, count: number): void {
    assert(tail <= MAX_WINDOW, 'a record in the window is bounded')
    if (tail + count > this.bytes.length >>> 1) {
      const grown = new Uint8Array(2 * (tail + count) + this.#headroom + this.chunkSize)
      grown.set(this.bytes.subarray(this.at, this.end))
      this.bytes = grown
    } else {
      this.bytes.copyWithin(0, this.at, this.end)
    }
    this.#base += this.at
    this.at = 0
    this.end = tail
  }
}
