/**
 * (b) Does every capture end well, and with as many packets as capinfos counts? Each capture is read by the
 * command line tool in its own process: a crash, a hang or an unknown exit status shows.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { capturesBelow } from './corpus.ts'

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
const LIMIT_MS = 20_000
/** 0 done, 1 no capture, 3 damaged. */
const SANE = [0, 1, 3]

export interface CountResult {
  captures: number
  equal: number
  /** capinfos refuses the file as a whole, so that there is nothing to compare with. */
  uncounted: number
  differing: string[]
  failures: string[]
}

/** What capinfos counted, by path, size and time of change; kept between runs. */
type Cache = Record<string, number>

const CACHE = join(tmpdir(), 'flowhawk-evaluate-capinfos.json')

function readCache(): Cache {
  return existsSync(CACHE) ? (JSON.parse(readFileSync(CACHE, 'utf8')) as Cache) : {}
}

/** Packets that capinfos can read, -1 where it reads none of the file. */
function countByCapinfos(path: string, cache: Cache): number {
  const { size, mtimeMs } = statSync(path)
  const key = `${path} ${size} ${mtimeMs}`
  if (cache[key] !== undefined) return cache[key]
  const run = spawnSync('capinfos', ['-c', '-M', '-T', '-r', path], { encoding: 'utf8', timeout: LIMIT_MS })
  if (run.error !== undefined) throw new Error('capinfos is not installed')
  const damaged = /after reading (\d+) packets/.exec(run.stderr)
  const row = run.stdout.trim().split('\t').at(-1)
  const packets = damaged ? Number(damaged[1]) : run.status === 0 && row ? Number(row) : -1
  cache[key] = packets
  return packets
}

interface Outcome {
  status: number | null
  signal: string | null
  packets: number
  stderr: string
}

function runCli(path: string, scratch: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = [CLI, 'analyze', path, '-o', '-', '--records', 'summary']
    const child = spawn(process.execPath, args, {
      cwd: scratch,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('close', (status, signal) => {
      const packets = Number(/"packets":(\d+)/.exec(stdout)?.[1] ?? -1)
      resolve({ status, signal, packets, stderr: stderr.trim() })
    })
  })
}

function judge(result: CountResult, name: string, expected: number, outcome: Outcome): void {
  result.captures++
  const crashed =
    outcome.signal !== null ||
    !SANE.includes(outcome.status ?? -1) ||
    /^\s+at .*:\d+:\d+/m.test(outcome.stderr)
  if (crashed) {
    result.failures.push(
      `${name}: ${outcome.signal ?? `status ${outcome.status}`}: ${outcome.stderr.slice(0, 300)}`,
    )
  }
  if (expected < 0) {
    result.uncounted++
    return
  }
  const packets = Math.max(0, outcome.packets)
  if (packets === expected) result.equal++
  else
    result.differing.push(
      `${name}: ${packets}, capinfos ${expected}${outcome.stderr === '' ? '' : ` (${outcome.stderr})`}`,
    )
}

export async function compareCounts(folder: string): Promise<CountResult> {
  const result: CountResult = { captures: 0, equal: 0, uncounted: 0, differing: [], failures: [] }
  const cache = readCache()
  const scratch = mkdtempSync(join(tmpdir(), 'flowhawk-counts-'))
  const names = capturesBelow(folder)
  const queue = [...names]
  const outcomes = new Map<string, Outcome>()
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      outcomes.set(name, await runCli(join(folder, name), scratch))
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  for (const name of names)
    judge(result, name, countByCapinfos(join(folder, name), cache), outcomes.get(name)!)
  writeFileSync(CACHE, JSON.stringify(cache))
  rmSync(scratch, { recursive: true, force: true })
  return result
}

export function printCounts(name: string, result: CountResult, say: (line: string) => void): void {
  const compared = result.captures - result.uncounted
  say(`${name}: ${result.equal} of ${compared} captures with as many packets as capinfos counts`)
  say(
    `  ${result.uncounted} that capinfos does not read, ${result.failures.length} crashes, hangs or odd exit statuses`,
  )
  for (const line of [...result.failures, ...result.differing]) say(`    ${line}`)
}
