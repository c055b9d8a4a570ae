/**
 * Watches the slots in use while a run goes on. In: the levels of the pools, looked at now and then; out: a notice
 * when a server has no free slot, and when more of its slots are in use than an alert allows. One notice a crossing:
 * the next one comes only after the count has fallen to nine tenths of the limit. The instant of a notice is the start
 * of the session that crossed it, as an analysis of the same packets would say, not the moment of looking.
 */
import type { Notice } from '../../types.ts'
import type { PoolLevel } from '../session/open.ts'
import { alertNotice, saturatedNotice } from './notices.ts'

/** More than this many sessions of the pool on one server give a notice. */
export interface Alert {
  pool: string
  sessions: number
}

/** Part of the limit to which the count has to fall before crossing it is news again. */
const REARM_PART = 0.9
/** Servers without a slot in use whose peak is remembered. */
const MAX_QUIET = 1024

/** A pool on a server that has been in use. */
export interface Watched {
  level: PoolLevel
  /** Most slots in use at once, of those looked at. */
  peak: number
}

interface State extends Watched {
  saturated: boolean
  /** Limits that were crossed. */
  crossed: Set<number>
}

export class PoolWatch {
  private readonly alerts: readonly Alert[]
  private readonly states = new Map<string, State>()

  constructor(alerts: readonly Alert[]) {
    this.alerts = alerts
  }

  /** Takes the present levels; returns new notices, oldest first. */
  update(levels: readonly PoolLevel[]): Notice[] {
    const notices: Notice[] = []
    const before = new Set(this.states.keys())
    for (const level of levels) {
      const key = `${level.pool} ${level.serverIp}`
      before.delete(key)
      const state = this.states.get(key) ?? { level, peak: 0, saturated: false, crossed: new Set() }
      // In the order in which they were in use last.
      this.states.delete(key)
      this.states.set(key, state)
      this.take(state, level, notices)
    }
    for (const key of before) {
      const state = this.states.get(key) as State
      if (state.level.sessions > 0) this.take(state, { ...state.level, sessions: 0, reached: [] }, notices)
    }
    this.forget(before)
    return notices.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1])
  }

  /** Every pool and server with a slot in use, and those that had one of late. */
  get watched(): readonly Watched[] {
    return [...this.states.values()]
  }

  private take(state: State, level: PoolLevel, notices: Notice[]): void {
    const { reached, slots } = level
    const most = reached.length
    state.level = level
    state.peak = Math.max(state.peak, most)
    if (!level.unlimited) {
      if (most >= slots && !state.saturated) notices.push(saturatedNotice(level, slots, reached[slots - 1]))
      state.saturated = most >= slots || (state.saturated && most > rearmAt(slots))
    }
    for (const { pool, sessions: limit } of this.alerts) {
      if (pool !== level.pool) continue
      if (most <= rearmAt(limit + 1)) state.crossed.delete(limit)
      if (most <= limit || state.crossed.has(limit)) continue
      state.crossed.add(limit)
      notices.push(alertNotice(level, reached, limit))
    }
  }

  /** `quiet`: keys without a slot in use, longest first. */
  private forget(quiet: ReadonlySet<string>): void {
    let left = quiet.size - MAX_QUIET
    for (const key of quiet) if (left-- > 0) this.states.delete(key)
  }
}

/** Always below the count that crosses. */
function rearmAt(crossing: number): number {
  return Math.min(crossing - 1, Math.floor(crossing * REARM_PART))
}
