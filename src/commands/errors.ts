/** Errors at the command line: one line and an exit status. */
import process from 'node:process'
import { InputError, OutputError, UsageError } from '../errors.ts'
import { OutputClosed } from '../report/ndjson.ts'
import { safeText } from '../text.ts'
import type { Damage } from '../types.ts'

export const DONE = 0
export const UNUSABLE = 1
export const WRONG_USAGE = 2
export const DAMAGED = 3
/** Of `diff`. */
export const DIFFERENT = 4

/** The meaning of each status, for the help and the manual. */
export const EXIT_STATUSES: readonly (readonly [status: number, says: string])[] = [
  [DONE, 'done'],
  [UNUSABLE, 'an input could not be used at all, or the output could not be written'],
  [WRONG_USAGE, 'wrong usage, or a fault in a rule or site file'],
  [DAMAGED, 'records were written, but an input was cut short or damaged'],
  [DIFFERENT, 'diff found differences'],
]

export function errorStatus(error: unknown): number {
  if (error instanceof OutputClosed) return DONE
  return error instanceof UsageError ? WRONG_USAGE : UNUSABLE
}

/** A longer line is cut in its middle, where a file name or an argument is; the code at its end is kept. */
const MAX_LINE = 1024
const LINE_END = 256

/** The error in one line; followed by its stack if FLOWHAWK_DEBUG is set. */
export function errorLine(error: unknown): string {
  const line = lineOf(error)
  const cut = `${line.slice(0, MAX_LINE - LINE_END)}…${line.slice(-LINE_END)}`
  const short = line.length > MAX_LINE ? cut : line
  if (!process.env.FLOWHAWK_DEBUG || !(error instanceof Error)) return short
  return [short, ...(error.stack ?? '').split('\n').map(safeText)].join('\n')
}

function lineOf(error: unknown): string {
  if (error instanceof InputError || error instanceof UsageError || error instanceof OutputError) {
    return safeText(error.message)
  }
  const what = error instanceof Error ? error.message : String(error)
  return `flowhawk: internal error: ${safeText(what)}; run again with FLOWHAWK_DEBUG=1 for details (INTERNAL)`
}

/** The same shape for a place where an input was cut short. */
export function damageLine({ source, offset, reason, code }: Damage): string {
  return safeText(`${source}: byte ${offset}: ${reason} (${code})`)
}
