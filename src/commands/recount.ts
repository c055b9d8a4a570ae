/** `flowhawk sessions` over flowhawk's own NDJSON: the pools of several sensors, counted again as one network. */
import { plainBytes } from '../capture/plain-bytes.ts'
import { InputError, UsageError } from '../errors.ts'
import { codeOf, type Flags, type Options } from '../options.ts'
import { type Recount, recount } from '../pool/counting/recount.ts'
import { createReadBack, type ReadBack, readRecords } from '../report/read/read-records.ts'
import { isEmptyFile, recordFiles } from '../report/read/record-files.ts'
import type { RecordName } from '../report/record/record.ts'
import { joinSinks, type OutputSink } from '../report/sink.ts'
import { createTally } from '../report/terminal/tally.ts'
import { safeText } from '../text.ts'
import type { Damage, Instant, PoolRule, RecordSink, Summary } from '../types.ts'
import { DAMAGED, DONE, damageLine, errorLine, UNUSABLE } from './errors.ts'
import { openRecords } from './output.ts'
import { type Screen, STDERR } from './screen.ts'
import { viewOf } from './view.ts'

/** Both ends of the window of records without any time. */
const NO_TIME: Instant = [0, 0]
/** Records between two waits for the output. */
const STEP = 2048

/** The files of records among the inputs, folders opened; none where they are captures. A mixture is refused. */
export async function recordInputs(
  inputs: readonly string[],
  command: string,
  kinds: readonly RecordName[],
): Promise<string[]> {
  const files: string[] = []
  let records = 0
  let others = 0
  for (const input of inputs) {
    const found = await recordFiles(input, kinds)
    files.push(...found)
    records += found.length
    if (found.length > 0) continue
    // An empty file is a kind without records.
    if (await isEmptyFile(input)) files.push(input)
    else others++
  }
  if (records === 0) return []
  if (others === 0) return files
  const what =
    'found captures and NDJSON records together, expected one kind; analyze the captures first with -o'
  throw new UsageError('INPUT_MIXED', command, what)
}

/** Options that decide what becomes of packets: a record does not tell its packets separately. */
const OF_PACKETS: readonly string[] = [
  'idle-timeout',
  'active-timeout',
  'decapsulate',
  'ignore-vlan',
  'site',
  'registry',
]

/** Refuses what would change nothing where the inputs are records; `more`: options that the command needs packets for. */
export function refusePacketOptions(flags: Flags, more: readonly string[] = []): void {
  if (flags.from !== undefined || flags.to !== undefined) {
    const what = 'found records, and time can be cut only from packets; name the captures they come from'
    throw new UsageError('OPTION_FROM', '--from, --to', what)
  }
  const name = OF_PACKETS.concat(more).find((each) => flags[each] !== undefined && flags[each] !== false)
  if (name === undefined) return
  const what = 'found records, in which it changes nothing; name the captures they come from'
  throw new UsageError(codeOf(name), `--${name}`, what)
}

/** The records of a recount; the others are of packets. */
const WRITTEN: readonly RecordName[] = ['session', 'pool', 'concurrency', 'notice', 'summary']

export function refuseOtherRecords({ records }: Options<RecordName>): void {
  const other = [...records].find((name) => !WRITTEN.includes(name))
  if (other === undefined) return
  const what = `found ${other}, but over records only ${WRITTEN.join(',')} are written; name the captures instead`
  throw new UsageError('OPTION_RECORDS', '--records', what)
}

/** A recorded session can be joined with others, never split: where its silences were is not told. */
function refuseSplitting(
  { sessions }: ReadBack,
  rules: readonly PoolRule[],
  idleSec: number | undefined,
): void {
  if (!idleSec) return
  for (const { pool, longestGap } of sessions) {
    const rule = rules.find(({ name }) => name === pool)
    if (rule === undefined || rule.startMarker !== undefined || longestGap <= idleSec) continue
    const what =
      `found ${idleSec}, but a ${pool} session of the records was silent for ${longestGap} s, ` +
      'and only packets can be split there; name the captures they come from'
    throw new UsageError('OPTION_POOL_IDLE', '--pool-idle', what)
  }
}

export async function recountSensors(
  files: readonly string[],
  options: Options<RecordName>,
  screen: Screen,
  pools: readonly PoolRule[],
): Promise<number> {
  const { read, errors } = await readAll(files)
  if (errors.length === files.length) return report(errors, [], screen)
  if (read.records === 0) {
    const what =
      'holds no session, pool or summary record, which a recount needs; write them with --records session,pool,summary'
    errors.push(new InputError('RECORD_KINDS', safeText(options.inputs[0]), what))
    return report(errors, read.damaged, screen)
  }
  refuseSplitting(read, pools, options.poolIdleSec)
  const view = viewOf(options, screen, true)
  const output = view?.insteadOfRecords ? undefined : await openRecords(options, files)
  const tally = view === undefined ? undefined : createTally()
  const sink = joinSinks([output?.sink, tally].filter((each): each is OutputSink => each !== undefined))
  const { poolIdleSec } = options
  const { first: start = NO_TIME, last: end = NO_TIME } = read
  const window = { start, end }
  const result = recount(read.sessions, { pools, poolIdleSec, window, rejections: read.rejections.values() })
  await emit(result, summaryOf(read, result), sink)
  await sink.end()
  await output?.close()
  if (result.unknown > 0 && !options.quiet) {
    const what = `${result.unknown} sessions of pools without a rule left out; name their rule file with --rules`
    screen.write(STDERR, `warning: ${what}\n`)
  }
  if (tally !== undefined) view?.show(tally)
  return report(errors, read.damaged, screen)
}

async function readAll(inputs: readonly string[]): Promise<{ read: ReadBack; errors: InputError[] }> {
  const read = createReadBack()
  const errors: InputError[] = []
  for (const input of inputs) {
    try {
      await readRecords(input, plainBytes(input), read)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      errors.push(error)
    }
  }
  return { read, errors }
}

function report(errors: readonly InputError[], damaged: readonly Damage[], screen: Screen): number {
  for (const damage of damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
  for (const error of errors) screen.write(STDERR, `${errorLine(error)}\n`)
  if (errors.length > 0) return UNUSABLE
  return damaged.length > 0 ? DAMAGED : DONE
}

async function emit(result: Recount, summary: Summary, sink: RecordSink): Promise<void> {
  let written = 0
  for (const session of result.sessions) {
    sink.session(session)
    if (++written % STEP === 0) await sink.drained?.()
  }
  for (const change of result.concurrency) {
    sink.concurrency(change)
    if (++written % STEP === 0) await sink.drained?.()
  }
  for (const each of result.pools) sink.pool(each)
  for (const notice of result.notices) sink.notice(notice)
  sink.summary(summary)
}

/** The sums of the sensors' summaries, except for sessions: packets that two of them saw count twice. */
function summaryOf({ sums, first, last, damaged }: ReadBack, { sessions }: Recount): Summary {
  return { ...sums, sessions: sessions.length, firstPacketAt: first, lastPacketAt: last, damaged }
}
