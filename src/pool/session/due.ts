/** A queue by instant, then order of creation. An entry says when to look at something, not that it is due. */

import { compareInstants, NEVER } from '../../instant.ts'
import type { Instant } from '../../types.ts'

interface Entry<T> {
  at: Instant
  order: number
  what: T
}

export class DueQueue<T> {
  private readonly heap: Entry<T>[] = []

  get size(): number {
    return this.heap.length
  }

  /** The earliest instant; NEVER when empty. */
  get first(): Instant {
    return this.heap.length === 0 ? NEVER : this.heap[0].at
  }

  push(at: Instant, order: number, what: T): void {
    const { heap } = this
    const entry = { at, order, what }
    let hole = heap.push(entry) - 1
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (compare(heap[parent], entry) <= 0) break
      heap[hole] = heap[parent]
      hole = parent
    }
    heap[hole] = entry
  }

  /** Takes the earliest out; the queue must not be empty. */
  pop(): T {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop() as Entry<T>
    if (heap.length === 0) return top.what
    let hole = 0
    for (let child = 1; child < heap.length; child = hole * 2 + 1) {
      if (child + 1 < heap.length && compare(heap[child + 1], heap[child]) < 0) child++
      if (compare(last, heap[child]) <= 0) break
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = last
    return top.what
  }
}

function compare<T>(a: Entry<T>, b: Entry<T>): number {
  return compareInstants(a.at, b.at) || a.order - b.order
}
