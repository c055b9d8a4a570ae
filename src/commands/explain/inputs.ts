/**
 * The inputs of `flowhawk explain`, which are read more than once: what cannot be opened again (standard input, pipes)
 * is first copied to a temporary file.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ResolvedInput, resolveInputs } from '../../capture/inputs.ts'
import type { CaptureSource } from '../../capture/open.ts'
import { InputError } from '../../errors.ts'
import { type PipelineOptions, runPipeline } from '../../pipeline.ts'
import type { CaptureInfo, ClosedFlow, RecordSink, Session, Summary } from '../../types.ts'

export interface RepeatableInputs {
  readonly inputs: readonly ResolvedInput[]
  /** Inputs named by the user that cannot be used. */
  readonly errors: readonly InputError[]
  /** Opens an input, under the name that the user gave. */
  open(input: ResolvedInput): Promise<CaptureSource>
  /** Removes the copies. */
  close(): Promise<void>
}

export async function openInputs(named: readonly string[]): Promise<RepeatableInputs> {
  const names = new Map<string, string>()
  let folder: string | undefined
  const close = async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const paths: string[] = []
    for (const path of named) {
      if (!(await isPipe(path))) {
        paths.push(path)
        continue
      }
      folder ??= await mkdtemp(join(tmpdir(), 'flowhawk-'))
      const copy = join(folder, String(names.size))
      await copyTo(path === '-' ? process.stdin : createReadStream(path), copy, path)
      names.set(copy, path)
      paths.push(copy)
    }
    const { inputs, errors } = await resolveInputs(paths)
    return { inputs, errors: errors.map((error) => renamed(error, names)), open: opener(names), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** True for inputs whose bytes can be read only once. */
async function isPipe(path: string): Promise<boolean> {
  if (path === '-') return true
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

async function copyTo(from: Readable, to: string, name: string): Promise<void> {
  try {
    await pipeline(from, createWriteStream(to, { mode: 0o600 }))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const what = `cannot be copied to ${tmpdir()} to be read twice, ${error.code}; give a file instead`
    throw new InputError('INPUT_COPY', name, what)
  }
}

/** The temporary name means nothing to the user. */
function renamed(error: InputError, names: ReadonlyMap<string, string>): InputError {
  const name = names.get(error.place)
  if (name === undefined) return error
  const what = error.message.slice(error.place.length + 2).replace(/ \([A-Z0-9_]+\)$/, '')
  return new InputError(error.code, name, what)
}

function opener(names: ReadonlyMap<string, string>) {
  return async (input: ResolvedInput): Promise<CaptureSource> => {
    const source = await input.open()
    const name = names.get(source.info.source)
    if (name !== undefined) source.info.source = name
    return source
  }
}

/** Callbacks of a pass over the inputs; other records are discarded. */
export interface PassCallbacks {
  capture?(info: CaptureInfo): void
  /** Borrowed. */
  flow?(flow: ClosedFlow): void
  session?(session: Session): void
}

/** Runs the pipeline once over all inputs. */
export function runPass(
  inputs: RepeatableInputs,
  options: PipelineOptions,
  callbacks: PassCallbacks,
): Promise<Summary> {
  const nothing = () => undefined
  const sink: RecordSink = {
    capture: (info) => callbacks.capture?.(info),
    flow: (flow) => callbacks.flow?.(flow),
    session: (session) => callbacks.session?.(session),
    pool: nothing,
    concurrency: nothing,
    notice: nothing,
    summary: nothing,
  }
  async function* sources() {
    for (const input of inputs.inputs) yield await inputs.open(input)
  }
  return runPipeline(sources(), options, sink)
}
