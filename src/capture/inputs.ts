/**
 * The inputs that the user named (files, directories, "-") as one list of captures in the order of their packets: by
 * the first packet's time, then by natural name (x.pcap2 before x.pcap10), captures without packets last.
 * Directories are not searched recursively; files in them that are no captures are skipped, while an input named by the
 * user that cannot be used is an error to be reported when the rest is done. A file that is listed twice (through a link
 * in the same directory, for example) is read once.
 *
 * Each input is opened once to read its first packet and closed again, so that any number of them needs few
 * descriptors. Standard input and other pipes cannot be opened twice: they stay open.
 */
import { lstatSync, type Stats, statSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../errors.ts'
import { safeText } from '../text.ts'
import type { Instant } from '../types.ts'
import { type CaptureSource, openCapture, openError } from './open.ts'

/** Bytes read at once to find the first packet. */
const PROBE_CHUNK = 16_384
/** Errors that say nothing about the content: never skipped silently, not even in a directory. */
const UNREADABLE: readonly string[] = ['INPUT_NO_PERMISSION', 'INPUT_UNREADABLE', 'INPUT_READ']

export interface ResolvedInput {
  /** As the user gave it; in a directory, joined with the directory's path. */
  path: string
  /** Size on disk in bytes, undefined for pipes. */
  byteSize: number | undefined
  /** Undefined for a capture without packets, and where it is the only input (nothing to be ordered). */
  firstPacketTime: Instant | undefined
  /** Opens the capture. May throw InputError when the file has changed since. */
  open(): Promise<CaptureSource>
  /** Closes an input that was kept open for `open()`, if that was never called. */
  close(): Promise<void>
}

export interface ResolvedInputs {
  inputs: ResolvedInput[]
  /** Paths of files in directories that are no captures or whose name is not UTF-8, and of files listed before. */
  skipped: string[]
  /** Inputs named by the user that cannot be used at all, and files in directories that cannot be read. */
  errors: InputError[]
}

export interface ResolveOptions {
  chunkSize?: number
}

interface Candidate {
  path: string
  byteSize: number | undefined
  /** Device and number of a file. */
  identity: string | undefined
  /** Can be opened as often as needed. */
  isFile: boolean
  named: boolean
}

/** Finds, checks and orders the inputs. Throws nothing for a bad input: see `errors`. */
export async function resolveInputs(
  paths: readonly string[],
  options: ResolveOptions = {},
): Promise<ResolvedInputs> {
  const found: ResolvedInputs = { inputs: [], skipped: [], errors: [] }
  const candidates: Candidate[] = []
  for (const path of paths) await collect(path, candidates, found)
  const [distinct, repeated] = distinctFiles(candidates)
  found.skipped.push(...repeated.map(({ path }) => path))
  const single = distinct.length === 1
  for (const candidate of distinct) {
    try {
      found.inputs.push(await probe(candidate, single, options))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      if (candidate.named || UNREADABLE.includes(error.code)) found.errors.push(error)
      else found.skipped.push(candidate.path)
    }
  }
  found.inputs.sort(compareInputs)
  return found
}

async function collect(path: string, candidates: Candidate[], found: ResolvedInputs): Promise<void> {
  if (path === '-') {
    candidates.push({ path, byteSize: undefined, identity: undefined, isFile: false, named: true })
    return
  }
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) return await collectDirectory(path, candidates, found)
    candidates.push(candidateOf(path, stats, true))
  } catch (error) {
    if (!isSystemError(error)) throw error
    found.errors.push(openError(error, safeText(path)))
  }
}

async function collectDirectory(
  directory: string,
  candidates: Candidate[],
  found: ResolvedInputs,
): Promise<void> {
  const names = await readdir(directory)
  for (const name of names.sort(compareNatural)) {
    const path = join(directory, name)
    const stats = statsOf(path, statSync)
    if (stats?.isFile()) candidates.push(candidateOf(path, stats, false))
    // Listed, but neither a file nor a dangling link has this name: the real name is not UTF-8.
    else if (stats === undefined && statsOf(path, lstatSync) === undefined) found.skipped.push(path)
  }
}

function statsOf(path: string, statFile: (path: string) => Stats): Stats | undefined {
  try {
    return statFile(path)
  } catch {
    return undefined
  }
}

function candidateOf(path: string, stats: Stats, named: boolean): Candidate {
  if (!stats.isFile()) return { path, byteSize: undefined, identity: undefined, isFile: false, named }
  return { path, byteSize: stats.size, identity: `${stats.dev}:${stats.ino}`, isFile: true, named }
}

/** The first mention of each file, and the repeated ones. */
function distinctFiles(candidates: readonly Candidate[]): [distinct: Candidate[], repeated: Candidate[]] {
  const seen = new Set<string>()
  const distinct: Candidate[] = []
  const repeated: Candidate[] = []
  for (const candidate of candidates) {
    const { identity } = candidate
    if (identity !== undefined && seen.has(identity)) repeated.push(candidate)
    else distinct.push(candidate)
    if (identity !== undefined) seen.add(identity)
  }
  return [distinct, repeated]
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

/** Opens the candidate to see that it is a capture and, unless it is alone, when it begins. */
async function probe(candidate: Candidate, single: boolean, options: ResolveOptions): Promise<ResolvedInput> {
  const { path, byteSize, isFile } = candidate
  const { chunkSize } = options
  const keep = single || !isFile
  const source = await openCapture(path, { chunkSize: keep ? chunkSize : PROBE_CHUNK })
  const firstPacketTime = single ? undefined : await source.firstPacketTime()
  if (!keep) await source.close()
  let opened = keep ? source : undefined
  const open = (): Promise<CaptureSource> => {
    const first = opened
    opened = undefined
    return first === undefined ? openCapture(path, { chunkSize }) : Promise.resolve(first)
  }
  const close = async (): Promise<void> => {
    await opened?.close()
    opened = undefined
  }
  return { path, byteSize, firstPacketTime, open, close }
}

function compareInputs(a: ResolvedInput, b: ResolvedInput): number {
  return compareTimes(a.firstPacketTime, b.firstPacketTime) || compareNatural(a.path, b.path)
}

function compareTimes(a: Instant | undefined, b: Instant | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return a[0] - b[0] || a[1] - b[1]
}

/** Runs of digits compare as numbers, all else by code unit: the same on every machine and in every locale. */
export function compareNatural(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const order = comparePart(left[i], right[i])
    if (order !== 0) return order
  }
  return left.length - right.length || compareText(a, b)
}

function comparePart(a: string, b: string): number {
  const isDigit = /^\d/
  if (!isDigit.test(a) || !isDigit.test(b)) return compareText(a, b)
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  return left.length - right.length || compareText(left, right)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
