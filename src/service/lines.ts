/**
 * Lines to a descriptor that may be full for a while. In: whole lines. Promised: no line is ever cut, not even where
 * only half of it found room: its rest goes out first when there is room again. What finds no room is dropped and
 * counted, and so is that rest where somebody else has shortened the file meanwhile. Other errors are OutputErrors, or OutputClosed for a pipe whose reader has gone.
 */
import { close, fstat, ftruncate, write } from 'node:fs'
import { promisify } from 'node:util'
import { OutputError, writeError } from '../errors.ts'

export interface RoomEvents {
  /** No space is left: lines are lost from now on. */
  full(error: OutputError): void
  /** There is room again; so many lines were lost. */
  room(lines: number): void
}

export const NEWLINE = 0x0a
const RETRY_MS = 5
const NOTHING = new Uint8Array(0)

const closeDescriptor = promisify(close)
const statDescriptor = promisify(fstat)
const truncate = promisify(ftruncate)

/** What is open: a descriptor and how long the file is, 0 for what has no length. */
export interface OpenLines {
  descriptor: number
  size: number
  /** It can be shortened. */
  isFile: boolean
}

export class LineStream {
  /** Lines that found no room. */
  lost = 0
  readonly #place: string
  readonly #events: RoomEvents
  #open: OpenLines
  /** The beginning of the last line, in bytes, that was written, and the rest of it, that was not. */
  #begun = 0
  #rest = NOTHING
  /** What `lost` was when the space ran out; undefined while there is room. */
  #lostBefore: number | undefined

  constructor(open: OpenLines, place: string, events: RoomEvents) {
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
      const done = await this.#put(this.#rest)
      this.#begun += done
      this.#rest = this.#rest.subarray(done)
      if (this.#rest.length > 0) {
        this.lost += countLines(lines, 0)
        return
      }
    }
    this.#begun = 0
    const done = await this.#put(lines)
    if (done === lines.length) this.#tellRoom()
    else this.#keepRest(lines, done)
  }

  /** Writes the head of a file, which is no record; false when the disk is full. */
  async begin(head: Uint8Array): Promise<boolean> {
    const done = await this.#put(head)
    if (done > 0 && done < head.length) this.#keepRest(head, done)
    return done > 0
  }

  /** Lines that need not be tried. */
  lose(lines: Uint8Array): void {
    this.lost += countLines(lines, 0)
  }

  /** Somebody has made the file shorter than it was written, as `truncate` does for room. True once for each time. */
  async shortened(): Promise<boolean> {
    if (!this.#open.isFile) return false
    const { size } = await statDescriptor(this.#open.descriptor)
    if (size >= this.#open.size) return false
    this.#open.size = size
    this.#dropRest()
    return true
  }

  /** Takes the beginning of a cut line back, where that is possible. */
  async endLine(): Promise<void> {
    await this.shortened()
    if (this.#rest.length === 0) return
    if (this.#open.isFile) {
      this.#open.size -= this.#begun
      await truncate(this.#open.descriptor, this.#open.size)
    }
    this.#dropRest()
  }

  #dropRest(): void {
    if (this.#rest.length === 0) return
    this.#begun = 0
    this.#rest = NOTHING
    this.lost++
  }

  /** Goes on with another descriptor; the one before ends with a whole line, and is closed. */
  async switchTo(next: OpenLines): Promise<void> {
    await this.close()
    this.#open = next
  }

  async close(): Promise<void> {
    await this.endLine()
    await closeDescriptor(this.#open.descriptor)
  }

  /** How many bytes were written: all, or fewer when there is no more room. */
  async #put(bytes: Uint8Array): Promise<number> {
    let done = 0
    while (done < bytes.length) {
      const count = await this.#putSome(bytes, done)
      if (count < 0) break
      done += count
      this.#open.size += count
    }
    return done
  }

  /** -1 when there is no room. */
  #putSome(bytes: Uint8Array, from: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#open.descriptor, bytes, from, bytes.length - from, null, (error, count) => {
        if (error === null) resolve(count)
        else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), RETRY_MS)
        else {
          const failure = writeError(error, this.#place, this.#open.size)
          if (failure instanceof OutputError && failure.code === 'OUTPUT_FULL') {
            this.#tellFull(failure)
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
    this.#begun = done - lineStart
    this.#rest = lines.slice(done, lineEnd)
    this.lost += countLines(lines, lineEnd)
  }

  #tellFull(error: OutputError): void {
    if (this.#lostBefore !== undefined) return
    this.#lostBefore = this.lost
    this.#events.full(error)
  }

  #tellRoom(): void {
    if (this.#lostBefore === undefined) return
    const lost = this.lost - this.#lostBefore
    this.#lostBefore = undefined
    this.#events.room(lost)
  }
}

export function countLines(bytes: Uint8Array, from: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
