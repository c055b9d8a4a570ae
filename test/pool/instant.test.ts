import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentId } from '../../src/pool/identity.ts'
import {
  addSeconds,
  compareInstants,
  earlier,
  isLonger,
  later,
  NEVER,
  secondsBetween,
} from '../../src/pool/instant.ts'
import { DueQueue } from '../../src/pool/session/due.ts'
import type { Instant } from '../../src/types.ts'

const test = suite('pool/instant')

test('fractions carry, backwards too, and never is never', () => {
  assert.equal(addSeconds([10, 900_000_000], 0.2), [11, 100_000_000])
  assert.equal(addSeconds([10, 100_000_000], -0.2), [9, 900_000_000])
  assert.equal(addSeconds([10, 5], Infinity), NEVER)
  assert.equal(addSeconds([-Infinity, 0], Infinity), [-Infinity, 0])
  assert.is(secondsBetween([1, 999_999_999], [2, 0]), 1e-9)
})

test('a difference of one nanosecond counts, in any century', () => {
  const base: Instant = [253_402_300_799, 999_999_998]
  const next: Instant = [253_402_300_799, 999_999_999]
  assert.ok(compareInstants(base, next) < 0)
  assert.is(later(base, next), next)
  assert.is(earlier(base, next), base)
  assert.not(isLonger([0, 1], [120, 1], 120))
  assert.ok(isLonger([0, 1], [120, 2], 120))
  assert.not(isLonger([0, 100_000_000], [0, 400_000_000], 0.3))
})

test('the queue gives out by instant, then order', () => {
  const queue = new DueQueue<string>()
  const entries: [number, number][] = []
  for (let i = 0; i < 200; i++) entries.push([(i * 37) % 50, i])
  for (const [sec, order] of entries) queue.push([sec, 0], order, `${sec}.${order}`)
  const sorted = entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([sec, order]) => `${sec}.${order}`)
  const taken: string[] = []
  while (queue.size > 0) {
    assert.is(`${queue.first[0]}`, sorted[taken.length].split('.')[0])
    taken.push(queue.pop())
  }
  assert.equal(taken, sorted)
  assert.equal(queue.first, NEVER)
})

test('identifiers: 16 digits, equal for equal content, different for small differences', () => {
  const ids = new Set<string>()
  for (let slot = 0; slot < 5000; slot++) ids.add(contentId(`framehawk 10.1.0.4 udp ${slot} 1767225600.0`))
  assert.is(ids.size, 5000)
  assert.match(contentId(''), /^[0-9a-f]{16}$/)
  assert.is(contentId('a'), contentId('a'))
})

test.run()
