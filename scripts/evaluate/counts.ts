/**
 * (b) Does every capture end well, and with as many packets as capinfos counts? The captures are read in other
 * processes, so that a crash or a hang shows and costs one capture.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { capturesBelow } from './corpus.ts'
import type { Reading } from './reader.ts'

const READER = fileURLToPath(new URL('./reader.js', import.meta.url))
const LIMIT_MS = 20_000
/** Any reading that is neither done (0) nor no capture (1) nor damaged (3). */
const CRASHED = 70

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

/** Reads captures in one process after another: a new one after each crash or hang. */
async function readAll(paths: readonly string[], found: Map<string, Reading>): Promise<void> {
  let left = [...paths]
  while (left.length > 0) {
    const why = await readSome(left, found)
    left = left.filter((path) => !found.has(path))
    if (left.length === 0) return
    // The first one without a reading is the one that ended the process.
    found.set(left[0], { path: left[0], status: CRASHED, packets: 0, says: why })
    left = left.slice(1)
  }
}

/** Resolves when the process has ended; a silence longer than the limit ends it. */
function readSome(paths: readonly string[], found: Map<string, Reading>): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [READER, ...paths], { stdio: ['ignore', 'pipe', 'pipe'] })
    let rest = ''
    let stderr = ''
    let hangs = false
    const giveUp = () => {
      hangs = true
      child.kill('SIGKILL')
    }
    let limit = setTimeout(giveUp, LIMIT_MS)
    child.stdout.on('data', (chunk) => {
      clearTimeout(limit)
      limit = setTimeout(giveUp, LIMIT_MS)
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const reading = JSON.parse(line) as Reading
        found.set(reading.path, reading)
      }
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('close', (status, signal) => {
      clearTimeout(limit)
      resolve(
        hangs
          ? `no result within ${LIMIT_MS / 1000} s`
          : `${signal ?? `status ${status}`} ${stderr.slice(0, 300)}`,
      )
    })
  })
}

function judge(result: CountResult, name: string, expected: number, reading: Reading): void {
  result.captures++
  if (reading.status >= CRASHED) result.failures.push(`${name}: ${reading.says}`)
  if (expected < 0) {
    result.uncounted++
    return
  }
  if (reading.packets === expected) result.equal++
  else
    result.differing.push(
      `${name}: ${reading.packets}, capinfos ${expected}${reading.says === '' ? '' : ` (${reading.says})`}`,
    )
}

export async function compareCounts(folder: string): Promise<CountResult> {
  const result: CountResult = { captures: 0, equal: 0, uncounted: 0, differing: [], failures: [] }
  const cache = readCache()
  const names = capturesBelow(folder)
  const lanes = Array.from({ length: availableParallelism() }, (_, lane) =>
    names.filter((_name, i) => i % availableParallelism() === lane).map((name) => join(folder, name)),
  )
  const found = new Map<string, Reading>()
  await Promise.all(lanes.map((lane) => readAll(lane, found)))
  for (const name of names) {
    const path = join(folder, name)
    judge(result, name, countByCapinfos(path, cache), found.get(path)!)
  }
  writeFileSync(CACHE, JSON.stringify(cache))
  return result
}

export function printCounts(name: string, result: CountResult, say: (line: string) => void): void {
  const compared = result.captures - result.uncounted
  say(`${name}: ${result.equal} of ${compared} captures with as many packets as capinfos counts`)
  say(`  ${result.uncounted} that capinfos does not read, ${result.failures.length} crashes or hangs`)
  for (const line of [...result.failures, ...result.differing]) say(`    ${line}`)
}
