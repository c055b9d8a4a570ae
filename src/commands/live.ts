/**
 * `flowhawk live`: the pipeline on an interface of this host, until a signal, --count or --duration ends it. Time
 * is that of the packets; while the wire is quiet the host's clock takes over, a second behind. Records leave
 * within a second of their instant.
 */
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { type LiveSource, openLive } from '../capture/live.ts'
import { InputError } from '../errors.ts'
import { Pipeline } from '../pipeline.ts'
import type { RecordName, Stats } from '../report/record.ts'
import { joinSinks, type OutputSink } from '../report/sink.ts'
import { createTally } from '../report/tally.ts'
import { safeText } from '../text.ts'
import type { EndReason, Instant } from '../types.ts'
import type { Command } from './command.ts'
import { DONE, damageLine, errorLine, UNUSABLE } from './errors.ts'
import { KNOWLEDGE_FLAGS, OUTPUT_FLAGS } from './flags.ts'
import { loadKnowledge } from './knowledge-files.ts'
import { LIVE_ANALYSIS_FLAGS, LIVE_FLAGS, type LiveCommandOptions, readLiveOptions } from './live-options.ts'
import { PacedSource } from './live-source.ts'
import { openRecords } from './output.ts'
import { type Screen, STDERR } from './screen.ts'
import { viewOf } from './view.ts'

export const live: Command = {
  positionals: '<interface>',
  describe:
    'Reads packets from an interface of this host, or from any, until Ctrl-C or SIGTERM; then everything that is ' +
    'open is written and counted. Needs CAP_NET_RAW (sudo).',
  flags: { ...LIVE_FLAGS, ...OUTPUT_FLAGS, ...LIVE_ANALYSIS_FLAGS, ...KNOWLEDGE_FLAGS },
  examples: [
    ['sudo flowhawk live eth0 -o flows.ndjson', 'records to a file, a summary at the end'],
    ["sudo flowhawk live any -f 'udp portrange 3224-3324' | jq .", 'only Framehawk, as it happens'],
    ['sudo flowhawk live eth0 --duration 60 --records pool,summary', 'the pools of one minute'],
  ],
  run: (flags, screen) => runLive(readLiveOptions(flags), screen),
}

/** What is sent here must not know which flows share a place in the tables. */
const MAX_SEED = 0x7fff_ffff
const MARGIN_MS = 1000
const FLUSH_MS = 1000

async function runLive(options: LiveCommandOptions, screen: Screen): Promise<number> {
  const knowledge = await loadKnowledge(options)
  const states: ('up' | 'down')[] = []
  const source = await openLive(options.interface, {
    ...options.capture,
    report: (state) => states.push(state),
  })
  try {
    const view = viewOf(options, screen, false)
    const output = view?.insteadOfRecords ? undefined : await openRecords(options)
    const tally = view === undefined ? undefined : createTally()
    const sink = joinSinks([output?.sink, tally].filter((each) => each !== undefined))
    const wants = (name: RecordName) => tally !== undefined || options.records.has(name)
    const pipeline = new Pipeline(
      {
        ...options,
        ...knowledge,
        flows: wants('flow'),
        concurrency: wants('concurrency'),
        seed: randomInt(MAX_SEED),
      },
      sink,
    )
    const run = new LiveRun({ source, pipeline, sink, options, states, screen })
    if (!options.quiet && screen.isTerminal(STDERR)) screen.write(STDERR, `${startLine(source)}\n`)
    const gone = await run.toEnd()
    await output?.sink.end()
    await output?.close()
    if (tally !== undefined) view?.show(tally)
    for (const damage of pipeline.summary.damaged) screen.write(STDERR, `${damageLine(damage)}\n`)
    if (gone !== undefined) screen.write(STDERR, `${errorLine(gone)}\n`)
    return gone === undefined ? DONE : UNUSABLE
  } finally {
    await source.close()
  }
}

function startLine({ info, backend }: LiveSource): string {
  return `listening on ${safeText(info.source)} (${backend}); Ctrl-C ends`
}

interface Parts {
  source: LiveSource
  pipeline: Pipeline
  sink: OutputSink
  options: LiveCommandOptions
  /** What the interface did since it was looked at last. */
  states: ('up' | 'down')[]
  screen: Screen
}

/** One run, from the first packet to the summary. */
class LiveRun {
  readonly #parts: Parts
  readonly #window: StatsWindow
  #flushedMs = 0
  #flushing = false
  #endReason: EndReason = 'capture_end'

  constructor(parts: Parts) {
    this.#parts = parts
    this.#window = new StatsWindow(parts)
  }

  /** Reads until it is told to stop; then everything is written. The error when the interface is gone. */
  async toEnd(): Promise<InputError | undefined> {
    const { source, pipeline, options } = this.#parts
    const paced = new PacedSource(source, {
      quiet: () => this.#quiet(),
      between: () => this.#between(),
      count: options.count,
    })
    const stop = () => source.stop()
    const shutDown = () => {
      this.#endReason = 'shutdown'
      stop()
    }
    process.once('SIGINT', shutDown)
    process.once('SIGTERM', shutDown)
    const timer = options.durationSec === undefined ? undefined : setTimeout(stop, options.durationSec * 1000)
    try {
      const gone = await pipeline.read(paced).then(() => undefined, inputErrorOrThrow)
      this.#window.write()
      await pipeline.finish(this.#endReason)
      return gone
    } finally {
      clearTimeout(timer)
      process.removeListener('SIGINT', shutDown)
      process.removeListener('SIGTERM', shutDown)
    }
  }

  /** The wire is quiet: the host's clock ends what has been idle. */
  async #quiet(): Promise<void> {
    const [sec, nsec] = instantOf(Date.now() - MARGIN_MS)
    await this.#parts.pipeline.tick(sec, nsec)
  }

  #between(): void {
    const now = Date.now()
    const { states, options } = this.#parts
    for (const state of states.splice(0)) this.#tellState(state)
    if (options.statsIntervalSec > 0 && now >= this.#window.startMs + options.statsIntervalSec * 1000) {
      this.#window.write()
    }
    // A clock that was set back must not stop the flushing.
    if (now < this.#flushedMs + FLUSH_MS && now >= this.#flushedMs) return
    this.#flushedMs = now
    this.#flush()
  }

  /** Sends out what the writers hold. What goes wrong they tell whoever waits for them next. */
  #flush(): void {
    if (this.#flushing) return
    this.#flushing = true
    const done = () => {
      this.#flushing = false
    }
    this.#parts.sink.end().then(done, done)
  }

  #tellState(state: 'up' | 'down'): void {
    const { sink, screen, options } = this.#parts
    const says = state === 'down' ? 'went down; waiting until it is up again' : 'is up again'
    const about = { interface: safeText(options.interface) }
    sink.notice({
      notice: `interface_${state}`,
      says: `the interface ${about.interface} ${says}`,
      at: instantOf(Date.now()),
      about,
    })
    screen.write(STDERR, `${about.interface}: the interface ${says} (INTERFACE_${state.toUpperCase()})\n`)
  }
}

/** What the interface does is no reason to lose what was read before. */
function inputErrorOrThrow(error: unknown): InputError {
  if (error instanceof InputError) return error
  throw error
}

function instantOf(milliseconds: number): Instant {
  const sec = Math.floor(milliseconds / 1000)
  return [sec, Math.floor(milliseconds - sec * 1000) * 1e6]
}

/** What was counted since the last stats record. */
class StatsWindow {
  startMs = Date.now()
  readonly #parts: Parts
  #packets = 0
  #wireBytes = 0
  #dropped: Stats['dropped'] = {}

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Writes the record and begins the next window. */
  write(): void {
    const { pipeline, sink, source } = this.#parts
    const { packets, wireBytes } = pipeline.summary
    const { dropped } = source
    const endMs = Math.max(this.startMs, Date.now())
    sink.stats({
      start: instantOf(this.startMs),
      end: instantOf(endMs),
      packets: packets - this.#packets,
      wireBytes: wireBytes - this.#wireBytes,
      dropped: {
        kernel: difference(dropped.kernel, this.#dropped.kernel),
        interface: difference(dropped.interface, this.#dropped.interface),
      },
      liveFlows: pipeline.liveFlows,
      liveSessions: pipeline.liveSessions,
    })
    this.startMs = endMs
    this.#packets = packets
    this.#wireBytes = wireBytes
    this.#dropped = { ...dropped }
  }
}

function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined ? undefined : now - (before ?? 0)
}
