/**
 * Which inputs hold records: recognised by content, like captures. The first bytes of standard input ("-") are read and
 * put back, so that the next reader gets all of it.
 */
import { readSync } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { constants, gunzipSync } from 'node:zlib'

const STDIN = 0
const RETRY_MS = 5
const GZIP_MAGIC = [0x1f, 0x8b]
const HEAD_BYTES = 4096
const MAX_HEAD_TEXT = 16 * 1024 * 1024
const OPENS_OBJECT = /^\s*\{/
/** flow.ndjson, and the name of such a file once `live` has finished it (service/rotation.ts). */
const OF_A_KIND = /^([a-z_]+)(?:-(\d{8}T\d{6}Z(?:_\d{6})?))?\.ndjson(?:\.gz)?$/
/** Sorts after every instant. */
const CURRENT = '~'

/** The input's first bytes; none if it cannot be read. A named pipe is not opened: its bytes can be read only once. */
async function headOf(path: string): Promise<Uint8Array> {
  if (path === '-') return headOfStdin()
  let file: FileHandle | undefined
  try {
    if (!(await stat(path)).isFile()) return new Uint8Array(0)
    file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch {
    return new Uint8Array(0)
  } finally {
    await file?.close()
  }
}

/** The bytes of standard input that were read and put back. */
let stdinHead: Uint8Array | undefined

/** Waits for the first bytes. An error is left to the next reader. */
async function headOfStdin(): Promise<Uint8Array> {
  if (stdinHead !== undefined) return stdinHead
  const head = Buffer.alloc(HEAD_BYTES)
  for (;;) {
    try {
      stdinHead = head.subarray(0, readSync(STDIN, head))
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return new Uint8Array(0)
      await setTimeout(RETRY_MS)
    }
  }
  if (stdinHead.length > 0) process.stdin.unshift(stdinHead)
  return stdinHead
}

/** True for an empty file, which is neither records nor a capture. */
export async function isEmptyFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === 0
}

/** True where the content, also inside gzip, begins like an object of JSON: no capture does. */
export async function looksLikeRecords(path: string): Promise<boolean> {
  const head = await headOf(path)
  if (head[0] !== GZIP_MAGIC[0] || head[1] !== GZIP_MAGIC[1])
    return OPENS_OBJECT.test(Buffer.from(head).toString('latin1'))
  try {
    const start = gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_HEAD_TEXT })
    return OPENS_OBJECT.test(start.toString('latin1'))
  } catch {
    return false
  }
}

/** The path itself where it holds records, or those of these kinds that `-o DIR/` wrote into a folder; none for captures. */
export async function recordFiles(path: string, kinds: readonly string[]): Promise<string[]> {
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
  const candidates = found?.isDirectory() === true ? await filesOfKinds(path, kinds) : [path]
  const files: string[] = []
  for (const file of candidates) if (await looksLikeRecords(file)) files.push(file)
  return files
}

/** Kind by kind, finished files first, for their names sort by time. One that stands beside its compressed copy is one. */
async function filesOfKinds(folder: string, kinds: readonly string[]): Promise<string[]> {
  const byKind = new Map(kinds.map((kind) => [kind, new Map<string, string>()]))
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    const [, kind, at = CURRENT] = OF_A_KIND.exec(name) ?? []
    const files = byKind.get(kind)
    if (files !== undefined && !files.has(at)) files.set(at, join(folder, name))
  }
  return [...byKind.values()].flatMap((files) => [...files.keys()].sort().map((at) => files.get(at)!))
}
