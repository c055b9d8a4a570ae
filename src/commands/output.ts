/** Where the records go: one stream, one file, or a folder with a file for each kind of record. */
import { fstat } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import type { Cidr } from '../address.ts'
import { OutputError, UsageError } from '../errors.ts'
import type { Options } from '../options.ts'
import { createTextWriter, FORMATS } from '../report/formats/format.ts'
import type { FileEntry, RecordWriter, TextEntry } from '../report/formats/format-types.ts'
import {
  checkOutput,
  closeOutput,
  createLineWriter,
  type LineWriter,
  openOutput,
  type WriteBytes,
  waitingWriter,
} from '../report/ndjson.ts'
import type { RecordName } from '../report/record/record.ts'
import { createNdjsonSink, createObjectSink, type OutputSink } from '../report/sink.ts'
import { STDOUT } from './screen.ts'

const STDIN = 0

export interface Output {
  sink: OutputSink
  /** After `sink.end()`. */
  close(): Promise<void>
}

/** Where the bytes of one file go. */
export interface Target {
  /** Writes whole lines. */
  write: WriteBytes
  close(): Promise<void>
}

/** Opens the file of this name, or standard output for "-". A new file begins with `head`, which is whole lines. */
export type OpenTarget = (path: string, head: string) => Promise<Target>

/** Creates or empties the file. */
async function createTarget(path: string, head: string): Promise<Target> {
  const target = await openTarget(path)
  if (head !== '') await target.write(Buffer.from(head))
  return target
}

async function openTarget(path: string): Promise<Target> {
  if (path === '-') {
    return { write: waitingWriter(STDOUT, 'standard output'), close: async () => undefined }
  }
  const descriptor = await openOutput(path)
  return { write: waitingWriter(descriptor, path), close: () => closeOutput(descriptor, path) }
}

export interface RecordOptions extends Options<RecordName> {
  /** The site's own networks, for formats that distinguish internal from external addresses. */
  internal?: readonly Cidr[]
}

/** `captures`: the files found in folders among the inputs. */
export async function openRecords(
  options: RecordOptions,
  captures: readonly string[] = [],
  open: OpenTarget = createTarget,
): Promise<Output> {
  const read = [...options.inputs, ...captures, ...knowledgeFiles(options)]
  const targets: Target[] = []
  const checked: OpenTarget = async (path, head) => {
    if (path !== '-') await refuseInput(path, read)
    const target = await open(path, head)
    targets.push(target)
    return target
  }
  const closeTargets = async () => {
    for (const target of targets) await target.close()
  }
  if (options.format === 'ndjson') {
    const lines = async (path: string) => createLineWriter((await checked(path, '')).write)
    const writerOf = await openEach(options, (name) => `${name}.ndjson`, lines)
    return { sink: createNdjsonSink(writerOf, options), close: closeTargets }
  }
  const format: TextEntry | FileEntry = FORMATS[options.format]
  const writerOf = await openEach(options, format.fileName, await formatOpener(format, options, checked))
  const close = async () => {
    for (const writer of new Set([...options.records].map(writerOf))) await writer.close()
    await closeTargets()
  }
  return { sink: createObjectSink(writerOf, options), close }
}

/** One writer for everything, or in a folder one for each kind of record. */
async function openEach<W>(
  { output = '-', records }: RecordOptions,
  fileName: (name: RecordName) => string,
  open: (path: string, name: RecordName) => Promise<W>,
): Promise<(name: RecordName) => W> {
  const writers = new Map<RecordName, W>()
  if (output.endsWith('/')) {
    await makeFolder(output)
    for (const name of records) writers.set(name, await open(join(output, fileName(name)), name))
  } else {
    const [first] = records
    const writer = await open(output, first)
    for (const name of records) writers.set(name, writer)
  }
  return (name) => writers.get(name)!
}

type OpenRecordWriter = (path: string, name: RecordName) => Promise<RecordWriter>

async function formatOpener(
  format: TextEntry | FileEntry,
  options: RecordOptions,
  open: OpenTarget,
): Promise<OpenRecordWriter> {
  if (format.kind === 'file') {
    const openFile = await format.load()
    return async (path, name) => openFile(name, (await open(refuseTerminal(path, options), '')).write)
  }
  const textFormat = await format.load()
  return async (path, name) => {
    const text = textFormat(name, { time: options.time, internal: options.internal ?? [] })
    const target = await open(path, text.head === '' ? '' : `${text.head}\n`)
    return createTextWriter(target.write, text)
  }
}

/** Binary formats are not written to a terminal. */
function refuseTerminal(path: string, { format }: RecordOptions): string {
  if (path !== '-' || !isatty(STDOUT)) return path
  throw new UsageError(
    'OUTPUT_TERMINAL',
    '--output',
    `found a terminal for ${format}, expected a file or a pipe`,
  )
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    throw new OutputError('OUTPUT_OPEN', path, `the folder cannot be made, ${code}; choose another place`)
  }
}

const statDescriptor = promisify(fstat)

/** The files beside the captures that are read, which no output may overwrite either. */
export function knowledgeFiles({ rules, site, registry }: Options<string>): string[] {
  return [...rules, site, registry].filter((path) => path !== undefined)
}

/** A file of lines, or standard output for "-", that is none of the files that are read. */
export async function openLines(
  path: string,
  read: readonly string[],
): Promise<{ writer: LineWriter; close(): Promise<void> }> {
  if (path !== '-') {
    await checkOutput(path)
    await refuseInput(path, read)
  }
  const target = await openTarget(path)
  return { writer: createLineWriter(target.write), close: target.close }
}

/** Writes a whole file, or to standard output for "-". */
export async function writeText(path: string, text: string): Promise<void> {
  const target = await openTarget(path)
  await target.write(Buffer.from(text))
  await target.close()
}

/** An output that is also an input would be emptied before it is read. */
export async function refuseInput(path: string, inputs: readonly string[]): Promise<void> {
  const target = await stat(path).catch(() => undefined)
  if (target === undefined || !target.isFile()) return
  for (const input of inputs) {
    const source = await (input === '-' ? statDescriptor(STDIN) : stat(input)).catch(() => undefined)
    if (source !== undefined && source.dev === target.dev && source.ino === target.ino) {
      throw new UsageError('OUTPUT_IS_INPUT', '--output', `found the input ${path}, expected another file`)
    }
  }
}
