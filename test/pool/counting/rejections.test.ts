/** What waits to be judged as a scan: told in the end, each once, and bounded meanwhile. */
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_ALL_WAITING, Rejections, Tally } from '../../../src/pool/counting/rejections.ts'
import type { Notice } from '../../../src/types.ts'

const test = suite('pool/counting/rejections')

function watch() {
  const notices: Notice[] = []
  const rejections = new Rejections((notice) => notices.push(notice))
  const total = new Tally()
  const place = { tally: new Tally(), total, pool: 'framehawk', serverIp: '10.1.0.4' }
  const fail = (source: string, slot: number, sec: number) =>
    rejections.fail({ place, source, slot, at: [sec, 0], reason: 'probe', label: '', flows: 1 })
  return { rejections, total, notices, fail }
}

test('eight slots of one server within a minute are a scan, seven are probes', () => {
  const { rejections, total, notices, fail } = watch()
  for (let slot = 0; slot < 8; slot++) fail('192.0.2.1', slot, slot)
  for (let slot = 0; slot < 7; slot++) fail('192.0.2.2', slot, slot)
  for (let slot = 0; slot < 8; slot++) fail('192.0.2.3', slot, slot * 10)
  assert.equal(total.list(), [], 'known only afterwards')
  rejections.settle()
  assert.equal(total.list(), [
    { reason: 'probe', label: 'unknown', flows: 15 },
    { reason: 'scan', label: 'unknown', flows: 8 },
  ])
  assert.equal(
    notices.map(({ about }) => about.src_ip),
    ['192.0.2.1'],
  )
})

test('what waits over all sources is bounded; the source watched longest is judged first', () => {
  const { rejections, total, notices, fail } = watch()
  const sources = Math.ceil(MAX_ALL_WAITING / 1000) + 20
  for (let i = 0; i < sources; i++)
    for (let slot = 0; slot < 1000; slot++) fail(`10.0.${i >> 8}.${i & 255}`, slot, i)
  const judged = total.list().reduce((sum, { flows }) => sum + flows, 0)
  assert.ok(judged >= sources * 1000 - MAX_ALL_WAITING, `${judged} judged`)
  assert.is(notices[0].about.src_ip, '10.0.0.0')
  rejections.settle()
  assert.equal(total.list(), [{ reason: 'scan', label: 'unknown', flows: sources * 1000 }])
  assert.is(notices.length, sources)
})

test('however many labels records name, each is found without passing over the others', () => {
  const tally = new Tally()
  const labels = 100_000
  const before = process.cpuUsage().user
  for (const flows of [1, 2]) for (let i = 0; i < labels; i++) tally.add('probe', `label-${i}`, flows)
  const seconds = (process.cpuUsage().user - before) / 1e6
  assert.ok(seconds < 5, `${seconds} s`)
  assert.is(tally.list().length, labels)
  assert.ok(tally.list().every(({ flows }) => flows === 3))
  tally.clear()
  tally.add('scan', 'label-1', Number.MAX_SAFE_INTEGER)
  tally.add('scan', 'label-1', 1)
  assert.equal(tally.list(), [{ reason: 'scan', label: 'label-1', flows: Number.MAX_SAFE_INTEGER }])
})

test.run()
