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

/** Errors of writing are ignored: where standard error is closed or full, only the exit status is left. */
function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch {
    // The exit status says it.
  }
}

/**
 * By how much the heap grows before the next garbage collection. Flows are outside it, so a collection is cheap: with
 * V8's default, which may be several times as much, garbage would take more memory than live objects.
 */
const HEAP_GROWTH_PERCENT = 35

/**
 * Bytes of bytecode that V8 inlines into one optimised function. With less than half of its default the code runs no
 * slower and is compiled sooner, which matters in runs of a few seconds.
 */
const INLINED_BYTECODE = 400

/**
 * The young generation of the heap starts with 1 MB and grows by this factor while the command line is read, then no
 * more. By default it would become 32 MB and larger, depending on the release of Node, and save no time; with 2 MB,
 * inputs with thousands of sessions take a tenth longer.
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
