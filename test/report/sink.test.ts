import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLineWriter, OutputClosed } from '../../src/report/ndjson.ts'
import { RECORD_NAMES, type RecordName } from '../../src/report/record/record.ts'
import type { FlowhawkRecord } from '../../src/report/record/record-types.ts'
import {
  createNdjsonSink,
  createRecordQueue,
  joinSinks,
  type OutputSink,
  type SinkOptions,
} from '../../src/report/sink.ts'
import { closedFlow } from './record/flows.ts'
import { captureInfo, change, notice, poolReport, session, stats, summary } from './record/records.ts'

const test = suite('report/sink')

/** One record of each kind, in the order of a run. */
function feed(sink: OutputSink): void {
  sink.capture(captureInfo)
  sink.flow(closedFlow())
  sink.session(session())
  sink.openSession(session(), stats.end)
  sink.concurrency(change)
  sink.pool(poolReport())
  sink.notice(notice)
  sink.stats(stats)
  sink.summary(summary())
}

async function typesWritten(options?: SinkOptions): Promise<string[]> {
  let text = ''
  const writer = createLineWriter(async (bytes) => {
    text += Buffer.from(bytes).toString()
  })
  const sink = createNdjsonSink(() => writer, options)
  feed(sink)
  await sink.end()
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).type)
}

test('writes what nobody has to ask for unless told otherwise', async () => {
  assert.equal(await typesWritten(), ['capture', 'flow', 'session', 'pool', 'notice', 'stats', 'summary'])
})

test('writes exactly the records asked for', async () => {
  for (const name of RECORD_NAMES) assert.equal(await typesWritten({ records: new Set([name]) }), [name])
  assert.equal(await typesWritten({ records: new Set() }), [])
})

test('writes each kind where it belongs', async () => {
  const texts = new Map<RecordName, string>()
  const sink = createNdjsonSink((name) =>
    createLineWriter(async (bytes) => {
      texts.set(name, (texts.get(name) ?? '') + Buffer.from(bytes).toString())
    }),
  )
  feed(sink)
  await sink.end()
  assert.is(texts.size, RECORD_NAMES.length - 2)
  for (const [name, text] of texts) assert.is(JSON.parse(text).type, name)
})

test('hands out typed records, and waits for their reader', async () => {
  const queue = createRecordQueue({ records: new Set(['flow', 'summary']) })
  const total = 10_000
  const produce = async () => {
    for (let i = 0; i < total; i++) {
      queue.flow(closedFlow({ firstFrame: i + 1 }))
      await queue.drained()
    }
    queue.summary(summary())
    await queue.end()
  }
  const done = produce()
  const seen: FlowhawkRecord[] = []
  for await (const record of queue.records()) seen.push(record)
  await done
  assert.is(seen.length, total + 1)
  assert.ok(seen.slice(0, total).every((record, i) => record.type === 'flow' && record.first_frame === i + 1))
  assert.is(seen[total].type, 'summary')
})

test('passes a failure on after the records before it', async () => {
  const queue = createRecordQueue()
  queue.capture(captureInfo)
  queue.fail(new Error('no more'))
  const seen: string[] = []
  let message = ''
  try {
    for await (const record of queue.records()) seen.push(record.type)
  } catch (error) {
    message = String(error)
  }
  assert.equal(seen, ['capture'])
  assert.is(message, 'Error: no more')
})

test('tells the producer when the reader has stopped', async () => {
  const queue = createRecordQueue()
  feed(queue)
  for await (const record of queue.records()) if (record.type === 'flow') break
  assert.instance(await queue.drained()?.catch((error) => error), OutputClosed)
})

test('feeds several sinks and waits for all', async () => {
  const one = createRecordQueue()
  const two = createRecordQueue()
  const both = joinSinks([one, two])
  feed(both)
  assert.is(both.drained(), undefined)
  await both.end()
  for (const queue of [one, two]) {
    const seen: string[] = []
    for await (const record of queue.records()) seen.push(record.type)
    assert.is(seen.length, 7)
  }
})

test.run()
