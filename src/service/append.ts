/**
 * Opens a file of lines to append to it, after a run that may have been killed. Out: the descriptor at the end of the
 * last whole line; an incomplete line after that is truncated. Promised: no symbolic link is followed, a new file can be
 * read by its owner and group only (0640), a file with other content is refused and left as it is. Devices and pipes are
 * written as they are.
 */
import { close, constants, fstat, ftruncate, open, read } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { OutputError, openError } from '../errors.ts'
import { NEWLINE, type OpenLines } from './lines.ts'

const MODE = 0o640
const CHUNK_BYTES = 65_536
const MAX_SHOWN = 40
const { O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants
/** Absent on Windows, where links need a privilege. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0

const openDescriptor = promisify(open)
const closeDescriptor = promisify(close)
const statDescriptor = promisify(fstat)
const truncate = promisify(ftruncate)

export interface AppendedLines extends OpenLines {
  /** When it was written last, in milliseconds since 1970; undefined for a new file. */
  modifiedMs?: number
}

/** `begin`: the first bytes of every file that may be appended to. */
export async function openToAppend(path: string, begin: Uint8Array): Promise<AppendedLines> {
  const before = await lstat(path).catch(() => undefined)
  const flags = before === undefined || before.isFile() ? O_RDWR | O_CREAT | O_APPEND : O_WRONLY
  const descriptor = await openDescriptor(path, flags | O_NOFOLLOW, MODE).catch((error) => {
    throw openError(error.code, path)
  })
  try {
    const stats = await statDescriptor(descriptor)
    if (!stats.isFile()) return { descriptor, size: 0, isFile: false }
    if (stats.size === 0) return { descriptor, size: 0, isFile: true }
    await refuseForeign(descriptor, path, begin)
    const end = await endOfLines(descriptor, stats.size)
    const size = end < begin.length ? 0 : end
    if (size < stats.size) await truncate(descriptor, size)
    return { descriptor, size, isFile: true, modifiedMs: stats.mtimeMs }
  } catch (error) {
    await closeDescriptor(descriptor)
    throw error
  }
}

/** Creates a file of a format that cannot be appended to; it must not exist yet. */
export async function openNew(path: string): Promise<number> {
  return openDescriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE).catch((error) => {
    throw openError(error.code, path)
  })
}

async function refuseForeign(descriptor: number, path: string, begin: Uint8Array): Promise<void> {
  const found = await readAt(descriptor, 0, begin.length)
  if (found.every((byte, i) => byte === begin[i])) return
  const what = `found something else in it, expected to go on with ${shown(begin)}; choose another name`
  throw new OutputError('OUTPUT_FOREIGN', path, what)
}

function shown(begin: Uint8Array): string {
  const text = Buffer.from(begin).toString()
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text)
}

/** Where the last whole line ends; searches backwards. */
async function endOfLines(descriptor: number, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const at = (await readAt(descriptor, start, end - start)).lastIndexOf(NEWLINE)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}

async function readAt(descriptor: number, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const count = await new Promise<number>((resolve, reject) => {
    read(descriptor, bytes, 0, length, position, (error, got) =>
      error === null ? resolve(got) : reject(error),
    )
  })
  return bytes.subarray(0, count)
}
