/** Limits how often a task runs that may take long: it is followed by a pause of many times its duration. */

/** Pause after the task, as a multiple of its duration. */
const PAUSE_FACTOR = 20

export class Pace {
  readonly #leastMs: number
  #lastMs = Number.NEGATIVE_INFINITY
  #nextMs = Number.NEGATIVE_INFINITY

  /** `leastMs`: the least time from one start of the task to the next. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs
  }

  /** Runs the task, unless it is too soon. `nowMs`: by the clock of the host. */
  run(nowMs: number, task: () => void): void {
    // A clock that was set back must not stop the task.
    if (nowMs < this.#nextMs && nowMs >= this.#lastMs) return
    this.#lastMs = nowMs
    const startMs = performance.now()
    task()
    this.#nextMs = nowMs + Math.max(this.#leastMs, PAUSE_FACTOR * (performance.now() - startMs))
  }
}
