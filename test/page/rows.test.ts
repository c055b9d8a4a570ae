import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bySlot, matching, nearest, ordered, slotRows } from '../../src/page/rows.ts'

const test = suite('page/rows')

test('a search wants every word, in any case', () => {
  const texts = ['Framehawk 10.1.0.4', 'mosh 10.1.0.4', 'framehawk 10.1.0.5']
  const find = (query: string) => [...matching(3, query, (row) => texts[row])]
  assert.equal(find('FRAME .4'), [0])
  assert.equal(find('  '), [0, 1, 2])
  assert.equal(find('vnc'), [])
})

test('an order is stable, whichever its direction', () => {
  const keys = [3, 1, 3, 2]
  const rows = matching(4, '')
  assert.equal([...ordered(rows, (row) => keys[row], false)], [1, 3, 0, 2])
  assert.equal([...ordered(rows, (row) => keys[row], true)], [0, 2, 3, 1])
})

const sessions = { slotIndex: [4, 2, 4, 4], start: [50, 0, 10, 30], end: [60, 5, 20, 40] }

test('sessions by slot, in the order of their starts', () => {
  assert.equal(
    [...bySlot(sessions, () => true)],
    [
      [4, [2, 3, 0]],
      [2, [1]],
    ],
  )
  assert.equal([...bySlot(sessions, (i) => i === 1)], [[2, [1]]])
})

test('the session under the cursor, or the nearest within reach', () => {
  const list = [2, 3, 0]
  assert.is(nearest(list, sessions, 15, 1), 2)
  assert.is(nearest(list, sessions, 29, 2), 3)
  assert.is(nearest(list, sessions, 25, 2), undefined)
  assert.is(nearest(list, sessions, 45, Number.POSITIVE_INFINITY), 0)
})

test('every slot has a row while there is room; then the used ones; then they share', () => {
  const all = slotRows([3, 0], 10)
  assert.equal([all.first, all.usedOnly], [[0, 1, 2, 3], false])
  const used = slotRows([900, 3, 17, 3], 10)
  assert.equal([used.first, used.last, used.usedOnly], [[3, 17, 900], [3, 17, 900], true])
  const shared = slotRows([1, 2, 3, 4, 5, 6, 7], 3)
  assert.equal(
    [shared.first, shared.last],
    [
      [1, 4, 7],
      [3, 6, 7],
    ],
  )
  assert.is(shared.rowOf.get(5), 1)
})

test.run()
