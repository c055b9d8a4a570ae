/**
 * The longest silence of sessions in the making. Clients of one slot may turn out to share one session only after both
 * have sent for a long time: a silence of each alone may be none of both together. Which clients will share is not known
 * beforehand, but it is always one client and all that counted after it (it sends a packet after the newest of them had
 * counted). So each presence also measures its silences together with all newer ones, and switches to that measure when
 * such a packet comes:
 *
 *   oldest <-> … <-> newest    `own`: of the presence; `all`: of it and all newer ones
 *
 * Exact from the instant at which a client counts. Of what it sent before, only the span and the longest silence are
 * known, as for clients that shared in another order: then the result is the longest silence that these allow.
 */

import { compareInstants } from '../instant.ts'
import type { Instant } from '../types.ts'

const NSEC_PER_SEC = 1e9

/** Packets from a first to a last one. */
export interface Span {
  startSec: number
  startNsec: number
  lastSec: number
  lastNsec: number
  /** Longest silence between two of them, seconds. */
  gap: number
}

export class Silence {
  /** When the first client of the presence counted. */
  private readonly counted: Instant
  private own: Span
  private all: Span | undefined
  private older: Silence | undefined
  private newer: Silence | undefined
  /** The presence that this one was merged into. */
  private into: Silence | undefined

  constructor(own: Span, counted: Instant) {
    this.own = own
    this.counted = counted
  }

  /** Seconds. */
  get longest(): number {
    return this.root.own.gap
  }

  /** A packet, and whether a client sent it. */
  addPacket(sec: number, nsec: number, fromClient: boolean): void {
    if (this.older === undefined && this.newer === undefined && this.into === undefined)
      extend(this.own, sec, nsec)
    else this.root.addPacketAmongOthers(sec, nsec, fromClient)
  }

  /** Adds the packets of a conversation from before it was part of the presence. */
  add(span: Span): void {
    const { root } = this
    root.own = joined(root.own, span)
    for (let each: Silence | undefined = root; each !== undefined; each = each.older)
      if (each.all !== undefined) each.all = joined(each.all, span)
  }

  /** What the presence consists of has changed: these conversations, at least one. */
  restart(spans: readonly Span[]): void {
    const { root } = this
    root.own = spans.reduce(joined)
    root.measureTogether()
  }

  /** Joins the list of presences on the slot, of which `other` is one. */
  meet(other: Silence): void {
    let before: Silence | undefined = other.root.newest
    while (before !== undefined && compareInstants(before.counted, this.counted) > 0) before = before.older
    this.older = before
    this.newer = before === undefined ? other.root.oldest : before.newer
    if (this.older !== undefined) this.older.newer = this
    if (this.newer !== undefined) {
      this.newer.older = this
      this.all = joined(this.own, this.newer.all ?? this.newer.own)
    }
    for (let each = this.older; each !== undefined; each = each.older)
      each.all = joined(each.all ?? each.own, this.own)
  }

  /** The presence shared the slot with the other one. */
  share(other: Silence): void {
    const [a, b] = [this.root, other.root]
    if (a === b) return
    const [older, newer] = compareInstants(a.counted, b.counted) <= 0 ? [a, b] : [b, a]
    if (older.newer === newer && newer.newer === undefined) {
      older.takeNewer()
      return
    }
    older.add(newer.own)
    newer.part()
    newer.into = older
  }

  /** The presence is over, and shares with none of the remaining ones. */
  part(): void {
    const { root } = this
    const { older, newer } = root
    if (older !== undefined) older.newer = newer
    if (newer !== undefined) newer.older = older
    root.older = undefined
    root.newer = undefined
    root.all = undefined
    older?.measureTogether()
  }

  /** Joins the presence and each older one with all newer ones. */
  private measureTogether(): void {
    for (let each: Silence | undefined = this; each !== undefined; each = each.older) {
      const next: Silence | undefined = each.newer
      each.all = next === undefined ? undefined : joined(each.own, next.all ?? next.own)
    }
  }

  private addPacketAmongOthers(sec: number, nsec: number, fromClient: boolean): void {
    if (fromClient && this.newer !== undefined && compareInstants([sec, nsec], this.newest.counted) > 0)
      this.takeNewer()
    extend(this.own, sec, nsec)
    for (let each: Silence | undefined = this; each !== undefined; each = each.older)
      if (each.all !== undefined) extend(each.all, sec, nsec)
  }

  private takeNewer(): void {
    this.own = this.all ?? this.own
    this.all = undefined
    for (let each = this.newer; each !== undefined; ) {
      const next: Silence | undefined = each.newer
      each.into = this
      each.older = undefined
      each.newer = undefined
      each.all = undefined
      each = next
    }
    this.newer = undefined
  }

  private get root(): Silence {
    let root: Silence = this
    while (root.into !== undefined) root = root.into
    return root
  }

  private get newest(): Silence {
    let newest: Silence = this
    while (newest.newer !== undefined) newest = newest.newer
    return newest
  }

  private get oldest(): Silence {
    let oldest: Silence = this
    while (oldest.older !== undefined) oldest = oldest.older
    return oldest
  }
}

function extend(span: Span, sec: number, nsec: number): void {
  const after = seconds(sec, nsec, span.lastSec, span.lastNsec)
  if (after > span.gap) span.gap = after
  if (after > 0) {
    span.lastSec = sec
    span.lastNsec = nsec
    return
  }
  const before = seconds(span.startSec, span.startNsec, sec, nsec)
  if (before <= 0) return
  if (before > span.gap) span.gap = before
  span.startSec = sec
  span.startNsec = nsec
}

/** Both spans together. While both sent, no gap is longer than the shorter one's; while one was alone, no longer than that time. */
function joined(a: Span, b: Span): Span {
  const [first, second] = seconds(b.startSec, b.startNsec, a.startSec, a.startNsec) >= 0 ? [a, b] : [b, a]
  const lead = seconds(second.startSec, second.startNsec, first.startSec, first.startNsec)
  const tail = seconds(second.lastSec, second.lastNsec, first.lastSec, first.lastNsec)
  const apart = seconds(second.startSec, second.startNsec, first.lastSec, first.lastNsec)
  const last = tail >= 0 ? second : first
  const gap =
    apart >= 0
      ? Math.max(first.gap, second.gap, apart)
      : Math.max(
          Math.min(first.gap, lead),
          Math.min(first.gap, second.gap),
          Math.min(last.gap, Math.abs(tail)),
        )
  const { startSec, startNsec } = first
  return { startSec, startNsec, lastSec: last.lastSec, lastNsec: last.lastNsec, gap }
}

function seconds(sec: number, nsec: number, sinceSec: number, sinceNsec: number): number {
  return ((sec - sinceSec) * NSEC_PER_SEC + (nsec - sinceNsec)) / NSEC_PER_SEC
}
