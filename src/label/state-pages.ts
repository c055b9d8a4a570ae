/**
 * The memory of what the inspector knows of each flow: 16 words, one line of the cache, under a handle. Pages are never
 * moved; a handle that is given back goes to the next flow.
 */
import { ALIGNED, alignedBuffer } from '../bytes.ts'

const WORDS = 16
const PAGE_SHIFT = 12
const PAGE_BYTES = (Int32Array.BYTES_PER_ELEMENT * WORDS) << PAGE_SHIFT

export class StatePages {
  /** Handles that were given out at some time: below this number. */
  used = 0
  private readonly pages: Int32Array[] = []
  private readonly free: number[] = []

  /** A handle whose words are 0. */
  open(): number {
    const handle = this.free.pop() ?? this.used++
    if (handle >> PAGE_SHIFT === this.pages.length)
      this.pages.push(new Int32Array(alignedBuffer(PAGE_BYTES), ALIGNED, WORDS << PAGE_SHIFT))
    const words = this.page(handle)
    const at = offsetOf(handle)
    // A loop: for so few words a call of fill() costs more.
    for (let word = at; word < at + WORDS; word++) words[word] = 0
    return handle
  }

  close(handle: number): void {
    this.free.push(handle)
  }

  page(handle: number): Int32Array {
    return this.pages[handle >> PAGE_SHIFT]
  }
}

/** First word of the handle in its page. */
export function offsetOf(handle: number): number {
  return (handle & ((1 << PAGE_SHIFT) - 1)) * WORDS
}
