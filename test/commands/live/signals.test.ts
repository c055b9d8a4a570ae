/** Signals before and after there is a run to obey them. */
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Signals } from '../../../src/commands/live/signals.ts'
import { runCommandLine } from '../../../src/commands/run.ts'
import { type Screen, screen } from '../../../src/commands/screen.ts'
import { COMMANDS } from '../../../src/commands/table.ts'

const test = suite('commands/live-signals')

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const
const withoutTerminal: Screen = { ...screen, isTerminal: () => false }

function open(): Signals {
  return new Signals(withoutTerminal)
}

function actions(done: string[]) {
  return {
    shutDown: () => done.push('shutDown'),
    reopen: () => done.push('reopen'),
    printCounts: () => done.push('printCounts'),
  }
}

test.after.each(() => {
  for (const name of NAMES) process.removeAllListeners(name)
})

test('what comes while the run starts is done once it runs, each once', () => {
  const signals = open()
  for (const name of ['SIGHUP', 'SIGUSR1', 'SIGHUP', 'SIGTERM'] as const) process.emit(name, name)
  const done: string[] = []
  signals.setActions(actions(done))
  assert.equal(done, ['reopen', 'printCounts', 'shutDown'])
})

test('each signal has its action', () => {
  const done: string[] = []
  open().setActions(actions(done))
  for (const name of ['SIGHUP', 'SIGUSR1', 'SIGHUP', 'SIGINT'] as const) process.emit(name, name)
  assert.equal(done, ['reopen', 'printCounts', 'reopen', 'shutDown'])
})

test('at the end only those stay that would do harm', () => {
  open().close()
  assert.equal(
    NAMES.map((name) => process.listenerCount(name)),
    [0, 0, 1, 1],
  )
})

test('a run hears them before its file is loaded', async () => {
  const live = COMMANDS.find(({ name }) => name === 'live')
  assert.ok(live)
  const load = live.load
  let listeners: number[] = []
  live.load = () => {
    listeners = NAMES.map((name) => process.listenerCount(name))
    return load()
  }
  await runCommandLine(['live']).then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, 'INTERFACE_MISSING'),
  )
  live.load = load
  assert.equal(listeners, [1, 1, 1, 1])
})

test.run()
