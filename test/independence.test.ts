/** What one server's conversations are does not depend on what goes on at others meanwhile. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random } from '../scripts/fixtures/trace.ts'
import {
  back,
  captureOf,
  exchange,
  handshake,
  recordsOf,
  type Sent,
  type Settings,
  sendTcp,
  sendUdp,
  type Way,
} from './analyzed.ts'

const test = suite('independence')

const OWN = '10.1.0.4'
const OTHER = '10.1.0.5'
/** Around the timeouts of flows, of pools and of the sensitivity table. */
const GAPS = [0.5, 20, 61, 130, 290, 310, 500, 950, 2500]
const LAST = 12_000
const SEEDS = 10

/** Some conversations with the slots of a server, each with silences of all lengths. */
function conversations(seed: number): Sent[] {
  const next = random(seed)
  const pick = (below: number) => Math.floor(next() * below)
  const sent: Sent[] = []
  for (let i = 0; i < 4; i++) {
    const isUdp = pick(2) === 0
    const way: Way = `10.9.0.${1 + pick(2)}:${50_000 + pick(3)} > ${OWN}:${isUdp ? 3224 + pick(3) : 5901}`
    let at = pick(100)
    if (!isUdp && pick(3) > 0) sent.push(...handshake(at, way))
    for (let n = pick(8); n >= 0; n--) {
      const packets = isUdp ? talk(at, way, pick(3)) : connection(at, way, pick(5))
      sent.push(...packets)
      at += 0.1 + GAPS[pick(GAPS.length)]
    }
  }
  return sent
}

function talk(at: number, way: Way, kind: number): Sent[] {
  if (kind === 0) return [sendUdp(at, way)]
  return kind === 1 ? exchange(at, way, 2, 0.02) : [sendUdp(at, back(way)), sendUdp(at + 0.01, way)]
}

function connection(at: number, way: Way, kind: number): Sent[] {
  if (kind === 0) return [sendTcp(at, way, 'A')]
  if (kind === 1) return [sendTcp(at, way, 'PA', 'x'), sendTcp(at + 0.01, back(way), 'PA', 'y')]
  if (kind === 2) return [sendTcp(at, way, 'FA'), sendTcp(at + 0.01, back(way), 'FA')]
  return kind === 3 ? [sendTcp(at, back(way), 'RA')] : handshake(at, way)
}

/** New clients all the time on the slots of another server, so that nothing is remembered for want of an occasion. */
const crowd: Sent[] = Array.from({ length: LAST / 10 }, (_, i) =>
  exchange(10 * i + 5, `10.8.${i >> 8}.${i & 255}:${40_000 + i} > ${OTHER}:${3300 + (i % 8)}`, 3, 0.1),
).flat()

const ends: Sent[] = [sendUdp(0, '10.7.0.1:9 > 10.7.0.2:9'), sendUdp(LAST, '10.7.0.1:9 > 10.7.0.2:9')]

async function ownRecords(sent: readonly Sent[], settings: Settings): Promise<unknown[]> {
  const ordered = [...sent, ...ends].sort((a, b) => a.at - b.at)
  const records = await recordsOf(captureOf(ordered), settings)
  return records
    .filter((record) => JSON.stringify(record).includes(OWN) && record.type !== 'notice')
    .map((record) => ({ ...record, first_frame: 0 }))
}

for (const idleTimeoutSec of [undefined, 20, 900, 0]) {
  const named =
    idleTimeoutSec === undefined ? 'the usual idle timeouts' : `an idle timeout of ${idleTimeoutSec} s`
  test(`records of a server are the same with and without others, under ${named}`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const own = conversations(seed)
      const alone = await ownRecords(own, { idleTimeoutSec })
      assert.ok(alone.length > 0)
      assert.equal(await ownRecords([...own, ...crowd], { idleTimeoutSec }), alone, `seed ${seed}`)
    }
  })
}

test.run()
