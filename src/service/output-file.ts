/**
 * The output file of a long-running process. In: whole lines. Out: a file that is appended to after a restart, survives
 * a full disk, is reopened on request (logrotate) and after another program truncated it, and is finished by time or
 * length:
 *
 *     flows.ndjson ──time or length──▶ renamed to flows-20260102T030000Z.ndjson ──▶ compressed, deleted (rotation.ts)
 *          ▲                                     │
 *          └────────── a new file ◀──────────────┘
 *
 * Promised: every file, current or finished, consists of whole lines; a file gets its finished name in one step, when
 * nothing will be added any more; errors with a finished file are reported and stop nothing. Not supported: several
 * writers of one file.
 */
import { rename } from 'node:fs/promises'
import { OutputError } from '../errors.ts'
import { type AppendedLines, openToAppend } from './append.ts'
import { LineStream, NEWLINE, type SpaceEvents } from './lines.ts'
import { exists, FinishedFiles, type Rotation } from './rotation.ts'

export interface OutputFileOptions {
  path: string
  rotation?: Rotation
  /** Whole lines that every file begins with; '' for none. */
  head: string
  /** The first line that is written is repeated at the head of every later file. */
  repeatsFirstLine: boolean
  events: OutputEvents
  /** Milliseconds since 1970. */
  now?: () => number
}

export interface OutputEvents extends SpaceEvents {
  /** An operation other than writing failed; it is tried again later. */
  failed(error: OutputError): void
}

/** The first byte of every line where files have no head. */
const OBJECT = '{'

export class OutputFile {
  readonly #options: OutputFileOptions
  readonly #stream: LineStream
  readonly #finished: FinishedFiles | undefined
  readonly #now: () => number
  #head: Buffer
  #headIsWhole: boolean
  /** The file is new, and its head is not written yet. */
  #headPending = false
  /** The file contains more than its head. */
  #hasLines: boolean
  /** Number of the rotation period that the file belongs to. */
  #period: number
  #failing = false
  /** The last of the operations on the file, which run one after another. */
  #lastOperation: Promise<void> = Promise.resolve()
  #tidying: Promise<void> = Promise.resolve()

  static async open(options: OutputFileOptions): Promise<OutputFile> {
    const file = new OutputFile(options, await openToAppend(options.path, beginOf(options)))
    file.#headPending = file.#stream.size === 0 && options.head !== ''
    await file.#beginFile()
    return file
  }

  private constructor(options: OutputFileOptions, open: AppendedLines) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#head = Buffer.from(options.head)
    this.#headIsWhole = !options.repeatsFirstLine
    this.#stream = new LineStream(open, options.path, options.events)
    this.#hasLines = open.size > 0
    this.#period = this.#periodOf(open.modifiedMs ?? this.#now())
    const { rotation } = options
    if (rotation === undefined || !open.isFile) return
    this.#finished = new FinishedFiles(options.path, rotation)
    this.#tidy()
  }

  /** Lines that were dropped because the disk was full. */
  get lost(): number {
    return this.#stream.lost
  }

  get full(): boolean {
    return this.#stream.full
  }

  /** Writes whole lines; they may be distributed over several files. */
  write(lines: Uint8Array): Promise<void> {
    return this.#serially(() => this.#write(lines))
  }

  /** Called also while nothing is written: finishes the file when its period is over. */
  tick(): Promise<void> {
    return this.#serially(() => this.#finishByTime())
  }

  /** Opens the path again: a new file, if the old one was renamed or deleted. */
  reopen(): Promise<void> {
    return this.#serially(() => this.#reopen())
  }

  async close(): Promise<void> {
    await this.#serially(() => this.#stream.close())
    await this.#tidying
  }

  #serially(work: () => Promise<void>): Promise<void> {
    const done = this.#lastOperation.then(work)
    // The caller gets the error; the next operation runs all the same.
    this.#lastOperation = done.catch(() => undefined)
    return done
  }

  async #reopen(): Promise<void> {
    const { path } = this.#options
    try {
      await this.#continueWith(await openToAppend(path, beginOf(this.#options)))
    } catch (error) {
      this.#fail(error, 'cannot be opened again, the old file is written on')
    }
  }

  async #write(lines: Uint8Array): Promise<void> {
    if (!this.#headIsWhole) {
      this.#head = Buffer.concat([this.#head, lines.subarray(0, lines.indexOf(NEWLINE) + 1)])
      this.#headIsWhole = true
    }
    // Another program truncated it: it must begin with its head again, not in the middle of a line.
    if (await this.#stream.wasTruncated()) await this.#reopen()
    await this.#finishByTime()
    for (let from = 0; from < lines.length; ) {
      let end = this.#fitting(lines, from)
      if (end === from) {
        await this.#finish(this.#now())
        end = Math.max(this.#fitting(lines, from), lines.indexOf(NEWLINE, from) + 1)
      }
      if (!(await this.#beginFile())) {
        this.#stream.drop(lines.subarray(from))
        return
      }
      this.#hasLines = true
      await this.#stream.write(lines.subarray(from, end))
      from = end
    }
  }

  /** The end of the lines that the file may take; `from` when it is finished. */
  #fitting(lines: Uint8Array, from: number): number {
    const maxBytes = this.#finished === undefined ? Infinity : this.#options.rotation?.maxBytes
    const left = (maxBytes ?? Infinity) - this.#stream.size
    if (lines.length - from <= left) return lines.length
    const end = left > 0 ? lines.lastIndexOf(NEWLINE, from + left - 1) + 1 : 0
    if (end > from) return end
    // A single line may be longer than the limit.
    return this.#hasLines ? from : lines.indexOf(NEWLINE, from) + 1
  }

  #periodOf(milliseconds: number): number {
    const everySec = this.#options.rotation?.everySec ?? 0
    return everySec === 0 ? 0 : Math.floor(milliseconds / (everySec * 1000))
  }

  /** A clock that was set back finishes a file, too. */
  async #finishByTime(): Promise<void> {
    const period = this.#periodOf(this.#now())
    if (period === this.#period) return
    const everySec = this.#options.rotation?.everySec ?? 0
    if (!this.#hasLines || (await this.#finish(this.#period * everySec * 1000))) this.#period = period
  }

  /** True when a new file has begun. */
  async #finish(at: number): Promise<boolean> {
    if (this.#finished === undefined) return true
    const { path } = this.#options
    try {
      // Another program may have moved it.
      if (await exists(path)) {
        const name = await this.#finished.nameFor(at)
        await this.#stream.endLine()
        await rename(path, name)
        await this.#beginAnew(name)
      } else await this.#beginAnew()
      this.#failing = false
    } catch (error) {
      this.#fail(error, 'cannot be finished, it is written on')
      return false
    }
    this.#tidy()
    return true
  }

  async #beginAnew(finished?: string): Promise<void> {
    const { path } = this.#options
    try {
      await this.#continueWith(await openToAppend(path, beginOf(this.#options)))
    } catch (error) {
      if (finished !== undefined) await rename(finished, path)
      throw error
    }
  }

  async #continueWith(next: AppendedLines): Promise<void> {
    await this.#stream.switchTo(next)
    this.#hasLines = next.size > 0
    this.#headPending = next.size === 0 && this.#head.length > 0
    await this.#beginFile()
  }

  /** False while the disk has no space for the head: nothing may be written before it. */
  async #beginFile(): Promise<boolean> {
    if (this.#headPending) this.#headPending = !(await this.#stream.writeHead(this.#head))
    return !this.#headPending
  }

  #tidy(): void {
    const { path, events } = this.#options
    this.#tidying = this.#tidying
      .then(() => this.#finished?.tidy())
      .catch((error) =>
        events.failed(trouble(error, path, 'a finished file could not be compressed or deleted')),
      )
  }

  #fail(error: unknown, what: string): void {
    if (!this.#failing) this.#options.events.failed(trouble(error, this.#options.path, what))
    this.#failing = true
  }
}

function beginOf({ head }: OutputFileOptions): Uint8Array {
  return Buffer.from(head === '' ? OBJECT : head)
}

/** A system error as an OutputError; anything else is a bug and thrown on. */
function trouble(error: unknown, path: string, what: string): OutputError {
  if (error instanceof OutputError) return error
  if (!(error instanceof Error && 'code' in error)) throw error
  return new OutputError('OUTPUT_FINISH', path, `${what}, ${error.code}`)
}
