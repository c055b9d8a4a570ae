/**
 * A run without end, told window by window. In: the books and what is under way; out: for every window that is over
 * its changes of concurrency, its reports and notices, as the end of input tells them of a file. A session counts in
 * every window that it touches, with its part of it; rejections count in the window in which they are decided. What a
 * window has told is forgotten, so that memory follows the sessions of one window and not the length of the run.
 *
 * Windows are aligned to UTC; the first begins with the first packet, the last ends with the last. A window is told
 * once it is decided: every session that was silent at its end has ended since or gone on, which takes an idle timeout
 * at most and no time where all sessions were busy. A clock that was set back behind it ends a window, too.
 */

import { addSeconds, compareInstants, earlier, later } from '../instant.ts'
import type { Concurrency, Instant, Notice, PoolReport } from '../types.ts'
import type { Window } from './counting/concurrency.ts'
import type { Ledger } from './counting/ledger.ts'
import type { Host, Hosts } from './hosts.ts'
import { lendOpen } from './session/open.ts'
import { reachOf } from './session/progress.ts'
import type { Sessions } from './session/sessions.ts'
import type { Component } from './shapes.ts'

export interface Told {
  concurrency: Concurrency[]
  pools: PoolReport[]
  notices: Notice[]
}

export interface WindowParts {
  lengthSec: number
  /** Seconds that a window waits for its sessions at most. */
  patienceSec: number
  ledger: Ledger
  sessions: Sessions
  hosts: Hosts
  wantsConcurrency: boolean
  /** Decides rejections that can be decided at this instant. */
  settle(now: Instant): void
}

/** Windows told in one call; a clock that jumped by years takes several. */
const MAX_WINDOWS = 100

export class PoolWindows {
  private readonly parts: WindowParts
  private start: Instant
  /** Under way at the end of the present window and silent then. */
  private undecided: Component[] | undefined
  private spreadsSeen = 0
  /** What the clock said last. */
  private reached: Instant

  constructor(parts: WindowParts, start: Instant) {
    this.parts = parts
    this.start = start
    this.reached = start
  }

  /** The windows that are over and decided at `now`. All sessions that were due then have been taken. */
  take(now: Instant): Told {
    const told: Told = { concurrency: [], pools: [], notices: [] }
    if (compareInstants(now, this.start) < 0) this.goBack(now, told)
    this.reached = now
    for (let i = 0; i < MAX_WINDOWS; i++) {
      const end = this.boundary(this.start, 1)
      if (compareInstants(now, end) <= 0 || !this.isDecided(end, now)) break
      const { ledger, sessions } = this.parts
      this.parts.settle(now)
      lendOpen(sessions.components(), ledger)
      this.tell({ start: this.start, end, followed: true }, told)
      this.begin(end, now)
    }
    return told
  }

  /** The end of input; all sessions have been accepted. */
  finish(last: Instant): Told {
    const told: Told = { concurrency: [], pools: [], notices: [] }
    this.tellUntil(last, told, () => undefined)
    return told
  }

  /** The clock was set back behind the present window: that one ends with what it had reached, the next begins now. */
  private goBack(now: Instant, told: Told): void {
    const { ledger, sessions } = this.parts
    const lend = () => lendOpen(sessions.components(), ledger)
    lend()
    this.tellUntil(this.reached, told, lend)
    this.begin(this.reached, now)
    this.start = now
  }

  /** Tells windows to the last, which ends there. `begun`: called when the next one has begun. */
  private tellUntil(last: Instant, told: Told, begun: () => void): void {
    for (let i = 1; ; i++) {
      const end = earlier(this.boundary(this.start, 1), last)
      const final = compareInstants(end, last) >= 0 || i === MAX_WINDOWS
      this.tell({ start: this.start, end: final ? later(this.start, last) : end, followed: !final }, told)
      if (final) return
      this.begin(end, last)
      begun()
    }
  }

  private tell(window: Window, told: Told): void {
    const { ledger, wantsConcurrency } = this.parts
    // One by one: there may be more than a call takes.
    if (wantsConcurrency) for (const change of ledger.concurrency(window)) told.concurrency.push(change)
    for (const report of ledger.reports(window)) told.pools.push(report)
    for (const notice of ledger.unexplained(window)) told.notices.push(notice)
  }

  /** Begins the next window, or that of `now` where nothing has been on a slot since. */
  private begin(at: Instant, now: Instant): void {
    const { ledger, sessions, hosts } = this.parts
    const used = new Set<Host>()
    for (const { unit } of sessions.components()) used.add(unit.host)
    const isInUse = (host: Host) => used.has(host)
    ledger.forget(at, isInUse)
    hosts.forget((host) => isInUse(host) || ledger.has(host))
    this.undecided = undefined
    this.start = ledger.empty && used.size === 0 ? later(at, this.boundary(now, 0)) : at
  }

  private isDecided(end: Instant, now: Instant): boolean {
    const { sessions } = this.parts
    const known = this.spreadsSeen === sessions.spreads ? this.undecided : undefined
    this.spreadsSeen = sessions.spreads
    this.undecided = [...(known ?? sessions.components())].filter((each) => isSilentAt(each, end))
    return this.undecided.length === 0 || compareInstants(now, addSeconds(end, this.parts.patienceSec)) > 0
  }

  /** The last boundary before or at the instant, or a later one. */
  private boundary([sec]: Instant, further: number): Instant {
    const { lengthSec } = this.parts
    return [(Math.floor(sec / lengthSec) + further) * lengthSec, 0]
  }
}

/** Nothing has been heard of it since; it may have ended. */
function isSilentAt(component: Component, at: Instant): boolean {
  return (
    component.alive &&
    compareInstants(component.start, at) <= 0 &&
    compareInstants(reachOf(component).end, at) < 0
  )
}
