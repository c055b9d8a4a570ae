/** Windows of a run without end, shown to a person as one. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { joinWindows } from '../../../src/report/read/windows.ts'
import { createTally } from '../../../src/report/terminal/tally.ts'
import { poolReport, session, summary } from '../record/records.ts'

const test = suite('report/windows')

const START = 1_600_000_000
const HOUR = 3600

/** The hour of that number since START. */
function hour(number: number, fields: Parameters<typeof poolReport>[0] = {}) {
  const windowStart = [START + number * HOUR, 0] as const
  const windowEnd = [START + (number + 1) * HOUR, 0] as const
  return poolReport({ windowStart, windowEnd, rejected: [], ...fields })
}

test('the peak is that of the busier window, the mean that of the time between', () => {
  const quiet = hour(0, { peak: 1, peakAt: [START + 60, 0], mean: 0.5, saturatedSeconds: 10 })
  const busy = hour(3, { peak: 4, peakAt: [START + 3 * HOUR, 0], mean: 3.5, saturatedSeconds: 20 })
  for (const joined of [joinWindows(quiet, busy), joinWindows(busy, quiet)]) {
    assert.equal([joined.peak, joined.peakAt], [4, [START + 3 * HOUR, 0]])
    // Two hours between them without a session.
    assert.is(joined.mean, 1)
    assert.is(joined.saturatedSeconds, 30)
    assert.equal([joined.windowStart, joined.windowEnd], [quiet.windowStart, busy.windowEnd])
  }
})

test('of equal peaks the first counts', () => {
  const first = hour(0, { peak: 2, peakAt: [START, 0] })
  assert.equal(joinWindows(first, hour(1, { peak: 2, peakAt: [START + HOUR, 0] })).peakAt, [START, 0])
})

test('rejections add up', () => {
  const probe = { reason: 'probe', label: 'unknown' } as const
  const first = hour(0, { rejected: [{ ...probe, flows: 2 }] })
  const second = hour(1, {
    rejected: [
      { ...probe, flows: 3 },
      { reason: 'scan', label: 'unknown', flows: 8 },
    ],
  })
  assert.equal(joinWindows(first, second).rejected, [
    { ...probe, flows: 5 },
    { reason: 'scan', label: 'unknown', flows: 8 },
  ])
})

test('a session that spans windows is one session of the summary', () => {
  const tally = createTally()
  for (let number = 0; number < 3; number++) {
    tally.pool(hour(number, { sessions: 2 }))
    tally.pool(hour(number, { sessions: 2, serverIp: undefined }))
  }
  for (const id of ['1', '2', '3']) tally.session(session({ sessionId: id.repeat(16) }))
  tally.summary(summary())
  assert.equal(
    tally.pools.map(({ serverIp, sessions }) => [serverIp, sessions]),
    [
      [session().serverIp, 3],
      [undefined, 3],
    ],
  )
})

test('a single report is left as it is', () => {
  const tally = createTally()
  const report = hour(0, { sessions: 7 })
  tally.pool(report)
  tally.summary(summary())
  assert.is(tally.pools[0], report)
})

test.run()
