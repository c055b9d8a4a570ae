/**
 * npm run evaluate [-- --labels --only flows,counts,ids,real --list MASTER --pcap TEXT --json FILE --corpora DIR]
 *
 * Runs flowhawk over captures that others made and prints how far it agrees with what independent tools say of
 * them. Without --labels: flows against the oracle, packet counts against capinfos, Community IDs, real programs.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { FlowRecord } from '../src/report/record/record-types.ts'
import { compareCommunityIds } from './evaluate/community.ts'
import { type Corpus, readLines, uncut } from './evaluate/corpus.ts'
import { compareCounts, printCounts } from './evaluate/counts.ts'
import { compareFlows, emptyAgreement, printFlows } from './evaluate/flows.ts'
import { compareLabels, emptyLabels, printLabels, totals } from './evaluate/labels.ts'
import type { OracleCapture } from './evaluate/oracle.ts'
import { compareReal } from './evaluate/real.ts'
import { flowsOf } from './evaluate/run.ts'

const { values: flags } = parseArgs({
  options: {
    corpora: { type: 'string' },
    labels: { type: 'boolean', default: false },
    list: { type: 'string' },
    only: { type: 'string' },
    pcap: { type: 'string' },
    json: { type: 'string' },
  },
})

const beside = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url))
const root = resolve(flags.corpora ?? beside)
const CAPTURE_LIMIT_MS = 20_000

const say = (line: string) => {
  process.stdout.write(`${line}\n`)
}
const wanted = flags.only?.split(',')
const labelsWanted = flags.labels || flags.list !== undefined
const part = (name: string) => (wanted === undefined ? !labelsWanted : wanted.includes(name))

/** Ends the whole run where one capture hangs: a busy loop cannot be interrupted from inside. */
async function guarded(name: string, path: string): Promise<FlowRecord[]> {
  const begin = Date.now()
  try {
    return (await flowsOf(path)).flows
  } catch (error) {
    say(`  ${name}: ${error instanceof Error ? error.message : error}`)
    return []
  } finally {
    if (Date.now() - begin > CAPTURE_LIMIT_MS) say(`  ${name}: took ${(Date.now() - begin) / 1000} s`)
  }
}

/** Flows and labels share one reading of the captures. */
async function againstOracle(corpus: Corpus): Promise<Record<string, unknown>> {
  const folder = join(corpus.root, 'ndpi')
  const captures = readLines<OracleCapture>(join(folder, 'oracle.ndjson')).filter(
    (capture) => flags.pcap === undefined || capture.pcap.includes(flags.pcap),
  )
  const names = JSON.parse(readFileSync(join(corpus.root, '../labels.json'), 'utf8'))
  const agreement = emptyAgreement()
  const labels = emptyLabels()
  for (const capture of captures) {
    const records = await guarded(capture.pcap, uncut(corpus, join(folder, capture.pcap)))
    compareFlows(agreement, capture, records)
    compareLabels(labels, capture, records, { map: names.ndpi_master_to_label, list: flags.list })
  }
  if (part('flows')) printFlows(agreement, say)
  if (labelsWanted) printLabels(labels, say)
  const masters = [...labels.masters].map(([master, tally]) => ({
    master,
    ...tally,
    wrong: Object.fromEntries(tally.wrong),
  }))
  const total = totals(labels.masters)
  return {
    flows: agreement,
    labels: { masters, total: { ...total, wrong: undefined }, hostnames: labels.hostnames },
  }
}

async function main(): Promise<void> {
  if (!existsSync(root)) {
    say(`no captures in ${root}: give their folder with --corpora`)
    process.exitCode = 1
    return
  }
  const corpus: Corpus = { root, scratch: mkdtempSync(join(tmpdir(), 'flowhawk-evaluate-')) }
  const results: Record<string, unknown> = {}
  try {
    if (part('flows') || labelsWanted) results.oracle = await againstOracle(corpus)
    for (const folder of ['tcpdump', 'pcapng']) {
      if (!part('counts')) continue
      const counts = await compareCounts(join(root, folder))
      printCounts(folder, counts, say)
      results[folder] = counts
    }
    if (part('ids')) results.communityId = await compareCommunityIds(join(root, 'community-id'), say)
    if (part('real')) results.real = await compareReal(join(root, 'real'), say)
  } finally {
    rmSync(corpus.scratch, { recursive: true, force: true })
  }
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(results, undefined, 2)}\n`)
}

await main()
