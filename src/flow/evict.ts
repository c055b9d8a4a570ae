/**
 * Which flow is evicted when the table is full: one-way and single-packet flows first, least recently seen, then the rest.
 * Built from the live rows when it is first needed, so a table that never fills pays nothing; lazy like heap.ts.
 */
import { InstantHeap } from './heap.ts'
import * as row from './layout.ts'
import type { RowPages } from './pages.ts'

export interface Evictor {
  /** Entries, those of rows that are gone included. */
  readonly size: number
  /** A new row. */
  add(made: number, sec: number, nsec: number, serial: number): void
  /** Removes and returns the row to evict, or -1 when there is none. */
  pop(): number
}

export function createEvictor(pages: RowPages): Evictor {
  const oneWay = new InstantHeap()
  const rest = new InstantHeap()
  for (const each of pages.live()) {
    const words = pages.words[row.pageOf(each)]
    const doubles = pages.doubles[row.pageOf(each)]
    const at = row.offsetOf(each)
    const heap = isOneWay(words, at) ? oneWay : rest
    heap.push(doubles[(at >> 1) + row.F_END_SEC], words[at + row.END_NSEC], each, words[at + row.SERIAL])
  }
  return {
    get size() {
      return oneWay.size + rest.size
    },
    add: (made, sec, nsec, serial) => oneWay.push(sec, nsec, made, serial),
    pop: () => {
      const victim = popLeastRecent(pages, oneWay, rest)
      return victim >= 0 ? victim : popLeastRecent(pages, rest, rest)
    },
  }
}

/** Takes the least recently seen row from `heap`; rows that have become two-way move to `rest`. */
function popLeastRecent(pages: RowPages, heap: InstantHeap, rest: InstantHeap): number {
  while (heap.size > 0) {
    const candidate = heap.topRow
    const serial = heap.topSerial
    const sec = heap.topSec
    const nsec = heap.topNsec
    heap.pop()
    const words = pages.words[row.pageOf(candidate)]
    const doubles = pages.doubles[row.pageOf(candidate)]
    const at = row.offsetOf(candidate)
    if (words[at + row.SERIAL] >>> 0 !== serial || (words[at + row.STATE] & row.STATE_DORMANT) !== 0) continue
    const lastSec = doubles[(at >> 1) + row.F_END_SEC]
    const lastNsec = words[at + row.END_NSEC]
    const target = heap !== rest && !isOneWay(words, at) ? rest : heap
    if (target === heap && lastSec === sec && lastNsec === nsec) return candidate
    target.push(lastSec, lastNsec, candidate, serial)
  }
  return -1
}

function isOneWay(words: Int32Array, at: number): boolean {
  return words[at + row.PACKETS] === 0 || words[at + row.PACKETS + row.SIDE_WORDS] === 0
}
