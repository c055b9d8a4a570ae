/** The queue of rows by instant, against a sorted list. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random as seededRandom } from '../../scripts/fixtures/trace.ts'
import { InstantHeap } from '../../src/flow/heap.ts'

const test = suite('flow/heap')

type Entry = [sec: number, nsec: number, row: number, serial: number]

function inOrder(a: Entry, b: Entry): number {
  return a[0] - b[0] || a[1] - b[1] || a[3] - b[3]
}

function top(heap: InstantHeap): Entry {
  return [heap.topSec, heap.topNsec, heap.topRow, heap.topSerial]
}

test('an empty queue has its first instant at no time', () => {
  const heap = new InstantHeap()
  assert.is(heap.topSec, Infinity)
  heap.push(5, 0, 1, 1)
  heap.pop()
  assert.is(heap.topSec, Infinity)
  assert.is(heap.size, 0)
})

test('gives entries by second, nanosecond and creation number as unsigned numbers', () => {
  const heap = new InstantHeap()
  const entries: Entry[] = [
    [7, 0, 1, 0xffff_ffff],
    [7, 0, 2, 5],
    [-3, 999_999_999, 3, 4],
    [7, 0, 4, 0x8000_0000],
    [6, 999_999_999, 5, 9],
  ]
  for (const entry of entries) heap.push(...entry)
  const out: number[] = []
  for (; heap.size > 0; heap.pop()) out.push(heap.topRow)
  assert.equal(out, [3, 5, 2, 4, 1])
})

test('keeps its order over many pages, while it grows and while it shrinks', () => {
  const random = seededRandom(17)
  const heap = new InstantHeap()
  const model: Entry[] = []
  let serial = 0
  const push = () => {
    const entry: Entry = [Math.floor(random() * 400), Math.floor(random() * 3), ++serial * 2, serial]
    model.push(entry)
    heap.push(...entry)
  }
  for (let i = 0; i < 40_000; i++) push()
  model.sort(inOrder)
  let taken = 0
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 11_000; i++, taken++) {
      assert.equal(top(heap), model[taken])
      heap.pop()
    }
    for (let i = 0; i < 500; i++) push()
    model.splice(0, taken)
    taken = 0
    model.sort(inOrder)
  }
  for (; taken < model.length; taken++) {
    assert.equal(top(heap), model[taken])
    heap.pop()
  }
  assert.is(heap.size, 0)
})

test.run()
