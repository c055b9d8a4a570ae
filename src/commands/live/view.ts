/** The live view of `flowhawk live` and its keys, if standard output is a terminal. */
import process from 'node:process'
import type { Pipeline } from '../../pipeline.ts'
import { BusyFlows, FLOW_ORDERS, type FlowOrder, type PipelineWatch } from '../../pipeline-live.ts'
import { type LiveFlow, liveView } from '../../report/terminal/live-view.ts'
import { countsBetween, type RunCounts } from '../../service/counts.ts'
import type { Processes } from '../../service/process.ts'
import { TopScreen } from '../../service/top.ts'
import { safeText } from '../../text.ts'
import { type Screen, STDERR, STDOUT } from '../screen.ts'
import { printNotice } from './output.ts'

const UPDATE_MS = 1000
/** The least time between redraws for a key or a new size. */
const LEAST_PAUSE_MS = 250
/** Pause after an update, as a multiple of its duration. */
const PAUSE_FACTOR = 20
const MAX_FLOWS = 100
const MAX_MESSAGES = 100
const ORDER_KEYS: Readonly<Record<string, FlowOrder>> = { b: 'bytes', k: 'packets', s: 'sessions' }
const NO_FLOWS: Record<FlowOrder, LiveFlow[]> = { bytes: [], packets: [], sessions: [] }

export interface LiveViewParts {
  interface: string
  color: boolean
  pipeline: Pipeline
  watch: PipelineWatch
  processes?: Processes
  messages: HeldMessages
  counts(): RunCounts
  /** Ends the run. */
  quit(): void
}

/** A terminal that can move its cursor. */
export function canShowLive(screen: Screen): boolean {
  return screen.isTerminal(STDOUT) && process.env.TERM !== 'dumb'
}

/** Holds messages to standard error while the view is open: the latest is shown in it, all are printed after it. */
export class HeldMessages implements Screen {
  readonly #screen: Screen
  readonly #held: string[] = []

  constructor(screen: Screen) {
    this.#screen = screen
  }

  get latest(): string {
    return safeText(this.#held.at(-1)?.trimEnd() ?? '')
  }

  isTerminal(descriptor: number): boolean {
    return this.#screen.isTerminal(descriptor)
  }

  columns(descriptor: number): number {
    return this.#screen.columns(descriptor)
  }

  color(descriptor: number, choice: 'auto' | 'always' | 'never'): boolean {
    return this.#screen.color(descriptor, choice)
  }

  write(descriptor: number, text: string): void {
    if (descriptor !== STDERR) this.#screen.write(descriptor, text)
    else if (this.#held.push(text) > MAX_MESSAGES) this.#held.shift()
  }

  /** Prints them. */
  release(): void {
    for (const text of this.#held.splice(0)) printNotice(this.#screen, text.trimEnd())
  }
}

export class LiveView {
  readonly #parts: LiveViewParts
  readonly #top: TopScreen
  readonly #busy: BusyFlows
  readonly #startMs = Date.now()
  #order: FlowOrder = FLOW_ORDERS[0]
  #paused = false
  #flows = NO_FLOWS
  #before: { ms: number; counts: RunCounts }
  #rates: { packetsPerSec: number; bytesPerSec: number; droppedPerSec: number }
  #nextMs = 0
  #drawnMs = 0
  #timer: NodeJS.Timeout | undefined
  #redraw: NodeJS.Timeout | undefined

  constructor(parts: LiveViewParts) {
    this.#parts = parts
    this.#busy = new BusyFlows(parts.pipeline)
    this.#before = { ms: this.#startMs, counts: parts.counts() }
    this.#rates = { packetsPerSec: 0, bytesPerSec: 0, droppedPerSec: 0 }
    this.#top = new TopScreen(process.stdin, process.stdout, {
      key: (character) => this.#key(character),
      interrupt: () => parts.quit(),
      resized: () => this.#drawSoon(),
    })
  }

  open(): void {
    this.#top.open()
    this.#timer = setInterval(() => this.#update(), UPDATE_MS)
    this.#draw()
  }

  /** Restores the terminal. */
  close(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#redraw)
    this.#top.close()
  }

  #key(character: string): void {
    const order = ORDER_KEYS[character.toLowerCase()]
    if (order !== undefined) this.#order = order
    else if (character === 'p' || character === ' ') this.#paused = !this.#paused
    else if (character === 'q') this.#parts.quit()
    else return
    this.#drawSoon()
  }

  #update(): void {
    const nowMs = Date.now()
    if (this.#paused || (nowMs < this.#nextMs && nowMs >= this.#before.ms)) return
    const startMs = performance.now()
    const { counts, processes } = this.#parts
    const now = counts()
    const seconds = Math.max(0.001, (nowMs - this.#before.ms) / 1000)
    const between = countsBetween(this.#before.counts, now)
    const dropped = (between.dropped.kernel ?? 0) + (between.dropped.interface ?? 0)
    this.#rates = {
      packetsPerSec: between.packets / seconds,
      bytesPerSec: between.wireBytes / seconds,
      droppedPerSec: dropped / seconds,
    }
    this.#before = { ms: nowMs, counts: now }
    this.#flows = this.#busy.sample(nowMs, MAX_FLOWS)
    for (const { flow } of this.#flows[this.#order]) flow.process = processes?.ofFlow(flow)
    this.#nextMs = nowMs + PAUSE_FACTOR * (performance.now() - startMs)
    this.#draw()
  }

  #drawSoon(): void {
    if (this.#redraw !== undefined) return
    const waitMs = Math.min(LEAST_PAUSE_MS, Math.max(0, this.#drawnMs + LEAST_PAUSE_MS - Date.now()))
    this.#redraw = setTimeout(() => {
      this.#redraw = undefined
      this.#draw()
    }, waitMs)
  }

  #draw(): void {
    const { counts } = this.#before
    const { kernel, interface: device } = counts.dropped
    const isKnown = kernel !== undefined || device !== undefined
    this.#drawnMs = Date.now()
    const data = {
      ...counts,
      ...this.#rates,
      interface: this.#parts.interface,
      seconds: (this.#before.ms - this.#startMs) / 1000,
      dropped: isKnown ? (kernel ?? 0) + (device ?? 0) : undefined,
      pools: this.#parts.watch.watched.map(({ level, peak }) => ({ ...level, peak })),
      flowsShown: this.#flows[this.#order],
      order: this.#order,
      paused: this.#paused,
      keys: this.#top.hasKeys,
      message: this.#parts.messages.latest,
    }
    this.#top.draw(liveView(data, { ...this.#top.size, color: this.#parts.color }))
  }
}
