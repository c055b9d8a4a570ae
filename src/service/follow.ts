/**
 * Files that grow, as streams of bytes. In: a path; out: its bytes from the beginning, then what is appended, until
 * the signal ends it. Promised: a file that was renamed (rotated) is read to its end, then the new one of its name from
 * its beginning; one that was truncated in place is read from its beginning again; one that was deleted is closed; what
 * is no regular file, such as a pipe without a writer, is skipped and blocks nothing. Not supported: detecting that a
 * writer has stopped.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const CHUNK_BYTES = 65_536
const POLL_MS = 250
const FOLDER_POLL_MS = 1000
const MAX_FILES = 1000
/** Polls without a file until it is forgotten: a listing may miss a file that is just being renamed. */
const FORGET_POLLS = 10
const RECORDS = /\.ndjson(\.gz)?$/

/** The bytes of a file that grows; missing for now: waits until it is there. */
export async function* follow(path: string, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  let file: FileHandle | undefined
  let at = 0
  try {
    while (!signal.aborted) {
      file ??= await openOnce(path)
      const { bytesRead, buffer } =
        (await file?.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, at)) ?? NOTHING_READ
      at += bytesRead
      if (bytesRead > 0) {
        yield buffer.subarray(0, bytesRead)
        continue
      }
      const now = file && (await checkPath(file, path, at))
      if (now === 'emptied') at = 0
      if (now === 'replaced') {
        await file?.close()
        file = undefined
        at = 0
      } else await wait(POLL_MS, signal)
    }
  } finally {
    await file?.close()
  }
}

const NOTHING_READ = { bytesRead: 0, buffer: Buffer.alloc(0) }

/** Undefined where there is no regular file. */
async function openOnce(path: string): Promise<FileHandle | undefined> {
  // Opening a pipe blocks until it has a writer, unless O_NONBLOCK is given.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    // ENXIO: a socket.
    if (error.code === 'ENOENT' || error.code === 'ENXIO') return undefined
    throw error
  })
  if (file === undefined || (await file.stat()).isFile()) return file
  await file.close()
  return undefined
}

/** Whether `path` still names the open file, which was read up to `at`. */
async function checkPath(
  file: FileHandle,
  path: string,
  at: number,
): Promise<'same' | 'emptied' | 'replaced'> {
  const mine = await file.stat()
  if (mine.size < at) return 'emptied'
  const named = await stat(path).catch(() => undefined)
  // A renamed file may still be written until its writer reopens the path; a deleted one only occupies disk space.
  if (named === undefined ? mine.nlink > 0 : named.ino === mine.ino && named.dev === mine.dev) return 'same'
  // What was written between the last read and the renaming is still to be read.
  return mine.size > at ? 'same' : 'replaced'
}

/**
 * The record files of a folder, and those that come later, each once: neither again under another name nor after it
 * was compressed.
 */
export async function* filesOf(folder: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const names = new Set<string>()
  /** By device and inode, the poll that saw it last: inode numbers of deleted files are used again. */
  const files = new Map<string, number>()
  let shown = 0
  for (let poll = 0; !signal.aborted; poll++) {
    for (const name of (await readdir(folder)).filter((each) => RECORDS.test(each)).sort()) {
      const bare = name.replace(/\.gz$/, '')
      const found = await stat(join(folder, name)).catch(() => undefined)
      if (!found?.isFile()) continue
      const key = `${found.dev} ${found.ino}`
      const isNew = !files.has(key) && !names.has(bare)
      names.add(bare)
      files.set(key, poll)
      if (isNew && shown++ < MAX_FILES) yield join(folder, name)
    }
    for (const [key, last] of files) if (poll - last > FORGET_POLLS) files.delete(key)
    await wait(FOLDER_POLL_MS, signal)
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
