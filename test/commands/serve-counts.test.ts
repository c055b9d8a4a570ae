import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RecordCounts } from '../../src/commands/serve-counts.ts'
import type { FlowhawkRecord } from '../../src/report/record/record-types.ts'
import { NOTHING_COUNTED } from '../../src/service/counts.ts'

const test = suite('commands/serve-counts')

/** Records with what is counted, and no more. */
const stats = (packets: number, more = {}) =>
  ({
    type: 'stats',
    packets,
    wire_bytes: packets * 60,
    flows: 1,
    sessions: 0,
    evicted_flows: 2,
    live_flows: 5,
    live_sessions: 3,
    ...more,
  }) as FlowhawkRecord
const flow = (packets: number) =>
  ({
    type: 'flow',
    src_packets: packets,
    dst_packets: 1,
    src_wire_bytes: 600,
    dst_wire_bytes: 60,
  }) as FlowhawkRecord
const summary = (packets: number) =>
  ({ type: 'summary', packets, wire_bytes: 1, flows: 9, sessions: 4, evicted_flows: 0 }) as FlowhawkRecord

function countsOf(...records: FlowhawkRecord[]) {
  const counts = new RecordCounts()
  for (const record of records) counts.add(record)
  return counts.now
}

test('nothing is known of what was not read', () => {
  assert.equal(countsOf(), { ...NOTHING_COUNTED, dropped: { kernel: undefined, interface: undefined } })
})

test('windows add up, and what is of the moment is that of the last', () => {
  const now = countsOf(
    stats(10, { dropped: { kernel: 3 } }),
    stats(20, { dropped: { kernel: 4 }, live_flows: 1, live_sessions: 0, records_lost: 6 }),
  )
  assert.equal(now, {
    packets: 30,
    wireBytes: 1800,
    dropped: { kernel: 7, interface: undefined },
    flows: 2,
    sessions: 0,
    evictedFlows: 4,
    recordsLost: 6,
    liveFlows: 1,
    liveSessions: 0,
  })
})

test('a flow counts that ended in no window yet, and never twice', () => {
  assert.is(countsOf(flow(10), flow(4)).packets, 16)
  assert.is(countsOf(flow(10), stats(30), flow(4)).packets, 30)
  assert.is(countsOf(flow(10), stats(30), flow(40)).packets, 52)
})

test('where there are no windows the summary tells', () => {
  const now = countsOf(flow(10), summary(100))
  assert.equal([now.packets, now.flows, now.sessions], [100, 9, 4])
  assert.is(now.wireBytes, 660)
})

test.run()
