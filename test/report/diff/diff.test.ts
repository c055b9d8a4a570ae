import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../src/errors.ts'
import { createDiff, type DiffOptions, differs } from '../../../src/report/diff/diff.ts'
import { flowLine } from '../../../src/report/record/flow-record.ts'
import { createRecordLines } from '../../../src/report/record/record.ts'
import type { ChangeRecord, FlowhawkRecord } from '../../../src/report/record/record-types.ts'
import type { ClosedFlow, PoolReport, Session } from '../../../src/types.ts'
import { between, closedFlow, side } from '../record/flows.ts'
import { poolReport, session, summary } from '../record/records.ts'

const test = suite('report/diff')

const lines = createRecordLines('iso')
const flow = (fields: Partial<ClosedFlow> = {}): FlowhawkRecord => JSON.parse(flowLine(closedFlow(fields)))
const sessionRecord = (fields: Partial<Session> = {}): FlowhawkRecord =>
  JSON.parse(lines.session(session(fields)))
const pool = (fields: Partial<PoolReport> = {}): FlowhawkRecord => JSON.parse(lines.pool(poolReport(fields)))

type Chosen = Pick<DiffOptions, 'kinds' | 'maxHeld'>

function compare(before: FlowhawkRecord[], after: FlowhawkRecord[], chosen: Chosen = {}) {
  const changes: ChangeRecord[] = []
  const diff = createDiff({ names: ['a', 'b'], change: (change) => changes.push(change), ...chosen })
  for (const record of before) diff.before(record)
  for (const record of after) diff.after(record)
  changes.push(...diff.rest())
  return { changes, counts: diff.counts() }
}

const what = (changes: ChangeRecord[]) => changes.map(({ change, of }) => `${change} ${of}`)

test('the same at another time is the same', () => {
  const before = [flow(), sessionRecord(), pool(), JSON.parse(lines.summary(summary()))]
  const after = [
    flow({ idHigh: 5, startSec: 1_700_000_000, endSec: 1_700_000_003, firstFrame: 99 }),
    sessionRecord({ sessionId: 'b'.repeat(16), startSec: 1_700_000_000, endSec: 1_700_000_090 }),
    pool({ peakAt: [1_700_000_030, 0], mean: 0.5, peakDuration: 3 }),
  ]
  const { changes, counts } = compare(before, after)
  assert.equal(changes, [])
  assert.is(differs(counts), false)
  assert.equal(counts, {
    type: 'diff',
    v: 1,
    before: 'a',
    after: 'b',
    flows: { same: 1, changed: 0, new: 0, gone: 0, label_changes: 0 },
    sessions: { same: 1, changed: 0, new: 0, gone: 0 },
    pools: { same: 1, changed: 0, new: 0, gone: 0, peak_changes: 0 },
  })
})

test('what is new comes as it comes, what is gone at the end', () => {
  const { changes, counts } = compare(
    [flow({ srcPort: 1 }), flow({ srcPort: 2 }), sessionRecord()],
    [flow({ srcPort: 3 }), flow({ srcPort: 2 }), pool()],
  )
  assert.equal(what(changes), ['new flow', 'new pool', 'gone flow', 'gone session'])
  const [appeared, , gone, session] = changes
  assert.equal([appeared.src_port, appeared.after_id, appeared.before_id], [3, '0123456789abcdef', undefined])
  assert.is(appeared.after?.label, 'dns')
  assert.not('hostname' in (appeared.after ?? {}), 'what a record does not have is left out')
  assert.equal([gone.src_port, gone.before?.src_packets], [1, 1])
  assert.equal([session.slot, session.client], [60001, { ip: '10.0.0.9', port: 40112 }])
  assert.equal([counts.flows.same, counts.flows.new, counts.flows.gone], [1, 1, 1])
  assert.ok(differs(counts))
})

test('of what changed only the fields that differ are told', () => {
  const { verdict } = closedFlow()
  const { changes, counts } = compare(
    [flow({ hostname: 'a.example' }), pool({ peak: 2 })],
    [
      flow({ verdict: { ...verdict, label: 'tls', certainty: 'likely' }, src: side({ packets: 4 }) }),
      pool({ peak: 3, sessions: 3 }),
    ],
  )
  assert.equal(what(changes), ['changed flow', 'changed pool'])
  const [{ before, after }, peak] = changes
  assert.equal(before, {
    label: 'dns',
    certainty: 'confirmed',
    hostname: 'a.example',
    src_packets: 1,
    src_wire_bytes: 71,
    src_payload_bytes: 29,
  })
  assert.equal(after, {
    label: 'tls',
    certainty: 'likely',
    hostname: null,
    src_packets: 4,
    src_wire_bytes: 0,
    src_payload_bytes: 0,
  })
  assert.equal([peak.before, peak.after], [{ peak: 2 }, { peak: 3 }])
  assert.equal([counts.flows.label_changes, counts.pools.peak_changes], [1, 1])
})

test('among equals the order pairs them', () => {
  const with_ = (packets: number) => flow({ src: side({ packets }) })
  const { changes, counts } = compare([with_(1), with_(2), with_(3)], [with_(1), with_(9)])
  assert.equal(what(changes), ['changed flow', 'gone flow'])
  assert.equal([changes[0].before, changes[0].after], [{ src_packets: 2 }, { src_packets: 9 }])
  assert.is(changes[1].before?.src_packets, 3)
  assert.is(counts.flows.same, 1)
})

test('a flow whose ends have changed roles is the same flow, changed', () => {
  const forth = flow({ src: side({ packets: 3 }) })
  const back = flow({
    ...between('198.51.100.53', '192.0.2.1'),
    srcPort: 53,
    dstPort: 53124,
    dst: side({ packets: 3 }),
  })
  const { changes } = compare([forth], [back])
  assert.equal(what(changes), ['changed flow'])
  assert.equal([changes[0].before?.src_ip, changes[0].after?.src_ip], ['192.0.2.1', '198.51.100.53'])
})

test('encapsulation, ICMP types, servers and slots are kept apart', () => {
  const icmp = (icmpType: number) => flow({ protocol: 1, srcPort: -1, dstPort: -1, icmpType, icmpCode: 0 })
  const before = [flow(), flow({ encapsulation: ['vlan:1'] }), icmp(8), icmp(13), pool(), sessionRecord()]
  const { counts } = compare(before, [...before].reverse())
  assert.equal([counts.flows.same, counts.pools.same, counts.sessions.same], [4, 1, 1])
  const others = [
    flow({ encapsulation: ['vlan:2'] }),
    icmp(15),
    pool({ serverIp: undefined }),
    sessionRecord({ slot: 60002 }),
  ]
  const { counts: none } = compare(before, others)
  assert.equal([none.flows.same, none.pools.same, none.sessions.same], [0, 0, 0])
})

test('a session without clients is compared, too', () => {
  const { counts } = compare([sessionRecord({ clients: [] })], [sessionRecord({ clients: [] })])
  assert.is(counts.sessions.same, 1)
})

test('more records than may be held are refused', () => {
  assert.is(compare([flow(), flow()], [flow(), flow(), flow()], { maxHeld: 2 }).counts.flows.same, 2)
  assert.throws(
    () => compare([flow(), flow(), flow()], [], { maxHeld: 2 }),
    (error: unknown) =>
      error instanceof InputError && /^a: more than 2 flows, .* \(DIFF_LIMIT\)$/.test(error.message),
  )
})

const services = { kinds: new Set(['service'] as const) }

test('services are compared by the port that answers, not by clients; what is not asked for is not', () => {
  const { verdict } = closedFlow()
  const before = [flow(), flow({ dstPort: 853 }), flow({ dstPort: 5353 }), pool()]
  const after = [
    flow({ dstPort: 8053, srcPort: 1 }),
    flow({ srcPort: 2, verdict: { ...verdict, label: 'tls' } }),
    flow({ dstPort: 853, srcPort: 3 }),
  ]
  const { changes, counts } = compare(before, after, services)
  assert.equal(
    changes.map(({ change, of, server_ip, server_port }) => [change, of, server_ip, server_port]),
    [
      ['new', 'service', '198.51.100.53', 8053],
      ['changed', 'service', '198.51.100.53', 53],
      ['gone', 'service', '198.51.100.53', 5353],
    ],
  )
  assert.equal([changes[1].before, changes[1].after], [{ label: 'dns' }, { label: 'tls' }])
  assert.equal(counts.services, { same: 1, changed: 1, new: 1, gone: 1, label_changes: 1 })
  assert.equal([counts.flows.same, counts.flows.new, counts.pools.gone], [0, 0, 0])
  assert.ok(differs(counts))
  assert.not(differs(compare(before, before, services).counts))
})

test('services and flows side by side', () => {
  const both = { kinds: new Set(['flow', 'service'] as const) }
  const { changes } = compare([flow()], [flow({ srcPort: 1 })], both)
  assert.equal(what(changes), ['new flow', 'gone flow'])
})

test('more services, clients and labels than may be held are refused, on either side', () => {
  const many = [flow(), flow({ dstPort: 1 })]
  const refused = (name: string) => (error: unknown) =>
    error instanceof InputError && error.message.startsWith(`${name}: more than 5 `)
  assert.throws(() => compare(many, [], { ...services, maxHeld: 5 }), refused('a'))
  assert.throws(() => compare([], many, { ...services, maxHeld: 5 }), refused('b'))
  assert.is(compare(many, many, { ...services, maxHeld: 6 }).counts.services?.same, 2)
})

test('many flows of the same ends are paired, each once', () => {
  const record = flow()
  const many = new Array<FlowhawkRecord>(100_000).fill(record)
  assert.is(compare(many, many).counts.flows.same, 100_000)
})

test.run()
