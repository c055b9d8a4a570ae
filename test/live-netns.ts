/**
 * A network of its own for tests of live capture: a namespace with the interfaces va and vb, joined by a virtual
 * cable, and lo. What is sent on va arrives on vb, nothing else does. Needs root, ip and tcpreplay.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FlowhawkRecord } from '../src/report/record/record-types.ts'
import { pcapFile } from './packet-builder.ts'

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const WAIT_MS = 30_000

function has(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

/** Why networks cannot be made here; undefined when they can. */
export function missing(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  if (!has('ip') || !has('tcpreplay') || !has('tcpdump')) return 'needs ip, tcpreplay and tcpdump'
  return undefined
}

export interface Run {
  status: number | null
  out: string
  err: string
}

export class Network {
  readonly name = `fh-${process.pid}`
  readonly folder = mkdtempSync(join(tmpdir(), 'flowhawk-live-'))
  readonly #running = new Set<ChildProcess>()

  constructor() {
    this.#ip('netns', 'add', this.name)
    // Without IPv6 the interfaces say nothing of their own.
    this.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6')
    this.addCable()
    this.ip('link', 'set', 'lo', 'up')
  }

  addCable(): void {
    this.ip('link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
    this.ip('link', 'set', 'va', 'up')
    this.ip('link', 'set', 'vb', 'up')
  }

  ip(...args: string[]): void {
    this.#ip('-n', this.name, ...args)
  }

  #ip(...args: string[]): void {
    const { status, stderr } = spawnSync('ip', args)
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
  }

  exec(program: string, ...args: string[]): Run {
    const all = ['netns', 'exec', this.name, program, ...args]
    const { status, stdout, stderr } = spawnSync('ip', all, { env: cleanEnv() })
    return { status, out: stdout.toString(), err: stderr.toString() }
  }

  /** Starts a program; it is ended with the network at the latest. */
  start(program: string, ...args: string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.name, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cleanEnv(),
    })
    this.#running.add(child)
    child.on('close', () => this.#running.delete(child))
    return child
  }

  /** `flowhawk live`, once it listens. */
  async live(...args: string[]): Promise<Live> {
    const run = new Live(this.start(process.execPath, cli, 'live', ...args))
    await run.until('capture')
    return run
  }

  /** Runs flowhawk to its end. */
  flowhawk(...args: string[]): Run {
    return this.exec(process.execPath, cli, ...args)
  }

  file(name: string, frames: Uint8Array[]): string {
    const path = join(this.folder, name)
    writeFileSync(path, pcapFile(frames))
    return path
  }

  /** Sends the file, at top speed unless `pps` paces it; returns how many packets were sent. */
  send(path: string, { device = 'va', times = 1, pps = 0 } = {}): number {
    const speed = pps === 0 ? '--topspeed' : `--pps=${pps}`
    const options = ['-q', '-K', speed, `--loop=${times}`, '-i', device]
    const { out, err } = this.exec('tcpreplay', ...options, path)
    const sent = /Actual: (\d+) packets/.exec(out + err)
    if (sent === null) throw new Error(`tcpreplay: ${out}${err}`)
    return Number(sent[1])
  }

  remove(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    spawnSync('ip', ['netns', 'del', this.name])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A running `flowhawk live` and what it has said. */
export class Live {
  readonly child: ChildProcess
  out = ''
  err = ''
  readonly #ended: Promise<number | null>
  #heard: (() => void) | undefined

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.on('data', (chunk) => {
      this.out += chunk
      this.#heard?.()
    })
    child.stderr?.on('data', (chunk) => {
      this.err += chunk
      this.#heard?.()
    })
    this.#ended = new Promise((resolve) => {
      child.on('close', (status) => {
        resolve(status)
        this.#heard?.()
      })
    })
  }

  get records(): FlowhawkRecord[] {
    return this.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  /** Waits for something said. */
  async until(what: FlowhawkRecord['type'] | RegExp): Promise<void> {
    const said = () =>
      what instanceof RegExp ? what.test(this.err) : this.records.some(({ type }) => type === what)
    const deadline = Date.now() + WAIT_MS
    while (!said()) {
      const left = deadline - Date.now()
      if (left <= 0 || this.child.exitCode !== null) {
        throw new Error(`no ${what}; status ${this.child.exitCode}\n${this.out}${this.err}`)
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#heard = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Sends the signal, if one is named, and waits for the end. */
  async end(signal?: NodeJS.Signals): Promise<Run> {
    if (signal !== undefined) this.child.kill(signal)
    const timer = setTimeout(() => this.child.kill('SIGKILL'), WAIT_MS)
    const status = await this.#ended
    clearTimeout(timer)
    return { status, out: this.out, err: this.err }
  }
}

function cleanEnv(): NodeJS.ProcessEnv {
  const { FLOWHAWK_DEBUG: _debug, ...env } = process.env
  // Node hands the variable on unless it is there; who is not root could not write where it points to.
  return { ...env, NODE_V8_COVERAGE: '' }
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
