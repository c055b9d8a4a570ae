/** Where the records go: one stream, one file, or a folder with a file for each kind of record. */
import { fstat } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OutputError, UsageError } from '../errors.ts'
import type { Options } from '../options.ts'
import {
  closeOutput,
  createLineWriter,
  descriptorWriter,
  type LineWriter,
  openOutput,
  type WriteBytes,
} from '../report/ndjson.ts'
import type { RecordName } from '../report/record.ts'
import { createNdjsonSink, type OutputSink } from '../report/sink.ts'
import { STDOUT } from './screen.ts'

const STDIN = 0

export interface Output {
  sink: OutputSink
  /** After `sink.end()`. */
  close(): Promise<void>
}

/** Where the bytes of one file go. */
export interface Target {
  /** Takes whole lines. */
  write: WriteBytes
  close(): Promise<void>
}

/** Opens the file of this name, or standard output for "-". */
export type OpenTarget = (path: string) => Promise<Target>

/** Creates or empties the file. */
async function createTarget(path: string): Promise<Target> {
  if (path === '-') {
    return { write: descriptorWriter(STDOUT, 'standard output'), close: async () => undefined }
  }
  const descriptor = await openOutput(path)
  return { write: descriptorWriter(descriptor, path), close: () => closeOutput(descriptor, path) }
}

/** `captures`: the files that the inputs were found to be, where a folder was named. */
export async function openRecords(
  options: Options<RecordName>,
  captures: readonly string[] = [],
  openTarget: OpenTarget = createTarget,
): Promise<Output> {
  const { output = '-' } = options
  const { inputs, rules, site, registry } = options
  const read = [...inputs, ...captures, ...rules, site, registry].filter((path) => path !== undefined)
  const targets: Target[] = []
  const writerFor = async (path: string): Promise<LineWriter> => {
    if (path !== '-') await refuseInput(path, read)
    const target = await openTarget(path)
    targets.push(target)
    return createLineWriter(target.write)
  }
  const close = async () => {
    for (const target of targets) await target.close()
  }
  if (!output.endsWith('/')) {
    const writer = await writerFor(output)
    return { sink: createNdjsonSink(() => writer, options), close }
  }
  await makeFolder(output)
  const writers = new Map<RecordName, LineWriter>()
  for (const name of options.records) writers.set(name, await writerFor(join(output, `${name}.ndjson`)))
  return { sink: createNdjsonSink((name) => writers.get(name)!, options), close }
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

/** An output that is also an input would be emptied before it is read. */
async function refuseInput(path: string, inputs: readonly string[]): Promise<void> {
  const target = await stat(path).catch(() => undefined)
  if (target === undefined || !target.isFile()) return
  for (const input of inputs) {
    const source = await (input === '-' ? statDescriptor(STDIN) : stat(input)).catch(() => undefined)
    if (source !== undefined && source.dev === target.dev && source.ino === target.ino) {
      throw new UsageError('OUTPUT_IS_INPUT', '--output', `found the input ${path}, expected another file`)
    }
  }
}
