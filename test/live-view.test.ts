/** `flowhawk live` on a terminal, which `script` makes: its keys, and that the terminal is left as it was found. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { missing, Network, pause } from './live-netns.ts'
import { moshMissing } from './mosh-real.ts'

const test = suite('live-view')

const why = missing() ?? moshMissing()
const real = why === undefined || process.env.CI ? test : test.skip
const fixture = join(import.meta.dirname, '../../fixtures/framehawk.pcap')
const cli = join(import.meta.dirname, '../src/cli.js')
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const DEADLINE_MS = 15_000
let network: Network

test.before(() => {
  if (why === undefined || process.env.CI) network = new Network()
})
const terminals: Terminal[] = []
test.after.each(() => {
  for (const terminal of terminals.splice(0)) terminal.kill()
})
test.after(() => network?.remove())

test('tests of the live view run as root with script', () => {
  if (why !== undefined) console.log(`the other tests of this file are skipped: ${why}`)
  assert.ok(why === undefined || !process.env.CI, why)
})

/** What a terminal was sent, and what is typed into it. */
class Terminal {
  out = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  constructor(command: string, environment: NodeJS.ProcessEnv = {}) {
    const inside = ['netns', 'exec', network.name, 'script', '-qfec', command, '/dev/null']
    this.#child = spawn('ip', inside, {
      env: { ...process.env, TERM: 'xterm', FLOWHAWK_DEBUG: '', ...environment },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.out += chunk
    })
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve))
    terminals.push(this)
  }

  /** Its programs are told by the terminal that goes away. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** The frame drawn last, without colours. */
  get frame(): string {
    const [last] = this.out.split('\u001b[H').slice(-1)
    return last.replace(/\u001b\[\d*m|\u001b\[[KJ]/g, '')
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  async until(what: RegExp): Promise<void> {
    for (const deadline = Date.now() + DEADLINE_MS; !what.test(this.frame); await pause(50))
      if (Date.now() > deadline || this.#child.exitCode !== null) throw new Error(`no ${what}\n${this.frame}`)
  }

  async end(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS)
    const status = await this.#ended
    clearTimeout(timer)
    return status
  }
}

const live = (args: string) => `stty rows 20 cols 100; exec ${process.execPath} ${cli} live vb ${args}`

real('shows pools and flows, sorts, pauses and quits by keys', async () => {
  const terminal = new Terminal(live('--alert framehawk=5'))
  await terminal.until(/no slot of a pool is in use/)
  network.send(fixture)
  await terminal.until(/framehawk +10\.1\.0\.4 +\d+ +101 +\d+/)
  await terminal.until(/sorted by bytes/)
  terminal.type('k')
  await terminal.until(/sorted by packets/)
  terminal.type('s')
  await terminal.until(/sorted by sessions/)
  terminal.type('p')
  await terminal.until(/PAUSED/)
  const paused = terminal.frame
  network.send(fixture)
  await pause(2500)
  assert.is(terminal.frame, paused)
  terminal.type(' ')
  await terminal.until(/^(?!.*PAUSED)/s)
  await terminal.until(/2,352 packets/)
  terminal.type('q')
  assert.is(await terminal.end(), 0)
  const { out } = terminal
  assert.is(out.split(ENTER).length, 2)
  const [, after] = out.split(LEAVE)
  assert.match(after, /framehawk/)
  assert.match(after, /2,352 packets/)
})

real('draws anew when the screen changes its size', async () => {
  const size = 'sleep 2; stty rows 12 cols 60 < $(readlink /proc/$$/fd/0)'
  const terminal = new Terminal(`(${size}) & ${live('')}`)
  await terminal.until(/no slot of a pool/)
  assert.is(terminal.frame.split('\n').length, 20)
  await terminal.until(/^(?:[^\n]*\n){11}[^\n]*$/)
  assert.ok(terminal.frame.split('\n').every((line) => line.replace('\r', '').length <= 60))
  terminal.type('\u0003')
  assert.is(await terminal.end(), 0)
})

real('leaves the terminal as it was, whatever ends the run', async () => {
  for (const [args, status] of [
    ['--duration 1', 0],
    ['--count 1', 0],
  ] as const) {
    const terminal = new Terminal(
      `${live(args).replace('exec ', '')}; echo "status $?"; stty -a | grep -o -- "-\\?icanon"`,
    )
    await terminal.until(/no slot/)
    if (args === '--count 1') network.send(fixture)
    assert.is(await terminal.end(), 0)
    const [, after] = terminal.out.split(LEAVE)
    assert.match(after, new RegExp(`status ${status}\\s+icanon\\s*$`), args)
  }
  const run = `(sleep 2; kill -TERM $$) & exec ${process.execPath} ${cli} live vb`
  const killed = new Terminal(`sh -c '${run}'; echo "status $?"; stty -a | grep -o -- "-\\?icanon"`)
  assert.is(await killed.end(), 0)
  assert.match(killed.out.split(LEAVE)[1], /status 0\s+icanon\s*$/)
})

real('a terminal that does not know its size gets the usual one', async () => {
  const terminal = new Terminal(live('--duration 2').replace('rows 20 cols 100', 'rows 0 cols 0'))
  await terminal.until(/no slot/)
  assert.is(terminal.frame.split('\n').length, 24)
  assert.is(await terminal.end(), 0)
})

real('without a keyboard it shows the view alone', async () => {
  const terminal = new Terminal(`${live('--duration 2')} < /dev/null`)
  await terminal.until(/no slot.*Ctrl-C ends/s)
  assert.is(await terminal.end(), 0)
  assert.is(terminal.out.split(LEAVE).length, 2)
})

real('Ctrl-Z gives the terminal back, and the view comes again', async () => {
  const terminal = new Terminal(live(''))
  await terminal.until(/no slot/)
  terminal.type('\u001a')
  for (let i = 0; i < 100 && terminal.out.split(ENTER).length < 3; i++) await pause(50)
  const [before, stopped] = terminal.out.split(LEAVE)
  assert.is(before.split(ENTER).length, 2)
  assert.match(stopped, ENTER)
  await terminal.until(/no slot/)
  terminal.type('q')
  assert.is(await terminal.end(), 0)
  assert.is(terminal.out.split(LEAVE).length, 3)
})

real('a terminal that cannot move its cursor gets the summary alone', async () => {
  const terminal = new Terminal(live('--duration 1'), { TERM: 'dumb' })
  assert.is(await terminal.end(), 0)
  assert.not.ok(terminal.out.includes(ENTER))
  assert.match(terminal.out, /0 flows/)
})

test.run()
