/**
 * Adds its number to each line before it is parsed: "[7,<the seventh line>]". A line that the parser skips is then known
 * by its missing number. In: bytes. Out: one such line for each that begins like an object. Promised: no line of more
 * than 4 MiB is held, however long the file's lines are; it is left out, and so counts as missing, too.
 */
import { Transform } from 'node:stream'

export const MAX_LINE = 4 * 1024 * 1024
/** Pending lines; far more than the streams hold between this one and its reader. */
const MAX_PENDING = 1 << 17
const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const OPENING_BRACE = 0x7b

export interface LineNumbers {
  stream: Transform
  /** Lines that have ended so far. */
  readonly count: number
  /** Where the current line begins, bytes. */
  readonly offset: number
  /** Removes the line from the pending ones; returns its offset. */
  take(line: number): number
  /** Every pending line before this one was skipped by the parser. */
  skippedUntil(line: number): void
}

/** `skipped` is called for every line that was skipped. */
export function createLineNumbers(skipped: (line: number, offset: number) => void): LineNumbers {
  const pending = new Map<number, number>()
  let parts: Buffer[] = []
  let held = 0
  let tooLong = false
  let count = 0
  let at = 0
  let start = 0

  function append(part: Buffer): void {
    at += part.length
    if (tooLong || part.length === 0) return
    if (held + part.length > MAX_LINE) {
      tooLong = true
      parts = []
      held = 0
      return
    }
    parts.push(part)
    held += part.length
  }

  /** The line that ends here, numbered; undefined where it is empty, too long, or no object. */
  function finish(): Buffer | undefined {
    count++
    const line = parts.length === 1 ? parts[0] : Buffer.concat(parts)
    const end = line.length - (line.at(-1) === CARRIAGE_RETURN ? 1 : 0)
    const numbered = isObject(line)
      ? Buffer.concat([Buffer.from(`[${count},`), line.subarray(0, end), TAIL])
      : undefined
    if (tooLong || end > 0) pending.set(count, start)
    if (pending.size > MAX_PENDING) skippedUntil(count - MAX_PENDING / 2)
    parts = []
    held = 0
    tooLong = false
    return numbered
  }

  function skippedUntil(until: number): void {
    for (const [line, offset] of pending) {
      if (line >= until) break
      pending.delete(line)
      skipped(line, offset)
    }
  }

  function* linesOf(chunk: Buffer): Generator<Buffer, void, undefined> {
    for (let from = 0; from < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, from)
      append(chunk.subarray(from, newline < 0 ? chunk.length : newline))
      if (newline < 0) return
      const line = finish()
      if (line !== undefined) yield line
      at++
      start = at
      from = newline + 1
    }
  }

  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        for (const line of linesOf(chunk)) this.push(line)
        done()
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)))
      }
    },
    flush(done) {
      const line = held > 0 || tooLong ? finish() : undefined
      done(null, line)
    },
  })

  return {
    stream,
    get count() {
      return count
    },
    get offset() {
      return start
    },
    take(line) {
      const offset = pending.get(line) ?? 0
      pending.delete(line)
      return offset
    },
    skippedUntil,
  }
}

/** Parsing lines that cannot be objects would take most of the time that a hostile file costs. */
function isObject(line: Buffer): boolean {
  let at = 0
  while (line[at] <= SPACE) at++
  return line[at] === OPENING_BRACE
}

const TAIL = Buffer.from(']\n')
