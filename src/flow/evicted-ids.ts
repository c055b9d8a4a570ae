/**
 * Ids of flows that were evicted: the next packet of the same key may bear the same time, and would make the same id.
 * A direct-mapped table indexed by the lower bits of the id: a later id overwrites an earlier one, so that after a
 * thousand further evictions 98 of 100 are still known. A table that never fills pays nothing.
 */
const SLOT_BITS = 16
const SLOT_MASK = (1 << SLOT_BITS) - 1

export class EvictedIds {
  private readonly words = new Int32Array(2 << SLOT_BITS)

  add(high: number, low: number): void {
    const at = (low & SLOT_MASK) << 1
    this.words[at] = high
    this.words[at + 1] = low
  }

  has(high: number, low: number): boolean {
    const at = (low & SLOT_MASK) << 1
    return this.words[at] === high && this.words[at + 1] === low
  }
}
