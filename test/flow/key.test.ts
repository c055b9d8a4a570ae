/** The hash of a flow's key: the same from both ends, and not to be steered by whoever chooses the packets. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../../src/bytes.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { hashOf } from '../../src/flow/key.ts'
import type { Packet } from '../../src/types.ts'

const test = suite('flow/key')

const SEEDS = [0, 1, 0x12345678, -1]
/** Factors of the hash that a chooser of packets would know. */
const FACTORS = [0x85ebca6b, 0xc2b2ae35, 0x9e3779b1, 0x27d4eb2f]
const FLOWS = 20_000

function packetOf(fields: Partial<Packet>): Packet {
  return Object.assign(createPacket(), { ipVersion: 4, protocol: PROTOCOL_UDP, src3: 1, dst3: 2, ...fields })
}

/** Of an odd number, modulo 2^32. */
function inverse(odd: number): number {
  let found = odd
  for (let i = 0; i < 5; i++) found = Math.imul(found, 2 - Math.imul(odd, found))
  return found
}

function distinct(seed: number, packets: readonly Packet[]): number {
  return new Set(packets.map((packet) => hashOf(packet, seed))).size
}

test('is the same from both ends', () => {
  const there = packetOf({ src3: 5, srcPort: 6, dst3: 7, dstPort: 8, encapsulation0: 9, encapsulation1: 10 })
  const back = packetOf({ src3: 7, srcPort: 8, dst3: 5, dstPort: 6, encapsulation0: 9, encapsulation1: 10 })
  for (const seed of SEEDS) assert.is(hashOf(there, seed), hashOf(back, seed))
})

test('tells every part of the key apart', () => {
  const parts = [
    'src3',
    'dst3',
    'srcPort',
    'dstPort',
    'protocol',
    'encapsulation0',
    'encapsulation1',
  ] as const
  for (const seed of SEEDS)
    for (const part of parts) {
      const hashes = new Set(Array.from({ length: 200 }, (_, i) => hashOf(packetOf({ [part]: i + 1 }), seed)))
      assert.is(hashes.size, 200, `${part}, seed ${seed}`)
    }
})

test('identifiers and encapsulations whose products cancel out do not meet', () => {
  const numbers = Array.from({ length: FLOWS }, (_, i) => i)
  for (const one of FACTORS)
    for (const other of FACTORS) {
      const undo = inverse(other)
      const words = numbers.map((i) => Math.imul(PROTOCOL_ICMP + (i << 8), one))
      const flows = (encapsulation: (word: number) => Partial<Packet>) =>
        words.map((word, i) =>
          packetOf({ protocol: PROTOCOL_ICMP, icmpIdentifier: i, ...encapsulation(word) }),
        )
      const xored = flows((word) => ({ encapsulation0: Math.imul(word ^ 0x1234, undo) }))
      const added = flows((word) => ({ encapsulation1: Math.imul(0x1234 - word, undo) }))
      for (const packets of [xored, added])
        for (const seed of SEEDS) assert.ok(distinct(seed, packets) > FLOWS - 100, `seed ${seed}`)
    }
})

/** Words of which each differs in its highest bits by what the word before it did: what a product by `factor` makes of that. */
function chained(factor: number, shift: number): [number, number][] {
  return Array.from({ length: 512 }, (_, i) => {
    const undone = Math.imul(i, factor) << 23
    return [i << 23, undone ^ (undone >>> shift)]
  })
}

test('words whose highest bits cancel out do not meet', () => {
  const pairs = [
    ['src3', 'src0'],
    ['src0', 'src1'],
    ['src1', 'src2'],
    ['dst3', 'dst0'],
    ['encapsulation0', 'encapsulation1'],
  ] as const
  for (const [one, next] of pairs)
    for (const factor of FACTORS)
      for (const shift of [13, 15, 16]) {
        const packets = chained(factor, shift).map(([a, b]) =>
          packetOf({ ipVersion: 6, encapsulation0: 1, [one]: a, [next]: b }),
        )
        for (const seed of SEEDS) {
          const met = packets.length - distinct(seed, packets)
          assert.ok(met < 10, `${one}, ${next}, shift ${shift}, seed ${seed}: ${met}`)
        }
      }
})

test.run()
