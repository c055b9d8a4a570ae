/**
 * When an output file is finished, its name then, and how many finished files are kept. A file is finished by the time
 * of day (UTC: 1h at every full hour) or before it exceeds a number of bytes. Finished files stay in the folder of the
 * current one: flows.ndjson becomes flows-20260102T030000Z.ndjson, after the start of its period, or after the instant
 * at which it was full. The names sort by time.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { UsageError } from '../errors.ts'
import { UNIT_SEC } from '../instant.ts'

export interface Rotation {
  /** Seconds, a part of a day; 0: not by time. */
  everySec: number
  /** Infinity: not by length. */
  maxBytes: number
  /** Finished files that are kept; Infinity: all. */
  keep: number
  compress: boolean
}

const UNIT_BYTES: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 }
const MODE = 0o640
/** Digits of the number that distinguishes finished files of one second. */
const DIGITS = 6
const GZIP_SUFFIX = '.gz'
const PART_SUFFIX = '.part'

/** "1h" or "100MB"; `place` names the option in the error. */
export function rotationLimit(text: string, place: string): Pick<Rotation, 'everySec' | 'maxBytes'> {
  const [, digits, unit] = /^(\d{1,6})([smhd]|[KMG]B)$/.exec(text) ?? []
  const number = Number(digits)
  if (unit in UNIT_BYTES && number > 0) return { everySec: 0, maxBytes: number * UNIT_BYTES[unit] }
  const everySec = unit in UNIT_SEC ? number * UNIT_SEC[unit] : Number.NaN
  if (everySec > 0 && UNIT_SEC.d % everySec === 0) return { everySec, maxBytes: Infinity }
  const expected = 'a part of a day such as 15m, 1h or 1d, or a length such as 100MB or 2GB'
  throw new UsageError('OPTION_ROTATE', place, `found ${JSON.stringify(text)}, expected ${expected}`)
}

/** The finished files of one output, oldest first. */
export class FinishedFiles {
  readonly #folder: string
  readonly #stem: string
  readonly #extension: string
  readonly #rotation: Rotation
  /** The name given last. */
  #lastAt = ''
  #lastNumber = 0

  constructor(path: string, rotation: Rotation) {
    this.#folder = dirname(path)
    this.#extension = extname(path)
    this.#stem = basename(path, this.#extension)
    this.#rotation = rotation
  }

  /** An unused name for a file of this instant. */
  async nameFor(milliseconds: number): Promise<string> {
    const at = new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, '')
    for (let number = at === this.#lastAt ? this.#lastNumber + 1 : 1; ; number++) {
      const suffix = number === 1 ? '' : `_${String(number).padStart(DIGITS, '0')}`
      const path = join(this.#folder, `${this.#stem}-${at}${suffix}${this.#extension}`)
      if ((await exists(path)) || (await exists(path + GZIP_SUFFIX))) continue
      this.#lastAt = at
      this.#lastNumber = number
      return path
    }
  }

  /** Compresses and deletes what is due. An operation that a killed run left unfinished is repeated. */
  async tidy(): Promise<void> {
    const { compress, keep } = this.#rotation
    if (compress) {
      for (const name of await this.#list()) {
        if (!name.endsWith(GZIP_SUFFIX)) await compressFile(join(this.#folder, name))
      }
    }
    const names = await this.#list()
    const most = Math.min(keep, names.length)
    for (const name of names.slice(0, names.length - most))
      await rm(join(this.#folder, name), { force: true })
  }

  async #list(): Promise<string[]> {
    const begin = `${this.#stem}-`
    const end = new RegExp(`^\\d{8}T\\d{6}Z(?:_\\d{${DIGITS}})?${escaped(this.#extension)}(?:\\.gz)?$`)
    const entries = await readdir(this.#folder, { withFileTypes: true })
    return entries
      .filter(({ name }) => name.startsWith(begin) && end.test(name.slice(begin.length)))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort()
  }
}

function escaped(text: string): string {
  return text.replace(/[^\w]/g, '\\$&')
}

/** True also for a dangling link. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

/** The compressed file gets its name when it is complete; only then the plain one is deleted. */
async function compressFile(path: string): Promise<void> {
  const part = path + GZIP_SUFFIX + PART_SUFFIX
  await rm(part, { force: true })
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(part, { flags: 'wx', mode: MODE }))
    const written = await open(part, 'r+')
    await written.sync().finally(() => written.close())
    await rename(part, path + GZIP_SUFFIX)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await rm(path)
}
