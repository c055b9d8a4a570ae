/** Extras as texts: the same bytes as written from the groups, whatever texts came before. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random as seededRandom } from '../../../scripts/fixtures/trace.ts'
import { createExtrasText, extrasRoom, putExtras, putExtrasText } from '../../../src/report/record/extras.ts'
import { createPen, PEN_SLACK, penText } from '../../../src/report/record/pen.ts'
import type { Extras } from '../../../src/types.ts'

const test = suite('report/extras')

function written(extras: Extras): string {
  const pen = createPen(extrasRoom(extras) + PEN_SLACK)
  putExtras(pen, extras)
  return penText(pen)
}

function throughText(text: string): string {
  const pen = createPen(text.length + PEN_SLACK)
  putExtrasText(pen, text)
  return penText(pen)
}

test('texts that share a place are told apart', () => {
  const texts = createExtrasText()
  const random = seededRandom(3)
  // More texts than are kept, again and again: each place sees many.
  for (let i = 0; i < 40_000; i++) {
    const number = Math.floor(random() * 9000)
    const extras: Extras = { dns: { query: `host-${number}.example`, answers: ['192.0.2.1', `é${number}`] } }
    assert.is(throughText(texts.of(extras)), written(extras))
  }
})

test('texts of any length, also those that are not kept', () => {
  const texts = createExtrasText()
  for (const length of [0, 1, 2, 3, 4, 5, 990, 1010, 1023, 1024, 1025, 9000]) {
    const extras: Extras = { http: { user_agent: 'x'.repeat(length) } }
    for (let again = 0; again < 2; again++) assert.is(throughText(texts.of(extras)), written(extras))
    assert.equal(texts.read(texts.of(extras)), extras)
  }
})

test('a text that differs in its last byte is another', () => {
  const texts = createExtrasText()
  for (const end of 'abcdef') {
    const extras: Extras = { tls: { sni: `same-name-${end}` } }
    assert.is(throughText(texts.of(extras)), written(extras))
  }
})

test.run()
