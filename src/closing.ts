/**
 * The order of records: flows and sessions that are due, by close instant, then start, then id. Both come in
 * ordered by instant; what ties is sorted here. The queue is filled when the clock passes something and is worked
 * off in steps, so that a slow output can be waited for in between.
 */
import { idText } from './text.ts'
import type { Session } from './types.ts'

/** What the queue must know of a flow's row to order it; fields are only read, and only for ties. */
export interface RowOrder {
  startSec(row: number): number
  startNsec(row: number): number
  idHigh(row: number): number
  idLow(row: number): number
}

const FIRST_CAPACITY = 1024

export class ClosingQueue {
  private readonly order: RowOrder
  private rows = new Int32Array(FIRST_CAPACITY)
  private sec = new Float64Array(FIRST_CAPACITY)
  private nsec = new Int32Array(FIRST_CAPACITY)
  private sessions: Session[] = []
  private rowHead = 0
  private rowCount = 0
  private sessionHead = 0

  constructor(order: RowOrder) {
    this.order = order
  }

  get empty(): boolean {
    return this.rowHead === this.rowCount && this.sessionHead === this.sessions.length
  }

  /** Rows come in the order of their instants, but for those whose packets came late. */
  addRow(row: number, sec: number, nsec: number): void {
    if (this.rowCount === this.rows.length) this.grow()
    this.rows[this.rowCount] = row
    this.sec[this.rowCount] = sec
    this.nsec[this.rowCount] = nsec
    this.rowCount++
  }

  addSession(session: Session): void {
    this.sessions.push(session)
  }

  /** Call once everything due is added, before taking anything out. */
  seal(): void {
    if (this.isOrdered()) this.sortTies()
    else this.sortRows()
    if (this.sessions.length > 1) this.sessions.sort(compareSessions)
  }

  /** The next row (>= 0), or -1 when a session comes first (see takeSession). Not on an empty queue. */
  takeRow(): number {
    if (this.rowHead === this.rowCount) return -1
    if (this.sessionHead < this.sessions.length && this.sessionFirst(this.sessions[this.sessionHead]))
      return -1
    return this.rows[this.rowHead++]
  }

  takeSession(): Session {
    return this.sessions[this.sessionHead++]
  }

  /** Call when empty, to let go of the memory. */
  clear(): void {
    this.clearRows()
    this.sessions = []
    this.sessionHead = 0
  }

  private clearRows(): void {
    this.rowHead = 0
    this.rowCount = 0
    if (this.rows.length > FIRST_CAPACITY) this.resize(FIRST_CAPACITY)
  }

  /** So many rows will be added. */
  reserve(rows: number): void {
    if (this.rowCount + rows > this.rows.length) this.resize(this.rowCount + rows)
  }

  private grow(): void {
    this.resize(this.rows.length * 2)
  }

  private resize(capacity: number): void {
    const { rows, sec, nsec, rowCount } = this
    this.rows = new Int32Array(capacity)
    this.sec = new Float64Array(capacity)
    this.nsec = new Int32Array(capacity)
    this.rows.set(rows.subarray(0, rowCount))
    this.sec.set(sec.subarray(0, rowCount))
    this.nsec.set(nsec.subarray(0, rowCount))
  }

  private sessionFirst(session: Session): boolean {
    const head = this.rowHead
    const row = this.rows[head]
    const difference =
      session.closeSec - this.sec[head] ||
      session.closeNsec - this.nsec[head] ||
      session.startSec - this.order.startSec(row) ||
      session.startNsec - this.order.startNsec(row)
    if (difference !== 0) return difference < 0
    return session.sessionId < idText(this.order.idHigh(row), this.order.idLow(row))
  }

  private isOrdered(): boolean {
    const { sec, nsec, rowCount } = this
    for (let i = this.rowHead + 1; i < rowCount; i++)
      if (sec[i] < sec[i - 1] || (sec[i] === sec[i - 1] && nsec[i] < nsec[i - 1])) return false
    return true
  }

  private sortRows(): void {
    const { rows, sec, nsec, rowHead, rowCount } = this
    const left = Array.from(rows.subarray(rowHead, rowCount), (row, i) => ({
      row,
      sec: sec[rowHead + i],
      nsec: nsec[rowHead + i],
    }))
    left.sort((a, b) => a.sec - b.sec || a.nsec - b.nsec || this.compareRows(a.row, b.row))
    this.clearRows()
    for (const each of left) this.addRow(each.row, each.sec, each.nsec)
  }

  private sortTies(): void {
    const { sec, nsec, rowCount } = this
    for (let from = this.rowHead; from < rowCount; ) {
      let to = from + 1
      while (to < rowCount && sec[to] === sec[from] && nsec[to] === nsec[from]) to++
      if (!this.isSorted(from, to)) this.rows.subarray(from, to).sort((a, b) => this.compareRows(a, b))
      from = to
    }
  }

  /** Rows that tie are nearly always in order: they were made in it. */
  private isSorted(from: number, to: number): boolean {
    const { rows } = this
    for (let i = from + 1; i < to; i++) if (this.compareRows(rows[i - 1], rows[i]) > 0) return false
    return true
  }

  private compareRows(a: number, b: number): number {
    const order = this.order
    return (
      order.startSec(a) - order.startSec(b) ||
      order.startNsec(a) - order.startNsec(b) ||
      (order.idHigh(a) >>> 0) - (order.idHigh(b) >>> 0) ||
      (order.idLow(a) >>> 0) - (order.idLow(b) >>> 0)
    )
  }
}

function compareSessions(a: Session, b: Session): number {
  return (
    a.closeSec - b.closeSec ||
    a.closeNsec - b.closeNsec ||
    a.startSec - b.startSec ||
    a.startNsec - b.startNsec ||
    (a.sessionId < b.sessionId ? -1 : 1)
  )
}
