/**
 * The memory of inspection states: 16 words for each flow, one cache line, by handle. Pages are never moved. Free handles
 * form a list: the first word of each names the next one.
 */
import { ALIGNED, alignedBuffer } from '../../bytes.ts'

const WORDS = 16
const PAGE_SHIFT = 12
const PAGE_BYTES = (Int32Array.BYTES_PER_ELEMENT * WORDS) << PAGE_SHIFT
const NONE = -1

export class StatePages {
  /** All handles ever allocated are below this number. */
  used = 0
  private readonly pages: Int32Array[] = []
  /** Head of the free list. */
  private free = NONE

  /** A handle whose words are 0. */
  open(): number {
    const handle = this.free === NONE ? this.add() : this.free
    const words = this.page(handle)
    const at = offsetOf(handle)
    if (handle === this.free) this.free = words[at]
    // A loop: for so few words a call of fill() costs more.
    for (let word = at; word < at + WORDS; word++) words[word] = 0
    return handle
  }

  close(handle: number): void {
    this.page(handle)[offsetOf(handle)] = this.free
    this.free = handle
  }

  private add(): number {
    if (this.used >> PAGE_SHIFT === this.pages.length)
      this.pages.push(new Int32Array(alignedBuffer(PAGE_BYTES), ALIGNED, WORDS << PAGE_SHIFT))
    return this.used++
  }

  page(handle: number): Int32Array {
    return this.pages[handle >> PAGE_SHIFT]
  }
}

/** First word of the handle in its page. */
export function offsetOf(handle: number): number {
  return (handle & ((1 << PAGE_SHIFT) - 1)) * WORDS
}
