/** What is added and taken away for months must not grow: memory after many rounds is that after a few. */
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TCP_RST, TCP_SYN } from '../src/bytes.ts'
import { createPacket } from '../src/decode/packet.ts'
import type { DueRows } from '../src/flow/due.ts'
import { createAnnouncedServices } from '../src/label/announced.ts'
import { JoiningFlows } from '../src/label/inspect/joining.ts'
import { PayloadView } from '../src/label/inspect/payload-view.ts'
import { createNameCache } from '../src/label/names.ts'
import { KIND_ORIGIN, requestKind } from '../src/label/signatures/web/http-request.ts'
import { Rejections, Tally } from '../src/pool/counting/rejections.ts'
import { tcp, trackFlows, udp } from './flow/flow-packets.ts'

const test = suite('growth')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const ROUNDS = 400_000
/** An entry of a Map that is kept though it was deleted takes some 30 bytes. */
const MOST_BYTES_A_ROUND = 8

/** Bytes that stay for every round, once the first quarter has filled what is bounded. */
function growth(round: (i: number) => void): number {
  const heapAfter = (from: number, to: number) => {
    for (let i = from; i < to; i++) round(i)
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const before = heapAfter(0, ROUNDS / 4)
  return (heapAfter(ROUNDS / 4, ROUNDS) - before) / (ROUNDS * 0.75)
}

test('this measure finds an iterator that rests', () => {
  const set = new Set<number>()
  const resting = set.values()
  const found = growth((i) => set.add(i) && set.delete(i - 100))
  assert.ok(found > 2 * MOST_BYTES_A_ROUND, String(found))
  assert.is(resting.next().done, false)
})

test('flows that join packets', () => {
  const joining = new JoiningFlows()
  const found = growth((i) => {
    joining.keep(i, 0, 'scratch')
    joining.remove(i - 100)
  })
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
  assert.is(joining.of(0), undefined)
})

test('flows, once the table was full', () => {
  const { run, ended, tracker } = trackFlows({ maxFlows: 1000, idleOtherSec: 1 })
  for (let i = 0; i <= 1000; i++) run(udp(0, { srcPort: i }))
  assert.is(tracker.evicted, 1)
  const found = growth((i) => {
    run(udp(10 + i / 100, { srcPort: i % 50_000 }))
    ended.length = 0
  })
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
  assert.is(tracker.evicted, 1)
})

test('flows that no timeout ends', () => {
  const { run, ended } = trackFlows({ maxFlows: 1000, idleTcpSec: Infinity })
  const found = growth((i) => {
    run(tcp(i / 100, TCP_SYN, { srcPort: i % 50_000 }), tcp(i / 100, TCP_RST, { srcPort: i % 50_000 }))
    ended.length = 0
  })
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
})

test('flows that are reset and begin anew before a timeout would have ended them', () => {
  const { run, ended, tracker } = trackFlows({ maxFlows: 1000, idleTcpSec: 300 })
  let most = 0
  for (let i = 0; i < ROUNDS; i++) {
    run(tcp(i / 1e6, TCP_SYN, { srcPort: i % 500 }), tcp(i / 1e6, TCP_RST, { srcPort: i % 500 }))
    ended.length = 0
    const { size } = Reflect.get(tracker, 'due') as DueRows
    most = Math.max(most, size)
  }
  assert.is(tracker.live, 500)
  assert.ok(most < 80_000, `${most} entries of ${ROUNDS} flows`)
})

test('names that change', () => {
  const cache = createNameCache()
  const packet = createPacket()
  const found = growth((i) => cache.answer(packet, `host-${i % 2}`, 60, [0, 0, 0, (i % 50) >> 1]))
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
  assert.is(cache.size(), 25)
})

test('services that are announced again', () => {
  const announced = createAnnouncedServices()
  const packet = createPacket()
  const service = { protocol: 17, port: 4000, lifetimeSec: 60, through: 'SDP' } as const
  const found = growth((i) => {
    announced.announce(packet, { ...service, label: i % 2 === 0 ? 'rtp' : 'rtcp' })
    announced.settle(1, true)
  })
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
  assert.is(announced.size(), 1)
})

test('sources that are judged', () => {
  const rejections = new Rejections(() => undefined)
  const place = { tally: new Tally(), total: new Tally(), pool: 'framehawk', serverIp: '10.1.0.4' }
  const found = growth((i) => {
    rejections.fail({ place, source: `${i}`, slot: 3224, at: [i, 0], reason: 'probe', label: '', flows: 1 })
    if (i % 100 === 0) rejections.settleQuiet([i + 1, 0])
  })
  assert.ok(found < MOST_BYTES_A_ROUND, String(found))
  assert.is(place.total.list()[0].flows, ROUNDS - 99)
})

const HEAD = Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')

/** A payload, and by it the memory of a whole run, of which it was asked what it requests. */
function askedOf(): WeakRef<object> {
  const never = () => undefined
  const owner = { extras: () => ({}), hostname: never, answer: never, announce: never }
  const joins = { matchedHere: () => false, scratch: never, keepScratch: never }
  const view = new PayloadView({ ...owner, ...joins })
  view.show({ ...createPacket(), payloadEnd: HEAD.length, payloadBytes: HEAD.length }, HEAD, 0)
  assert.is(requestKind(view), KIND_ORIGIN)
  return new WeakRef(view)
}

test('a run, by the request that was asked of last', async () => {
  const asked = askedOf()
  // What a reference was made to stays until the turn is over.
  await setTimeout(0)
  collectGarbage()
  assert.is(asked.deref(), undefined)
})

test.run()
