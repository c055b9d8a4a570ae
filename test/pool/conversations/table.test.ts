/** Conversations by their ends; addresses and ports that somebody chose to meet in the table do not. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPacket } from '../../../src/decode/packet.ts'
import { ConversationTable } from '../../../src/pool/conversations/table.ts'
import type { Packet } from '../../../src/types.ts'

const test = suite('pool/conversations/table')

const SEEDS = [0, 1, 0x12345678, -1]
/** The factor with which the hash multiplies. */
const FACTOR = 0x9e3779b1

function packetOf(src3: number, srcPort: number, more: Partial<Packet> = {}): Packet {
  const dst = { dst3: 0x0a010004, dstPort: 5900 }
  return Object.assign(createPacket(), {
    ipVersion: 4,
    protocol: 6,
    src3: src3 | 0,
    srcPort,
    ...dst,
    ...more,
  })
}

function hashes(seed: number, packets: readonly Packet[]): Set<number> {
  const table = new ConversationTable(seed)
  return new Set(
    packets.map((packet) => {
      assert.is(table.find(packet), undefined)
      return table.add(packet).hash
    }),
  )
}

test('finds a conversation from either end', () => {
  const table = new ConversationTable(7)
  const there = packetOf(1, 40_000)
  table.find(there)
  const c = table.add(there)
  const back = { src3: there.dst3, srcPort: there.dstPort, dst3: there.src3, dstPort: there.srcPort }
  assert.is(table.find(packetOf(0, 0, back)), c)
  assert.is(table.find(packetOf(2, 40_000)), undefined)
  table.remove(c)
  assert.is(table.find(there), undefined)
})

test('addresses and ports whose products cancel out do not meet', () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => i)
  for (const seed of SEEDS) {
    const xored = numbers.map((i) => packetOf(Math.imul(1024 + i, FACTOR), 1024 + i))
    const added = numbers.map((i) => packetOf(-Math.imul(1024 + i, FACTOR), 1024 + i))
    for (const packets of [xored, added])
      assert.ok(hashes(seed, packets).size > 19_900, `seed ${seed}: ${hashes(seed, packets).size}`)
  }
})

test('words of addresses whose highest bits cancel out do not meet', () => {
  const tops = Array.from({ length: 512 }, (_, i) => i << 23)
  const folded = (word: number, shift: number) => word ^ (word >>> shift)
  for (const seed of SEEDS)
    for (const shift of [15, 16]) {
      const first = tops.map((top) =>
        packetOf(folded(top, 16), 1, { ipVersion: 6, src2: folded(top, shift) }),
      )
      const later = tops.map((top) => packetOf(1, 1, { ipVersion: 6, src2: top, src1: folded(top, shift) }))
      for (const packets of [first, later]) {
        const met = packets.length - hashes(seed, packets).size
        assert.ok(met < 10, `shift ${shift}, seed ${seed}: ${met}`)
      }
    }
})

test.run()
