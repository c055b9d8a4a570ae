/**
 * Writes lines to a descriptor whose disk may be full for a while. In: whole lines. Promised: no line is ever cut: when
 * a line was written in part, its rest is written first as soon as there is space again. Lines without space are dropped
 * and counted, and so is that rest if another program truncated the file meanwhile. Other errors are OutputErrors, or
 * OutputClosed for a pipe whose reader has gone.
 */
import { close, fstat, ftruncate, write } from 'node:fs'
import { promisify } from 'node:util'
import { OutputError, writeError } from '../errors.ts'

export interface SpaceEvents {
  /** No space is left: lines are lost from now on. */
  full(error: OutputError): void
  /** There is space again; this many lines were lost. */
  spaceAgain(lines: number): void
}

export const NEWLINE = 0x0a
const RETRY_MS = 5
const NOTHING = new Uint8Array(0)

const closeDescriptor = promisify(close)
const statDescriptor = promisify(fstat)
const truncate = promisify(ftruncate)

/** An open output: its descriptor and its length, 0 for what has no length. */
export interface OpenLines {
  descriptor: number
  size: number
  /** A regular file, which can be truncated. */
  isFile: boolean
}

export class LineStream {
  /** Lines that were dropped. */
  lost = 0
  readonly #place: string
  readonly #events: SpaceEvents
  #open: OpenLines
  /** Of a line that was written in part: the number of bytes written, and the rest, not yet written. */
  #partBytes = 0
  #rest = NOTHING
  /** The value of `lost` when the space ran out; undefined while there is space. */
  #lostBefore: number | undefined

  constructor(open: OpenLines, place: string, events: SpaceEvents) {
    this.#open = open
    this.#place = place
    this.#events = events
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#open.size
  }

  get full(): boolean {
    return this.#lostBefore !== undefined
  }

  async write(lines: Uint8Array): Promise<void> {
    if (this.#rest.length > 0) {
      const done = await this.#writeAll(this.#rest)
      this.#partBytes += done
      this.#rest = this.#rest.subarray(done)
      if (this.#rest.length > 0) {
        this.lost += countLines(lines, 0)
        return
      }
    }
    this.#partBytes = 0
    const done = await this.#writeAll(lines)
    if (done === lines.length) this.#reportSpace()
    else this.#keepRest(lines, done)
  }

  /** Writes the head of a file, whose lines are no records; false when the disk is full. */
  async writeHead(head: Uint8Array): Promise<boolean> {
    const done = await this.#writeAll(head)
    if (done > 0 && done < head.length) this.#keepRest(head, done)
    return done > 0
  }

  /** Counts lines as lost without trying to write them. */
  drop(lines: Uint8Array): void {
    this.lost += countLines(lines, 0)
  }

  /** True if another program truncated the file since the last call. */
  async wasTruncated(): Promise<boolean> {
    if (!this.#open.isFile) return false
    const { size } = await statDescriptor(this.#open.descriptor)
    if (size >= this.#open.size) return false
    this.#open.size = size
    this.#dropRest()
    return true
  }

  /** Removes the beginning of a line that was written in part, where that is possible. */
  async endLine(): Promise<void> {
    await this.wasTruncated()
    if (this.#rest.length === 0) return
    if (this.#open.isFile) {
      this.#open.size -= this.#partBytes
      await truncate(this.#open.descriptor, this.#open.size)
    }
    this.#dropRest()
  }

  #dropRest(): void {
    if (this.#rest.length === 0) return
    this.#partBytes = 0
    this.#rest = NOTHING
    this.lost++
  }

  /** Continues with another descriptor; the one before ends with a whole line, and is closed. */
  async switchTo(next: OpenLines): Promise<void> {
    await this.close()
    this.#open = next
  }

  async close(): Promise<void> {
    await this.endLine()
    await closeDescriptor(this.#open.descriptor)
  }

  /** Returns how many bytes were written: all, or fewer when the space ran out. */
  async #writeAll(bytes: Uint8Array): Promise<number> {
    let done = 0
    while (done < bytes.length) {
      const count = await this.#writeSome(bytes, done)
      if (count < 0) break
      done += count
      this.#open.size += count
    }
    return done
  }

  /** -1 when there is no space. */
  #writeSome(bytes: Uint8Array, from: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#open.descriptor, bytes, from, bytes.length - from, null, (error, count) => {
        if (error === null) resolve(count)
        else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), RETRY_MS)
        else {
          const failure = writeError(error, this.#place, this.#open.size)
          if (failure instanceof OutputError && failure.code === 'OUTPUT_FULL') {
            this.#reportFull(failure)
            resolve(-1)
          } else reject(failure)
        }
      })
    })
  }

  #keepRest(lines: Uint8Array, done: number): void {
    const lineStart = done === 0 ? 0 : lines.lastIndexOf(NEWLINE, done - 1) + 1
    if (lineStart === done) {
      this.lost += countLines(lines, done)
      return
    }
    const lineEnd = lines.indexOf(NEWLINE, done) + 1
    this.#partBytes = done - lineStart
    this.#rest = lines.slice(done, lineEnd)
    this.lost += countLines(lines, lineEnd)
  }

  #reportFull(error: OutputError): void {
    if (this.#lostBefore !== undefined) return
    this.#lostBefore = this.lost
    this.#events.full(error)
  }

  #reportSpace(): void {
    if (this.#lostBefore === undefined) return
    const lost = this.lost - this.#lostBefore
    this.#lostBefore = undefined
    this.#events.spaceAgain(lost)
  }
}

export function countLines(bytes: Uint8Array, from: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
