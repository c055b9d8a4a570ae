import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { NEVER } from '../../../src/instant.ts'
import { DueQueue } from '../../../src/pool/session/due.ts'

const test = suite('pool/due')

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

test.run()
