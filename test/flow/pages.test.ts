import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../../src/bytes.ts'
import * as row from '../../src/flow/layout.ts'
import { RowPages } from '../../src/flow/pages.ts'

const test = suite('flow/pages')

const V4 = 4 << 8
const V6 = 6 << 8
const KINDS = [V4 | PROTOCOL_UDP, V4 | PROTOCOL_TCP, V6 | PROTOCOL_UDP, V4 | PROTOCOL_ICMP]

function make(pages: RowPages, kind: number, serial: number): number {
  const made = pages.allocate(kind)
  pages.words[row.pageOf(made)][row.offsetOf(made) + row.KIND] = kind
  pages.clear(made)
  pages.words[row.pageOf(made)][row.offsetOf(made) + row.SERIAL] = serial
  return made
}

test('rows of all lengths do not touch each other', () => {
  const pages = new RowPages()
  const rows = Array.from({ length: 10_000 }, (_, i) => make(pages, KINDS[i % KINDS.length], i + 1))
  const owner = new Map<string, number>()
  rows.forEach((each, i) => {
    const words = row.linesOf(KINDS[i % KINDS.length]) * row.LINE_WORDS
    const at = row.offsetOf(each)
    assert.ok(at + words <= pages.words[row.pageOf(each)].length)
    for (let word = at; word < at + words; word++) {
      const place = `${row.pageOf(each)} ${word}`
      assert.not(owner.has(place))
      owner.set(place, i)
    }
  })
})

test('rows are listed as they were made, and one given back is used for the next of its length', () => {
  const pages = new RowPages()
  const rows = Array.from({ length: 5000 }, (_, i) => make(pages, KINDS[i % KINDS.length], i + 1))
  assert.equal([...pages.live()], rows)
  const [short, long] = [rows[400], rows[401]]
  for (const each of [short, long]) {
    pages.words[row.pageOf(each)][row.offsetOf(each) + row.SERIAL] = 0
    pages.release(each)
  }
  assert.equal([...pages.live()], [...rows.slice(0, 400), ...rows.slice(402)])
  assert.is(make(pages, V4 | PROTOCOL_ICMP, 5001), long)
  assert.is(make(pages, V4 | PROTOCOL_UDP, 5002), short)
})

test.run()
