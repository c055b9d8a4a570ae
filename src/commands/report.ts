/** `flowhawk report`: captures, or flowhawk's own NDJSON, as one HTML page that opens from disk. */

import { basename } from 'node:path'
import { resolveInputs } from '../capture/inputs.ts'
import { linkTypeName } from '../capture/linktypes.ts'
import { plainBytes } from '../capture/plain-bytes.ts'
import { InputError, UsageError } from '../errors.ts'
import { type Options, readOptions } from '../options.ts'
import { htmlPage } from '../report/html.ts'
import { checkOutput } from '../report/ndjson.ts'
import { factsOf } from '../report/overview/flow.ts'
import { createOverview, type Overview } from '../report/overview/overview.ts'
import { readEachRecord } from '../report/read/read-records.ts'
import { timeText } from '../report/record/time.ts'
import { createObjectSink, type OutputSink } from '../report/sink.ts'
import type { Damage, PoolRule } from '../types.ts'
import { readCaptures, reportEnd, reportUnusable } from './analyze.ts'
import type { Command } from './command.ts'
import { DAMAGED, DONE, damageLine, errorLine, UNUSABLE } from './errors.ts'
import { COUNTING_FLAGS, inGroup, KNOWLEDGE_FLAGS, SPAN_FLAGS, switchFlag, valueFlag } from './flags.ts'
import { type Knowledge, loadKnowledge } from './knowledge-files.ts'
import { knowledgeFiles, refuseInput, writeText } from './output.ts'
import { recordInputs, refusePacketOptions } from './recount.ts'
import { type Screen, STDERR, STDOUT } from './screen.ts'

const RECORDS = ['capture', 'flow', 'session', 'pool', 'notice', 'summary'] as const
type Choice = (typeof RECORDS)[number]

/** Sessions that a page lists and draws: what a browser shows without delay. */
const MAX_SESSIONS = 250_000
const IDLE_DEFAULT = '300 s for TCP, 60 s for all else'

const REPORT_FLAGS = inGroup('Output', {
  output: valueFlag(
    'the page to write; default -, standard output, which may not be a terminal',
    'FILE.html|-',
    'o',
  ),
  quiet: switchFlag('no progress', 'q'),
})

export const report: Command = {
  positionals: '<input..>',
  describe:
    'Writes one HTML page that needs nothing else: how many sessions ran at once, when, on which server and how sure ' +
    "that is; charts of every pool, tables of sessions, labels, hosts and flows. Reads captures, or flowhawk's own NDJSON.",
  flags: { ...REPORT_FLAGS, ...SPAN_FLAGS, ...COUNTING_FLAGS, ...KNOWLEDGE_FLAGS },
  examples: [
    ['flowhawk report capture.pcapng -o report.html', 'a page to look at, to print, to send'],
    ['flowhawk report monday.ndjson.gz -o monday.html', 'the same from records'],
  ],
  async run(flags, screen) {
    const options = readOptions(flags, { names: RECORDS, byDefault: RECORDS })
    const { output = '-' } = options
    if (output === '-' && screen.isTerminal(STDOUT)) {
      throw new UsageError(
        'OUTPUT_TERMINAL',
        'report',
        'a page does a terminal no good; name a file with -o report.html',
      )
    }
    // Before minutes of reading.
    if (output !== '-') await checkOutput(output)
    const knowledge = await loadKnowledge(options)
    const files = await recordInputs(options.inputs, 'report', RECORDS)
    if (files.length > 0) refusePacketOptions(flags, ['pool-idle'])
    const { status, overview } =
      files.length > 0
        ? await readRecordFiles(files, options, knowledge, screen)
        : await readCaptureFiles(options, knowledge, screen)
    if (overview === undefined) return status
    await writeText(output, htmlPage(overview.data()).html)
    return status
  },
}

interface Outcome {
  status: number
  /** Absent where nothing could be read. */
  overview?: Overview
}

/** Refuses a page that would replace a file that is read. */
function refuseRead(options: Options<Choice>, files: readonly string[]): Promise<void> {
  return refuseInput(options.output ?? '-', [...files, ...knowledgeFiles(options)])
}

async function readCaptureFiles(
  options: Options<Choice>,
  knowledge: Knowledge,
  screen: Screen,
): Promise<Outcome> {
  const inputs = await resolveInputs(options.inputs)
  if (inputs.inputs.length === 0) return { status: reportUnusable(inputs, options, screen) }
  await refuseRead(options, [...options.inputs, ...inputs.inputs.map(({ path }) => path)])
  const overview = newOverview(options, knowledge, methodOf(options))
  const nothing = async () => undefined
  const writer = { record: overview.add, drained: () => undefined, flush: nothing, close: nothing }
  const records = createObjectSink(() => writer, {
    records: new Set(RECORDS.filter((name) => name !== 'flow')),
  })
  const sink: OutputSink = { ...records, flow: (flow) => overview.addFlow(factsOf(flow)) }
  const wants = (name: string) => name !== 'concurrency'
  const summary = await readCaptures(inputs, { options, knowledge, screen, wants }, sink)
  return { status: reportEnd(inputs, summary, screen), overview }
}

async function readRecordFiles(
  files: readonly string[],
  options: Options<Choice>,
  knowledge: Knowledge,
  screen: Screen,
): Promise<Outcome> {
  await refuseRead(options, files)
  const overview = newOverview(options, knowledge, [['Source', 'records that flowhawk wrote earlier']])
  const damaged: Damage[] = []
  let failed = 0
  for (const input of files) {
    try {
      const bytes = plainBytes(input)
      await readEachRecord(input, { bytes, kinds: RECORDS, damaged, take: overview.add })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      screen.write(STDERR, `${errorLine(error)}\n`)
      failed++
    }
  }
  for (const damage of damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
  if (failed === files.length) return { status: UNUSABLE }
  return { status: failed > 0 ? UNUSABLE : damaged.length > 0 ? DAMAGED : DONE, overview }
}

function newOverview(
  options: Options<Choice>,
  { rules }: Knowledge,
  method: readonly [string, string][],
): Overview {
  const [first] = options.inputs
  const name = first === '-' ? 'standard input' : basename(first)
  return createOverview({
    title: options.inputs.length === 1 ? name : `${name} and ${options.inputs.length - 1} more`,
    live: false,
    sessions: MAX_SESSIONS,
    perClient: perClientPools(rules.pools),
    method,
    linkTypeName,
  })
}

export function perClientPools(pools: readonly PoolRule[]): Set<string> {
  return new Set(pools.filter(({ session }) => session === 'per-client').map(({ name }) => name))
}

/** The options of the analysis, which records do not contain. */
function methodOf(options: Options<Choice>): [string, string][] {
  const seconds = (value: number) => (value === 0 ? 'never' : `${value} s`)
  const { idleTimeoutSec, activeTimeoutSec, poolIdleSec, maxFlows, decapsulate, span, rules, site } = options
  const found: [string, string][] = [
    ['A flow ends after a silence of', idleTimeoutSec === undefined ? IDLE_DEFAULT : seconds(idleTimeoutSec)],
    ['A flow is split at an age of', seconds(activeTimeoutSec)],
    [
      'A session ends after a silence of',
      poolIdleSec === undefined ? "the pool's own idle timeout" : seconds(poolIdleSec),
    ],
    ['Flows kept at once', `at most ${maxFlows.toLocaleString('en')}`],
    ['Of tunnels counts', `the ${decapsulate} flow`],
  ]
  if (span?.from !== undefined) found.push(['Only packets from', timeText(...span.from)])
  if (span?.to !== undefined) found.push(['Only packets before', timeText(...span.to)])
  if (rules.length > 0) found.push(['Rule files', rules.join(', ')])
  if (site !== undefined) found.push(['Site file', site])
  return found
}
