/**
 * The errors a person may meet. Each is one line: place, found, expected, what to do, and a stable code in
 * parentheses. A bad packet is never an error: it is a status that is counted.
 */

class PlacedError extends Error {
  readonly code: string
  readonly place: string
  readonly what: string

  constructor(code: string, place: string, what: string) {
    super(`${place}: ${what} (${code})`)
    this.code = code
    this.place = place
    this.what = what
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

/** The reader of the output has gone: the run ends quietly. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** What a failed write means; `offset` counts the bytes before it. */
export function writeError(error: { code?: string; message: string }, place: string, offset: number): Error {
  const { code } = error
  if (code === 'EPIPE' || code === 'ECONNRESET') return new OutputClosed(place)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const what = `byte ${offset}: no space left; free some, or write elsewhere`
    return new OutputError('OUTPUT_FULL', place, what)
  }
  return new OutputError('OUTPUT_WRITE', place, `byte ${offset}: writing failed, ${code ?? error.message}`)
}

/** What it means that an output cannot be opened. */
export function openError(code: string | undefined, place: string): OutputError {
  const reason = OPEN_REASONS[code ?? ''] ?? code ?? 'unknown reason'
  return new OutputError('OUTPUT_OPEN', place, `cannot be written, ${reason}`)
}

const DENIED = 'permission denied; choose another place'
const OPEN_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist; create it first',
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: DENIED,
  EEXIST: 'it is there already, and this format cannot be gone on with; choose another name',
  EISDIR: 'it is a folder; end the name with / to get one file per record type',
  ENOSPC: 'no space left; free some, or choose another place',
  ELOOP: 'it is a symbolic link, which is not followed here; name the file itself',
}

/** A broken invariant of our own. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${what}`)
}
