/**
 * What is no session, counted by reason and label. In: conversations that failed (too few packets, one way only) or
 * were refused. A failure is a `scan` when its source failed on eight or more slots of the server within 60 s, which
 * is known only afterwards: failures of one source at one server wait in a list of bounded length.
 */

import { compareInstants, isLonger } from '../../instant.ts'
import type { Instant, Notice, RejectReason } from '../../types.ts'

const SCAN_SLOTS = 8
export const SCAN_WINDOW_SEC = 60
/** Sources that are watched at a time, over all servers; the one watched longest is judged first. */
export const MAX_SOURCES = 16_384
/** Failures of one source that wait for judgement. */
const MAX_WAITING = 4096
/** Failures of all sources that wait. */
export const MAX_ALL_WAITING = 131_072
const UNKNOWN_LABEL = 'unknown'

export interface Rejection {
  reason: RejectReason
  label: string
  flows: number
}

/** So many are looked through sooner than a key is made. */
const FEW = 32

/**
 * Counts by reason and label. Of packets there are few of each: a list needs no keys and less memory than a map. Records
 * that are read back may name any labels: of many there is an index.
 */
export class Tally {
  private readonly counts: Rejection[] = []
  private index: Map<string, Rejection> | undefined

  add(reason: RejectReason, label: string, flows: number): void {
    const named = label || UNKNOWN_LABEL
    const known = this.find(reason, named)
    if (known !== undefined) {
      known.flows = Math.min(known.flows + flows, Number.MAX_SAFE_INTEGER)
      return
    }
    const count = { reason, label: named, flows }
    this.counts.push(count)
    this.index?.set(keyOf(count), count)
  }

  private find(reason: RejectReason, label: string): Rejection | undefined {
    if (this.counts.length <= FEW)
      return this.counts.find((each) => each.reason === reason && each.label === label)
    this.index ??= new Map(this.counts.map((each) => [keyOf(each), each]))
    return this.index.get(keyOf({ reason, label }))
  }

  /** Ordered by reason, then label. */
  list(): Rejection[] {
    const order = (a: Rejection, b: Rejection) =>
      compareText(a.reason, b.reason) || compareText(a.label, b.label)
    return this.counts.map((each) => ({ ...each })).sort(order)
  }

  clear(): void {
    this.counts.length = 0
    this.index = undefined
  }
}

function keyOf({ reason, label }: Pick<Rejection, 'reason' | 'label'>): string {
  return `${reason} ${label}`
}

export interface Failure {
  /** Where it counts; receives `add` for the server and for the pool over all servers. */
  place: { tally: Tally; total: Tally; pool: string; serverIp: string }
  source: string
  slot: number
  at: Instant
  reason: 'probe' | 'one_way'
  label: string
  flows: number
}

interface Source {
  waiting: Failure[]
  noticed: boolean
}

export class Rejections {
  private readonly sources = new Map<string, Source>()
  /** Yields the source watched longest next. */
  private oldest = this.sources.keys()
  private added = 0
  private waiting = 0
  private readonly notify: (notice: Notice) => void

  constructor(notify: (notice: Notice) => void) {
    this.notify = notify
  }

  fail(failure: Failure): void {
    const key = `${failure.place.pool} ${failure.place.serverIp} ${failure.source}`
    let source = this.sources.get(key)
    if (source === undefined) {
      if (this.sources.size >= MAX_SOURCES) this.judgeOldest()
      source = { waiting: [], noticed: false }
      this.sources.set(key, source)
      // A Map grows by copying itself, and an old iterator keeps every copy alive: renew it now and then.
      if (++this.added % MAX_SOURCES === 0) this.oldest = this.sources.keys()
    }
    source.waiting.push(failure)
    this.waiting++
    if (source.waiting.length >= MAX_WAITING) this.judge(source)
    while (this.waiting > MAX_ALL_WAITING) this.judgeOldest()
  }

  /** Judges everything that waits. */
  settle(): void {
    for (const source of this.sources.values()) this.judge(source)
    this.sources.clear()
  }

  /** Judges sources without a failure since `cutoff`, and forgets them: what they do next is another scan. */
  settleQuiet(cutoff: Instant): void {
    for (const [key, source] of this.sources) {
      if (source.waiting.some(({ at }) => compareInstants(at, cutoff) >= 0)) continue
      this.judge(source)
      this.sources.delete(key)
    }
  }

  private judgeOldest(): void {
    const key = this.oldest.next().value as string
    this.judge(this.sources.get(key) as Source)
    this.sources.delete(key)
  }

  private judge(source: Source): void {
    const failures = source.waiting.sort((a, b) => compareInstants(a.at, b.at) || a.slot - b.slot)
    const scans = scansAmong(failures)
    let first: Failure | undefined
    const slots = new Set<number>()
    this.waiting -= failures.length
    failures.forEach((failure, i) => {
      const reason = scans[i] === 1 ? 'scan' : failure.reason
      failure.place.tally.add(reason, failure.label, failure.flows)
      failure.place.total.add(reason, failure.label, failure.flows)
      if (scans[i] === 0) return
      first ??= failure
      slots.add(failure.slot)
    })
    source.waiting = []
    if (first === undefined || source.noticed) return
    source.noticed = true
    this.notify(scanNotice(first, slots.size))
  }
}

/** 1 for every failure that lies in a stretch of 60 s in which SCAN_SLOTS different slots failed. Ordered by time. */
function scansAmong(failures: readonly Failure[]): Uint8Array {
  const scans = new Uint8Array(failures.length)
  const inWindow = new Map<number, number>()
  let oldest = 0
  let marked = 0
  for (let i = 0; i < failures.length; i++) {
    const { slot, at } = failures[i]
    inWindow.set(slot, (inWindow.get(slot) ?? 0) + 1)
    for (; isLonger(failures[oldest].at, at, SCAN_WINDOW_SEC); oldest++) {
      const left = (inWindow.get(failures[oldest].slot) ?? 1) - 1
      if (left === 0) inWindow.delete(failures[oldest].slot)
      else inWindow.set(failures[oldest].slot, left)
    }
    if (inWindow.size < SCAN_SLOTS) continue
    for (marked = Math.max(marked, oldest); marked <= i; marked++) scans[marked] = 1
  }
  return scans
}

function scanNotice({ place, source, at }: Failure, slots: number): Notice {
  return {
    notice: 'port_scan',
    says: `${source} touched ${slots} slots of pool ${place.pool} on ${place.serverIp} without starting a session`,
    at,
    about: { pool: place.pool, server_ip: place.serverIp, src_ip: source, slots },
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
