/**
 * `flowhawk analyze`: options, knowledge and inputs in; records, the summary for a person and an exit status out.
 */

import { type ResolvedInputs, resolveInputs } from '../capture/inputs.ts'
import type { CaptureSource } from '../capture/open.ts'
import { InputError, UsageError } from '../errors.ts'
import { type Options, readOptions } from '../options.ts'
import { Pipeline, randomSeed } from '../pipeline.ts'
import { RECORD_NAMES, type RecordName } from '../report/record/record.ts'
import { timeText } from '../report/record/time.ts'
import { DEFAULT_RECORDS, joinSinks, type OutputSink } from '../report/sink.ts'
import { createTally } from '../report/terminal/tally.ts'
import type { Outside, Summary } from '../types.ts'
import type { Command } from './command.ts'
import { DAMAGED, DONE, damageLine, errorLine, UNUSABLE } from './errors.ts'
import { ANALYSIS_FLAGS, KNOWLEDGE_FLAGS, OUTPUT_FLAGS, SPAN_FLAGS } from './flags.ts'
import { type Knowledge, loadKnowledge } from './knowledge-files.ts'
import { openRecords } from './output.ts'
import { type Progress, startProgress } from './progress.ts'
import { type Screen, STDERR } from './screen.ts'
import { viewOf } from './view.ts'

const LIVE_RECORDS: readonly RecordName[] = ['stats', 'open_session']
const ANALYZE_RECORDS = [...DEFAULT_RECORDS].filter((name) => !LIVE_RECORDS.includes(name))
const FLUSH_MS = 500

export const analyze: Command = {
  positionals: '<input..>',
  describe:
    'Reads captures (pcap, pcapng; also gzip, zstd, lz4) as one continuous capture. On a terminal it shows a ' +
    'summary; into a pipe or a file it writes records, one JSON object a line.',
  flags: { ...OUTPUT_FLAGS, ...SPAN_FLAGS, ...ANALYSIS_FLAGS, ...KNOWLEDGE_FLAGS },
  examples: [
    ['flowhawk capture.pcapng', 'what talked to what, and how many sessions ran at once'],
    ['flowhawk capture.pcapng -o - | jq \'select(.type=="pool")\'', 'the peak of every pool'],
    ['flowhawk explain capture.pcapng --flow 89cd01ec', 'why a flow of the summary has its label'],
    ['flowhawk captures/ -o flows.ndjson --records flow', 'only the flows of all captures of a folder'],
  ],
  run: (flags, screen) =>
    runAnalysis(readOptions(flags, { names: RECORD_NAMES, byDefault: ANALYZE_RECORDS }), screen, false),
}

/** `sessionsOnly`: the summary for a person shows the pools alone. */
export async function runAnalysis(
  options: Options<RecordName>,
  screen: Screen,
  sessionsOnly: boolean,
): Promise<number> {
  refuseLiveOnly(options)
  const knowledge = await loadKnowledge(options)
  const inputs = await resolveInputs(options.inputs)
  if (inputs.inputs.length === 0) return reportUnusable(inputs, options, screen)
  const view = viewOf(options, screen, sessionsOnly)
  const captures = inputs.inputs.map(({ path }) => path)
  const internal = knowledge.site?.internal
  const output = view?.insteadOfRecords ? undefined : await openRecords({ ...options, internal }, captures)
  const tally = view === undefined ? undefined : createTally()
  const sinks: OutputSink[] = [output?.sink, tally].filter((sink) => sink !== undefined)
  const wants = (name: RecordName) => tally !== undefined || options.records.has(name)
  const flushing = output && flushWhileWaiting(inputs, output.sink)
  const summary = await readCaptures(inputs, { options, knowledge, screen, wants }, joinSinks(sinks))
  clearInterval(flushing)
  await output?.sink.end()
  await output?.close()
  if (tally !== undefined) view?.show(tally)
  return reportEnd(inputs, summary, screen)
}

/** Beside others they are simply not there. */
function refuseLiveOnly({ records }: Options<RecordName>): void {
  if ([...records].some((name) => !LIVE_RECORDS.includes(name))) return
  const what = `found ${[...records].join(',')}, which only flowhawk live writes; name other records`
  throw new UsageError('OPTION_RECORDS', '--records', what)
}

/** Packets may come slowly through a pipe, from a running capture: records are flushed before their chunk is full. */
function flushWhileWaiting({ inputs }: ResolvedInputs, sink: OutputSink): NodeJS.Timeout | undefined {
  if (inputs.every(({ byteSize }) => byteSize !== undefined)) return undefined
  // An error here is returned to the next caller that waits for the sink.
  return setInterval(() => sink.end().catch(() => undefined), FLUSH_MS).unref()
}

export interface Reading {
  options: Options<string>
  knowledge: Knowledge
  screen: Screen
  /** Whether the sink writes records of this kind. */
  wants(name: RecordName): boolean
}

/** Reads the captures to their end, as one; errors of opening are added to `inputs.errors`. */
export async function readCaptures(
  inputs: ResolvedInputs,
  { options, knowledge, screen, wants }: Reading,
  sink: OutputSink,
): Promise<Summary> {
  const pipeline = new Pipeline(
    { ...options, ...knowledge, flows: wants('flow'), concurrency: wants('concurrency'), seed: randomSeed() },
    sink,
  )
  pipeline.summary.skippedInputs.push(...inputs.skipped)
  const position = await progressFor(inputs, options, screen)
  try {
    await readAll(inputs, pipeline, position)
    return await pipeline.finish('capture_end')
  } finally {
    position.bar?.stop()
  }
}

async function readAll(inputs: ResolvedInputs, pipeline: Pipeline, progress: Position): Promise<void> {
  for (const input of inputs.inputs) {
    let source: CaptureSource
    try {
      source = await input.open()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      inputs.errors.push(error)
      continue
    }
    progress.current = source
    await pipeline.read(source)
    progress.done += source.bytesRead
    progress.current = undefined
  }
}

const RECORD_FILE = /\.ndjson(?:\.gz)?$/

interface Position {
  /** Bytes of inputs that are finished. */
  done: number
  current: CaptureSource | undefined
  bar: Progress | undefined
}

async function progressFor(
  inputs: ResolvedInputs,
  { quiet }: Options<string>,
  screen: Screen,
): Promise<Position> {
  const reading: Position = { done: 0, current: undefined, bar: undefined }
  const total = inputs.inputs.reduce((sum, { byteSize }) => sum + (byteSize ?? Number.NaN), 0)
  if (quiet || !screen.isTerminal(STDERR) || !(total > 0)) return reading
  reading.bar = await startProgress(total, () => reading.done + (reading.current?.bytesRead ?? 0))
  return reading
}

/** Reports why nothing could be read. */
export function reportUnusable(
  inputs: ResolvedInputs,
  { inputs: named }: Options<string>,
  screen: Screen,
): number {
  for (const error of inputs.errors) screen.write(STDERR, `${errorLine(error)}\n`)
  if (inputs.errors.length === 0) {
    const error = new InputError('INPUT_NO_CAPTURE', named.join(', '), nothingFound(inputs))
    screen.write(STDERR, `${errorLine(error)}\n`)
  }
  return UNUSABLE
}

/** For a folder of record files without the names that `-o DIR/` gives them, as `live -o flows.ndjson` makes. */
function nothingFound({ skipped }: ResolvedInputs): string {
  const records = skipped.find((path) => RECORD_FILE.test(path))
  if (records === undefined) return 'no capture found in it; name one'
  return `no capture found in it; sessions, report and diff read records when their files are named, as ${records}`
}

/** Reports inputs that could not be read, or not completely; returns the exit status. */
export function reportEnd(
  inputs: ResolvedInputs,
  { damaged, packets, outside }: Summary,
  screen: Screen,
): number {
  if (packets === 0 && outside !== undefined) sayOutside(outside, screen)
  for (const damage of damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
  for (const error of inputs.errors) screen.write(STDERR, `${errorLine(error)}\n`)
  if (inputs.errors.length > 0) return UNUSABLE
  return damaged.length > 0 ? DAMAGED : DONE
}

/** Nothing was between --from and --to: a wrong day, or another time zone. */
function sayOutside({ packets, first, last }: Outside, screen: Screen): void {
  if (first === undefined || last === undefined) return
  const range = `${timeText(...first)} to ${timeText(...last)}`
  const count = `all ${packets.toLocaleString('en')} packets are outside, from ${range}`
  screen.write(STDERR, `--from, --to: ${count}; times without a zone are UTC (TIME_OUTSIDE)\n`)
}
