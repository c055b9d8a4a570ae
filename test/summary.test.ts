/** The counts of everything that was read. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addDrops, addOutside, emptySummary, increment } from '../src/summary.ts'
import type { PacketSource } from '../src/types.ts'

const test = suite('summary')

function dropping(dropped: PacketSource['dropped']): PacketSource {
  return { dropped } as PacketSource
}

test('starts with nothing, and shares nothing with another', () => {
  const one = emptySummary()
  increment(one.nonIp, '0x0806')
  one.damaged.push({ source: 'a', offset: 1, reason: 'cut', code: 'PCAP_CUT' })
  const other = emptySummary()
  assert.is(other.nonIp.size, 0)
  assert.equal(other.damaged, [])
  assert.is(other.packets, 0)
  assert.is(other.firstPacketAt, undefined)
})

test('counts by name', () => {
  const counts = new Map<string, number>()
  for (const name of ['arp', 'arp', 'lldp']) increment(counts, name)
  assert.equal(
    [...counts],
    [
      ['arp', 2],
      ['lldp', 1],
    ],
  )
})

test('adds drops where they are known: unknown is not 0', () => {
  const summary = emptySummary()
  addDrops(summary, dropping({}))
  assert.equal(summary.dropped, {})
  addDrops(summary, dropping({ kernel: 3 }))
  addDrops(summary, dropping({ kernel: 0, interface: 4 }))
  addDrops(summary, dropping({ interface: 1 }))
  assert.equal(summary.dropped, { kernel: 3, interface: 5 })
})

test('adds what is outside a stretch of time, with its earliest and latest packet', () => {
  const summary = emptySummary()
  addOutside(summary, { packets: 0 })
  assert.equal(summary.outside, { packets: 0 })
  addOutside(summary, { packets: 2, first: [5, 0], last: [7, 0] })
  addOutside(summary, { packets: 1, first: [4, 9], last: [4, 9] })
  assert.equal(summary.outside, { packets: 3, first: [4, 9], last: [7, 0] })
})

test.run()
