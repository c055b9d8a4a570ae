/**
 * The live part of the benchmark: at which rate does a program on an interface still lose nothing? In: a capture; a
 * network namespace of its own with a virtual cable, into which tcpreplay sends the capture again and again. Out, for
 * each program: the highest rate at which it received all that was sent, and what it lost at top speed. The sender,
 * with the kernel's part of the cable, has one core and the receiver another, so that neither takes from the other.
 * Needs Linux, root, two cores, ip, taskset, tcpreplay and tcpdump; without them there is nothing to measure, which is
 * said.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { CLI } from './peers.ts'

export interface LiveRow {
  program: string
  /** Packets a second. */
  withoutLoss: number
  /** How fast the sender was while this program listened. */
  topSpeed: number
  /** Part of the packets sent at top speed. */
  lostAtTop: number
  /** Received + reported as dropped = sent, in every run; undefined where the program reports no drops. */
  exact?: boolean
  note: string
}

interface Received {
  packets: number
  dropped?: number
}

interface Program {
  name: string
  command: string[]
  /** What it says, on either stream, once it listens. */
  listening: RegExp
  received(said: string): Received
}

const RECEIVER = 'vb'
const SENDER = 'va'
/** What tcpdump may buffer; that of flowhawk by default. */
const BUFFER_KIB = 65_536
const RUN_SEC = 2
/** A service has long been warm: an engine that compiles as it runs has had its packets when the measuring begins. */
const WARM_PPS = 20_000
const WARM_SEC = 5
/** Rates are tried until neighbours differ by less than this. */
const STEP = 1.15
const LEAST_PPS = 5_000
/** Something else on the machine may have disturbed a run. */
const ATTEMPTS = 2
const WAIT_MS = 20_000
/** libpcap hands out what has come within a second; what it holds when tcpdump is stopped would seem lost. */
const SETTLE_MS = 1500

const PROGRAMS: Program[] = [
  {
    name: 'tcpdump -w /dev/null',
    command: ['tcpdump', '-n', '-i', RECEIVER, '-B', String(BUFFER_KIB), '-w', '/dev/null'],
    listening: /listening on/,
    received: (said) => ({
      packets: Number(/(\d+) packets? captured/.exec(said)?.[1]),
      dropped: Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1]),
    }),
  },
  ...(['ring', 'cap'] as const).map((backend) => ({
    name: `flowhawk live --backend ${backend}`,
    command: [
      ...[CLI, 'live', RECEIVER, '--backend', backend],
      ...['--records', 'capture,summary', '-o', '-'],
    ],
    listening: /"type":"capture"/,
    received: summaryOf,
  })),
]

function summaryOf(said: string): Received {
  const line = said.split('\n').find((each) => each.startsWith('{"type":"summary"'))
  if (line === undefined) return { packets: Number.NaN }
  const { packets, dropped } = JSON.parse(line)
  return { packets, dropped: dropped && (dropped.kernel ?? 0) + (dropped.interface ?? 0) }
}

/** Why nothing can be measured here; undefined when it can. */
export function liveMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs Linux and root'
  const absent = ['ip', 'taskset', 'tcpreplay', 'tcpdump'].filter(
    (name) => spawnSync(name, ['--version']).error,
  )
  return absent.length === 0 ? undefined : `needs ${absent.join(', ')}`
}

/** Every program in turn on the same packets. */
export async function compareLive(capture: string): Promise<LiveRow[]> {
  const cable = new Cable()
  try {
    const rows: LiveRow[] = []
    for (const program of PROGRAMS) rows.push(await highestRate(program, cable, capture))
    return rows
  } finally {
    cable.remove()
  }
}

interface Attempt {
  pps: number
  sent: number
  received: Received
}

/** Halves the distance between a rate that was lossless and one that was not. */
async function highestRate(program: Program, cable: Cable, capture: string): Promise<LiveRow> {
  const attempts: Attempt[] = []
  const attempt = async (pps: number | undefined) => {
    const made = await runOnce(program, cable, { capture, pps })
    attempts.push(made)
    return made
  }
  const none = { program: program.name, withoutLoss: Number.NaN, topSpeed: Number.NaN, lostAtTop: Number.NaN }
  try {
    const top = await attempt(undefined)
    let good = isWhole(top) ? top.pps : 0
    let bad = top.pps
    while (good < top.pps && bad / Math.max(good, LEAST_PPS) > STEP) {
      const pps = Math.round(Math.sqrt(Math.max(good, LEAST_PPS) * bad))
      let made = await attempt(pps)
      for (let i = 1; i < ATTEMPTS && !isWhole(made); i++) made = await attempt(pps)
      if (isWhole(made)) good = made.pps
      else bad = pps
    }
    return {
      program: program.name,
      withoutLoss: good,
      topSpeed: top.pps,
      lostAtTop: 1 - top.received.packets / top.sent,
      exact: isExact(attempts),
      note: good === top.pps ? 'the sender was at its limit' : '',
    }
  } catch (error) {
    return { ...none, note: error instanceof Error ? error.message : String(error) }
  }
}

function isWhole({ sent, received }: Attempt): boolean {
  return received.packets === sent
}

function isExact(attempts: readonly Attempt[]): boolean | undefined {
  if (attempts.some(({ received }) => received.dropped === undefined)) return undefined
  return attempts.every(({ sent, received }) => received.packets + (received.dropped ?? 0) === sent)
}

/** At a low rate first, until the receiver is warm; those packets count, too. */
async function runOnce(
  { command, listening, received, name }: Program,
  cable: Cable,
  { capture, pps }: { capture: string; pps: number | undefined },
): Promise<Attempt> {
  const run = new Running(cable.start(command))
  try {
    await run.until(listening)
    const warm = cable.send(capture, [`--pps=${WARM_PPS}`, `--duration=${WARM_SEC}`])
    const rate = pps === undefined ? '--topspeed' : `--pps=${pps}`
    const sent = cable.send(capture, [rate, `--duration=${RUN_SEC}`])
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const said = await run.end()
    const counted = received(said)
    if (Number.isNaN(counted.packets))
      throw new Error(said.trim().split('\n').at(-1) ?? `${name} said nothing`)
    return { pps: sent.pps, sent: warm.packets + sent.packets, received: counted }
  } finally {
    await run.end()
  }
}

/** A namespace with two interfaces; what is sent on one arrives on the other, and nothing else does. */
class Cable {
  readonly #name = `flowhawk-bench-${process.pid}`

  constructor() {
    ip('netns', 'add', this.#name)
    this.#exec(['sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'])
    ip('-n', this.#name, 'link', 'add', SENDER, 'type', 'veth', 'peer', 'name', RECEIVER)
    for (const device of [SENDER, RECEIVER]) ip('-n', this.#name, 'link', 'set', device, 'up')
  }

  start(command: readonly string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.#name, ...onCore(1), ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  send(capture: string, how: readonly string[]): { packets: number; pps: number } {
    const said = this.#exec([
      ...onCore(0),
      'tcpreplay',
      '-q',
      '-K',
      '--loop=0',
      '-i',
      SENDER,
      ...how,
      capture,
    ])
    const packets = Number(/Actual: (\d+) packets/.exec(said)?.[1])
    const pps = Number(/ ([\d.]+) pps/.exec(said)?.[1])
    if (Number.isNaN(packets) || Number.isNaN(pps)) throw new Error(`tcpreplay: ${said.trim()}`)
    return { packets, pps }
  }

  #exec(command: readonly string[]): string {
    const { stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.#name, ...command])
    return `${stdout}${stderr}`
  }

  remove(): void {
    spawnSync('ip', ['netns', 'del', this.#name])
  }
}

function onCore(core: number): string[] {
  return ['taskset', '-c', String(core)]
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args)
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}

/** A program and all that it has said. */
class Running {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #said = ''

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said += chunk
        child.emit('said')
      })
    }
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()))
  }

  async until(what: RegExp): Promise<void> {
    const deadline = AbortSignal.timeout(WAIT_MS)
    while (!what.test(this.#said)) {
      const heard = new Promise((resolve) => {
        this.#child.once('said', resolve)
        deadline.addEventListener('abort', resolve)
      })
      await Promise.race([heard, this.#ended])
      if (what.test(this.#said)) return
      if (deadline.aborted || this.#child.exitCode !== null)
        throw new Error(this.#said.trim().split('\n').at(-1) || 'it does not listen')
    }
  }

  /** Stops it; all that it said. */
  async end(): Promise<string> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM')
      const late = setTimeout(() => this.#child.kill('SIGKILL'), WAIT_MS)
      await this.#ended
      clearTimeout(late)
    }
    return this.#said
  }
}
