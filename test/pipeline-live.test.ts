/** What a pipeline tells of itself while it runs, what the passing of time alone ends, and sources that fail. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../src/capture/open.ts'
import { Pipeline } from '../src/pipeline.ts'
import { BusyFlows, type FlowOrder, PipelineWatch, type WatchOptions } from '../src/pipeline-live.ts'
import { RECORD_NAMES } from '../src/report/record/record.ts'
import type { FlowhawkRecord } from '../src/report/record/record-types.ts'
import { createRecordQueue, type RecordQueue } from '../src/report/sink.ts'
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

test('counts a slot once, and only where a session is under way', async () => {
  const live = async (...sent: (Sent | Sent[])[]) => {
    const pipeline = new Pipeline(await pipelineOptions(), createRecordQueue())
    await pipeline.read(await openBytes(captureOf(...sent)))
    return [pipeline.liveFlows, pipeline.liveSessions]
  }
  assert.equal(await live(sendUdp(0, HAWK)), [1, 0])
  assert.equal(await live(sendUdp(0, HAWK), sendUdp(1, back(HAWK))), [1, 0])
  // Two clients on one slot, and one on another: of the same server, then of another one.
  const first = exchange(0, HAWK, 2)
  const second = async (way: Way) => await live(first, exchange(1, way, 2))
  assert.equal(await second('10.0.0.2:50001 > 10.1.0.4:3224'), [2, 1])
  assert.equal(await second('10.0.0.1:50001 > 10.1.0.4:3225'), [2, 2])
  assert.equal(await second('10.0.0.1:50001 > 10.1.0.5:3224'), [2, 2])
  // The slot's number on the client's side, or in no pool.
  assert.equal(await live(exchange(0, '10.0.0.1:3224 > 10.1.0.53:53'), exchange(1, ODD)), [2, 0])
})

/** Reads what was sent, and looks at the moment after it. */
async function watched(options: Partial<WatchOptions>, ...sent: (Sent | Sent[])[]) {
  const queue = createRecordQueue({ records: new Set(RECORD_NAMES) })
  const pipeline = new Pipeline(await pipelineOptions(), queue)
  const watch = new PipelineWatch(pipeline, { poolWindowSec: 3600, alerts: [], ...options })
  await pipeline.read(await openBytes(captureOf(...sent)))
  watch.update(queue)
  return { queue, pipeline, watch }
}

async function told(queue: RecordQueue): Promise<FlowhawkRecord[]> {
  await queue.end()
  const records: FlowhawkRecord[] = []
  for await (const record of queue.records()) records.push(record)
  return records
}

const SESSIONS = [0, 1, 2].flatMap((i) => exchange(i, `10.0.0.1:5000${i} > 10.1.0.4:${3224 + i}` as Way, 5))

test('the sessions under way are those that their records tell of later', async () => {
  const { queue, pipeline } = await watched({}, SESSIONS, exchange(3, '10.0.0.9:50009 > 10.1.0.4:3299', 1))
  const open = pipeline.pools.openSessions(10)
  assert.equal(
    open.map(({ slot, clients, packets }) => [slot, clients[0].ip, packets]),
    [3224, 3225, 3226].map((slot) => [slot, '10.0.0.1', 10]),
  )
  assert.equal(pipeline.pools.openSessions(2), open.slice(0, 2))
  await pipeline.finish('capture_end')
  const ended = (await told(queue)).filter((record) => record.type === 'session')
  assert.is(ended.length, 3)
  for (const [i, session] of ended.entries()) {
    assert.is(session.session_id, open[i].sessionId)
    assert.equal(session.flow_ids, open[i].flowIds)
    assert.is(session.ip_bytes, open[i].ipBytes)
    assert.is(session.certainty, open[i].certainty)
    assert.is(Date.parse(String(session.end)), open[i].endSec * 1000 + open[i].endNsec / 1e6)
  }
})

test('tells at once of more sessions than an alert allows', async () => {
  const alerts = [{ pool: 'framehawk', sessions: 2 }]
  const { queue, watch } = await watched({ alerts }, SESSIONS)
  assert.equal(
    watch.levels.map(({ pool, serverIp, sessions }) => [pool, serverIp, sessions]),
    [['framehawk', '10.1.0.4', 3]],
  )
  watch.update(queue)
  const notices = (await told(queue)).filter((record) => record.type === 'notice')
  assert.is(notices.length, 1)
  assert.equal(notices[0], {
    type: 'notice',
    v: 1,
    notice: 'session_alert',
    says: '3 sessions of pool framehawk on 10.1.0.4 at once: more than 2',
    at: notices[0].at,
    pool: 'framehawk',
    server_ip: '10.1.0.4',
    sessions: 3,
    limit: 2,
  })
  assert.is(Date.parse(String(notices[0].at)) / 1000, BEGIN + 2)
})

test('writes pools window by window, and the last with the end', async () => {
  const late = exchange(40, '10.0.0.1:50009 > 10.1.0.4:3229', 2)
  const { queue, pipeline, watch } = await watched({ poolWindowSec: 20 }, SESSIONS, late)
  await pipeline.tick(BEGIN + 400, 0)
  watch.update(queue)
  await pipeline.finish('shutdown')
  const pools = (await told(queue)).filter((record) => record.type === 'pool')
  assert.equal(
    pools.map(({ server_ip, sessions }) => `${server_ip ?? 'all'} ${sessions}`),
    ['10.1.0.4 3', 'all 3', '10.1.0.4 1', 'all 1'],
  )
})

test('goes on writing pools when the clock was set back', async () => {
  const DAY = 86_400
  const { queue, pipeline, watch } = await watched({ poolWindowSec: 60 }, exchange(DAY, HAWK, 10))
  for (const start of [10, 70, 130]) {
    const way: Way = `10.0.0.2:${50000 + start} > 10.1.0.4:${3230 + start}`
    await pipeline.read(await openBytes(captureOf(exchange(start, way, 20))))
    watch.update(queue)
  }
  await pipeline.tick(BEGIN + 600, 0)
  watch.update(queue)
  const pools = (await told(queue)).filter((record) => record.type === 'pool')
  const windows = pools
    .filter(({ server_ip }) => server_ip !== undefined)
    .map(({ window_start, window_end, sessions, peak }) => {
      const [from, to] = [window_start, window_end].map((each) => Date.parse(String(each)) / 1000 - BEGIN)
      return `${Math.floor(from)}-${Math.floor(to)}: ${sessions} sessions, peak ${peak}`
    })
  assert.equal(windows, [
    `${DAY}-${DAY + 9}: 1 sessions, peak 1`,
    '29-60: 1 sessions, peak 1',
    '60-120: 1 sessions, peak 1',
  ])
})

test('finds the busiest flows since it looked before', async () => {
  const { pipeline } = await watched({}, exchange(0, ODD, 9), SESSIONS)
  const busy = new BusyFlows(pipeline)
  const seen = (order: FlowOrder, limit: number, nowMs: number) =>
    busy
      .sample(nowMs, limit)
      [order].map(({ flow, packetsPerSec }) => `${flow.dstPort} ${flow.verdict.label} ${packetsPerSec}`)
  assert.equal(seen('packets', 2, 1000), ['40000 safetynetp 18', '3224 framehawk 10'])
  assert.match(seen('packets', 1, 2000).join(), /^[^,]* 0$/)
  await pipeline.read(await openBytes(captureOf(exchange(10, HAWK, 3))))
  assert.equal(seen('bytes', 9, 4000)[0], '3224 framehawk 3')
  assert.equal(seen('sessions', 5, 5000).at(-1), '40000 safetynetp 0')
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
