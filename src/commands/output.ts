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

interface OpenFile {
  descriptor: number
  path: string
}

/** `captures`: the files that the inputs were found to be, where a folder was named. */
export async function openRecords(
  options: Options<RecordName>,
  captures: readonly string[] = [],
): Promise<Output> {
  const { output = '-' } = options
  const { inputs, rules, site, registry } = options
  const read = [...inputs, ...captures, ...rules, site, registry].filter((path) => path !== undefined)
  if (output === '-') {
    const writer = createLineWriter(descriptorWriter(STDOUT, 'standard output'))
    return { sink: createNdjsonSink(() => writer, options), close: async () => undefined }
  }
  const files: OpenFile[] = []
  const writerFor = async (path: string): Promise<LineWriter> => {
    await refuseInput(path, read)
    const descriptor = await openOutput(path)
    files.push({ descriptor, path })
    return createLineWriter(descriptorWriter(descriptor, path))
  }
  const close = async () => {
    for (const { descriptor, path } of files) await closeOutput(descriptor, path)
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
