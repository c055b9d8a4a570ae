/**
 * npm run bench [-- --quick --peers a,b --only small,mixed,flows,memory,start --dir FOLDER --json]
 * npm run bench -- --live [--dir FOLDER --json]
 *
 * Builds its captures once (10 million small packets in 500,000 flows; 2 million packets of mixed sizes, 1.5 GB),
 * runs flowhawk and every peer that is installed on them in turn, and prints ratios, which are what may be compared
 * between machines. Each time is the median of three rounds with the capture in the page cache.
 * --live asks instead at which rate nothing is lost on an interface (bench/live.ts); it needs root.
 */
import { mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CaptureOptions, ensureCapture, type Made } from './bench/captures.ts'
import { compareLive, type LiveRow, liveMissing } from './bench/live.ts'
import { inTurn, type Measured, measure, type Repeated } from './bench/measure.ts'
import { CLI, installed, outputOf, PEERS, type Peer } from './bench/peers.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    live: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    peers: { type: 'string' },
    only: { type: 'string' },
    dir: { type: 'string' },
  },
})

const LIMIT_SEC = 180
const PATIENCE_SEC = 20
const RUNS = 3
const START_RUNS = 21
const PATIENT = { limitSec: LIMIT_SEC, patienceSec: PATIENCE_SEC, runs: RUNS }

const scale = flags.quick ? 0.1 : 1
const folder = flags.dir ?? join(tmpdir(), flags.quick ? 'flowhawk-bench-quick' : 'flowhawk-bench')
const wanted = flags.only?.split(',')
const part = (name: string) => !flags.live && (wanted === undefined || wanted.includes(name))

const say = (line: string) => {
  process[flags.json ? 'stderr' : 'stdout'].write(`${line}\n`)
}

interface Row {
  peer: string
  wallSec: number
  packetsPerSec: number
  /** Time per packet against flowhawk's; above 1: slower than flowhawk. */
  ratio: number
  peakMib: number
  runs: number
  failed: boolean
  note: string
  does: string
}

function capture(name: string, options: Omit<CaptureOptions, 'path'>): CaptureOptions & Made {
  const path = join(folder, `${name}.pcap`)
  const full = { ...options, path }
  const made = ensureCapture(full)
  warm(path)
  return { ...full, ...made }
}

/** Reads the file once, so that no run pays for the disk. */
function warm(path: string): void {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(8 << 20)
  while (readSync(file, buffer) > 0);
}

function noteOf(result: Measured): string {
  if (result.stopped) return `stopped after ${LIMIT_SEC} s`
  if (result.status !== 0) return `status ${result.status}: ${result.output.trim().split('\n').at(-1) ?? ''}`
  return ''
}

function rowOf(peer: Peer, result: Repeated, packets: number): Row {
  const read = Math.min(packets, peer.firstPackets ?? packets)
  return {
    peer: peer.name,
    wallSec: result.wallSec,
    packetsPerSec: read / result.wallSec,
    ratio: 0,
    peakMib: result.peakKib / 1024,
    runs: result.runs,
    failed: result.status !== 0,
    note: noteOf(result),
    does: peer.does,
  }
}

async function compare(name: string, options: Omit<CaptureOptions, 'path'>): Promise<object> {
  const made = capture(name, options)
  say('')
  say(`${name}: ${options.packets} packets, ${made.flows} flows, ${(made.bytes / 1e6).toFixed(0)} MB`)
  const chosen = flags.peers?.split(',')
  const entered = PEERS.filter(
    ({ name }) => name === 'flowhawk' || chosen === undefined || chosen.includes(name),
  )
  const present = entered.filter(installed)
  const absent = entered.filter((peer) => !present.includes(peer)).map((peer) => peer.name)
  const place = { capture: made.path, folder }
  const results = await inTurn(
    present.map((peer) => ({ command: peer.command(place), before: () => peer.prepare?.(place) })),
    PATIENT,
  )
  const rows = present.map((peer, i) => rowOf(peer, results[i], options.packets))
  // A failed run is no measure for anybody.
  for (const row of rows) row.ratio = rows[0].failed ? Number.NaN : rows[0].packetsPerSec / row.packetsPerSec
  printTable(rows)
  if (absent.length > 0) say(`not installed: ${absent.join(', ')}`)
  return { name, packets: options.packets, flows: made.flows, bytes: made.bytes, rows, absent }
}

const ratioText = (ratio: number) => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)} x`)

function printTable(rows: Row[]): void {
  const cells = rows.map((row) => [
    row.peer,
    `${row.note.startsWith('stopped') ? '> ' : ''}${row.wallSec.toFixed(2)} s`,
    `${(row.packetsPerSec / 1e6).toFixed(2)} M/s`,
    `${row.note.startsWith('stopped') ? '> ' : ''}${ratioText(row.ratio)}`,
    row.peakMib > 0 ? `${row.peakMib.toFixed(0)} MiB` : '?',
    String(row.runs),
    row.note === '' ? row.does : `${row.note}; ${row.does}`,
  ])
  printCells(['program', 'wall', 'packets', 'time per packet', 'peak memory', 'runs', 'what it does'], cells)
}

function printCells(head: string[], cells: string[][]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)))
  for (const row of [head, ...cells]) {
    const last = row.length - 1
    say(
      row
        .map((cell, i) => (i === 0 || i === last ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
  }
}

/** flowhawk on captures, each with further arguments. */
async function flowhawk(...runs: [path: string, ...more: string[]][]): Promise<Repeated[]> {
  const out = outputOf(folder)
  const commands = runs.map(([path, ...more]) => [CLI, 'analyze', path, '-o', out, '--quiet', ...more])
  const results = await inTurn(
    commands.map((command) => ({ command, before: () => rmSync(out, { force: true }) })),
    PATIENT,
  )
  for (const [i, result] of results.entries())
    if (result.status !== 0) say(`${commands[i].join(' ')}: ${noteOf(result)}`)
  return results
}

/**
 * Flow records a second, in two ways on one million flows of one packet: all the time there is, reading and flow
 * table included; and only the time that `--records flow,summary` takes longer than `--records summary`.
 */
async function flowRate(): Promise<object> {
  const flows = 1_000_000 * scale
  const options = {
    packets: flows,
    flows,
    sizes: 'small',
    order: 'rounds',
    intervalUs: 50,
    framehawk: false,
  } as const
  const made = capture('one-packet-flows', { ...options, single: true })
  const [all, none] = await flowhawk(
    [made.path, '--records', 'flow,summary'],
    [made.path, '--records', 'summary'],
  )
  const whole = flows / all.wallSec
  const writing = flows / Math.max(1e-3, all.wallSec - none.wallSec)
  say('')
  say(
    `flow records: ${flows} flows of one packet in ${all.wallSec.toFixed(2)} s, ${none.wallSec.toFixed(2)} s without writing them`,
  )
  say(
    `  ${(whole / 1e3).toFixed(0)} k records/s, everything included; ${(writing / 1e3).toFixed(0)} k records/s for the writing alone`,
  )
  return {
    flows,
    wallSec: all.wallSec,
    withoutRecordsSec: none.wallSec,
    recordsPerSec: whole,
    writingPerSec: writing,
  }
}

/**
 * Memory of a live flow: peak memory with half a million flows open at once, less the peak of an empty run (one
 * packet), divided by the flows; and against as many packets in 500 flows, which leaves out what reading costs.
 */
async function flowMemory(): Promise<object> {
  const flows = 500_000 * scale
  const options = { sizes: 'small', order: 'rounds', intervalUs: 10, framehawk: false } as const
  const many = capture('live-flows', { ...options, packets: 2 * flows, flows })
  const few = capture('few-flows', { ...options, packets: 2 * flows, flows: 500 })
  const one = capture('one-packet', { ...options, packets: 1, flows: 1, single: true })
  const [full, idle, empty] = await flowhawk(
    [many.path, '--records', 'summary'],
    [few.path, '--records', 'summary'],
    [one.path, '--records', 'summary'],
  )
  const perFlow = (base: Measured) => ((full.peakKib - base.peakKib) * 1024) / flows
  say('')
  say(
    `memory: ${flows} live flows ${mib(full)}, as many packets in 500 flows ${mib(idle)}, one packet ${mib(empty)}`,
  )
  say(
    `  ${perFlow(empty).toFixed(0)} bytes per live flow over an empty run, ${perFlow(idle).toFixed(0)} over the run with few flows`,
  )
  return { flows, peakKib: full.peakKib, bytesPerFlow: perFlow(empty), bytesPerFlowOverFew: perFlow(idle) }
}

const mib = (result: Measured) => `${(result.peakKib / 1024).toFixed(0)} MiB`

/** `flowhawk --version` against `node -e 0`, in turn. */
async function startUp(): Promise<object> {
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < START_RUNS; i++) {
    for (const [which, command] of [
      [process.execPath, '-e', '0'],
      [CLI, '--version'],
    ].entries()) {
      times[which].push((await measure(command, { limitSec: 10 })).wallSec)
    }
  }
  const [node, ours] = times.map((list) => list.sort((a, b) => a - b)[START_RUNS >> 1] * 1000)
  say('')
  say(
    `start: flowhawk --version ${ours.toFixed(1)} ms, node -e 0 ${node.toFixed(1)} ms: ${(ours / node).toFixed(2)} x`,
  )
  return { versionMs: ours, nodeMs: node, ratio: ours / node }
}

/** Programs that listen, on small packets; tcpdump, which writes nothing, is the measure. */
async function live(): Promise<object> {
  const missing = liveMissing()
  say('')
  if (missing !== undefined) {
    say(`live: skipped, ${missing}`)
    return { skipped: missing }
  }
  const made = capture('live-packets', {
    packets: 200_000,
    flows: 10_000,
    sizes: 'small',
    order: 'rounds',
    intervalUs: 5,
    framehawk: true,
  })
  const rows = await compareLive(made.path)
  const rate = (pps: number) =>
    Number.isNaN(pps) ? '–' : pps === 0 ? 'none' : `${(pps / 1e3).toFixed(0)} k/s`
  const atLimit = (row: LiveRow) => row.withoutLoss === row.topSpeed
  const cells = rows.map((row) => [
    row.program,
    `${atLimit(row) ? '>= ' : ''}${rate(row.withoutLoss)}`,
    atLimit(row) || atLimit(rows[0]) ? '–' : ratioText(row.withoutLoss / rows[0].withoutLoss),
    Number.isNaN(row.lostAtTop) ? '–' : `${(100 * row.lostAtTop).toFixed(1)} % of ${rate(row.topSpeed)}`,
    row.exact === undefined ? 'unknown' : row.exact ? 'all' : 'not all',
    row.note,
  ])
  say('live: small packets over a virtual cable; a core for the sender, one for the receiver')
  printCells(['program', 'without loss', 'ratio', 'lost at top speed', 'losses reported', ''], cells)
  return { rows }
}

mkdirSync(folder, { recursive: true })
say(`node ${process.version}, ${availableParallelism()} cores; captures in ${folder}`)
const results: Record<string, object> = {}
if (part('small')) {
  results.small = await compare('small', {
    packets: 10_000_000 * scale,
    flows: 500_000 * scale,
    sizes: 'small',
    order: 'rounds',
    intervalUs: 5 / scale,
    framehawk: true,
  })
}
if (part('mixed')) {
  results.mixed = await compare('mixed', {
    packets: 2_000_000 * scale,
    flows: 120_000 * scale,
    sizes: 'mixed',
    order: 'window',
    intervalUs: 50 / scale,
    framehawk: true,
  })
}
if (part('flows')) results.flows = await flowRate()
if (part('memory')) results.memory = await flowMemory()
if (part('start')) results.start = await startUp()
if (flags.live) results.live = await live()
rmSync(outputOf(folder), { force: true })
if (flags.json) writeFileSync(1, `${JSON.stringify(results, undefined, 2)}\n`)
