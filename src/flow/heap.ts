/**
 * A queue of rows by instant, then creation number. It is lazy: an entry says when to look at a row, not what is
 * true by then. The caller that takes it out checks the row (its serial identifies a reused row) and puts it back if it
 * is not due yet; so a packet never has to update the queue.
 */
export const PAGE_SHIFT = 13
export const PAGE_ENTRIES = 1 << PAGE_SHIFT
export const PAGE_MASK = PAGE_ENTRIES - 1

/** Entries in pages, which are added and given back as it grows and shrinks: nothing is copied, and none is twice as large as needed. */
export class EntryPage {
  readonly sec = new Float64Array(PAGE_ENTRIES)
  readonly nsec = new Uint32Array(PAGE_ENTRIES)
  readonly serials = new Uint32Array(PAGE_ENTRIES)
  readonly rows = new Int32Array(PAGE_ENTRIES)
}

export class InstantHeap {
  private readonly pages = [new EntryPage()]
  size = 0
  /** The first entry; Infinity when empty. */
  topSec = Infinity
  topNsec = 0

  get topRow(): number {
    return this.pages[0].rows[0]
  }

  get topSerial(): number {
    return this.pages[0].serials[0]
  }

  push(sec: number, nsec: number, row: number, serial: number): void {
    let at = this.size++
    if (at >> PAGE_SHIFT === this.pages.length) this.pages.push(new EntryPage())
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.precedes(sec, nsec, serial, parent)) break
      this.move(parent, at)
      at = parent
    }
    const page = this.pages[at >> PAGE_SHIFT]
    at &= PAGE_MASK
    page.sec[at] = sec
    page.nsec[at] = nsec
    page.serials[at] = serial
    page.rows[at] = row
    this.showTop()
  }

  /** Removes the first entry. */
  pop(): void {
    const last = --this.size
    if (last === 0) {
      this.topSec = Infinity
      return
    }
    const page = this.pages[last >> PAGE_SHIFT]
    const place = last & PAGE_MASK
    let at = 0
    for (let child = 1; child < last; child = at * 2 + 1) {
      if (child + 1 < last && this.entryPrecedes(child + 1, child)) child++
      if (this.precedes(page.sec[place], page.nsec[place], page.serials[place], child)) break
      this.move(child, at)
      at = child
    }
    this.move(last, at)
    this.showTop()
    // One page stays in reserve for the entries that come and go at its edge.
    if (this.pages.length > (last >> PAGE_SHIFT) + 2) this.pages.pop()
  }

  private showTop(): void {
    const page = this.pages[0]
    this.topSec = page.sec[0]
    this.topNsec = page.nsec[0]
  }

  private entryPrecedes(one: number, other: number): boolean {
    const page = this.pages[one >> PAGE_SHIFT]
    const at = one & PAGE_MASK
    return this.precedes(page.sec[at], page.nsec[at], page.serials[at], other)
  }

  private precedes(sec: number, nsec: number, serial: number, other: number): boolean {
    const page = this.pages[other >> PAGE_SHIFT]
    const at = other & PAGE_MASK
    if (sec !== page.sec[at]) return sec < page.sec[at]
    if (nsec !== page.nsec[at]) return nsec < page.nsec[at]
    return serial >>> 0 < page.serials[at]
  }

  private move(from: number, to: number): void {
    const source = this.pages[from >> PAGE_SHIFT]
    const target = this.pages[to >> PAGE_SHIFT]
    from &= PAGE_MASK
    to &= PAGE_MASK
    target.sec[to] = source.sec[from]
    target.nsec[to] = source.nsec[from]
    target.serials[to] = source.serials[from]
    target.rows[to] = source.rows[from]
  }
}
