/**
 * Signals of a live run: SIGINT and SIGTERM end it, SIGHUP reopens its files, SIGUSR1 prints its counts. SIGHUP also ends
 * it if the terminal that it was started from is gone.
 */
import { closeSync, openSync } from 'node:fs'
import { constants, devNull } from 'node:os'
import process from 'node:process'
import { type Screen, STDERR } from '../screen.ts'

export interface SignalActions {
  shutDown(): void
  reopen(): void
  printCounts(): void
}

const STANDARD = [0, 1, STDERR]

let signals: Signals | undefined

/** The signals of this process; the first call installs the handlers. */
export function processSignals(screen: Screen): Signals {
  signals ??= new Signals(screen)
  return signals
}

/** Handles signals from its creation on; those that arrive before `setActions` are handled then. */
export class Signals {
  readonly #screen: Screen
  readonly #terminals: number[]
  readonly #held = new Set<keyof SignalActions>()
  #actions: SignalActions | undefined

  constructor(screen: Screen) {
    this.#screen = screen
    this.#terminals = STANDARD.filter((descriptor) => screen.isTerminal(descriptor))
    process.once('SIGINT', this.#shutDown)
    process.once('SIGTERM', this.#shutDown)
    // These stay: without a listener the one would end the process, and Node starts its debugger at the other.
    process.on('SIGHUP', () => this.#hangUp())
    if ('SIGUSR1' in constants.signals) process.on('SIGUSR1', () => this.#do('printCounts'))
  }

  setActions(actions: SignalActions): void {
    this.#actions = actions
    for (const held of this.#held) actions[held]()
  }

  /** Removes the handlers: a second Ctrl-C then ends the process at once. */
  close(): void {
    process.removeListener('SIGINT', this.#shutDown)
    process.removeListener('SIGTERM', this.#shutDown)
  }

  #do(action: keyof SignalActions): void {
    if (this.#actions === undefined) this.#held.add(action)
    else this.#actions[action]()
  }

  readonly #shutDown = (): void => this.#do('shutDown')

  #hangUp(): void {
    const gone = this.#terminals.filter((descriptor) => !this.#screen.isTerminal(descriptor))
    leaveTerminal(gone)
    if (gone.length > 0) this.#terminals.length = 0
    this.#do(gone.length > 0 ? 'shutDown' : 'reopen')
  }
}

/** Writing to a terminal that has gone is an error, and Node 20 aborts when it cannot reset one at its end. */
function leaveTerminal(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    closeSync(descriptor)
    // The lowest number that is free: the same.
    openSync(devNull, 'r+')
  }
}
