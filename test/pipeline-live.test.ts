/** What a pipeline tells of itself while it runs, what the passing of time alone ends, and sources that fail. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../src/capture/open.ts'
import { Pipeline } from '../src/pipeline.ts'
import { RECORD_NAMES } from '../src/report/record.ts'
import type { FlowhawkRecord } from '../src/report/record-types.ts'
import { createRecordQueue } from '../src/report/sink.ts'
import {
  BEGIN,
  back,
  captureOf,
  exchange,
  flowsOf,
  pipelineOptions,
  type Sent,
  sendUdp,
  type Way,
} from './analyzed.ts'

const test = suite('pipeline-live')

const HAWK: Way = '10.0.0.1:50001 > 10.1.0.4:3224'
const ODD: Way = '10.0.0.1:50003 > 10.1.0.6:40000'

test('a tick writes what time alone has ended, and a shutdown the rest', async () => {
  const queue = createRecordQueue({ records: new Set(RECORD_NAMES) })
  const pipeline = new Pipeline(await pipelineOptions(), queue)
  await pipeline.tick(BEGIN, 0)
  await pipeline.read(await openBytes(captureOf(exchange(0, ODD), exchange(1, HAWK, 4))))
  assert.equal([pipeline.liveFlows, pipeline.liveSessions], [2, 1])
  await pipeline.tick(BEGIN + 60, 0)
  assert.is(pipeline.liveFlows, 2)
  await pipeline.tick(BEGIN + 61, 0)
  assert.is(pipeline.liveFlows, 1)
  const summary = await pipeline.finish('shutdown')
  await queue.end()
  const records: FlowhawkRecord[] = []
  for await (const record of queue.records()) records.push(record)
  assert.equal(
    flowsOf(records).map(({ end_reason, dst_port }) => [end_reason, dst_port]),
    [
      ['idle', 40000],
      ['shutdown', 3224],
    ],
  )
  assert.is(summary.flows, 2)
})

test('counts a slot once, and only where both sides have sent', async () => {
  const live = async (...sent: (Sent | Sent[])[]) => {
    const pipeline = new Pipeline(await pipelineOptions(), createRecordQueue())
    await pipeline.read(await openBytes(captureOf(...sent)))
    return [pipeline.liveFlows, pipeline.liveSessions]
  }
  assert.equal(await live(sendUdp(0, HAWK)), [1, 0])
  assert.equal(await live(sendUdp(0, HAWK), sendUdp(1, back(HAWK))), [1, 1])
  // Two clients on one slot, and one on another: of the same server, then of another one.
  const roaming = exchange(1, '10.0.0.2:50001 > 10.1.0.4:3224')
  assert.equal(await live(exchange(0, HAWK), roaming), [2, 1])
  assert.equal(await live(exchange(0, HAWK), exchange(1, '10.0.0.1:50001 > 10.1.0.4:3225')), [2, 2])
  assert.equal(await live(exchange(0, HAWK), exchange(1, '10.0.0.1:50001 > 10.1.0.5:3224')), [2, 2])
  // The slot's number on the client's side, or in no pool.
  assert.equal(await live(exchange(0, '10.0.0.1:3224 > 10.1.0.53:53'), exchange(1, ODD)), [2, 0])
})

test('a source is closed when reading it fails', async () => {
  const source = await openBytes(captureOf(exchange(0, ODD)))
  let closed = 0
  const failing = {
    info: source.info,
    damage: [],
    dropped: {},
    next: () => Promise.reject(new Error('no more')),
    close: async () => {
      closed++
    },
  }
  const pipeline = new Pipeline(await pipelineOptions(), createRecordQueue())
  let message = ''
  await pipeline.read(failing).catch((error: Error) => {
    message = error.message
  })
  assert.equal([message, closed], ['no more', 1])
})

test.run()
