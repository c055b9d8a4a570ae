/**
 * Reports of a run without end, window by window. In: the ledger and the sessions under way; out: for every window that
 * is over its changes of concurrency, its pool reports and notices, as at the end of a file. A session counts in every
 * window that it touches, with its part of it; rejections count in the window in which they are decided. What has been
 * reported is forgotten, so that memory depends on the sessions of one window and not on the length of the run.
 *
 * Windows are aligned to UTC; the first begins with the first packet, the last ends with the last. A window is reported
 * once it is decided: every session that was silent at its end has ended since or gone on, which takes an idle timeout
 * at most and no time where all sessions were busy. A clock that was set back behind it ends a window, too.
 */

import { addSeconds, compareInstants, earlier, later } from '../instant.ts'
import type { Concurrency, Instant, Notice, PoolReport } from '../types.ts'
import type { Window } from './counting/concurrency.ts'
import type { Ledger } from './counting/ledger.ts'
import type { Host, Hosts } from './hosts.ts'
import { addOpenSessions } from './session/open.ts'
import { reachOf } from './session/progress.ts'
import type { Sessions } from './session/sessions.ts'
import type { Component } from './shapes.ts'

export interface WindowReports {
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

/** Windows reported in one call; a clock that jumped by years takes several. */
const MAX_WINDOWS = 100

export class PoolWindows {
  private readonly parts: WindowParts
  private start: Instant
  /** Under way at the end of the present window and silent then. */
  private undecided: Component[] | undefined
  private spreadsSeen = 0
  /** The clock at the last call of `take`. */
  private reached: Instant

  constructor(parts: WindowParts, start: Instant) {
    this.parts = parts
    this.start = start
    this.reached = start
  }

  /** The windows that are over and decided at `now`. All sessions that were due then have been taken. */
  take(now: Instant): WindowReports {
    const reports: WindowReports = { concurrency: [], pools: [], notices: [] }
    if (compareInstants(now, this.start) < 0) this.goBack(now, reports)
    this.reached = now
    for (let i = 0; i < MAX_WINDOWS; i++) {
      const end = this.boundary(this.start, 1)
      if (compareInstants(now, end) <= 0 || !this.isDecided(end, now)) break
      const { ledger, sessions } = this.parts
      this.parts.settle(now)
      addOpenSessions(sessions.components(), ledger)
      this.report({ start: this.start, end, followed: true }, reports)
      this.begin(end, now)
    }
    return reports
  }

  /** The end of input; all sessions have been accepted. */
  finish(last: Instant): WindowReports {
    const reports: WindowReports = { concurrency: [], pools: [], notices: [] }
    this.reportUntil(last, reports, () => undefined)
    return reports
  }

  /** The clock was set back behind the present window: that one ends with what it had reached, the next begins now. */
  private goBack(now: Instant, reports: WindowReports): void {
    const { ledger, sessions } = this.parts
    const addOpen = () => addOpenSessions(sessions.components(), ledger)
    addOpen()
    this.reportUntil(this.reached, reports, addOpen)
    this.begin(this.reached, now)
    this.start = now
  }

  /** Reports windows up to the last, which ends there. `begun`: called when the next one has begun. */
  private reportUntil(last: Instant, reports: WindowReports, begun: () => void): void {
    for (let i = 1; ; i++) {
      const end = earlier(this.boundary(this.start, 1), last)
      const final = compareInstants(end, last) >= 0 || i === MAX_WINDOWS
      this.report(
        { start: this.start, end: final ? later(this.start, last) : end, followed: !final },
        reports,
      )
      if (final) return
      this.begin(end, last)
      begun()
    }
  }

  private report(window: Window, reports: WindowReports): void {
    const { ledger, wantsConcurrency } = this.parts
    // One by one: there may be more than a call takes.
    if (wantsConcurrency) for (const change of ledger.concurrency(window)) reports.concurrency.push(change)
    for (const report of ledger.reports(window)) reports.pools.push(report)
    for (const notice of ledger.unexplained(window)) reports.notices.push(notice)
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

/** It had no packet since; it may have ended. */
function isSilentAt(component: Component, at: Instant): boolean {
  return (
    component.alive &&
    compareInstants(component.start, at) <= 0 &&
    compareInstants(reachOf(component).end, at) < 0
  )
}
