#!/usr/bin/env node
/**
 * The command line. Sets the exit status and writes the last word: one line an error, no stack unless
 * FLOWHAWK_DEBUG is set. Everything heavy is imported when it is needed: `--version` reads one small file.
 *
 *   0 done   1 an input or output cannot be used   2 wrong usage   3 an input was cut short or damaged
 */
import { readFileSync, writeSync } from 'node:fs'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'

const args = process.argv.slice(2)

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}

/** Where standard error has gone or is full, nobody can be told. */
function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // The status tells.
  }
}

/**
 * By how much the heap grows before the next collection. Flows lie outside it, so that collecting costs little: with the
 * engine's own measure, which may be several times as much, garbage would take more memory than what is in use.
 */
const HEAP_GROWTH_PERCENT = 35

/**
 * How much of other functions the engine takes into one that it optimises, in bytes of its bytecode. With less than half
 * of its own measure the code runs no slower and is ready sooner, which counts in runs of a few seconds.
 */
const INLINED_BYTECODE = 400

/**
 * The room for what lives shortly begins with 1 MB and grows by this factor while the command line is read, then no
 * more. By itself it would become 32 MB and larger, depending on the release of Node, and no time would be won; with
 * 2 MB sessions by the thousand take a tenth longer.
 */
const YOUNG_GROWTH = 8

async function main(): Promise<number> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    const { screen, STDOUT } = await import('./commands/screen.ts')
    screen.write(STDOUT, `${version()}\n`)
    return 0
  }
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTECODE}`)
  setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWTH}`)
  // For `fail`, and loaded anyway: a run that has become another user may be unable to read it.
  await import('./commands/errors.ts')
  const { runCommandLine } = await import('./commands/run.ts')
  setFlagsFromString('--semi-space-growth-factor=1')
  return runCommandLine(args)
}

async function fail(error: unknown): Promise<number> {
  const { errorLine, errorStatus } = await import('./commands/errors.ts')
  const status = errorStatus(error)
  if (status !== 0) say(errorLine(error))
  return status
}

main()
  .catch(fail)
  .then((status) => {
    process.exitCode = status
  })
