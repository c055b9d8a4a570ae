/** Runs a program and says how long it took and how much memory it held at most. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Measured {
  wallSec: number
  /** Peak resident memory; 0 where the system does not say. */
  peakKib: number
  status: number
  /** Stopped at the time limit. */
  stopped: boolean
  output: string
}

export interface MeasureOptions {
  limitSec: number
  env?: Record<string, string>
}

const POLL_MS = 10
const MAX_OUTPUT = 4096

/** High-water mark of resident memory (proc(5)); it only grows, so the last look is off by one interval at most. */
function highWaterKib(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

export function measure(command: readonly string[], options: MeasureOptions): Promise<Measured> {
  return new Promise((resolve) => {
    const begin = process.hrtime.bigint()
    const child = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    let peakKib = 0
    let output = ''
    let stopped = false
    const poll = setInterval(() => {
      if (child.pid !== undefined) peakKib = Math.max(peakKib, highWaterKib(child.pid))
    }, POLL_MS)
    const limit = setTimeout(() => {
      stopped = true
      child.kill('SIGKILL')
    }, options.limitSec * 1000)
    const keep = (chunk: Buffer) => {
      if (output.length < MAX_OUTPUT) output += chunk.toString('latin1').slice(0, MAX_OUTPUT)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const done = (status: number) => {
      clearInterval(poll)
      clearTimeout(limit)
      const wallSec = Number(process.hrtime.bigint() - begin) / 1e9
      resolve({ wallSec, peakKib, status, stopped, output })
    }
    child.on('error', () => done(127))
    child.on('close', (status) => done(status ?? 137))
  })
}

/** What is measured several times, and what must be done before each. */
export interface Contender {
  command: readonly string[]
  before?: () => void
}

export interface Repeated extends Measured {
  runs: number
}

/**
 * Several rounds, all in turn in each, so that a slow minute of the machine is everybody's; of each the median by time.
 * Who takes longer than `patienceSec` runs once.
 */
export async function inTurn(
  contenders: readonly Contender[],
  options: MeasureOptions & { runs: number; patienceSec: number },
): Promise<Repeated[]> {
  const results: Measured[][] = contenders.map(() => [])
  for (let round = 0; round < options.runs; round++) {
    for (const [i, { command, before }] of contenders.entries()) {
      const last = results[i].at(-1)
      if (last !== undefined && (last.wallSec > options.patienceSec || last.status !== 0)) continue
      before?.()
      results[i].push(await measure(command, options))
    }
  }
  return results.map(median)
}

function median(results: Measured[]): Repeated {
  const peakKib = Math.max(...results.map((result) => result.peakKib))
  results.sort((a, b) => a.wallSec - b.wallSec)
  return { ...results[results.length >> 1], peakKib, runs: results.length }
}
