/**
 * Which row to check when: entries by instant, then creation number, as in heap.ts. Many flows have the same timeout, so
 * nearly all entries are added in the order in which they become due: these go to lanes (FIFO queues), which need no
 * sorting; an entry that fits no lane goes to a heap, which stays small.
 */
import { EntryPage, InstantHeap, PAGE_ENTRIES, PAGE_MASK, PAGE_SHIFT } from './heap.ts'

/** Enough for the timeouts that are in use at a time, and for a few broken clocks, whose instants block a lane. */
const LANES = 6
const IN_HEAP = -1

/** A lane takes only what is no earlier than its last entry. */
class Lane {
  private readonly pages: EntryPage[] = []
  /** Place of the first entry in the first page, and of the one behind the last, counted from there. */
  private first = 0
  private end = 0
  /** Infinity when empty. */
  headSec = Infinity
  headNsec = 0
  headSerial = 0
  headRow = -1
  private tailSec = -Infinity
  private tailNsec = 0
  private tailSerial = 0

  /** The seconds of the last entry, -Infinity when empty. */
  get lastSec(): number {
    return this.tailSec
  }

  takes(sec: number, nsec: number, serial: number): boolean {
    const { tailSec, tailNsec, tailSerial } = this
    if (sec !== tailSec) return sec > tailSec
    return nsec !== tailNsec ? nsec > tailNsec : serial >>> 0 > tailSerial
  }

  push(sec: number, nsec: number, row: number, serial: number): void {
    if (this.end >> PAGE_SHIFT === this.pages.length) this.pages.push(new EntryPage())
    const page = this.pages[this.end >> PAGE_SHIFT]
    const at = this.end++ & PAGE_MASK
    page.sec[at] = sec
    page.nsec[at] = nsec
    page.serials[at] = serial
    page.rows[at] = row
    this.tailSec = sec
    this.tailNsec = nsec
    this.tailSerial = serial >>> 0
    if (this.headRow < 0) this.showHead()
  }

  pop(): void {
    if (++this.first === PAGE_ENTRIES) {
      const done = this.pages.shift() as EntryPage
      this.first = 0
      this.end -= PAGE_ENTRIES
      // One page stays in reserve for the entries to come.
      if (this.pages.length <= (this.end >> PAGE_SHIFT) + 1) this.pages.push(done)
    }
    if (this.first < this.end) this.showHead()
    else this.clear()
  }

  private clear(): void {
    this.first = 0
    this.end = 0
    this.headSec = Infinity
    this.headRow = -1
    this.tailSec = -Infinity
  }

  private showHead(): void {
    const page = this.pages[0]
    this.headSec = page.sec[this.first]
    this.headNsec = page.nsec[this.first]
    this.headSerial = page.serials[this.first]
    this.headRow = page.rows[this.first]
  }
}

export class DueRows {
  private readonly lanes = Array.from({ length: LANES }, () => new Lane())
  private readonly heap = new InstantHeap()
  private source = IN_HEAP
  size = 0
  /** The first entry; Infinity when empty. */
  topSec = Infinity
  topNsec = 0
  topSerial = 0
  topRow = -1

  push(sec: number, nsec: number, row: number, serial: number): void {
    const lane = this.laneFor(sec, nsec, serial)
    if (lane === undefined) this.heap.push(sec, nsec, row, serial)
    else lane.push(sec, nsec, row, serial)
    this.size++
    this.showTop()
  }

  /** Removes the first entry. */
  pop(): void {
    if (this.source === IN_HEAP) this.heap.pop()
    else this.lanes[this.source].pop()
    this.size--
    this.showTop()
  }

  /** Only the entries that `stays` wants, in the same order; this queue is empty then. */
  swept(stays: (row: number, serial: number) => boolean): DueRows {
    const left = new DueRows()
    for (; this.size > 0; this.pop())
      if (stays(this.topRow, this.topSerial))
        left.push(this.topSec, this.topNsec, this.topRow, this.topSerial)
    return left
  }

  /** Of those that take the entry the one that it comes closest to. */
  private laneFor(sec: number, nsec: number, serial: number): Lane | undefined {
    let best: Lane | undefined
    for (let i = 0; i < LANES; i++) {
      const lane = this.lanes[i]
      if (lane.takes(sec, nsec, serial) && (best === undefined || lane.lastSec > best.lastSec)) best = lane
    }
    return best
  }

  private showTop(): void {
    const { heap, lanes } = this
    this.source = IN_HEAP
    this.topSec = heap.topSec
    this.topNsec = heap.topNsec
    this.topSerial = heap.topSerial
    this.topRow = heap.topRow
    for (let i = 0; i < LANES; i++) {
      const lane = lanes[i]
      if (!this.isBefore(lane)) continue
      this.source = i
      this.topSec = lane.headSec
      this.topNsec = lane.headNsec
      this.topSerial = lane.headSerial
      this.topRow = lane.headRow
    }
  }

  private isBefore({ headSec, headNsec, headSerial }: Lane): boolean {
    if (headSec !== this.topSec) return headSec < this.topSec
    if (headSec === Infinity) return false
    return headNsec !== this.topNsec ? headNsec < this.topNsec : headSerial < this.topSerial
  }
}
