import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBatch } from '../../src/capture/batch.ts'
import { openBytes } from '../../src/capture/open.ts'
import { SpanSource } from '../../src/capture/time-span.ts'
import type { FlowhawkRecord } from '../../src/report/record/record-types.ts'
import type { Instant, PacketBatch, PacketSource, TimeSpan } from '../../src/types.ts'
import {
  BEGIN,
  captureOf,
  exchange,
  flowsOf,
  handshake,
  recordsOf,
  type Sent,
  summaryOf,
} from '../analyzed.ts'

const test = suite('capture/time-span')

/** A source of one batch with packets at these times. */
function sourceOf(times: readonly Instant[]): PacketSource {
  const batch = createBatch(times.length)
  batch.count = times.length
  batch.firstFrame = 11
  times.forEach(([sec, nsec], i) => {
    batch.timeSec[i] = sec
    batch.timeNsec[i] = nsec
    batch.start[i] = 100 * i
  })
  const batches = [batch]
  return {
    info: { source: 'a', format: 'pcap', linkTypes: [1], timestampPrecision: 'nanoseconds' },
    damage: [],
    dropped: {},
    next: async () => batches.shift(),
    close: async () => undefined,
  }
}

async function framesOf(source: PacketSource): Promise<number[][]> {
  const runs: number[][] = []
  for (let batch = await source.next(); batch !== undefined; batch = await source.next())
    runs.push(Array.from({ length: batch.count }, (_, i) => frameIn(batch, i)))
  return runs
}

/** Its frame number; what else is in the row belongs to it. */
function frameIn(batch: PacketBatch, index: number): number {
  const frame = batch.firstFrame + index
  assert.is(batch.start[index], 100 * (frame - 11))
  return frame
}

const TIMES: Instant[] = [
  [4, 999_999_999],
  [5, 0],
  [5, 1],
  [9, 0],
  [5, 500],
  [7, 0],
]

test('from an instant on, up to but not with another; what goes in and out comes in runs', async () => {
  for (const [span, runs, left] of [
    [{ from: [5, 0], to: [7, 0] }, [[12, 13], [15]], 3],
    [{ from: [5, 1] }, [[13, 14, 15, 16]], 2],
    [{ to: [5, 1] }, [[11, 12]], 4],
    [{ from: [4, 0] }, [[11, 12, 13, 14, 15, 16]], 0],
    [{ from: [10, 0] }, [], 6],
  ] as [TimeSpan, number[][], number][]) {
    const source = new SpanSource(sourceOf(TIMES), span)
    assert.equal(await framesOf(source), runs)
    assert.is(source.outside.packets, left)
  }
})

test('tells from when to when the packets left out are', async () => {
  const source = new SpanSource(sourceOf(TIMES), { from: [5, 0], to: [7, 0] })
  await framesOf(source)
  assert.equal(source.outside, { packets: 3, first: [4, 999_999_999], last: [9, 0] })
})

test('a batch that is whole inside is handed on as it is', async () => {
  const whole = sourceOf(TIMES)
  const batch = await whole.next()
  const source = new SpanSource({ ...whole, next: async () => batch }, { from: [0, 0] })
  assert.is(await source.next(), batch)
})

/** All but where the packets stood, and what was left out. */
function cutRecords(records: FlowhawkRecord[]): unknown[] {
  return records.map((record) => ({ ...record, first_frame: undefined, packets_outside: undefined }))
}

test('the records are those of a capture that was cut', async () => {
  const way = '10.0.0.1:40000 > 10.1.0.4:3224'
  const sent: Sent[] = [
    ...exchange(0, way, 200, 1),
    ...handshake(20, '10.0.0.2:50000 > 10.1.0.4:1494'),
    ...exchange(150, '10.0.0.3:40000 > 10.1.0.4:3225', 9, 2),
  ].sort((a, b) => a.at - b.at)
  const span: TimeSpan = { from: [BEGIN + 20, 1_000_000], to: [BEGIN + 160, 0] }
  const inside = sent.filter(({ at }) => at >= 20.001 && at < 160)
  for (const chunkSize of [64, 262_144]) {
    const spanned = await recordsOf(captureOf(sent), { span, chunkSize })
    assert.equal(cutRecords(spanned), cutRecords(await recordsOf(captureOf(inside))))
    assert.is(summaryOf(spanned).packets_outside, sent.length - inside.length)
    assert.is(flowsOf(spanned).find((flow) => flow.src_port === 40_000)?.first_frame, 45)
  }
})

test('the whole capture where nothing is outside', async () => {
  const bytes = captureOf(exchange(0, '10.0.0.1:40000 > 10.0.0.2:53', 3))
  const records = await recordsOf(bytes, { span: { from: [0, 0] } })
  assert.equal(cutRecords(records), cutRecords(await recordsOf(bytes)))
  assert.is(summaryOf(records).packets_outside, 0)
})

test('damage and drops are those of the source', async () => {
  const bytes = captureOf(exchange(0, '10.0.0.1:40000 > 10.0.0.2:53', 3))
  const source = new SpanSource(await openBytes(bytes.subarray(0, bytes.length - 1)), { to: [1, 0] })
  assert.equal(await framesOf(source).catch(() => []), [])
  assert.is(source.damage.length, 1)
  assert.is(source.outside.packets, 5)
  await source.close()
})

test.run()
