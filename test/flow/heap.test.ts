/** The queues of rows by instant, against a sorted list. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random as seededRandom } from '../../scripts/fixtures/trace.ts'
import { DueRows } from '../../src/flow/due.ts'
import { InstantHeap } from '../../src/flow/heap.ts'

const test = suite('flow/heap')

type Entry = [sec: number, nsec: number, row: number, serial: number]

function inOrder(a: Entry, b: Entry): number {
  return a[0] - b[0] || a[1] - b[1] || a[3] - b[3]
}

function top(heap: InstantHeap | DueRows): Entry {
  return [heap.topSec, heap.topNsec, heap.topRow, heap.topSerial]
}

for (const Queue of [InstantHeap, DueRows]) {
  test(`${Queue.name} an empty queue has its first instant at no time`, () => {
    const heap = new Queue()
    assert.is(heap.topSec, Infinity)
    heap.push(5, 0, 1, 1)
    heap.pop()
    assert.is(heap.topSec, Infinity)
    assert.is(heap.size, 0)
  })

  test(`${Queue.name} gives entries by second, nanosecond and creation number as unsigned numbers`, () => {
    const heap = new Queue()
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

  test(`${Queue.name} keeps its order over many pages, while it grows and while it shrinks`, () => {
    const random = seededRandom(17)
    const heap = new Queue()
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
}

test('DueRows is a heap to whoever asks it, whatever the timeouts, with broken clocks among them', () => {
  const random = seededRandom(23)
  const due = new DueRows()
  const heap = new InstantHeap()
  const timeouts = [60, 300, 5, 0.25, 3600, Infinity, 12, 86_400]
  const takeAll = (now: number) => {
    for (; heap.topSec < now; heap.pop(), due.pop()) {
      assert.equal(top(due), top(heap))
      assert.is(due.size, heap.size)
    }
  }
  for (let serial = 1, now = 0; serial <= 60_000; serial++, now += random() / 100) {
    const broken = random() < 0.001 ? (random() - 0.3) * 1e9 : 0
    const early = random() < 0.2 ? random() * 10 : 0
    const at = now + timeouts[Math.floor(random() * timeouts.length)] - early + broken
    const sec = Math.floor(at)
    const nsec = sec === Infinity ? 0 : Math.floor((at - sec) * 4)
    for (const queue of [due, heap]) queue.push(sec, nsec, serial * 3, serial)
    takeAll(now)
  }
  takeAll(Infinity)
  assert.ok(due.size > 7000, 'what is due at no time stays')
  assert.is(due.topSec, Infinity)
})

test.run()
