/**
 * Pools while a run goes on, with real mosh sessions: what was counted at every instant against what the kernel says
 * of the sockets, whose processes they were, windows, alerts and metrics. As root; elsewhere skipped, never where CI
 * is set.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord, SessionRecord } from '../src/report/record/record-types.ts'
import { allRecordsSchema } from '../src/report/record/schema.ts'
import { Live, missing, Network, pause } from './live-netns.ts'
import { MoshSession, moshMissing, openSlots } from './mosh-real.ts'
import { parseExposition } from './service/exposition.ts'

const test = suite('live-pools')

const why = missing() ?? moshMissing()
const real = why === undefined || process.env.CI ? test : test.skip
let network: Network
const sessions: MoshSession[] = []

test.before(() => {
  if (why === undefined || process.env.CI) network = new Network()
})
test.after.each(() => {
  for (const session of sessions.splice(0)) session.clear()
})
test.after(() => network?.remove())

test('tests of pools run as root with mosh, iperf3 and ss', () => {
  if (why !== undefined) console.log(`the other tests of this file are skipped: ${why}`)
  assert.ok(why === undefined || !process.env.CI, why)
})

function start(port: number): MoshSession {
  const session = MoshSession.start(network, port)
  sessions.push(session)
  return session
}

const only = <T extends FlowhawkRecord['type']>(run: Live, type: T) =>
  run.records.filter((record): record is Extract<FlowhawkRecord, { type: T }> => record.type === type)

const timeOf = (text: string | number) => Date.parse(String(text)) / 1000
const covers = ({ start: from, end: to }: SessionRecord, t: number) => timeOf(from) <= t && timeOf(to) >= t

interface Sample {
  t: number
  slots: number[]
}

/** Asks the kernel for so many seconds. */
async function sample(seconds: number, samples: Sample[]): Promise<void> {
  for (let i = 0; i < seconds * 4; i++) {
    samples.push({ t: Date.now() / 1000, slots: openSlots(network) })
    await pause(250)
  }
}

/** Samples around which nothing came or went: a socket is there a moment before its first packet. */
function settled(samples: readonly Sample[]): Sample[] {
  const same = (a: Sample | undefined, b: Sample) => a !== undefined && a.slots.join() === b.slots.join()
  return samples.filter((each, i) =>
    [i - 4, i - 3, i - 2, i - 1, i + 1, i + 2].every((other) => same(samples[other], each)),
  )
}

/** mosh with three slots, so that it can be full. */
const THREE_SLOTS = `pools:
  - name: mosh
    label: mosh
    transport: udp
    ports: 60001-60003
    requires: mosh
    start_marker: mosh-sequence
    idle_timeout: 300
    min_packets: 4
    bidirectional: true
`

real('sessions that end by exit are those that ss says, at every instant', async () => {
  const rules = join(network.folder, 'three.yaml')
  writeFileSync(rules, THREE_SLOTS)
  const told = ['--pool-window', '10s', '--alert', 'mosh=2', '--metrics', '9464']
  const run = await network.live('lo', '--rules', rules, ...told)
  const samples: Sample[] = []
  await sample(1, samples)
  const all: MoshSession[] = []
  for (const port of [60_001, 60_002, 60_003]) {
    all.push(start(port))
    await sample(2, samples)
  }
  await sample(2, samples)
  const scrape =
    "fetch('http://127.0.0.1:9464/metrics').then(async (r) => process.stdout.write(await r.text()))"
  const scraped = network.exec(process.execPath, '-e', scrape)
  for (const session of all) {
    session.exit()
    await session.ended()
    await sample(2, samples)
  }
  // The slot is used again.
  all.push(start(60_001))
  await sample(3, samples)
  all[3].exit()
  await all[3].ended()
  await sample(1, samples)
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.is(run.err, '')

  const records = only(run, 'session')
  assert.equal(records.map(({ slot }) => slot).sort(), [60_001, 60_001, 60_002, 60_003])
  const steady = settled(samples)
  assert.ok(steady.length > 20, String(steady.length))
  for (const { t, slots } of steady) {
    const counted = records.filter((each) => covers(each, t)).map(({ slot }) => slot)
    assert.equal(counted.sort(), slots, new Date(t * 1000).toISOString())
  }
  assertSchema(run)
  assertProcesses(records, all)
  assertNotices(run, all[2].port)
  assertScrape(scraped.out)
  assertWindows(run, records)
})

function assertSchema(run: Live): void {
  const ajv = new Ajv2020({ strictTypes: false })
  const validate = ajv.compile(allRecordsSchema())
  for (const record of run.records) assert.ok(validate(record), JSON.stringify([record, validate.errors]))
}

/** Each session is named after its own server, also where a slot was used twice. */
function assertProcesses(records: readonly SessionRecord[], all: readonly MoshSession[]): void {
  const named = records
    .slice()
    .sort((a, b) => timeOf(a.start) - timeOf(b.start))
    .map(({ process: owner }) => [owner?.name, owner?.pid, owner?.user])
  assert.equal(
    named,
    all.map(({ pid }) => ['mosh-server', pid, 'root']),
  )
}

/** Each once, and at the start of the third session. */
function assertNotices(run: Live, port: number): void {
  const third = only(run, 'session').find(({ slot }) => slot === port)
  assert.equal(
    only(run, 'notice').map(({ notice, at, says }) => [notice, at, says]),
    [
      [
        'pool_saturated',
        third?.start,
        'all 3 slots of pool mosh on 127.0.0.1 were in use: no further session could start',
      ],
      ['session_alert', third?.start, '3 sessions of pool mosh on 127.0.0.1 at once: more than 2'],
    ],
  )
}

function assertScrape(text: string): void {
  const { samples } = parseExposition(text)
  const of = (name: string) => samples.get(`flowhawk_${name}{pool=mosh,server_ip=127.0.0.1}`)
  assert.is(of('pool_sessions'), 3)
  assert.is(of('pool_slots'), 3)
  assert.is(of('pool_saturation_ratio'), 1)
  assert.is(samples.get('flowhawk_live_sessions'), 3)
  assert.ok((samples.get('flowhawk_packets_total') ?? 0) > 0)
}

/** Every window's peak is that of the sessions in it, and the windows follow one another. */
function assertWindows(run: Live, records: readonly SessionRecord[]): void {
  const windows = only(run, 'pool').filter(
    ({ pool, server_ip }) => pool === 'mosh' && server_ip !== undefined,
  )
  assert.ok(windows.length >= 2, String(windows.length))
  for (const { window_start, window_end, sessions: count, peak, peak_at, saturated_seconds } of windows) {
    const from = timeOf(window_start)
    const to = timeOf(window_end)
    const touching = records.filter((each) => timeOf(each.start) <= to && timeOf(each.end) >= from)
    assert.is(count, touching.length)
    const starts = touching.map((each) => Math.max(from, timeOf(each.start)))
    assert.is(peak, Math.max(...starts.map((t) => records.filter((each) => covers(each, t)).length)))
    assert.ok(timeOf(peak_at ?? '') >= from)
    assert.is(saturated_seconds > 0, peak === 3)
  }
  for (const { window_start } of windows.slice(1)) assert.is(timeOf(window_start) % 10, 0)
}

real("a session whose client was killed ends with the server's last packet", async () => {
  const run = await network.live('lo', '--records', 'capture,session,stats', '--stats-interval', '1')
  const session = start(60_001)
  await pause(3000)
  session.killClient()
  const killed = Date.now() / 1000
  await pause(5000)
  assert.equal(openSlots(network), [60_001])
  session.killServer()
  const ended = Date.now() / 1000
  await session.ended()
  await pause(1500)
  assert.is((await run.end('SIGINT')).status, 0)
  const [record, ...more] = only(run, 'session')
  assert.is(more.length, 0)
  assert.is(record.slot, 60_001)
  assert.ok(timeOf(record.end) > killed && timeOf(record.end) <= ended, `${record.end} ${killed} ${ended}`)
  const live = only(run, 'stats').map(({ live_sessions }) => live_sessions)
  assert.is(Math.max(...live), 1)
})

real('names the programs of flows of this host, and not those of others', async () => {
  const run = await network.live('lo', '--records', 'capture,flow')
  const server = new Live(network.start('iperf3', '-s', '-1', '-B', '127.0.0.1'))
  for (let i = 0; i < 100 && !/:5201\s/.test(network.exec('ss', '-tlnH').out); i++) await pause(100)
  const client = network.exec('iperf3', '-c', '127.0.0.1', '-t', '2', '-b', '1M')
  assert.is(client.status, 0, client.err)
  await server.end()
  await run.end('SIGTERM')
  const flows = only(run, 'flow').filter(({ dst_port }) => dst_port === 5201)
  assert.ok(flows.length >= 2)
  for (const { process: owner } of flows)
    assert.equal([owner?.name, owner?.pid], ['iperf3', server.child.pid])
})

real('after giving root away it says once that it sees no program of others', async () => {
  const args = ['--user', 'nobody', '--records', 'capture,flow', '--metrics', '9465']
  const run = await network.live('lo', ...args)
  const session = start(60_001)
  await pause(2500)
  session.exit()
  await session.ended()
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.match(run.err, /^lo: process is known for programs of this user only; .*\(PROCESS_HIDDEN\)\n$/)
  const flows = only(run, 'flow').filter(({ dst_port }) => dst_port === 60_001)
  assert.is(flows.length, 1)
  assert.is(flows[0].process, undefined)
})

test.run()
