/**
 * The order of records: flows and sessions that are due, by close instant, then start, then id. Both are added ordered
 * by instant; ties are sorted here. The queue is filled when the clock passes a close instant and emptied in steps, so
 * that the pipeline can wait for a slow output in between.
 */
import { compareSessions } from './pool/counting/order.ts'
import { idText } from './text.ts'
import type { Session } from './types.ts'

/** The fields of a flow's row that decide ties. */
export interface RowOrder {
  startSec(row: number): number
  startNsec(row: number): number
  idHigh(row: number): number
  idLow(row: number): number
}

const FIRST_CAPACITY = 1024
const NO_ROWS = new Int32Array(0)

export class ClosingQueue {
  private readonly order: RowOrder
  private rows = new Int32Array(FIRST_CAPACITY)
  private sec = new Float64Array(FIRST_CAPACITY)
  private nsec = new Int32Array(FIRST_CAPACITY)
  private sessions: Session[] = []
  private rowHead = 0
  private rowCount = 0
  private sessionHead = 0
  /** Rows that close after all others, at one instant. */
  private lastRows: Int32Array = NO_ROWS
  private lastHead = 0
  private lastSec = 0
  private lastNsec = 0

  constructor(order: RowOrder) {
    this.order = order
  }

  get empty(): boolean {
    return (
      this.rowHead === this.rowCount &&
      this.lastHead === this.lastRows.length &&
      this.sessionHead === this.sessions.length
    )
  }

  /** Rows come in the order of their instants, but for those whose packets came late. */
  addRow(row: number, sec: number, nsec: number): void {
    if (this.rowCount === this.rows.length) this.grow()
    this.rows[this.rowCount] = row
    this.sec[this.rowCount] = sec
    this.nsec[this.rowCount] = nsec
    this.rowCount++
  }

  /** Rows that close together, at the end of input: no other closes later. The queue sorts them where they are. */
  addLast(rows: Int32Array, sec: number, nsec: number): void {
    this.lastRows = rows
    this.lastHead = 0
    this.lastSec = sec
    this.lastNsec = nsec
  }

  addSession(session: Session): void {
    this.sessions.push(session)
  }

  /** Call once everything due is added, before taking anything out. */
  seal(): void {
    if (this.isOrdered()) this.sortTies()
    else this.sortRows()
    this.sortEqual(this.lastRows)
    if (this.sessions.length > 1) this.sessions.sort(compareSessions)
  }

  /** The next row (>= 0), or -1 when a session comes first (see takeSession). Not on an empty queue. */
  takeRow(): number {
    if (this.rowHead === this.rowCount) return this.takeLastRow()
    const row = this.rows[this.rowHead]
    if (this.sessionPrecedes(row, this.sec[this.rowHead], this.nsec[this.rowHead])) return -1
    this.rowHead++
    return row
  }

  private takeLastRow(): number {
    if (this.lastHead === this.lastRows.length) return -1
    const row = this.lastRows[this.lastHead]
    if (this.sessionPrecedes(row, this.lastSec, this.lastNsec)) return -1
    this.lastHead++
    return row
  }

  takeSession(): Session {
    return this.sessions[this.sessionHead++]
  }

  /** Call when empty: releases the memory of a queue that has grown. */
  clear(): void {
    this.clearRows()
    this.addLast(NO_ROWS, 0, 0)
    if (this.sessionHead === 0) return
    this.sessions = []
    this.sessionHead = 0
  }

  private clearRows(): void {
    this.rowHead = 0
    this.rowCount = 0
    if (this.rows.length > FIRST_CAPACITY) this.resize(FIRST_CAPACITY)
  }

  private grow(): void {
    const { rows, sec, nsec } = this
    this.resize(rows.length * 2)
    this.rows.set(rows)
    this.sec.set(sec)
    this.nsec.set(nsec)
  }

  private resize(capacity: number): void {
    this.rows = new Int32Array(capacity)
    this.sec = new Float64Array(capacity)
    this.nsec = new Int32Array(capacity)
  }

  private sessionPrecedes(row: number, sec: number, nsec: number): boolean {
    if (this.sessionHead === this.sessions.length) return false
    const session = this.sessions[this.sessionHead]
    const difference =
      session.closeSec - sec ||
      session.closeNsec - nsec ||
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
      if (to - from > 1) this.sortEqual(this.rows.subarray(from, to))
      from = to
    }
  }

  /** Rows that close at one instant are nearly always in order: they were made in it. */
  private sortEqual(rows: Int32Array): void {
    for (let i = 1; i < rows.length; i++) {
      if (this.compareRows(rows[i - 1], rows[i]) <= 0) continue
      rows.sort((a, b) => this.compareRows(a, b))
      return
    }
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
