/** The order of records: by close instant, then start, then id, flows and sessions mixed. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ClosingQueue } from '../src/closing.ts'
import type { Session } from '../src/types.ts'

const test = suite('closing')

/** A flow: start and id for ties; its row is its index. */
interface Flow {
  start: [sec: number, nsec: number]
  id: [high: number, low: number]
}

function queueOf(flows: Flow[]): ClosingQueue {
  return new ClosingQueue({
    startSec: (row) => flows[row].start[0],
    startNsec: (row) => flows[row].start[1],
    idHigh: (row) => flows[row].id[0],
    idLow: (row) => flows[row].id[1],
  })
}

function session(sessionId: string, start: [number, number], close: [number, number]): Session {
  const [startSec, startNsec] = start
  const [closeSec, closeNsec] = close
  return { sessionId, startSec, startNsec, closeSec, closeNsec } as Session
}

/** Rows as numbers, sessions by their id, in the order in which the queue gives them. */
function drain(queue: ClosingQueue): (number | string)[] {
  const out: (number | string)[] = []
  while (!queue.empty) {
    const row = queue.takeRow()
    out.push(row >= 0 ? row : queue.takeSession().sessionId)
  }
  return out
}

test('orders rows of one instant by start, then id as an unsigned number', () => {
  const queue = queueOf([
    { start: [5, 7], id: [1, 1] },
    { start: [5, 6], id: [9, 9] },
    { start: [4, 999], id: [9, 9] },
    { start: [5, 7], id: [0x80000000 | 0, 0] },
    { start: [5, 7], id: [1, -1] },
  ])
  for (const row of [0, 1, 2, 3, 4]) queue.addRow(row, 10, 0)
  queue.seal()
  assert.equal(drain(queue), [2, 1, 0, 4, 3])
})

test('keeps the order of different instants, whatever the starts', () => {
  const queue = queueOf([
    { start: [9, 0], id: [0, 1] },
    { start: [1, 0], id: [0, 2] },
    { start: [0, 0], id: [0, 3] },
  ])
  queue.addRow(0, 10, 0)
  queue.addRow(1, 10, 1)
  queue.addRow(2, 11, 0)
  queue.seal()
  assert.equal(drain(queue), [0, 1, 2])
})

test('puts a row that comes late where its instant belongs, ties included', () => {
  const queue = queueOf([
    { start: [9, 0], id: [0, 1] },
    { start: [1, 0], id: [0, 2] },
    { start: [0, 0], id: [0, 3] },
    { start: [0, 0], id: [0, 4] },
  ])
  queue.addRow(3, 1, 0)
  queue.seal()
  assert.is(queue.takeRow(), 3)
  queue.addRow(0, 10, 1)
  queue.addRow(1, 10, 0)
  queue.addRow(2, 10, 1)
  queue.seal()
  assert.equal(drain(queue), [1, 2, 0])
})

test('puts sessions between rows by close instant, start, id', () => {
  const queue = queueOf([
    { start: [2, 0], id: [0, 0x10] },
    { start: [2, 0], id: [0, 0x30] },
    { start: [2, 0], id: [0, 0x40] },
  ])
  queue.addRow(0, 10, 0)
  queue.addRow(1, 10, 0)
  queue.addRow(2, 10, 5)
  queue.addSession(session('later close', [0, 0], [10, 6]))
  queue.addSession(session('0000000000000020', [2, 0], [10, 0]))
  queue.addSession(session('earlier start', [1, 9], [10, 0]))
  queue.addSession(session('earlier close', [8, 0], [9, 999_999_999]))
  queue.seal()
  assert.equal(drain(queue), ['earlier close', 'earlier start', 0, '0000000000000020', 1, 2, 'later close'])
})

test('gives rows that close last after all others, by start and id, with sessions between them', () => {
  const queue = queueOf([
    { start: [2, 0], id: [0, 0x30] },
    { start: [1, 0], id: [0, 0x10] },
    { start: [2, 0], id: [0, 0x10] },
    { start: [9, 0], id: [0, 0x10] },
  ])
  queue.addRow(3, 9, 0)
  queue.addLast(Int32Array.of(0, 1, 2), 10, 5)
  queue.addSession(session('0000000000000020', [2, 0], [10, 5]))
  queue.addSession(session('earlier close', [8, 0], [10, 4]))
  queue.seal()
  assert.equal(drain(queue), [3, 'earlier close', 1, 2, '0000000000000020', 0])
  queue.clear()
  assert.ok(queue.empty)
  queue.addRow(2, 11, 0)
  queue.seal()
  assert.equal(drain(queue), [2])
})

test('gives sessions alone, and rows alone', () => {
  const queue = queueOf([{ start: [0, 0], id: [0, 0] }])
  assert.ok(queue.empty)
  queue.addSession(session('b', [1, 0], [2, 0]))
  queue.addSession(session('a', [1, 0], [2, 0]))
  queue.seal()
  assert.equal(drain(queue), ['a', 'b'])
  queue.clear()
  queue.addRow(0, 1, 0)
  queue.seal()
  assert.equal(drain(queue), [0])
  assert.ok(queue.empty)
})

test.run()
