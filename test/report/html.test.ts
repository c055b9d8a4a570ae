import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { embedded, htmlPage } from '../../src/report/html.ts'
import { createOverview } from '../../src/report/overview/overview.ts'
import type { PageData } from '../../src/report/overview/page-data.ts'
import { flowRecord, poolRecord, sessionRecord, summaryRecord } from './overview/overview-records.ts'

const test = suite('report/html')

const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

/** A page of records that another hand wrote. */
function pageOf(text: string): PageData {
  const overview = createOverview({
    title: text,
    live: false,
    sessions: 1000,
    perClient: new Set(),
    method: [['Rule files', text]],
    linkTypeName: String,
  })
  overview.add(flowRecord({ label: text, hostname: text }))
  overview.add(sessionRecord({ pool: text, server_ip: text }))
  overview.add(poolRecord({ pool: text, server_ip: text }))
  overview.add(summaryRecord())
  return overview.data()
}

test('embeds no character that changes the order or the place of text', () => {
  for (const text of [
    'a\u202eb',
    'a\u2066b',
    'a\u2028b',
    'a\ufeffb',
    'a\x85b',
    'a\x1b[31mb',
    'a\nb',
    'a\x7fb',
  ]) {
    const json = embedded(pageOf(text))
    assert.not.match(json, UNSAFE)
    assert.not.match(JSON.stringify(JSON.parse(json)), /\\(u00|[bfnrt])/, JSON.stringify(text))
    assert.not.match(JSON.parse(json).title, UNSAFE)
  }
})

test('embeds safe strings as they are', () => {
  const data = pageOf('\\x1B \\u202e é <b> "q" \\n')
  assert.equal(JSON.parse(embedded(data)), JSON.parse(JSON.stringify(data)))
})

test('shows no such character where there are no scripts', () => {
  assert.not.match(htmlPage(pageOf('a\u202e\x1b[31m<b>')).html, UNSAFE)
})

test.run()
