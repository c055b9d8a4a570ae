/** `flowhawk live` as a service, really: signals, files, a full disk, privileges. As root in a network of its own. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord } from '../src/report/record/record-types.ts'
import { Live, missing, Network, pause } from './live-netns.ts'
import { ethernet, ipv4, udp } from './packet-builder.ts'

const test = suite('live-service')

const why = missing()
const real = why === undefined || process.env.CI ? test : test.skip
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
/** Debian's and nearly everybody's nobody. */
const NOBODY = 65_534
const DEADLINE_MS = 30_000
const POLL_MS = 20
let network: Network
let folder: string
let number = 0

test.before(() => {
  if (why === undefined || process.env.CI) network = new Network()
})
test.before.each(() => {
  if (network === undefined) return
  folder = join(network.folder, `run-${++number}`)
  mkdirSync(folder)
})
test.after(() => network?.remove())

test('the tests of the service run as root with ip, tcpreplay and tcpdump', () => {
  if (why !== undefined) console.log(`the other tests of this file are skipped: ${why}`)
  assert.ok(why === undefined || !process.env.CI, why)
})

const HOSTS = { src: '10.0.0.1', dst: '10.0.0.2' }

/** A packet of each of so many flows. */
function flows(count: number): string {
  const frames = Array.from({ length: count }, (_, i) =>
    ethernet(ipv4(HOSTS, udp({ srcPort: 1024 + i, dstPort: 9 }, 'x'))),
  )
  return network.file(`${count}-flows.pcap`, frames)
}

const start = (...args: string[]) => new Live(network.start(process.execPath, cli, 'live', 'vb', ...args))

async function until(what: () => boolean, said: () => string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}\n${said()}`)
    await pause(POLL_MS)
  }
}

/** Every line of a file is one record. */
function recordsOf(path: string): FlowhawkRecord[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  assert.ok(text === '' || text.endsWith('\n'), `${path} ends with a whole line`)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const only = <T extends FlowhawkRecord['type']>(records: FlowhawkRecord[], type: T) =>
  records.filter((record): record is Extract<FlowhawkRecord, { type: T }> => record.type === type)

const packetsOf = (records: FlowhawkRecord[]) =>
  only(records, 'stats').reduce((sum, { packets }) => sum + packets, 0)

/** Once the run has opened its file. */
async function started(run: Live, path: string): Promise<void> {
  const isOpen = () => existsSync(path) && statSync(path).size > 0
  await until(
    () => isOpen() || run.child.exitCode !== null,
    () => run.err,
  )
  assert.ok(isOpen(), run.err)
}

/** Once its stats records say that so many packets were seen. */
async function seen(run: Live, path: string, packets: number): Promise<void> {
  await until(
    () => {
      const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
      return packetsOf(lines.map((line) => JSON.parse(line))) === packets
    },
    () => run.err,
  )
}

real('goes on after kill -9 where the last whole record ends', async () => {
  const path = join(folder, 'flows.ndjson')
  const args = ['-o', path, '--stats-interval', '0.1', '--records', 'capture,stats,summary']
  const killed = start(...args)
  await started(killed, path)
  network.send(flows(100))
  await seen(killed, path, 100)
  await killed.end('SIGKILL')
  const before = readFileSync(path)
  appendFileSync(path, '{"type":"stats","v":1,"sta')
  const run = start(...args)
  await until(
    () => readFileSync(path).length > before.length && readFileSync(path).at(-1) === 0x0a,
    () => run.err,
  )
  network.send(flows(10))
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.ok(readFileSync(path).subarray(0, before.length).equals(before))
  const records = recordsOf(path)
  assert.is(packetsOf(records), 110)
  assert.is(only(records, 'capture').length, 2)
  assert.is(only(records, 'summary')[0].packets, 10)
})

real('opens its files again at SIGHUP, shows its state at SIGUSR1', async () => {
  const path = join(folder, 'flows.ndjson')
  const run = start('-o', path, '--records', 'capture,flow,summary')
  await started(run, path)
  renameSync(path, join(folder, 'moved'))
  network.send(flows(5))
  run.child.kill('SIGHUP')
  await started(run, path)
  const state =
    /^vb: \d+ s, \d packets, \d+ bytes, dropped 0, 0 flows ended, \d alive, 0 sessions ended, 0 alive, 0 records lost$/
  await until(
    () => {
      run.child.kill('SIGUSR1')
      return / 5 packets, 215 bytes, .* 5 alive, /.test(run.err)
    },
    () => run.err,
  )
  for (const line of run.err.split('\n').slice(0, -1)) assert.match(line, state)
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.equal(
    recordsOf(join(folder, 'moved')).map(({ type }) => type),
    ['capture'],
  )
  const records = recordsOf(path)
  assert.is(records[0].type, 'capture')
  assert.is(only(records, 'flow').length, 5)
  assert.is(only(records, 'summary')[0].packets, 5)
})

real('ends as it should when its terminal goes away', async () => {
  const path = join(folder, 'flows.ndjson')
  const status = join(folder, 'status')
  // The shell of the terminal passes the signal on, as an interactive one does.
  const passOn = `child=$!; trap "kill -HUP $child" HUP; wait $child; wait $child; echo $? > ${status}`
  const command = `${process.execPath} ${cli} live vb -o ${path} & ${passOn}`
  const terminal = new Live(network.start('script', '-qec', command, '/dev/null'))
  await started(terminal, path)
  network.send(flows(3))
  terminal.child.kill('SIGKILL')
  await until(
    () => existsSync(status) && readFileSync(status, 'utf8').endsWith('\n'),
    () => '',
  )
  assert.is(readFileSync(status, 'utf8'), '0\n')
  assert.is(only(recordsOf(path), 'summary')[0].packets, 3)
})

real('finishes files by time, each complete in itself', async () => {
  const args = ['--rotate', '1s', '--compress', 'gzip', '--stats-interval', '0.2', '--duration', '4']
  const path = join(folder, 'flows.ndjson')
  const run = start('-o', path, ...args, '--records', 'capture,flow,stats,summary')
  await started(run, path)
  const slowly = ['-q', '-K', '--pps=100', '-i', 'va', flows(200)]
  assert.match(network.exec('tcpreplay', ...slowly).out, /Actual: 200 packets/)
  assert.is((await run.end()).status, 0)
  assert.is(run.err, '')
  const names = readdirSync(folder).sort()
  assert.ok(names.length > 2, names.join())
  assert.is(names.at(-1), 'flows.ndjson')
  for (const name of names.slice(0, -1)) assert.match(name, /^flows-\d{8}T\d{6}Z\.ndjson\.gz$/)
  const each = names.map((name) => recordsOf(join(folder, name)))
  for (const records of each) assert.is(records[0].type, 'capture')
  assert.is(packetsOf(each.flat()), 200)
  assert.is(only(each.flat(), 'flow').length, 200)
  assert.is(only(each.flat(), 'summary').length, 1)
})

real('finishes the files of a folder by length and keeps some', async () => {
  const out = join(folder, 'out/')
  const run = start(
    '-o',
    out,
    '--rotate',
    '10KB',
    '--keep',
    '2',
    '--records',
    'flow,summary',
    '--idle-timeout',
    '1',
  )
  await until(
    () => existsSync(join(out, 'summary.ndjson')),
    () => run.err,
  )
  network.send(flows(100))
  await until(
    () => readdirSync(out).filter((name) => /^flow-.*\.ndjson$/.test(name)).length === 2,
    () => run.err,
  )
  assert.is((await run.end('SIGINT')).status, 0)
  const names = readdirSync(out).sort()
  assert.is(names.length, 4)
  for (const name of names) assert.ok(statSync(join(out, name)).size <= 10_000)
  for (const name of names.filter((each) => each.startsWith('flow'))) {
    assert.is(only(recordsOf(join(out, name)), 'flow').length, recordsOf(join(out, name)).length)
  }
  assert.is(only(recordsOf(join(out, 'summary.ndjson')), 'summary')[0].flows, 100)
})

/** A small disk, seen by whoever enters the namespace of this process. */
async function smallDisk(bytes: number): Promise<{ enter: string[]; outside: string }> {
  const script = `mount -t tmpfs -o size=${bytes} none ${folder} && echo mounted && exec sleep 600`
  const holder = network.start('sh', '-c', script)
  await new Promise((resolve) => holder.stdout?.once('data', resolve))
  return { enter: ['nsenter', '-t', `${holder.pid}`, '-m'], outside: `/proc/${holder.pid}/root${folder}` }
}

for (const redirected of [false, true]) {
  const name = redirected ? 'standard output' : 'a file'
  real(`a full disk under ${name}: counts what is lost, cuts no line, goes on`, async () => {
    const { enter, outside } = await smallDisk(1024 * 1024)
    const path = join(outside, 'flows.ndjson')
    writeFileSync(join(outside, 'filler'), Buffer.alloc(960 * 1024))
    const args = ['live', 'vb', '--idle-timeout', '1', '--records', 'capture,flow,notice,summary']
    const inside = join(folder, 'flows.ndjson')
    const command = redirected
      ? ['sh', '-c', `exec ${process.execPath} ${cli} ${args.join(' ')} >> ${inside}`]
      : [process.execPath, cli, ...args, '-o', inside]
    const run = new Live(network.start(...([...enter, ...command] as [string, ...string[]])))
    await started(run, path)
    const sent = network.send(flows(500))
    await run.until(/: byte \d+: no space left; .*\(OUTPUT_FULL\); records are lost until there is room\n/)
    rmSync(join(outside, 'filler'))
    const more = network.send(flows(100))
    await run.until(/: there is room again, \d+ records were lost \(OUTPUT_RESUMED\)\n/)
    // The folder with the disk goes with its last process: it is read while the holder lives.
    assert.is((await run.end('SIGTERM')).status, 0)
    assert.is(run.err.split('\n').length, 3)
    const records = recordsOf(path)
    const [summary] = only(records, 'summary')
    const [notice] = only(records, 'notice')
    assert.equal([summary.packets, summary.flows], [sent + more, sent + more])
    assert.ok((summary.records_lost ?? 0) > 0)
    assert.is(only(records, 'flow').length + (summary.records_lost ?? 0), summary.flows)
    assert.equal([notice.notice, notice.records_lost], ['output_full', summary.records_lost])
  })
}

real('a disk that is still full at the end is an error, and the file ends with a whole line', async () => {
  const { enter, outside } = await smallDisk(64 * 1024)
  const path = join(outside, 'flows.ndjson')
  const args = [process.execPath, cli, 'live', 'vb', '-o', join(folder, 'flows.ndjson')]
  const run = new Live(network.start(...([...enter, ...args] as [string, ...string[]])))
  await started(run, path)
  network.send(flows(500))
  const { status, err } = await run.end('SIGTERM')
  assert.is(status, 1)
  assert.match(err, /^.*flows\.ndjson: byte \d+: no space left; .*\(OUTPUT_FULL\).*\n$/)
  assert.ok(recordsOf(path).length > 10)
})

/** Lines of /proc/PID/status of every thread, by name. */
function threadStatus(pid: number | undefined, field: string): string[] {
  const tasks = `/proc/${pid}/task`
  return readdirSync(tasks).map((task) => {
    const line = readFileSync(join(tasks, task, 'status'), 'utf8')
      .split('\n')
      .find((each) => each.startsWith(`${field}:`))
    return (line ?? '').slice(field.length + 1).trim()
  })
}

/** A folder that nobody may write to. */
function nobodysFolder(): string {
  chmodSync(network.folder, 0o755)
  chownSync(folder, NOBODY, NOBODY)
  return join(folder, 'flows.ndjson')
}

real('gives root away on every thread before it opens a file', async () => {
  const path = nobodysFolder()
  const run = start('-o', path, '--user', 'nobody', '--records', 'capture,stats,summary')
  await started(run, path)
  const { pid } = run.child
  const ids = Array.from({ length: 4 }, () => NOBODY).join('\t')
  const threads = threadStatus(pid, 'Uid')
  assert.ok(threads.length > 4)
  for (const field of ['Uid', 'Gid']) for (const status of threadStatus(pid, field)) assert.is(status, ids)
  for (const field of ['CapPrm', 'CapEff', 'CapAmb'])
    for (const status of threadStatus(pid, field)) assert.match(status, /^0+$/)
  for (const groups of threadStatus(pid, 'Groups')) assert.is(groups, `${NOBODY}`)
  const { uid, gid, mode } = statSync(path)
  assert.equal([uid, gid, mode & 0o777], [NOBODY, NOBODY, 0o640])
  network.send(flows(20))
  network.ip('link', 'set', 'vb', 'down')
  await run.until(/INTERFACE_DOWN/)
  network.ip('link', 'set', 'vb', 'up')
  await run.until(/INTERFACE_UP/)
  network.ip('link', 'del', 'vb')
  const { status, err } = await run.end()
  network.addCable()
  assert.is(status, 1)
  assert.match(err, /\(INTERFACE_GONE\)\n$/)
  assert.is(only(recordsOf(path), 'summary')[0].packets, 20)
})

real('after that it can write only where the user can, and follows no link', () => {
  const path = nobodysFolder()
  const mine = join(network.folder, 'roots.ndjson')
  symlinkSync(mine, path)
  for (const [args, expected] of [
    [
      ['-o', mine, '--user', 'nobody'],
      /roots\.ndjson: cannot be written, permission denied; .*\(OUTPUT_OPEN\)\n$/,
    ],
    [['-o', path, '--user', `${NOBODY}:${NOBODY}`], /flows\.ndjson: .*symbolic link, .*\(OUTPUT_OPEN\)\n$/],
    [['-o', path], /flows\.ndjson: .*symbolic link, .*\(OUTPUT_OPEN\)\n$/],
  ] as const) {
    const { status, out, err } = network.flowhawk('live', 'vb', ...args)
    assert.is(status, 1)
    assert.is(out, '')
    assert.match(err, expected)
  }
  assert.not(existsSync(mine))
})

const ONLY_NET_RAW = [
  ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'],
  ...['--inh-caps=-all,+net_raw', '--ambient-caps=-all,+net_raw', '--bounding-set=-all,+net_raw'],
]

real('cap_net_raw alone is enough', async () => {
  const path = nobodysFolder()
  const args = ['--promiscuous', '--filter', 'udp', '-o', path]
  const run = new Live(
    network.start('setpriv', ...ONLY_NET_RAW, process.execPath, cli, 'live', 'vb', ...args),
  )
  await started(run, path)
  assert.equal(threadStatus(run.child.pid, 'CapEff')[0], '0000000000002000')
  network.send(flows(20))
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.is(only(recordsOf(path), 'summary')[0].packets, 20)
})

real('who is not root cannot become somebody else', () => {
  const command = ['setpriv', ...ONLY_NET_RAW, process.execPath, cli, 'live', 'vb', '--user', '1:1']
  const { status, out, err } = network.exec(...(command as [string, ...string[]]))
  assert.is(status, 1)
  assert.is(out, '')
  assert.match(err, /^--user: only root can become another user; .*\(PRIVILEGES_KEPT\)\n$/)
})

real('takes its options from a file', async () => {
  const path = join(folder, 'flows.ndjson')
  const config = join(folder, 'live.yaml')
  writeFileSync(config, `interface: vb\noutput: ${path}\nrecords: [capture, summary]\ncount: 100\n`)
  const run = new Live(network.start(process.execPath, cli, 'live', '--config', config, '--count', '3'))
  await started(run, path)
  network.send(flows(10))
  assert.is((await run.end()).status, 0)
  assert.is(only(recordsOf(path), 'summary')[0].packets, 3)
  writeFileSync(config, 'interface: vb\noutput: x\nkeep: many\n')
  const wrong = network.flowhawk('live', '--config', config)
  assert.is(wrong.status, 2)
  assert.match(wrong.err, /^.*live\.yaml:3: keep: found "many", .*\(OPTION_KEEP\)\n$/)
  const absent = network.flowhawk('live', '--config', join(folder, 'absent.yaml'))
  assert.is(absent.status, 2)
  assert.match(absent.err, /absent\.yaml: no such file; .*\(FILE_UNREADABLE\)\n$/)
})

test.run()
