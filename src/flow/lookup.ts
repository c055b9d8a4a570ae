/**
 * From a packet to its flow's row: hash, index, comparison of keys. The rows of packets that are announced beforehand are
 * prefetched together, which hides most of the latency of memory.
 */
import type { Packet } from '../types.ts'
import { IndexTable } from './index-table.ts'
import { directionIn, hashOf, kindOf } from './key.ts'
import * as row from './layout.ts'
import type { RowPages } from './pages.ts'

export class FlowLookup {
  /** Of the row found last: 0 from side a, 1 from side b. */
  direction = 0
  /** Hashes of the announced packets. */
  readonly hashes: number[] = []
  /** Keeps `fetch` from being optimised away. */
  touched = 0
  private readonly pages: RowPages
  private readonly seed: number
  private index = new IndexTable()
  private readonly fetched: number[] = []

  constructor(pages: RowPages, seed: number) {
    this.pages = pages
    this.seed = seed
  }

  hash(packet: Packet): number {
    return hashOf(packet, this.seed)
  }

  /** A packet that will be looked up soon, as number `place` of a few. */
  announce(packet: Packet, place: number): void {
    this.hashes[place] = hashOf(packet, this.seed)
  }

  /** Touches the memory that the announced packets' flows will need, all of it at once. */
  fetch(count: number): void {
    const { fetched, hashes, index, pages } = this
    for (let i = 0; i < count; i++) fetched[i] = index.rowAt(index.home(hashes[i]))
    let touched = 0
    for (let i = 0; i < count; i++) {
      const each = fetched[i]
      if (each < 0) continue
      const words = pages.words[row.pageOf(each)]
      const at = row.offsetOf(each)
      touched ^= words[at] ^ words[at + row.PACKETS]
    }
    this.touched = touched
  }

  /** The row of the packet's flow, or -1; sets `direction`. */
  find(packet: Packet, hash: number): number {
    const kind = kindOf(packet)
    const index = this.index
    for (let slot = index.home(hash); ; slot = index.next(slot)) {
      const candidate = index.rowAt(slot)
      if (candidate < 0) return -1
      if (index.hashAt(slot) !== hash) continue
      const words = this.pages.words[row.pageOf(candidate)]
      const direction = directionIn(words, row.offsetOf(candidate), packet, kind)
      if (direction >= 0) {
        this.direction = direction
        return candidate
      }
    }
  }

  insert(hash: number, made: number): void {
    this.index.insert(hash, made)
  }

  remove(hash: number, found: number): void {
    this.index.remove(hash, found)
  }

  clear(): void {
    this.index = new IndexTable()
  }
}
