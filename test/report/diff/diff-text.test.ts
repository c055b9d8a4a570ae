import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDiffTally, diffText } from '../../../src/report/diff/diff-text.ts'
import type { ChangeRecord, DiffRecord } from '../../../src/report/record/record-types.ts'
import { displayWidth } from '../../../src/report/terminal/layout.ts'

const test = suite('report/diff-text')

const none = { same: 0, changed: 0, new: 0, gone: 0 }
const counts = (fields: Partial<DiffRecord> = {}): DiffRecord => ({
  type: 'diff',
  v: 1,
  before: 'a.pcap',
  after: 'b.pcap',
  flows: { ...none, label_changes: 0 },
  sessions: none,
  pools: { ...none, peak_changes: 0 },
  ...fields,
})

const flowAbout = {
  of: 'flow',
  transport: 'tcp',
  src_ip: '10.0.0.1',
  src_port: 5000,
  dst_ip: '::1',
  dst_port: 80,
} as const

function newFlow(bytes: number, label = 'http'): ChangeRecord {
  const after = {
    label,
    certainty: 'likely',
    src_packets: 1,
    dst_packets: 1,
    src_wire_bytes: bytes,
    dst_wire_bytes: 0,
  }
  return { type: 'change', v: 1, change: 'new', ...flowAbout, after }
}

function textOf(changes: ChangeRecord[], totals: DiffRecord, columns = 100, color = false): string {
  const tally = createDiffTally()
  for (const change of changes) tally.add(change)
  return diffText(tally, totals, { columns, color })
}

test('says that there is no difference, and between what', () => {
  const flows = { ...none, same: 1234, label_changes: 0 }
  assert.is(
    textOf([], counts({ flows })),
    'a.pcap and b.pcap are the same: 1,234 flows, 0 sessions, 0 pools\n',
  )
})

test('services stand in a table of their own, by bytes', () => {
  const about = { of: 'service', transport: 'tcp', server_ip: '::1', server_port: 443 } as const
  const found = { label: 'tls', certainty: 'confirmed', clients: 2, flows: 3, packets: 9, wire_bytes: 4_000 }
  const head = { type: 'change', v: 1, ...about } as const
  const totals = { ...none, new: 1, changed: 1, label_changes: 0 }
  const text = textOf(
    [
      { ...head, change: 'changed', before: { clients: 1 }, after: { clients: 2 } },
      { ...head, server_port: 8443, change: 'new', after: { ...found, hostname: 'a.example' } },
    ],
    counts({ services: totals }),
  )
  assert.is(
    text,
    [
      'a.pcap and b.pcap differ',
      'services: 0 the same, 1 new, 1 changed',
      '',
      'Services',
      '  tcp [::1]:8443  new: tls confirmed a.example, 2 clients, 3 flows, 4.00 kB',
      '  tcp [::1]:443   clients 1 → 2',
      '',
    ].join('\n'),
  )
  const same = counts({ services: { ...none, same: 2, label_changes: 0 } })
  assert.match(textOf([], same), /are the same: 0 flows, 0 sessions, 0 pools, 2 services/)
})

test('one table a kind of change', () => {
  const changed = { type: 'change', v: 1, change: 'changed' } as const
  const label: ChangeRecord = {
    ...changed,
    ...flowAbout,
    before: { label: 'http', certainty: 'possible', hostname: null },
    after: { label: 'tls', certainty: 'confirmed', hostname: 'a.example' },
  }
  const session: ChangeRecord = {
    ...changed,
    change: 'gone',
    of: 'session',
    pool: 'mosh',
    server_ip: '10.0.0.9',
    slot: 60001,
    before: { clients: [{ ip: '10.0.0.1', port: 40_000 }], packets: 7, certainty: 'confirmed' },
  }
  const pool: ChangeRecord = { ...changed, of: 'pool', pool: 'mosh', before: { peak: 2 }, after: { peak: 1 } }
  const totals = counts({
    flows: { same: 5, changed: 1, new: 1, gone: 0, label_changes: 1 },
    sessions: { ...none, gone: 1 },
    pools: { ...none, changed: 1, peak_changes: 1 },
  })
  assert.is(
    textOf([label, session, pool, newFlow(1500)], totals),
    [
      'a.pcap and b.pcap differ',
      'flows: 5 the same, 1 new, 1 changed',
      '1 label changed',
      'sessions: 0 the same, 1 gone',
      'pools: 0 the same, 1 changed',
      '1 peak changed',
      '',
      'Pools',
      '  mosh over all servers  peak 2 → 1',
      '',
      'Sessions',
      '  mosh slot 60001 on 10.0.0.9  gone: 10.0.0.1:40000, 7 packets, confirmed',
      '',
      'Labels',
      '  tcp 10.0.0.1:5000 > [::1]:80  http possible → tls confirmed, hostname none → a.example',
      '',
      'New flows',
      '  tcp 10.0.0.1:5000 > [::1]:80  http likely, 2 packets, 1.50 kB',
      '',
    ].join('\n'),
  )
})

test('the greatest come first, the others are counted', () => {
  const many = Array.from({ length: 1000 }, (_, i) => newFlow((i * 7919) % 1000))
  const text = textOf(many, counts({ flows: { ...none, new: 1000, label_changes: 0 } }))
  const bytes = [...text.matchAll(/, (\d+) B$/gm)].map(([, value]) => Number(value))
  assert.equal(bytes, [999, 998, 997, 996, 995, 994, 993, 992, 991, 990])
  assert.match(text, /\n {2}and 990 more\n$/)
})

test('what has no room goes on below: neither the answer nor a port is cut', () => {
  const path = `/var/captures/${'monday/'.repeat(4)}`
  const totals = counts({
    before: `${path}a.pcap`,
    after: `${path}b.pcap`,
    flows: { ...none, new: 2, label_changes: 0 },
  })
  const far = { ...newFlow(9000), src_ip: '2001:db8:1:2:3:4:5:6', dst_ip: '2001:db8:9:a:b:c:d:e' }
  const near = { ...newFlow(500), src_ip: '192.168.101.117', dst_ip: '192.168.102.118', dst_port: 50_443 }
  assert.is(
    textOf([far, near], totals, 80),
    [
      `${path}a.pcap and`,
      `${path}b.pcap differ`,
      'flows: 0 the same, 2 new',
      '',
      'New flows',
      '  tcp [2001:db8:1:2:3:4:5:6]:5000 > [2001:db8:9:a:b:c:d:e]:80',
      '    http likely, 2 packets, 9.00 kB',
      '  tcp 192.168.101.117:5000 > 192.168.102.118:50443',
      '    http likely, 2 packets, 500 B',
      '',
    ].join('\n'),
  )
})

test('no line is wider than the terminal, nothing hostile gets there', () => {
  const hostile = '\u001b[2J\u202e'.repeat(100)
  const totals = counts({ before: hostile, flows: { ...none, new: 1, label_changes: 0 } })
  for (const columns of [40, 80]) {
    const text = textOf([newFlow(1, hostile)], totals, columns)
    assert.not.match(text, /[\u001b\u202e]/)
    for (const line of text.split('\n')) assert.ok(displayWidth(line) <= columns, line)
  }
  assert.match(textOf([], counts(), 80, true), /^\u001b\[1ma\.pcap/)
})

test.run()
