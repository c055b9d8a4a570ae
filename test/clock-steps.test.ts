/** Clocks of hosts are set: times of packets step back and go on from there. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureOf, exchange, flowsOf, recordsOf, type Sent, sendUdp, sessionsOf } from './analyzed.ts'

const test = suite('clock steps')

const FIRST = '10.9.0.1:50001 > 10.1.0.4:3224'
const SECOND = '10.9.0.2:50002 > 10.1.0.4:3225'

/** Two years after the captures' beginning. */
const LATE = 63_072_000

function spans(records: Parameters<typeof sessionsOf>[0]): string[] {
  const time = (value: unknown) => String(value).slice(11, 19)
  return sessionsOf(records).map(
    ({ slot, start, end, packets, end_reason }) =>
      `${slot} ${time(start)}-${time(end)} ${packets} ${end_reason}`,
  )
}

/** The first session; after it the clock is set back, and the second one begins. */
function setBack(bySec: number): Sent[] {
  return [...exchange(LATE, FIRST, 100), ...exchange(LATE + 100 - bySec, SECOND, 100)]
}

for (const bySec of [0.001, 1, 119, 121, 300, 1800, 7200, 31_536_000])
  test(`a session that begins after the clock was set back by ${bySec} s is one session`, async () => {
    const records = await recordsOf(captureOf(setBack(bySec)))
    assert.equal(
      sessionsOf(records)
        .map(({ slot, packets }) => `${slot} ${packets}`)
        .sort(),
      ['3224 200', '3225 200'],
    )
    assert.is(flowsOf(records).length, 2)
  })

test('new traffic does not end the sessions of an interface whose clock is half an hour late', async () => {
  const late = exchange(LATE - 1800, SECOND, 100)
  const crowd = Array.from({ length: 200 }, (_, i) =>
    sendUdp(LATE + i / 2, `10.9.0.3:${40_000 + i} > 10.1.0.5:3300`),
  )
  const both = crowd.flatMap((each, i) => [each, late[i]])
  const [session, ...others] = sessionsOf(await recordsOf(captureOf(both)))
  assert.equal([session.slot, session.packets, others.length], [3225, 200, 0])
})

test('sessions of an interface whose clock is five minutes late are not cut by the packets of another', async () => {
  const late = exchange(1000, SECOND, 100).map(({ at, frame }) => ({ at: at - 300, frame }))
  const both = exchange(1000, FIRST, 100).flatMap((each, i) => [each, late[i]])
  assert.equal(spans(await recordsOf(captureOf(both))), [
    '3225 09:11:40-09:13:19 200 idle',
    '3224 09:16:40-09:18:19 200 capture_end',
  ])
})

test.run()
