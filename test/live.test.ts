/** `flowhawk live` on real interfaces of a network namespace, as root; elsewhere skipped, but never where CI is set. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { FlowhawkRecord, FlowRecord } from '../src/report/record/record-types.ts'
import { Live, missing, Network, pause } from './live-netns.ts'
import { ethernet, icmp, ipv4, tcp, udp, vlan } from './packet-builder.ts'

const test = suite('live')

const why = missing()
const real = why === undefined || process.env.CI ? test : test.skip
const mosh = join(import.meta.dirname, '../../fixtures/mosh.pcap')
const MOSH_PACKETS = 160
let network: Network

test.before(() => {
  if (why === undefined || process.env.CI) network = new Network()
})
test.after(() => network?.remove())

test('live tests run as root with ip, tcpreplay and tcpdump', () => {
  if (why !== undefined) console.log(`the other tests of this file are skipped: ${why}`)
  assert.ok(why === undefined || !process.env.CI, why)
})

const HOSTS = { src: '10.0.0.1', dst: '10.0.0.2' }

function datagrams(count: number, payload = 'x'.repeat(40)): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    ethernet(ipv4(HOSTS, udp({ srcPort: 2000 + (i % 500), dstPort: 9 }, payload))),
  )
}

const only = <T extends FlowhawkRecord['type']>(records: FlowhawkRecord[], type: T) =>
  records.filter((record): record is Extract<FlowhawkRecord, { type: T }> => record.type === type)

function summaryOf(run: Live) {
  const [summary] = only(run.records, 'summary')
  assert.ok(summary, run.err)
  return summary
}

/** Every packet is in the summary, as analysed or as dropped, and the stats records add up to it. */
function assertComplete(run: Live, sent: number): number {
  const summary = summaryOf(run)
  const kernel = summary.dropped?.kernel ?? Number.NaN
  assert.is(summary.packets + kernel, sent)
  assert.is(summary.wire_bytes, summary.packets * 82)
  assert.is(run.records.at(-1)?.type, 'summary')
  const stats = only(run.records, 'stats')
  const sumOf = (each: (record: (typeof stats)[0]) => number) =>
    stats.reduce((sum, record) => sum + each(record), 0)
  assert.is(
    sumOf(({ packets }) => packets),
    summary.packets,
  )
  assert.is(
    sumOf(({ dropped }) => dropped?.kernel ?? Number.NaN),
    kernel,
  )
  return kernel
}

real('counts every packet at top speed', async () => {
  const file = network.file('fast.pcap', datagrams(1000))
  const run = await network.live('vb', '--records', 'capture,stats,summary')
  const sent = network.send(file, { times: 200 })
  assert.is(sent, 200_000)
  const { status, err } = await run.end('SIGTERM')
  assert.is(status, 0)
  assert.is(err, '')
  assertComplete(run, sent)
})

real('reports what does not fit into the ring as dropped', async () => {
  const args = ['--ring-size', '2', '--stats-interval', '0.2', '--records', 'capture,stats,summary']
  const run = await network.live('vb', ...args)
  run.child.kill('SIGSTOP')
  const sent = network.send(network.file('flood.pcap', datagrams(1000)), { times: 100 })
  run.child.kill('SIGCONT')
  await pause(300)
  assert.is((await run.end('SIGTERM')).status, 0)
  const dropped = assertComplete(run, sent)
  assert.ok(dropped > sent / 2 && dropped < sent, String(dropped))
})

/** What the time of capture cannot change. */
function timeless({ flow_id, start, end, duration, handshake_rtt_ms, continues, ...rest }: FlowRecord) {
  return { ...rest, end_reason: '' }
}

real('says the same as an analysis of the same packets from a file', async () => {
  const written = join(network.folder, 'beside.pcap')
  const dump = ['-i', 'vb', '-B', '16384', '-Z', 'root', '-c', String(MOSH_PACKETS), '-w', written]
  const beside = new Live(network.start('tcpdump', ...dump))
  await beside.until(/listening on vb/)
  const run = await network.live('vb', '--records', 'capture,flow,session,summary')
  assert.is(network.send(mosh), MOSH_PACKETS)
  assert.is((await beside.end()).status, 0)
  assert.is((await run.end('SIGINT')).status, 0)
  const file: FlowhawkRecord[] = network
    .flowhawk('analyze', written)
    .out.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const flows = only(run.records, 'flow').map(timeless)
  assert.ok(flows.length > 2)
  assert.equal(flows, only(file, 'flow').map(timeless))
  assert.is(summaryOf(run).sessions, only(file, 'summary')[0].sessions)
  for (const { end_reason } of only(run.records, 'flow')) assert.match(end_reason, /^(?:shutdown|fin|rst)$/)
})

real('ends idle flows by a timer while the wire is quiet, and costs nothing then', async () => {
  const run = await network.live('vb', '--idle-timeout', '1', '--stats-interval', '1')
  network.send(network.file('one.pcap', datagrams(1)))
  await run.until('flow')
  assert.is(only(run.records, 'flow')[0].end_reason, 'idle')
  assert.is(run.child.exitCode, null)
  const before = cpuTicks(run)
  await pause(2000)
  assert.ok(cpuTicks(run) - before <= 10, `${cpuTicks(run) - before} ticks of 10 ms in 2 s`)
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.ok(only(run.records, 'stats').length >= 3)
})

/** User and system time in hundredths of a second; `ip netns exec` becomes the program that it starts. */
function cpuTicks(run: Live): number {
  const fields = readFileSync(`/proc/${run.child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return Number(fields[11]) + Number(fields[12])
}

real('ends after --count packets, or after --duration', async () => {
  const counted = await network.live('vb', '--count', '7', '--records', 'capture,summary')
  network.send(network.file('ten.pcap', datagrams(10)))
  assert.is((await counted.end()).status, 0)
  assert.is(summaryOf(counted).packets, 7)
  const timed = await network.live('vb', '--duration', '1', '--promiscuous', '--records', 'capture,summary')
  const [link] = JSON.parse(network.exec('ip', '-d', '-j', 'link', 'show', 'vb').out)
  assert.is(link.promiscuity, 1)
  assert.is((await timed.end()).status, 0)
  assert.is(summaryOf(timed).packets, 0)
})

real('hears a signal while packets keep coming', async () => {
  const run = await network.live('vb', '--records', 'capture,summary')
  const file = network.file('endless.pcap', datagrams(1000))
  const sender = network.start('tcpreplay', '-q', '-K', '--topspeed', '--loop=0', '-i', 'va', file)
  await pause(500)
  const asked = Date.now()
  assert.is((await run.end('SIGTERM')).status, 0)
  assert.ok(Date.now() - asked < 10_000)
  assert.is(sender.exitCode, null)
  sender.kill('SIGKILL')
  assert.ok(summaryOf(run).packets > 1000)
})

real('filters', async () => {
  const frames = [
    ethernet(ipv4(HOSTS, udp({ srcPort: 2000, dstPort: 53 }, 'dns'))),
    ethernet(ipv4(HOSTS, udp({ srcPort: 2000, dstPort: 9 }, 'discard'))),
    ethernet(vlan(12, ipv4(HOSTS, udp({ srcPort: 2001, dstPort: 9 }, 'tagged')))),
    ethernet(ipv4(HOSTS, tcp({ srcPort: 2000, dstPort: 80 }))),
  ]
  const file = network.file('filter.pcap', frames)
  for (const [filter, expected] of [
    ['udp port 53', 1],
    ['udp', 3],
    ['not tcp and not vlan 12', 2],
    ['vlan 12', 1],
    ['vlan 13', 0],
  ] as const) {
    const run = await network.live('vb', '--filter', filter, '--records', 'capture,summary')
    network.send(file)
    await run.end('SIGTERM')
    assert.is(summaryOf(run).packets, expected, filter)
  }
  const wrong = network.flowhawk('live', 'vb', '--filter', 'udp prot 53')
  assert.is(wrong.status, 2)
  assert.match(wrong.err, /^--filter: .*syntax error.*\(FILTER_SYNTAX\)\n$/)
  const refused = network.flowhawk('live', 'any', '--filter', 'vlan 12')
  assert.is(refused.status, 2)
  assert.match(refused.err, /\(FILTER_UNSUPPORTED\)\n$/)
})

real('puts VLAN tags back that the kernel took off', async () => {
  const inner = ipv4(HOSTS, udp({ srcPort: 2000, dstPort: 9 }, 'tagged'))
  const frames = [
    ethernet(vlan(12, inner)),
    ethernet(vlan(100, vlan(7, inner), { tpid: 0x88a8 })),
    ethernet(inner),
  ]
  const file = network.file('vlan.pcap', frames)
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0)
  const tagsOf = (run: Live) =>
    only(run.records, 'flow')
      .map(({ encapsulation }) => encapsulation?.join() ?? '')
      .sort()

  const one = await network.live('vb', '--records', 'capture,flow,summary')
  network.send(file)
  await one.end('SIGTERM')
  assert.equal(tagsOf(one), ['', 'vlan:100,vlan:7', 'vlan:12'])
  assert.is(summaryOf(one).wire_bytes, bytes)

  const all = await network.live('any', '--records', 'capture,flow,summary')
  network.send(file)
  await all.end('SIGTERM')
  // As frames leave va the kernel tells only the outer tag.
  assert.equal(tagsOf(all), ['', 'vlan:100', 'vlan:100,vlan:7', 'vlan:12'])
  assert.is(summaryOf(all).packets, 6)
  assert.equal(summaryOf(all).undecoded, {})
})

real('sees a packet on the loopback once, on lo and on any', async () => {
  const there = { src: '127.0.0.1', dst: '127.0.0.2' }
  const back = { src: '127.0.0.2', dst: '127.0.0.1' }
  const echo = [8, 0].map((type) =>
    ethernet(ipv4(type === 8 ? there : back, icmp({ type, code: 0 }, 'ping'))),
  )
  for (const device of ['lo', 'any']) {
    const run = await network.live(device, '--records', 'capture,flow,summary')
    assert.equal(only(run.records, 'capture')[0].link_types, [device === 'lo' ? 1 : 276])
    network.send(network.file('echo.pcap', echo), { device: 'lo' })
    await run.end('SIGTERM')
    const [flow] = only(run.records, 'flow')
    assert.equal([flow.transport, flow.src_packets, flow.dst_packets], ['icmp', 1, 1])
    assert.is(summaryOf(run).packets, 2)
  }
})

real('survives an interface that goes down and up, and ends when it is gone', async () => {
  const run = await network.live('vb')
  const file = network.file('some.pcap', datagrams(10))
  network.send(file)
  network.ip('link', 'set', 'vb', 'down')
  await run.until(/^vb: the interface went down; .*\(INTERFACE_DOWN\)\n/)
  network.ip('link', 'set', 'vb', 'up')
  await run.until(/^vb: the interface is up again \(INTERFACE_UP\)\n/m)
  network.send(file)
  network.ip('link', 'del', 'vb')
  const { status, err } = await run.end()
  network.addCable()
  assert.is(status, 1)
  assert.match(err, /vb: the interface was removed; .*\(INTERFACE_GONE\)\n$/)
  assert.is(summaryOf(run).packets, 20)
  const notices = only(run.records, 'notice').map(({ notice }) => notice)
  assert.equal(notices.slice(0, 2), ['interface_down', 'interface_up'])
})

real('ends quietly when the reader of its output has gone', async () => {
  const run = await network.live('vb', '--stats-interval', '1')
  run.child.stdout?.destroy()
  const { status, err } = await run.end()
  assert.is(status, 0)
  assert.is(err, '')
})

real('says what is wrong in one line', () => {
  for (const [args, status, expected] of [
    [['live', 'nosuch0'], 1, /^nosuch0: no such interface; .*\(INTERFACE_NOT_FOUND\)\n$/],
    [['live', 'a-name-of-more-than-15'], 1, /\(INTERFACE_NOT_FOUND\)\n$/],
    [['live'], 2, /^live: found no interface, .*\(INTERFACE_MISSING\)\n$/],
    [['live', 'vb', '--ring-size', '1'], 2, /\(OPTION_RING_SIZE\)\n$/],
    [['live', 'vb', '--backend', 'dpdk'], 2, /\(OPTION_BACKEND\)\n$/],
  ] as [string[], number, RegExp][]) {
    const run = network.flowhawk(...args)
    assert.is(run.status, status, args.join(' '))
    assert.match(run.err, expected)
    assert.is(run.out, '')
  }
})

real('without the permission it says how to get it', () => {
  const drop = ['--bounding-set=-all', '--inh-caps=-all', '--reuid=65534', '--regid=65534', '--clear-groups']
  const cli = join(import.meta.dirname, '../src/cli.js')
  const { status, err } = network.exec(
    'env',
    '-u',
    'NODE_V8_COVERAGE',
    'setpriv',
    ...drop,
    process.execPath,
    cli,
    'live',
    'vb',
  )
  assert.is(status, 1)
  assert.match(
    err,
    /^vb: capturing needs CAP_NET_RAW; .*setcap cap_net_raw\+ep .*\(CAPTURE_NO_PERMISSION\)\n$/,
  )
  const listed = network.exec(
    'env',
    '-u',
    'NODE_V8_COVERAGE',
    'setpriv',
    ...drop,
    process.execPath,
    cli,
    'interfaces',
    '--json',
  )
  const vb = JSON.parse(listed.out.split('\n').find((line) => line.includes('"vb"')) ?? '{}')
  assert.equal(vb.backends, [])
  assert.match(vb.missing[0], /CAP_NET_RAW/)
  const asRoot = JSON.parse(network.flowhawk('interfaces', '--json').out.split('\n')[0])
  assert.ok(asRoot.backends.includes('ring'))
})

test.run()
