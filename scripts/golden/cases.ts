/**
 * What is kept beside the fixtures: for each capture the records that the command line tool writes, for each bad
 * input the exit status and every line on stderr. One list for the script that writes and the test that compares.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url))
const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const MAX_OUTPUT = 64 << 20

/** Every record type that a file analysis can write. */
export const ALL_RECORDS = 'capture,flow,session,concurrency,pool,notice,summary'

/** Files that are one capture together. */
const TOGETHER: Record<string, string[]> = { rotated: ['rotated-1.pcap', 'rotated-2.pcap'] }

export interface GoldenCase {
  /** Below fixtures/: "framehawk.ndjson". */
  golden: string
  inputs: string[]
}

const isCapture = (name: string) => /\.pcap(ng)?$/.test(name)

export function goldenCases(): GoldenCase[] {
  const joined = new Set(Object.values(TOGETHER).flat())
  const single = readdirSync(FIXTURES).filter((name) => isCapture(name) && !joined.has(name))
  const cases = single.map((name) => ({
    golden: `${basename(name).replace(/\.\w+$/, '')}.ndjson`,
    inputs: [name],
  }))
  for (const [name, inputs] of Object.entries(TOGETHER)) cases.push({ golden: `${name}.ndjson`, inputs })
  return cases.sort((a, b) => (a.golden < b.golden ? -1 : 1))
}

/** Names of bad inputs below fixtures/bad. */
export function badCases(): string[] {
  return readdirSync(join(FIXTURES, 'bad'))
    .filter((name) => !name.endsWith('.expected') && !name.endsWith('.ndjson'))
    .sort()
}

export interface CliRun {
  status: number | null
  stdout: Buffer
  stderr: string
}

/** The tool as a user runs it, in the folder of its inputs. */
export function runCli(folder: string, args: readonly string[]): CliRun {
  const run = spawnSync(process.execPath, [CLI, ...args], {
    cwd: folder,
    maxBuffer: MAX_OUTPUT,
    env: { ...process.env, NO_COLOR: '1', FLOWHAWK_DEBUG: '' },
  })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr.toString() }
}

export function analyzeGolden(item: GoldenCase): CliRun {
  return runCli(FIXTURES, ['analyze', ...item.inputs, '-o', '-', '--records', ALL_RECORDS])
}

/** Exit status and stderr of a bad input, as its .expected file holds them. */
export function analyzeBad(name: string): string {
  const run = runCli(join(FIXTURES, 'bad'), ['analyze', name, '-o', '-'])
  return `${run.status}\n${run.stderr}`
}
