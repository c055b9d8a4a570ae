/**
 * A queue of rows by instant, then creation number. It is lazy: an entry says when to look at a row, not what is
 * true by then. Whoever takes it out checks the row (its serial tells a reused row) and puts it back if it is
 * not due yet; so a packet never has to touch the queue.
 */
const FIRST_CAPACITY = 1024

export class InstantHeap {
  private sec = new Float64Array(FIRST_CAPACITY)
  private nsec = new Uint32Array(FIRST_CAPACITY)
  private serials = new Uint32Array(FIRST_CAPACITY)
  private rows = new Int32Array(FIRST_CAPACITY)
  size = 0
  /** The first entry; Infinity when empty. */
  topSec = Infinity
  topNsec = 0

  get topRow(): number {
    return this.rows[0]
  }

  get topSerial(): number {
    return this.serials[0]
  }

  push(sec: number, nsec: number, row: number, serial: number): void {
    if (this.size === this.rows.length) this.grow()
    let at = this.size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.precedes(sec, nsec, serial, parent)) break
      this.move(parent, at)
      at = parent
    }
    this.set(at, sec, nsec, serial >>> 0, row)
    this.topSec = this.sec[0]
    this.topNsec = this.nsec[0]
  }

  /** Removes the first entry. */
  pop(): void {
    const last = --this.size
    if (last === 0) {
      this.topSec = Infinity
      return
    }
    const sec = this.sec[last]
    const nsec = this.nsec[last]
    const serial = this.serials[last]
    let at = 0
    for (let child = 1; child < last; child = at * 2 + 1) {
      const right = child + 1
      if (right < last && this.precedes(this.sec[right], this.nsec[right], this.serials[right], child))
        child = right
      if (this.precedes(sec, nsec, serial, child)) break
      this.move(child, at)
      at = child
    }
    this.set(at, sec, nsec, serial, this.rows[last])
    this.topSec = this.sec[0]
    this.topNsec = this.nsec[0]
  }

  private precedes(sec: number, nsec: number, serial: number, at: number): boolean {
    if (sec !== this.sec[at]) return sec < this.sec[at]
    if (nsec !== this.nsec[at]) return nsec < this.nsec[at]
    return serial >>> 0 < this.serials[at]
  }

  private move(from: number, to: number): void {
    this.set(to, this.sec[from], this.nsec[from], this.serials[from], this.rows[from])
  }

  private set(at: number, sec: number, nsec: number, serial: number, row: number): void {
    this.sec[at] = sec
    this.nsec[at] = nsec
    this.serials[at] = serial
    this.rows[at] = row
  }

  private grow(): void {
    const capacity = this.rows.length * 2
    const sec = new Float64Array(capacity)
    const nsec = new Uint32Array(capacity)
    const serials = new Uint32Array(capacity)
    const rows = new Int32Array(capacity)
    sec.set(this.sec)
    nsec.set(this.nsec)
    serials.set(this.serials)
    rows.set(this.rows)
    this.sec = sec
    this.nsec = nsec
    this.serials = serials
    this.rows = rows
  }
}
