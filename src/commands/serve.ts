/**
 * `flowhawk serve`: the page of `report`, updated while records arrive: from NDJSON files that grow, a folder of them,
 * standard input, or an interface, which a `flowhawk live` in a child process reads: so the web server does not capture
 * itself, and a fault of one does not end the other.
 */

import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { linkTypeName } from '../capture/linktypes.ts'
import { plainBytes } from '../capture/plain-bytes.ts'
import { InputError, UsageError } from '../errors.ts'
import { type Flags, flag, refuseRepeated, text, texts } from '../options.ts'
import { embedded, htmlPage } from '../report/html.ts'
import { createOverview } from '../report/overview/overview.ts'
import { readEachRecord } from '../report/read/read-records.ts'
import { looksLikeRecords } from '../report/read/record-files.ts'
import type { FlowhawkRecord } from '../report/record/record-types.ts'
import { dashboardAddress, openDashboard } from '../service/dashboard.ts'
import { filesOf, follow } from '../service/follow.ts'
import { Metrics } from '../service/metrics.ts'
import { safeText } from '../text.ts'
import type { Damage } from '../types.ts'
import type { Command } from './command.ts'
import { DONE, errorLine, errorStatus, WRONG_USAGE } from './errors.ts'
import { inGroup, KNOWLEDGE_FLAGS, switchFlag, valueFlag } from './flags.ts'
import { loadKnowledge } from './knowledge-files.ts'
import { perClientPools } from './report.ts'
import { type Screen, STDERR } from './screen.ts'
import { RecordCounts } from './serve-counts.ts'

const KINDS = ['capture', 'flow', 'session', 'open_session', 'pool', 'notice', 'stats', 'summary'] as const
const DEFAULT_LISTEN = '127.0.0.1:8080'
/** Sessions that a snapshot lists: it is sent twice a second. */
const MAX_SESSIONS = 2000
const cli = fileURLToPath(new URL('../cli.js', import.meta.url))

export const serve: Command = {
  positionals: '[input..]',
  describe:
    "A dashboard in the browser, updated as records come: of flowhawk's own NDJSON files while they grow, of a folder " +
    'of them, of standard input (-), or of an interface. It listens on this host only, unless told otherwise.',
  flags: {
    ...inGroup('Input', {
      interface: valueFlag('show what an interface of this host carries; needs CAP_NET_RAW', 'NAME'),
      filter: valueFlag(
        'of the interface take only these packets (man pcap-filter); default all',
        'EXPRESSION',
        'f',
      ),
    }),
    ...inGroup('Server', {
      listen: valueFlag(`where the browser finds it; default ${DEFAULT_LISTEN}`, '[ADDRESS:]PORT'),
      token: valueFlag('what a browser must know; without it only loopback addresses are served', 'TEXT'),
      quiet: switchFlag('do not say where it listens', 'q'),
    }),
    rules: KNOWLEDGE_FLAGS.rules,
    site: KNOWLEDGE_FLAGS.site,
  },
  examples: [
    ['flowhawk serve flows.ndjson', 'the records of a flowhawk live that writes them'],
    ['sudo flowhawk serve --interface eth0', 'an interface, and who is on which slot now'],
    ['sudo flowhawk live eth0 -o - | flowhawk serve -', 'an interface, with a web server that is not root'],
    [
      'flowhawk serve /var/log/flowhawk/ --listen 0.0.0.0:8080 --token "$TOKEN"',
      'for others, too: http://…/?token=…',
    ],
  ],
  run: runServe,
}

/** What the readers of all inputs share. */
interface Run {
  signal: AbortSignal
  take(record: FlowhawkRecord): void
  report(error: unknown): void
}

async function runServe(flags: Flags, screen: Screen): Promise<number> {
  const inputs = Array.isArray(flags.input) ? flags.input.map(String) : []
  const name = text(flags, 'interface')
  if ((name === undefined) === (inputs.length === 0) || inputs.includes('')) {
    const found = inputs.includes('')
      ? 'an empty name'
      : name === undefined
        ? 'nothing to show'
        : 'an interface and inputs'
    throw new UsageError(
      'INPUT_MISSING',
      'serve',
      `found ${found}, expected NDJSON files, a folder, - or --interface NAME`,
    )
  }
  refuseRepeated(inputs, 'serve')
  if (text(flags, 'filter') !== undefined && name === undefined) {
    const what = 'found no --interface, and records cannot be filtered; add one, or filter in flowhawk live'
    throw new UsageError('OPTION_FILTER', '--filter', what)
  }
  const token = text(flags, 'token')
  const address = dashboardAddress(text(flags, 'listen') ?? DEFAULT_LISTEN, token)
  const knowledge = await loadKnowledge({ rules: texts(flags, 'rules'), site: text(flags, 'site') })
  await checkInputs(inputs)
  const overview = createOverview({
    title: safeText(
      name ?? inputs.map((input) => (input === '-' ? 'standard input' : basename(input))).join(', '),
    ),
    live: true,
    sessions: MAX_SESSIONS,
    perClient: perClientPools(knowledge.rules.pools),
    method: [['Source', name === undefined ? 'records of flowhawk, as they are written' : 'flowhawk live']],
    linkTypeName,
  })
  const counts = new RecordCounts()
  // No record says which slots are in use at this moment.
  const metrics = new Metrics({ counts: () => counts.now, pools: () => [] })
  const dashboard = await openDashboard(address, token, {
    page: () => htmlPage(overview.data()),
    snapshot: () => embedded(overview.data()),
    metrics: async () => ({ text: await metrics.text(), contentType: metrics.contentType }),
  })
  if (!flag(flags, 'quiet'))
    screen.write(
      STDERR,
      `the dashboard is at ${dashboard.url}${token === undefined ? '' : '?token=…'}; Ctrl-C ends\n`,
    )
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve())
  })
  let status = DONE
  const run: Run = {
    signal: stop.signal,
    take(record) {
      overview.add(record)
      counts.add(record)
      if (record.type === 'session') metrics.countSession(record.pool, record.server_ip)
      dashboard.changed()
    },
    report(error) {
      status = errorStatus(error)
      screen.write(STDERR, `${errorLine(error)}\n`)
    },
  }
  const readers =
    name === undefined ? inputs.map((input) => watch(input, run)) : [watchInterface(name, flags, run)]
  const ended = Promise.all(readers).then(() => (status !== DONE && name !== undefined ? undefined : stopped))
  await Promise.race([stopped, ended])
  stop.abort()
  await dashboard.close()
  process.stdin.destroy()
  return status
}

/** A file may still be empty, but it must not be a capture. */
async function checkInputs(inputs: readonly string[]): Promise<void> {
  for (const input of inputs) {
    if (input === '-') continue
    const found = await stat(input).catch(() => undefined)
    if (found === undefined) {
      throw new InputError('INPUT_NOT_FOUND', safeText(input), 'no such file or folder; check the name')
    }
    if (!found.isFile() && !found.isDirectory()) {
      const what =
        'found neither a file nor a folder; give what a pipe carries to standard input: flowhawk serve -'
      throw new InputError('INPUT_KIND', safeText(input), what)
    }
    if (found.isDirectory() || found.size === 0 || (await looksLikeRecords(input))) continue
    const what = "found no NDJSON, expected flowhawk's records; for a capture use flowhawk report"
    throw new InputError('INPUT_NO_RECORDS', safeText(input), what)
  }
}

async function watch(input: string, run: Run): Promise<void> {
  try {
    if (input === '-') await read(input, run, process.stdin)
    else if ((await stat(input)).isDirectory()) await watchFolder(input, run)
    else await watchFile(input, run)
  } catch (error) {
    if (!run.signal.aborted) run.report(error)
  }
}

async function watchFolder(folder: string, run: Run): Promise<void> {
  const readers: Promise<void>[] = []
  for await (const path of filesOf(folder, run.signal)) readers.push(watchFile(path, run).catch(run.report))
  await Promise.all(readers)
}

/** Compressed files are complete: they are read once. */
function watchFile(path: string, run: Run): Promise<void> {
  return read(path, run, path.endsWith('.gz') ? plainBytes(path) : follow(path, run.signal))
}

async function read(path: string, run: Run, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const damaged: Damage[] = []
  await readEachRecord(path, { kinds: KINDS, damaged, take: run.take, bytes })
}

/** Captures in a child process, which writes the open sessions every second. */
async function watchInterface(name: string, flags: Flags, run: Run): Promise<void> {
  const passed = ['filter', 'site'].flatMap((each) =>
    text(flags, each) === undefined ? [] : [`--${each}=${text(flags, each)}`],
  )
  const records = `--records=${KINDS.join(',')}`
  const own = ['--output=-', '--quiet', records, '--stats-interval=1', '--pool-window=60']
  const args = [
    cli,
    'live',
    ...own,
    ...passed,
    ...texts(flags, 'rules').map((path) => `--rules=${path}`),
    '--',
    name,
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  run.signal.addEventListener('abort', () => child.kill('SIGTERM'))
  const status = new Promise<number | null>((resolve) => child.once('close', resolve))
  await read(name, run, child.stdout).catch(() => undefined)
  if (run.signal.aborted) return
  const code = await status
  const what = `flowhawk live ended with status ${code}; its error is above`
  const Ended = code === WRONG_USAGE ? UsageError : InputError
  run.report(new Ended('LIVE_ENDED', safeText(name), what))
}
