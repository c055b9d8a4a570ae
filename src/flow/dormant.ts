/**
 * Rows whose record is written and that wait for a packet which continues them, oldest first; a bounded queue of row
 * and serial. A row that was taken up again has another serial by the time it is oldest.
 */
const COMPACT_AT = 65_536

export class DormantRows {
  /** Serial of the row that `push` returned. */
  oldestSerial = 0
  private readonly limit: number
  private entries: number[] = []
  private head = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Adds a row; returns the oldest when there are more than the limit, else -1. */
  push(row: number, serial: number): number {
    this.entries.push(row, serial)
    if ((this.entries.length - this.head) / 2 <= this.limit) return -1
    const oldest = this.entries[this.head]
    this.oldestSerial = this.entries[this.head + 1]
    this.head += 2
    if (this.head >= COMPACT_AT) {
      this.entries = this.entries.slice(this.head)
      this.head = 0
    }
    return oldest
  }
}
