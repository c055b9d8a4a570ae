/**
 * The errors a person may meet. Each is one line: place, found, expected, what to do, and a stable code in
 * parentheses. A bad packet is never an error: it is a status that is counted.
 */

class PlacedError extends Error {
  readonly code: string
  readonly place: string

  constructor(code: string, place: string, what: string) {
    super(`${place}: ${what} (${code})`)
    this.code = code
    this.place = place
  }
}

/** An input cannot be used at all, or not beyond a point: exit status 1. */
export class InputError extends PlacedError {
  override readonly name = 'InputError'
}

/** A flag, a rule file or a site file is wrong: exit status 2. */
export class UsageError extends PlacedError {
  override readonly name = 'UsageError'
}

/** Output cannot be written (disk full, no permission): exit status 1. */
export class OutputError extends PlacedError {
  override readonly name = 'OutputError'
}

/** A broken invariant of our own. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${what}`)
}
