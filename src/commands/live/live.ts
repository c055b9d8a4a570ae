/**
 * `flowhawk live`: the pipeline on an interface of this host, until a signal, --count or --duration ends it. Time is
 * packet time; while no packets arrive it follows the host's clock, a second late. Records are written within a second.
 */
import { listInterfaces } from '../../capture/live/interfaces.ts'
import { openLive } from '../../capture/live/live.ts'
import type { LiveSource } from '../../capture/live/live-types.ts'
import { InputError, UsageError } from '../../errors.ts'
import { nearest } from '../../label/nearest.ts'
import { type Flags, text } from '../../options.ts'
import { Pipeline, randomSeed } from '../../pipeline.ts'
import { type Alert, PipelineWatch } from '../../pipeline-live.ts'
import { FORMATS } from '../../report/formats/format.ts'
import type { RecordName } from '../../report/record/record.ts'
import { joinSinks, type OutputSink } from '../../report/sink.ts'
import { createTally } from '../../report/terminal/tally.ts'
import type { RunCounts } from '../../service/counts.ts'
import type { ListenAddress } from '../../service/listen.ts'
import { Metrics, MetricsServer } from '../../service/metrics.ts'
import { type Account, dropPrivileges } from '../../service/privileges.ts'
import { openProcesses, type Processes } from '../../service/process.ts'
import { safeText } from '../../text.ts'
import type { EndReason, RuleSet } from '../../types.ts'
import type { Command } from '../command.ts'
import { DONE, damageLine, errorLine, UNUSABLE } from '../errors.ts'
import { loadKnowledge, loadReaders, readText } from '../knowledge-files.ts'
import { openRecords } from '../output.ts'
import { type Screen, STDERR, STDOUT } from '../screen.ts'
import { viewOf } from '../view.ts'
import { parseConfig, readJoined } from './config.ts'
import { LIVE_FLAGS, type LiveCommandOptions, readLiveOptions } from './options.ts'
import { instantOf, LiveOutputs, printNotice } from './output.ts'
import { Pace } from './pace.ts'
import { processSignals, type Signals } from './signals.ts'
import { PacedSource } from './source.ts'
import { countsOf, countsText, StatsWindow } from './stats.ts'
import { tapSink } from './tap.ts'
import { canShowLive, HeldMessages, LiveView } from './view.ts'

export const live: Command = {
  positionals: '<interface>',
  describe:
    'Reads packets from an interface of this host, or from any, until Ctrl-C or SIGTERM; then everything that is ' +
    'open is written and counted. Needs CAP_NET_RAW (sudo).',
  flags: LIVE_FLAGS,
  examples: [
    ['sudo flowhawk live eth0 -o flows.ndjson', 'records to a file, a summary at the end'],
    ["sudo flowhawk live any -f 'udp portrange 3224-3324' | jq .", 'only the ports of Framehawk'],
    ['sudo flowhawk live eth0 --duration 60 --records pool,summary', 'the pools of one minute'],
    ['sudo flowhawk live eth0 -o - --alert framehawk=90 --metrics 9464', 'watched by other programs'],
  ],
  words: async () => (await listInterfaces()).map(({ name }) => safeText(name)),
  run: async (flags, screen) => runLive(await readFlags(flags), screen),
}

/** Of the command line, and of the configuration file that it names. */
async function readFlags(flags: Flags): Promise<LiveCommandOptions> {
  const path = text(flags, 'config')
  if (path === undefined) return readLiveOptions(flags)
  return readJoined(flags, parseConfig(await readText(path), path, live.flags), readLiveOptions)
}

const MARGIN_MS = 1000
/** A killed run may lose one second of records: half of that. */
const FLUSH_MS = 500
const UPDATE_MS = 1000

async function runLive(options: LiveCommandOptions, screen: Screen): Promise<number> {
  const states: ('up' | 'down')[] = []
  const signals = processSignals(screen)
  const source = await openLive(options.interface, {
    ...options.capture,
    report: (state) => states.push(state),
  })
  try {
    if (options.account !== undefined) await become(options.account, options)
    const knowledge = await loadKnowledge(options)
    const view = viewOf(options, screen, false)
    const isShown = view?.insteadOfRecords === true && !options.quiet && canShowLive(screen)
    const messages = isShown ? new HeldMessages(screen) : undefined
    const messageScreen = messages ?? screen
    const outputs = new LiveOutputs(options, messageScreen)
    const internal = knowledge.site?.internal
    const output = view?.insteadOfRecords
      ? undefined
      : await openRecords({ ...options, internal }, [], outputs.open)
    const tally = view === undefined ? undefined : createTally()
    const processes = openProcesses()
    const metrics =
      options.metrics === undefined
        ? undefined
        : new Metrics({ counts: () => run.counts, pools: () => run.watch.levels })
    const sink = tapSink(joinSinks([output?.sink, tally].filter((each) => each !== undefined)), {
      processes,
      metrics,
    })
    const wants = (name: RecordName) => tally !== undefined || options.records.has(name)
    const pipeline = new Pipeline(
      {
        ...options,
        ...knowledge,
        flows: wants('flow'),
        concurrency: wants('concurrency'),
        seed: randomSeed(),
      },
      sink,
    )
    checkAlerts(options.alerts, knowledge.rules)
    const run = new LiveRun({
      ...{ source, pipeline, sink, outputs, options },
      ...{ signals, states, screen: messageScreen, processes },
    })
    const server = metrics && (await MetricsServer.open(options.metrics as ListenAddress, metrics))
    const shown = messages && run.view(messages, screen)
    if (!shown && !options.quiet && screen.isTerminal(STDERR)) screen.write(STDERR, `${startLine(source)}\n`)
    shown?.open()
    const gone = await run.toEnd().finally(() => {
      shown?.close()
      messages?.release()
      return server?.close()
    })
    await output?.sink.end()
    await output?.close()
    if (tally !== undefined) view?.show(tally)
    for (const damage of pipeline.summary.damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
    if (gone !== undefined) screen.write(STDERR, `${errorLine(gone)}\n`)
    return gone === undefined && !outputs.full ? DONE : UNUSABLE
  } finally {
    await source.close()
  }
}

/** Imports all modules before, as the program may be in a folder that only root can read. */
async function become(account: Account, options: LiveCommandOptions): Promise<void> {
  await loadReaders(options)
  if (options.format !== 'ndjson') await FORMATS[options.format].load()
  dropPrivileges(account)
}

function startLine({ info, backend }: LiveSource): string {
  return `listening on ${safeText(info.source)} (${backend}); Ctrl-C ends`
}

interface Parts {
  source: LiveSource
  pipeline: Pipeline
  sink: OutputSink
  outputs: LiveOutputs
  options: LiveCommandOptions
  signals: Signals
  /** Changes of the link state that are not reported yet. */
  states: ('up' | 'down')[]
  screen: Screen
  processes?: Processes
}

/** Refuses alerts for pools that do not exist, which would never fire. */
function checkAlerts(alerts: readonly Alert[], { pools }: RuleSet): void {
  const names = pools.map(({ name }) => name)
  for (const { pool } of alerts) {
    if (names.includes(pool)) continue
    const known = nearest(pool, names) ?? names.join(', ')
    throw new UsageError(
      'OPTION_ALERT',
      '--alert',
      `found no pool ${JSON.stringify(pool)}, expected ${known}`,
    )
  }
}

/** One run, from the first packet to the summary. */
class LiveRun {
  readonly #parts: Parts
  readonly watch: PipelineWatch
  readonly #window: StatsWindow
  readonly #startMs = Date.now()
  readonly #updates = new Pace(UPDATE_MS)
  /** Number of flows begun at the last scan of the sockets. */
  #begun = -1
  #reportedHidden = false
  #flushing = false
  #endReason: EndReason = 'capture_end'

  constructor(parts: Parts) {
    this.#parts = parts
    this.watch = new PipelineWatch(parts.pipeline, parts.options)
    this.#window = new StatsWindow(parts, parts.sink, parts.options.records.has('open_session'))
  }

  /** The live view of this run. */
  view(messages: HeldMessages, screen: Screen): LiveView {
    const { pipeline, processes, options } = this.#parts
    return new LiveView({
      interface: safeText(options.interface),
      color: screen.color(STDOUT, options.color),
      pipeline,
      watch: this.watch,
      processes,
      messages,
      counts: () => this.counts,
      quit: () => this.#shutDown(),
    })
  }

  get counts(): RunCounts {
    return countsOf(this.#parts)
  }

  /** Reads until it is stopped, then writes everything that is open. Returns the error when the interface is gone. */
  async toEnd(): Promise<InputError | undefined> {
    const { source, pipeline, outputs, options, signals, screen } = this.#parts
    const paced = new PacedSource(source, {
      quiet: () => this.#quiet(),
      between: () => this.#between(),
      count: options.count,
    })
    const stop = () => source.stop()
    signals.setActions({
      shutDown: () => this.#shutDown(),
      reopen: () => void outputs.reopen().catch((error) => printNotice(screen, errorLine(error))),
      printCounts: () => this.#printCounts(),
    })
    const flushing = setInterval(() => this.#flush(), FLUSH_MS)
    const timer = options.durationSec === undefined ? undefined : setTimeout(stop, options.durationSec * 1000)
    try {
      const gone = await pipeline.read(paced).then(() => undefined, inputErrorOrThrow)
      await this.#parts.sink.end()
      this.#passNotices()
      this.watch.update(this.#parts.sink)
      this.#window.write()
      pipeline.summary.recordsLost = outputs.lost || undefined
      await pipeline.finish(this.#endReason)
      return gone
    } finally {
      clearTimeout(timer)
      clearInterval(flushing)
      signals.close()
    }
  }

  #shutDown(): void {
    this.#endReason = 'shutdown'
    this.#parts.source.stop()
  }

  /** While no packets arrive, advances the time of the pipeline by the host's clock, so that idle flows end. */
  async #quiet(): Promise<void> {
    const [sec, nsec] = instantOf(Date.now() - MARGIN_MS)
    await this.#parts.pipeline.tick(sec, nsec)
  }

  #between(): void {
    const now = Date.now()
    const { states, options } = this.#parts
    for (const state of states.splice(0)) this.#reportState(state)
    this.#passNotices()
    // With slots in use on tens of thousands of servers an update takes up to a second.
    this.#updates.run(now, () => this.watch.update(this.#parts.sink))
    this.#seeProcesses()
    if (options.statsIntervalSec > 0 && now >= this.#window.startMs + options.statsIntervalSec * 1000) {
      this.#window.write()
    }
  }

  /** Scans the sockets when flows have begun: short-lived programs are found only then. */
  #seeProcesses(): void {
    const { processes, screen, options } = this.#parts
    if (processes === undefined) return
    if (processes.isDue && this.watch.begun !== this.#begun) {
      this.#begun = this.watch.begun
      void processes.refresh()
    }
    if (!processes.hidden || this.#reportedHidden) return
    this.#reportedHidden = true
    const says = 'process is known for programs of this user only; others need CAP_SYS_PTRACE'
    if (!options.quiet) printNotice(screen, `${safeText(options.interface)}: ${says} (PROCESS_HIDDEN)`)
  }

  #passNotices(): void {
    const { outputs, sink } = this.#parts
    for (const notice of outputs.takeNotices()) sink.notice(notice)
  }

  /** Flushes the writers. They return an error to the next caller that waits for them. */
  #flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    const done = () => {
      this.#flushing = false
    }
    const { sink, outputs } = this.#parts
    sink
      .end()
      .then(() => outputs.tick())
      .then(done, done)
  }

  /** Prints one line, on SIGUSR1. */
  #printCounts(): void {
    const { source, screen } = this.#parts
    const seconds = (Date.now() - this.#startMs) / 1000
    printNotice(screen, countsText(source.info.source, seconds, countsOf(this.#parts)))
  }

  #reportState(state: 'up' | 'down'): void {
    const { sink, screen, options } = this.#parts
    const says = state === 'down' ? 'went down; waiting until it is up again' : 'is up again'
    const about = { interface: safeText(options.interface) }
    sink.notice({
      notice: `interface_${state}`,
      says: `the interface ${about.interface} ${says}`,
      at: instantOf(Date.now()),
      about,
    })
    printNotice(screen, `${about.interface}: the interface ${says} (INTERFACE_${state.toUpperCase()})`)
  }
}

/** An error of the interface ends the run normally, so that nothing is lost that was read before. */
function inputErrorOrThrow(error: unknown): InputError {
  if (error instanceof InputError) return error
  throw error
}
