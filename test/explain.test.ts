/**
 * `flowhawk explain` on the fixtures. Its filters are tried on tshark and tcpdump: each must select exactly as many
 * packets as the record counts. Its claims of what would change a verdict are tried, too.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explain } from '../src/commands/explain/explain.ts'
import type { Screen } from '../src/commands/screen.ts'
import { analyze, open } from '../src/index.ts'
import type { Filters } from '../src/report/explain/facts.ts'
import type { FlowRecord, SessionRecord } from '../src/report/record/record-types.ts'

const test = suite('explain command')

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const fixture = (name: string) => join(fixtures, name)
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-explain-'))

interface FlowExplained {
  flow: FlowRecord
  would_change: { says: string; label: string; certainty: string }[]
  related: { relation: string; flow_id: string }[]
  sessions: SessionRecord[]
  filters: Filters
}

test.after(() => rmSync(folder, { recursive: true }))

/** Runs the command in this process; throws what it throws. */
async function explained(input: string | string[], flags: Record<string, unknown>): Promise<string> {
  let out = ''
  const screen: Screen = {
    isTerminal: () => false,
    columns: () => 80,
    color: () => false,
    write: (descriptor, text) => {
      if (descriptor === 1) out += text
    },
  }
  await explain.run({ input: Array.isArray(input) ? input : [input], ...flags }, screen)
  return out
}

async function flowOf(
  input: string,
  id: string,
  flags: Record<string, unknown> = {},
): Promise<FlowExplained> {
  return JSON.parse(await explained(input, { flow: id, json: true, ...flags }))
}

async function recordsOf<T>(path: string, type: 'flow' | 'session'): Promise<T[]> {
  const found: unknown[] = []
  for await (const record of analyze(open(path), { records: [type] })) found.push(record)
  return found as T[]
}

/** The program, or undefined where it is missing; in CI it must be there. */
function has(program: string): boolean {
  const missing = spawnSync(program, ['--version']).error !== undefined
  if (missing && process.env.CI) throw new Error(`${program} is not installed`)
  return !missing
}

/** Packets that each display filter selects, in one run. */
function tsharkCounts(file: string, filters: readonly string[]): number[] {
  const { stdout, stderr } = spawnSync('tshark', ['-r', file, '-q', '-z', `io,stat,0,${filters.join(',')}`])
  const row = /^\|\s*[\d.]+ <> .*$/m.exec(stdout.toString())?.[0]
  assert.ok(row !== undefined, stderr.toString())
  const cells = row.split('|').map((cell) => Number(cell.trim()))
  return filters.map((_, i) => cells[2 + 2 * i])
}

function tcpdumpCount(file: string, filter: string): number {
  const { stdout, stderr } = spawnSync('tcpdump', ['--count', '-n', '-r', file, filter])
  const count = /(\d+) packets?/.exec(stdout.toString())
  assert.ok(count !== null, `${filter}: ${stderr}`)
  return Number(count[1])
}

// Not time-backwards.pcap, where flows of the same ends overlap in time, and not mixed.pcapng, whose simple packet
// blocks have no time for Wireshark; the explanations of both say so.
const FILES = ['tunnels', 'vlan-qinq', 'icmp', 'fragments', 'ipv6']
const MAX_FLOWS = 15

for (const name of FILES) {
  test(`filters of ${name} select exactly the packets of each flow`, async () => {
    const file = fixture(`${name}.pcap`)
    const flows = (await recordsOf<FlowRecord>(file, 'flow')).slice(0, MAX_FLOWS)
    assert.ok(flows.length > 0)
    const all: FlowExplained[] = []
    for (const { flow_id } of flows) all.push(await flowOf(file, flow_id))
    const packets = flows.map((flow) => flow.src_packets + flow.dst_packets)
    if (has('tshark')) {
      const filters = all.map((each) => each.filters.wireshark)
      assert.equal(tsharkCounts(file, filters), packets, filters.join('\n'))
    }
    if (!has('tcpdump')) return
    for (const [i, { filters }] of all.entries()) {
      assert.ok(filters.tcpdump !== undefined)
      const around = filters.notes.some((note) => note.includes('around a tunnel'))
      const count = tcpdumpCount(file, filters.tcpdump)
      const expected = filters.tcpdump_packets ?? packets[i]
      assert.ok(
        around ? count >= expected : count === expected,
        `${count} of ${expected}: ${filters.tcpdump}`,
      )
    }
  })
}

test('with --ignore-vlan the filters select every tag', async () => {
  const file = fixture('vlan-qinq.pcap')
  const flows: FlowRecord[] = []
  for await (const record of analyze(open(file), { ignoreVlan: true }))
    if (record.type === 'flow') flows.push(record)
  for (const flow of flows) {
    const { filters } = await flowOf(file, flow.flow_id, { 'ignore-vlan': true })
    const packets = flow.src_packets + flow.dst_packets
    assert.is(filters.tcpdump_packets, packets)
    if (has('tcpdump')) assert.is(tcpdumpCount(file, String(filters.tcpdump)), packets)
  }
})

test('no count is promised where tcpdump refuses the capture', async () => {
  const file = fixture('mixed.pcapng')
  const [flow] = await recordsOf<FlowRecord>(file, 'flow')
  const { filters } = await flowOf(file, flow.flow_id)
  assert.match(filters.notes.join(), 'tcpdump refuses this capture')
  assert.is(filters.tcpdump_packets, undefined)
})

test('filters of a session select exactly its packets', async () => {
  for (const name of ['framehawk', 'mosh']) {
    const file = fixture(`${name}.pcap`)
    const sessions = (await recordsOf<SessionRecord>(file, 'session')).slice(0, 4)
    const filters: Filters[] = []
    for (const { session_id } of sessions) {
      const text = await explained(file, { session: session_id, json: true })
      filters.push(JSON.parse(text).filters)
    }
    const packets = sessions.map((session) => session.packets)
    if (has('tshark')) {
      const display = filters.map(({ wireshark }) => wireshark)
      assert.equal(tsharkCounts(file, display), packets, display.join('\n'))
    }
    if (has('tcpdump')) {
      for (const { tcpdump = '' } of filters) assert.ok(tcpdumpCount(file, tcpdump) > 0, tcpdump)
    }
  }
})

test('a flow is found by its id, the beginning of it, and its community ID', async () => {
  const file = fixture('framehawk.pcap')
  const [flow] = await recordsOf<FlowRecord>(file, 'flow')
  const whole = await explained(file, { flow: flow.flow_id })
  assert.match(whole, `Flow ${flow.flow_id}: `)
  assert.is(await explained(file, { flow: flow.flow_id.slice(0, 8).toUpperCase() }), whole)
  assert.is(await explained(file, { flow: flow.community_id }), whole)
  const { flow: same } = await flowOf(file, flow.flow_id)
  const { candidates: _candidates, ...rest } = same
  assert.equal(rest, flow)
})

test('parts of a flow that was split know each other, and their session', async () => {
  const file = fixture('framehawk.pcap')
  const [session] = await recordsOf<SessionRecord>(file, 'session')
  const options = { 'active-timeout': '100' }
  const first = await flowOf(file, session.flow_ids[0], options)
  assert.is(first.sessions[0].session_id, session.session_id)
  const next = first.related.find(({ relation }) => relation === 'continued_by')
  assert.ok(next !== undefined)
  const second = await flowOf(file, next.flow_id, options)
  assert.ok(
    second.related.some(
      ({ relation, flow_id }) => relation === 'continued' && flow_id === first.flow.flow_id,
    ),
  )
  assert.is(second.flow.continues, first.flow.flow_id)
  const { tcpdump_packets = 0 } = first.filters
  assert.is(tcpdump_packets, session.packets)
  assert.match(first.filters.notes.join(), 'tcpdump cannot filter by time')
})

test('what is said to change the verdict does change it', async () => {
  const file = fixture('framehawk.pcap')
  const flows = await recordsOf<FlowRecord>(file, 'flow')
  const slot = flows.find(({ label, certainty }) => label === 'framehawk' && certainty === 'likely')
  assert.ok(slot !== undefined)
  const { would_change: changes } = await flowOf(file, slot.flow_id)
  assert.ok(
    changes.some(
      ({ says }) =>
        says === `a site file that lists ${slot.dst_ip} under pool framehawk would make framehawk confirmed`,
    ),
  )
  const site = join(folder, 'site.yaml')
  writeFileSync(site, `servers: [{ addresses: [${slot.dst_ip}], pools: [framehawk] }]\n`)
  const { flow: confirmed } = await flowOf(file, slot.flow_id, { site })
  assert.equal([confirmed.label, confirmed.certainty], ['framehawk', 'confirmed'])

  const probe = flows.find(({ label, certainty }) => label === 'framehawk' && certainty === 'possible')
  assert.ok(probe !== undefined)
  const { would_change: others } = await flowOf(file, probe.flow_id)
  const rule = others.map(({ says }) => /\{ label: .* \}$/.exec(says)?.[0]).find((each) => each !== undefined)
  const rules = join(folder, 'rules.yaml')
  writeFileSync(rules, `labels:\n  - ${rule}\n`)
  assert.is((await flowOf(file, probe.flow_id, { rules })).flow.certainty, 'likely')
})

test('a session says why it began and ended', async () => {
  const file = fixture('mosh.pcap')
  const sessions = await recordsOf<SessionRecord>(file, 'session')
  const marked = sessions.find(({ end_reason }) => end_reason === 'start_marker')
  assert.ok(marked !== undefined)
  const text = (await explained(file, { session: marked.session_id })).replace(/\s+/g, ' ')
  assert.match(text, 'its protocol began anew on the slot: the next packet starts another session')
  assert.match(text, 'slot 1 of 999')
  const next = sessions.find(({ slot, start }) => slot === marked.slot && start > marked.end)
  assert.ok(next !== undefined)
  const { began_says } = JSON.parse(
    await explained(file, { session: next.session_id.slice(0, 6), json: true }),
  )
  assert.match(began_says, `began anew on the slot (mosh-sequence), after session ${marked.session_id}`)
})

test('every packet is counted by the flow that is named for it', async () => {
  for (const name of ['icmp', 'vlan-qinq']) {
    const file = fixture(`${name}.pcap`)
    const flows = await recordsOf<FlowRecord>(file, 'flow')
    const counted = new Map<string, number>()
    const total = flows.reduce((sum, flow) => sum + flow.src_packets + flow.dst_packets, 0)
    for (let frame = 1; frame <= Math.min(total, 60); frame++) {
      const { flow_id, status } = JSON.parse(await explained(file, { packet: String(frame), json: true }))
      if (status === 'decoded') counted.set(flow_id, (counted.get(flow_id) ?? 0) + 1)
    }
    for (const flow of flows) {
      const packets = flow.src_packets + flow.dst_packets
      const seen = counted.get(flow.flow_id) ?? 0
      assert.ok(
        total <= 60 ? seen === packets : seen <= packets,
        `${name} ${flow.flow_id}: ${seen} of ${packets}`,
      )
    }
  }
})

test('a packet shows its headers, and why decoding stopped', async () => {
  const text = await explained(fixture('tunnels.pcap'), { packet: '13' })
  assert.match(text, /42\+8 +vxlan: vni 5001/)
  assert.match(text, /64\+4 +vlan: id 12/)
  assert.match(text, /^ +0000 {2}02 00 00 00 00 0b/m)
  assert.match(text, 'decoded to a flow')
  const stopped = JSON.parse(await explained(fixture('unknown-link-type.pcap'), { packet: '1', json: true }))
  assert.is(stopped.status, 'link_type_unknown')
  assert.equal(stopped.flows, [])
})

test('wrong usage and unknown ids: one line, status 2, a code', async () => {
  const file = fixture('icmp.pcap')
  for (const [flags, code] of [
    [{}, 'EXPLAIN_SUBJECT'],
    [{ flow: 'abcd', packet: '1' }, 'EXPLAIN_SUBJECT'],
    [{ flow: 'xyz' }, 'OPTION_FLOW'],
    [{ flow: 'abc' }, 'OPTION_FLOW'],
    [{ session: '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg=' }, 'OPTION_SESSION'],
    [{ packet: '0' }, 'OPTION_PACKET'],
    [{ packet: '5000' }, 'PACKET_NOT_FOUND'],
    [{ flow: '0000000000000000' }, 'FLOW_NOT_FOUND'],
    [{ session: '0000' }, 'SESSION_NOT_FOUND'],
  ] as [Record<string, string>, string][]) {
    const error: unknown = await explained(file, flags).catch((thrown) => thrown)
    assert.ok(error instanceof Error && error.name === 'UsageError', JSON.stringify(flags))
    assert.match(error.message, `(${code})`)
    assert.not.match(error.message, '\n')
  }
  const two: unknown = await explained([file, fixture('mosh.pcap')], { packet: '1' }).catch(
    (thrown) => thrown,
  )
  assert.match(String(two), '(EXPLAIN_ONE_INPUT)')
})

test('through the command line: standard input, damage, an unknown id', () => {
  const { FLOWHAWK_DEBUG: _debug, NODE_V8_COVERAGE: _coverage, ...env } = process.env
  const run = (args: string[], input?: Buffer) =>
    spawnSync(process.execPath, [cli, 'explain', ...args], { input, env })
  const whole = readFileSync(fixture('mosh.pcap'))
  const piped = run(['-', '--packet', '1'], whole)
  assert.is(piped.status, 0, piped.stderr.toString())
  assert.match(piped.stdout.toString(), /^Packet 1 of -$/m)
  const cut = join(folder, 'cut.pcap')
  writeFileSync(cut, whole.subarray(0, whole.length - 5))
  const damaged = run([cut, '--packet', '1'])
  assert.is(damaged.status, 3)
  assert.match(damaged.stderr.toString(), /^[^\n]*cut\.pcap: byte \d+: .*\(PCAP_CUT\)\n$/)
  const unknown = run([cut, '--flow', '0000'])
  assert.is(unknown.status, 2)
  assert.match(unknown.stderr.toString(), /^--flow: found no flow .* lists them.*\(FLOW_NOT_FOUND\)\n$/)
  assert.is(unknown.stdout.toString(), '')
})

test.run()
