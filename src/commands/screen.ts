/** The terminal as the commands see it. */
import { writeSync } from 'node:fs'
import process from 'node:process'
import { isatty, WriteStream } from 'node:tty'
import { OutputClosed, writeError } from '../errors.ts'

export const STDOUT = 1
export const STDERR = 2
const DEFAULT_COLUMNS = 80
const RETRY_MS = 5

export interface Screen {
  isTerminal(descriptor: number): boolean
  /** Columns of the terminal behind the descriptor; 80 when there is none. */
  columns(descriptor: number): number
  color(descriptor: number, choice: 'auto' | 'always' | 'never'): boolean
  /** Text for a person or a program, all of it, at once. */
  write(descriptor: number, text: string): void
}

export const screen: Screen = {
  isTerminal: isatty,
  columns(descriptor) {
    if (!isatty(descriptor)) return DEFAULT_COLUMNS
    return new WriteStream(descriptor).columns || DEFAULT_COLUMNS
  },
  /** NO_COLOR as no-color.org says: set and not empty. */
  color(descriptor, choice) {
    if (choice !== 'auto') return choice === 'always'
    return isatty(descriptor) && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  },
  write(descriptor, text) {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length; ) done += writeSome(descriptor, bytes, done)
  },
}

/** Returns how many bytes were written; waits a little when the pipe is full. Errors of standard error are ignored. */
function writeSome(descriptor: number, bytes: Buffer, from: number): number {
  try {
    return writeSync(descriptor, bytes, from)
  } catch (error) {
    if (errorCode(error) !== 'EAGAIN') {
      const failure = writeError(error as NodeJS.ErrnoException, 'standard output', from)
      if (descriptor !== STDERR || failure instanceof OutputClosed) throw failure
      return bytes.length - from
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    return 0
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
