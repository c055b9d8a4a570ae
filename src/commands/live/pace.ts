/** How often something is looked at that may take long: after each look a pause of many times its length. */

/** Pause for the time that a look took: a twentieth of the time goes into looking at most. */
const WORK_PART = 20

export class Pace {
  readonly #leastMs: number
  #lookedMs = Number.NEGATIVE_INFINITY
  #nextMs = Number.NEGATIVE_INFINITY

  /** At least so long from the beginning of one look to that of the next. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs
  }

  /** Looks, unless it is too soon. `nowMs`: by the clock of the host. */
  look(nowMs: number, what: () => void): void {
    // A clock that was set back must not stop the looking.
    if (nowMs < this.#nextMs && nowMs >= this.#lookedMs) return
    this.#lookedMs = nowMs
    const startMs = performance.now()
    what()
    this.#nextMs = nowMs + Math.max(this.#leastMs, WORK_PART * (performance.now() - startMs))
  }
}
