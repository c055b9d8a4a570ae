/**
 * `flowhawk diff a b`: two captures, folders of captures or files of records, and what is new, gone or changed
 * between them. Damage is reported on stderr; differences have precedence over damage in the exit status.
 */

import { stat } from 'node:fs/promises'
import { resolveInputs } from '../capture/inputs.ts'
import { plainBytes } from '../capture/plain-bytes.ts'
import { InputError, UsageError } from '../errors.ts'
import { type Options, readOptions } from '../options.ts'
import {
  COMPARED_KINDS,
  COMPARED_RECORDS,
  type ComparedKind,
  type ComparedRecord,
  createDiff,
  differs,
} from '../report/diff/diff.ts'
import { createDiffTally, diffText } from '../report/diff/diff-text.ts'
import { readEachRecord } from '../report/read/read-records.ts'
import { recordFiles } from '../report/read/record-files.ts'
import type { ChangeRecord, FlowhawkRecord } from '../report/record/record-types.ts'
import { createObjectSink } from '../report/sink.ts'
import { safeStrings, safeText } from '../text.ts'
import type { Damage } from '../types.ts'
import { readCaptures, reportEnd, reportUnusable } from './analyze.ts'
import type { Command } from './command.ts'
import { DAMAGED, DIFFERENT, DONE, damageLine, errorLine, UNUSABLE } from './errors.ts'
import { COUNTING_FLAGS, inGroup, KNOWLEDGE_FLAGS, listFlag, OUTPUT_FLAGS, valueFlag } from './flags.ts'
import { type Knowledge, loadKnowledge } from './knowledge-files.ts'
import { knowledgeFiles, openLines } from './output.ts'
import { refusePacketOptions } from './recount.ts'
import { type Screen, STDERR, STDOUT } from './screen.ts'
import { viewDescriptor } from './view.ts'

type DiffOptions = Options<ComparedKind>

export const diff: Command = {
  positionals: '<a> <b>',
  describe:
    'Compares two captures, folders of captures or files of records: flows by their ends, sessions by slot and client, ' +
    'pools by server; services, which are flows summed up by the port that answered, where asked for. On a terminal it ' +
    'shows tables; into a pipe or a file it writes a record for each change, and one that counts. Times are not compared. Exit status 0: the same, 4: different.',
  flags: {
    ...inGroup('Output', {
      output: valueFlag(
        'write the records to a file, or to standard output; default: a terminal shows tables, a pipe gets the records',
        'FILE|-',
        'o',
      ),
      records: listFlag(
        'compare exactly these; default flow,session,pool',
        'flow,session,pool,service',
        COMPARED_KINDS,
      ),
    }),
    quiet: OUTPUT_FLAGS.quiet,
    color: OUTPUT_FLAGS.color,
    ...COUNTING_FLAGS,
    ...KNOWLEDGE_FLAGS,
  },
  examples: [
    ['flowhawk diff before.pcapng after.pcapng', 'what is new, gone or changed'],
    ['flowhawk diff monday/ tuesday/ --records service,pool', 'two days, whose clients have other ports'],
    ['flowhawk diff before.ndjson after.ndjson | jq \'select(.change=="new")\'', 'only what is new'],
  ],
  async run(flags, screen) {
    const options = readOptions(flags, { names: COMPARED_KINDS, byDefault: COMPARED_RECORDS })
    const { inputs } = options
    if (inputs.length !== 2) {
      const what = `found ${inputs.length} input${inputs.length === 1 ? '' : 's'}, expected two: flowhawk diff a b`
      throw new UsageError('DIFF_INPUTS', 'diff', what)
    }
    const files = await Promise.all(inputs.map((input) => recordFiles(input, COMPARED_RECORDS)))
    if (files.every(({ length }) => length > 0)) refusePacketOptions(flags, ['pool-idle', 'rules'])
    return compare(options, [inputs[0], inputs[1]], screen)
  },
}

interface Run {
  options: DiffOptions
  /** The kinds of records to read, or to make of captures. */
  records: ReadonlySet<ComparedRecord>
  knowledge: Knowledge
  screen: Screen
  /** Undefined while the output keeps up. */
  drained(): Promise<void> | undefined
}

async function compare(
  options: DiffOptions,
  [before, after]: readonly [string, string],
  screen: Screen,
): Promise<number> {
  const knowledge = await loadKnowledge(options)
  const descriptor = viewDescriptor(options, screen)
  const lines =
    descriptor === STDOUT ? undefined : await openLines(options.output ?? '-', await filesRead(options))
  const tally = createDiffTally()
  const write = (change: ChangeRecord) => {
    tally.add(change)
    lines?.writer.line(JSON.stringify(change, safeStrings))
  }
  const names = [safeText(before), safeText(after)] as const
  const found = createDiff({ names, change: write, kinds: options.records })
  const records = recordsFor(options.records)
  const run = { options, records, knowledge, screen, drained: () => lines?.writer.drained() }
  const status = await readSide(before, found.before, run)
  if (status === UNUSABLE) return UNUSABLE
  const statusAfter = await readSide(after, found.after, run)
  if (statusAfter === UNUSABLE) return UNUSABLE
  for (const change of found.rest()) {
    write(change)
    const behind = run.drained()
    if (behind !== undefined) await behind
  }
  const counts = found.counts()
  lines?.writer.line(JSON.stringify(counts, safeStrings))
  await lines?.writer.end()
  await lines?.close()
  if (descriptor !== undefined) {
    const shown = { columns: screen.columns(descriptor), color: screen.color(descriptor, options.color) }
    screen.write(descriptor, diffText(tally, counts, shown))
  }
  return differs(counts) ? DIFFERENT : Math.max(status, statusAfter)
}

/** Whatever is read, folders opened: what the output may not overwrite. */
async function filesRead(options: DiffOptions): Promise<string[]> {
  const files = [...options.inputs, ...knowledgeFiles(options)]
  if ((options.output ?? '-') === '-') return files
  for (const folder of options.inputs) {
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) continue
    const records = await recordFiles(folder, COMPARED_RECORDS)
    files.push(...records)
    if (records.length === 0) files.push(...(await resolveInputs([folder])).inputs.map(({ path }) => path))
  }
  return files
}

/** Services are aggregated from flows. */
function recordsFor(kinds: ReadonlySet<ComparedKind>): ReadonlySet<ComparedRecord> {
  return new Set(Array.from(kinds, (kind) => (kind === 'service' ? 'flow' : kind)))
}

/** Every record of one side; returns the exit status that it would have alone. */
async function readSide(path: string, take: (record: FlowhawkRecord) => void, run: Run): Promise<number> {
  const files = await recordFiles(path, COMPARED_RECORDS)
  try {
    return await (files.length > 0 ? readRecordFiles(files, take, run) : readCaptureFiles(path, take, run))
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    run.screen.write(STDERR, `${errorLine(error)}\n`)
    return UNUSABLE
  }
}

async function readRecordFiles(
  files: readonly string[],
  take: (record: FlowhawkRecord) => void,
  { records, screen, drained }: Run,
): Promise<number> {
  const damaged: Damage[] = []
  for (const file of files) {
    const bytes = plainBytes(file)
    await readEachRecord(file, { bytes, kinds: [...records], take, drained, damaged })
  }
  for (const damage of damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
  return damaged.length > 0 ? DAMAGED : DONE
}

async function readCaptureFiles(
  path: string,
  take: (record: FlowhawkRecord) => void,
  { options, records, knowledge, screen, drained }: Run,
): Promise<number> {
  const inputs = await resolveInputs([path])
  if (inputs.inputs.length === 0) return reportUnusable(inputs, { ...options, inputs: [path] }, screen)
  const nothing = async () => undefined
  const writer = { record: take, drained, flush: nothing, close: nothing }
  const sink = createObjectSink(() => writer, { ...options, records })
  const wants = (name: string) => name === 'flow' && records.has('flow')
  const summary = await readCaptures(inputs, { options, knowledge, screen, wants }, sink)
  return reportEnd(inputs, summary, screen)
}
