/** Real mosh servers and clients on the loopback of a test's network, each session until it is told to exit. */
import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Network, pause } from './live-netns.ts'

const ADDRESS = '127.0.0.1'
const FIRST_PORT = 60_001
const LAST_PORT = 60_999
/** mosh insists on UTF-8, and its client on a terminal type. */
const ENVIRONMENT = { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm' }

/** Why there can be no real sessions here; undefined when there can. */
export function moshMissing(): string | undefined {
  for (const program of ['mosh-server', 'mosh-client', 'script', 'ss', 'iperf3'])
    if (spawnSync(program, ['--version']).error !== undefined) return `needs ${program}`
  return undefined
}

export class MoshSession {
  readonly port: number
  /** Of the server. */
  readonly pid: number
  readonly #client: ChildProcess
  readonly #exitFile: string

  private constructor(port: number, pid: number, client: ChildProcess, exitFile: string) {
    this.port = port
    this.pid = pid
    this.#client = client
    this.#exitFile = exitFile
  }

  static start(network: Network, port: number): MoshSession {
    const exitFile = join(network.folder, `exit-${port}-${Date.now()}`)
    const shell = `while [ ! -e ${exitFile} ]; do sleep 0.1; done`
    const inside = ['netns', 'exec', network.name]
    const server = spawnSync(
      'ip',
      [...inside, 'mosh-server', 'new', '-i', ADDRESS, '-p', String(port), '--', 'sh', '-c', shell],
      { env: ENVIRONMENT, encoding: 'utf8' },
    )
    const said = server.stdout + server.stderr
    const key = /MOSH CONNECT \d+ (\S+)/.exec(said)?.[1]
    const pid = Number(/pid = (\d+)/.exec(said)?.[1])
    if (key === undefined || !(pid > 0)) throw new Error(`mosh-server: ${said}`)
    // Behind a pipe a terminal has no size, and the client wants one.
    const command = `stty rows 24 cols 80; exec mosh-client ${ADDRESS} ${port}`
    const client = spawn('ip', [...inside, 'script', '-qfec', command, '/dev/null'], {
      env: { ...ENVIRONMENT, MOSH_KEY: key },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    return new MoshSession(port, pid, client, exitFile)
  }

  /** What a person would type last. */
  exit(): void {
    writeFileSync(this.#exitFile, '')
  }

  /** The client vanishes without a word. Ending `script` instead would let it say goodbye. */
  killClient(): void {
    const { pid } = this.#client
    const children = `/proc/${pid}/task/${pid}/children`
    if (!existsSync(children)) return
    for (const child of readFileSync(children, 'utf8').split(' ')) {
      if (Number(child) > 0) process.kill(Number(child), 'SIGKILL')
    }
  }

  killServer(): void {
    if (this.#alive()) process.kill(this.pid, 'SIGKILL')
  }

  /** Until the server has gone. */
  async ended(): Promise<void> {
    for (let i = 0; i < 300 && this.#alive(); i++) await pause(100)
    if (this.#alive()) throw new Error(`mosh-server ${this.pid} does not end`)
  }

  /** Ends what is left of it. */
  clear(): void {
    this.killClient()
    this.killServer()
  }

  #alive(): boolean {
    try {
      process.kill(this.pid, 0)
      return true
    } catch {
      return false
    }
  }
}

/** The slots that have a socket now, as `ss` says. */
export function openSlots(network: Network): number[] {
  const { out } = network.exec('ss', '-uanH')
  return [...out.matchAll(/\s127\.0\.0\.1:(\d+)\s/g)]
    .map(([, port]) => Number(port))
    .filter((port) => port >= FIRST_PORT && port <= LAST_PORT)
    .sort((a, b) => a - b)
}
