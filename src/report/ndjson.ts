/**
 * Lines to a file descriptor. In: bytes through a pen, or text lines. Out: chunks of some 256 KiB, one write in
 * flight while the next chunk fills. Promised: order, bounded memory as long as the producer awaits `drained()`
 * between batches, an OutputError for a full or broken target, OutputClosed for a pipe whose reader has gone.
 * Not supported: appending, reopening, rotation.
 */
import { close, constants, fstatSync, open, write, writeSync } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OutputClosed, OutputError, openError, writeError } from '../errors.ts'
import { createPen, PEN_SLACK, type Pen, putText } from './record/pen.ts'

const CHUNK_BYTES = 262_144
/** Full chunks that may wait before `drained()` asks the producer to wait. */
const MAX_WAITING = 2
/** Written chunks that are kept for reuse: the producer writes a few megabytes between two calls of `drained()`. */
const MAX_FREE = 12
const RETRY_MS = 5
const NEWLINE = 0x0a
const MAX_UTF8_BYTES = 3

export { OutputClosed }

/** Writes bytes, which are borrowed until the promise settles. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>

export interface LineWriter {
  /** A pen with at least this many bytes left; what it writes is output. */
  room(bytes: number): Pen
  /** Appends the text and a newline. */
  line(text: string): void
  /** Undefined while there is room; otherwise resolves when there is again. Rejects when writing failed. */
  drained(): Promise<void> | undefined
  /** Writes what is left; resolves when all is out. */
  end(): Promise<void>
}

export function createLineWriter(writeBytes: WriteBytes, chunkBytes = CHUNK_BYTES): LineWriter {
  const free: Pen[] = []
  const waiting: Pen[] = []
  let current = createPen(chunkBytes + PEN_SLACK)
  let failure: unknown
  let pumping: Promise<void> | undefined

  function room(bytes: number): Pen {
    if (current.at + bytes + PEN_SLACK <= current.bytes.length) return current
    if (failure !== undefined) throw failure
    if (current.at > 0) waiting.push(current)
    const size = Math.max(chunkBytes, bytes) + PEN_SLACK
    const next = free.pop()
    current = next !== undefined && next.bytes.length >= size ? next : createPen(size)
    startPump()
    return current
  }

  function line(text: string): void {
    const pen = room(text.length * MAX_UTF8_BYTES + 1)
    putText(pen, text)
    pen.bytes[pen.at++] = NEWLINE
  }

  function startPump(): void {
    if (waiting.length > 0) pumping ??= pump()
  }

  /** Never rejects: the failure is kept for the next call. */
  async function pump(): Promise<void> {
    try {
      for (let pen = waiting.shift(); pen !== undefined; pen = waiting.shift()) {
        await writeBytes(pen.bytes.subarray(0, pen.at))
        pen.at = 0
        if (free.length < MAX_FREE) free.push(pen)
      }
    } catch (error) {
      failure = error
      waiting.length = 0
    }
    pumping = undefined
  }

  function drained(): Promise<void> | undefined {
    if (failure !== undefined) return Promise.reject(failure)
    return waiting.length < MAX_WAITING ? undefined : waitForPump()
  }

  async function waitForPump(): Promise<void> {
    await pumping
    if (failure !== undefined) throw failure
  }

  async function end(): Promise<void> {
    if (failure !== undefined) throw failure
    if (current.at > 0) waiting.push(current)
    current = createPen(PEN_SLACK)
    startPump()
    await waitForPump()
  }

  return { room, line, drained, end }
}

/** Writes to an open descriptor; `place` names it in errors. */
export function descriptorWriter(descriptor: number, place: string): WriteBytes {
  let written = 0

  return (bytes) =>
    new Promise((resolve, reject) => {
      let done = 0
      const next = () => {
        write(descriptor, bytes, done, bytes.length - done, null, (error, count) => {
          if (error?.code === 'EAGAIN') setTimeout(next, RETRY_MS)
          else if (error !== null) reject(writeError(error, place, written + done))
          else {
            done += count
            if (done < bytes.length) next()
            else {
              written += done
              resolve()
            }
          }
        })
      }
      next()
    })
}

/**
 * The same for callers that may block: a regular file is written synchronously, without the cost of a thread pool job
 * for every chunk.
 */
export function waitingWriter(descriptor: number, place: string): WriteBytes {
  if (!isRegular(descriptor)) return descriptorWriter(descriptor, place)
  let written = 0
  return async (bytes) => {
    try {
      for (const end = written + bytes.length; written < end; )
        written += writeSync(descriptor, bytes, bytes.length - (end - written))
    } catch (error) {
      throw writeError(error as NodeJS.ErrnoException, place, written)
    }
  }
}

function isRegular(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}

/** Creates or empties the file. */
export function openOutput(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, 'w', (error, descriptor) => {
      if (error === null) resolve(descriptor)
      else reject(openError(error.code, path))
    })
  })
}

/** Reports the errors of `openOutput` before the work begins; changes nothing. */
export async function checkOutput(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory())
    throw new OutputError('OUTPUT_OPEN', path, 'cannot be written, it is a folder; name a file in it')
  await access(found === undefined ? dirname(path) : path, constants.W_OK).catch((error) => {
    throw openError(error.code, path)
  })
}

export function closeOutput(descriptor: number, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    close(descriptor, (error) => {
      if (error) reject(writeError(error, place, 0))
      else resolve()
    })
  })
}
