/**
 * What signals do to a run without end: SIGINT and SIGTERM end it, SIGHUP opens its files again, SIGUSR1 shows how
 * it is. When the terminal it was started from goes away, that is an end, too.
 */
import { closeSync, openSync } from 'node:fs'
import { constants, devNull } from 'node:os'
import process from 'node:process'
import { type Screen, STDERR } from './screen.ts'

export interface SignalActions {
  shutDown(): void
  reopen(): void
  tell(): void
}

const STANDARD = [0, 1, STDERR]

/** Returns what ends the listening for an end: a second Ctrl-C then ends the process at once. */
export function listenForSignals(screen: Screen, { shutDown, reopen, tell }: SignalActions): () => void {
  const terminals = STANDARD.filter((descriptor) => screen.isTerminal(descriptor))
  const hangUp = () => {
    const gone = terminals.filter((descriptor) => !screen.isTerminal(descriptor))
    if (gone.length === 0) return reopen()
    leaveTerminal(gone)
    terminals.length = 0
    shutDown()
  }
  process.once('SIGINT', shutDown)
  process.once('SIGTERM', shutDown)
  // These stay: without a listener the one would end the process, and Node starts its debugger at the other.
  process.on('SIGHUP', hangUp)
  if ('SIGUSR1' in constants.signals) process.on('SIGUSR1', tell)
  return () => {
    process.removeListener('SIGINT', shutDown)
    process.removeListener('SIGTERM', shutDown)
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
