/**
 * The memory of rows. Rows are allocated from pages, which are never moved; a freed row is reused by the next flow of its
 * length. Byte counters are 32-bit words; the overflows of the few that exceed 32 bits are counted in a map.
 */
import { ALIGNED, alignedBuffer } from '../bytes.ts'
import {
  A0,
  A3,
  BEYOND_WORD,
  KIND,
  LEAST_LINES,
  LINE_WORDS,
  linesOf,
  MOST_LINES,
  offsetOf,
  PACKETS,
  PAGE_LINES,
  PAGE_SHIFT,
  pageOf,
  SERIAL,
  SIDE_WORDS,
  STATE,
  STATE_DORMANT,
  STATE_QUEUED,
} from './layout.ts'

const PAGE_BYTES = (Int32Array.BYTES_PER_ELEMENT * LINE_WORDS) << PAGE_SHIFT

/** Word of a freed row: the next row of the free list. */
const NEXT_FREE = A3
const NONE = -1
/** The row's flow has ended, or is about to. */
const NOT_OPEN = STATE_DORMANT | STATE_QUEUED

/** Rows in pages, with a free list for each length. `words[pageOf(row)]` and `offsetOf(row)` give the row. */
export class RowPages {
  readonly words: Int32Array[] = []
  readonly doubles: Float64Array[] = []
  /** By length: LEAST_LINES first. */
  private readonly supplies = Array.from(
    { length: MOST_LINES - LEAST_LINES + 1 },
    (_, i) => new RowSupply(LEAST_LINES + i),
  )
  /** By keyOf: how often the counter overflowed 32 bits. */
  private readonly carries = new Map<number, number>()

  /** A row number; its words hold whatever was there before. */
  allocate(kind: number): number {
    const supply = this.supplies[linesOf(kind) - LEAST_LINES]
    const row = supply.free
    if (row !== NONE) {
      supply.free = this.words[pageOf(row)][offsetOf(row) + NEXT_FREE]
      return row
    }
    return supply.isFull ? supply.add(this.addPage()) : supply.make()
  }

  /** Frees a row; its words must still hold its kind. */
  release(row: number): void {
    const words = this.words[pageOf(row)]
    const at = offsetOf(row)
    const supply = this.supplies[linesOf(words[at + KIND]) - LEAST_LINES]
    words[at + NEXT_FREE] = supply.free
    supply.free = row
  }

  private addPage(): number {
    const buffer = alignedBuffer(PAGE_BYTES)
    this.words.push(new Int32Array(buffer, ALIGNED, PAGE_BYTES / Int32Array.BYTES_PER_ELEMENT))
    this.doubles.push(new Float64Array(buffer, ALIGNED, PAGE_BYTES / Float64Array.BYTES_PER_ELEMENT))
    return this.words.length - 1
  }

  /** Empties all of a row but its key. */
  clear(row: number): void {
    const words = this.words[pageOf(row)]
    const at = offsetOf(row)
    // Loops: for so few words a call of fill() costs more.
    const end = at + Math.min(A0, linesOf(words[at + KIND]) * LINE_WORDS)
    for (let word = at + STATE; word < end; word++) words[word] = 0
    if (this.carries.size === 0) return
    for (let counter = PACKETS; counter < PACKETS + 2 * SIDE_WORDS; counter++)
      this.carries.delete(keyOf(row, counter))
  }

  /** A byte counter overflowed 32 bits. `counter`: its word, of side b with SIDE_WORDS added. */
  carry(row: number, counter: number): void {
    const key = keyOf(row, counter)
    this.carries.set(key, (this.carries.get(key) ?? 0) + 1)
  }

  /** A counter of bytes. */
  total(row: number, counter: number): number {
    const low = this.words[pageOf(row)][offsetOf(row) + counter] >>> 0
    const carried = this.carries.size === 0 ? undefined : this.carries.get(keyOf(row, counter))
    return carried === undefined ? low : low + carried * BEYOND_WORD
  }

  /** The row still holds the flow with this serial, and that has not ended. */
  isOpen(row: number, serial: number): boolean {
    const words = this.words[pageOf(row)]
    const at = offsetOf(row)
    return words[at + SERIAL] >>> 0 === serial && (words[at + STATE] & NOT_OPEN) === 0
  }

  /** Rows that were given out at some time, those that were given back included. */
  get rows(): number {
    return this.supplies.reduce((sum, { given }) => sum + given, 0)
  }

  /** The rows of flows that are not over, in creation order as long as none was used again. */
  live(): Int32Array {
    return this.supplies.map((supply) => this.liveOf(supply)).reduce((a, b) => this.merge(a, b))
  }

  private liveOf(supply: RowSupply): Int32Array {
    const rows = new Int32Array(supply.given)
    let count = 0
    supply.each((row) => {
      const dormant = this.words[pageOf(row)][offsetOf(row) + STATE] & STATE_DORMANT
      if (this.serial(row) !== 0 && dormant === 0) rows[count++] = row
    })
    return rows.subarray(0, count)
  }

  private merge(a: Int32Array, b: Int32Array): Int32Array {
    if (b.length === 0) return a
    const merged = new Int32Array(a.length + b.length)
    let fromA = 0
    let fromB = 0
    for (let i = 0; i < merged.length; i++) {
      const isA = fromB === b.length || (fromA < a.length && this.serial(a[fromA]) < this.serial(b[fromB]))
      merged[i] = isA ? a[fromA++] : b[fromB++]
    }
    return merged
  }

  private serial(row: number): number {
    return this.words[pageOf(row)][offsetOf(row) + SERIAL] >>> 0
  }
}

/** Adds up to 32 bits to a counter; true when it overflowed 32 bits: then call RowPages.carry. */
export function addTo(words: Int32Array, counter: number, amount: number): boolean {
  const sum = (words[counter] + amount) | 0
  words[counter] = sum
  return sum >>> 0 < amount
}

function keyOf(row: number, counter: number): number {
  return row * LINE_WORDS * LEAST_LINES + counter
}

/** Rows of one length. */
class RowSupply {
  /** Rows that were given out at some time. */
  given = 0
  /** The row given back last. */
  free = NONE
  /** From one row's number to the next one's. */
  private readonly lines: number
  private readonly pages: number[] = []
  private next = 0
  private end = 0

  constructor(lines: number) {
    this.lines = lines
  }

  /** Whether a page must be added before a row can be made. */
  get isFull(): boolean {
    return this.next === this.end
  }

  make(): number {
    const made = this.next
    this.next += this.lines
    this.given++
    return made
  }

  /** Goes on with the page; returns its first row. */
  add(page: number): number {
    this.pages.push(page)
    this.next = page << PAGE_SHIFT
    this.end = this.next + this.fitting
    return this.make()
  }

  each(see: (row: number) => void): void {
    let left = this.given
    for (const page of this.pages) {
      const end = (page << PAGE_SHIFT) + this.fitting
      for (let row = page << PAGE_SHIFT; row < end && left > 0; row += this.lines, left--) see(row)
    }
  }

  /** Lines of a page that whole rows fill. */
  private get fitting(): number {
    return PAGE_LINES - (PAGE_LINES % this.lines)
  }
}
