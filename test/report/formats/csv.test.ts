/** CSV, read back by the grammar of RFC 4180. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { columnsOf } from '../../../src/report/formats/shape.ts'
import { RECORD_NAMES } from '../../../src/report/record/record.ts'
import { closedFlow } from '../record/flows.ts'
import { poolReport } from '../record/records.ts'
import { feedAll, fileOf, type Given, HOSTILE, hostileExtras } from './formatting.ts'

const test = suite('report/csv')

const FLOWS = { records: ['flow'] } as const
/** A cell that a spreadsheet takes for a formula. */
const FORMULA = /^[=+\-@\t\r]/
/** The same where the spreadsheet splits at semicolons, whatever stands in quotes. */
const HIDDEN_FORMULA = /[;\t][=+\-@]/

function rowsOf(file: Buffer): string[][] {
  const text = file.toString('utf8')
  assert.ok(text.endsWith('\r\n'))
  return text
    .slice(0, -2)
    .split('\r\n')
    .map((line) => {
      assert.not.match(line, /[\r\n]/)
      const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)]
      assert.is(cells.map(([cell]) => cell).join(''), line, 'nothing but cells')
      return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain)
    })
}

async function flowRow(fields: Parameters<typeof closedFlow>[0], given: Given = FLOWS) {
  const file = await fileOf('csv', given, (sink) => sink.flow(closedFlow(fields)))
  const [names, cells] = rowsOf(file)
  assert.is(cells.length, names.length)
  return Object.fromEntries(names.map((name, i) => [name, cells[i]]))
}

test('every kind of record has its columns, whatever comes', async () => {
  for (const name of RECORD_NAMES) {
    const empty = rowsOf(await fileOf('csv', { records: [name] }, () => undefined))
    assert.equal(empty, [columnsOf(name).map((column) => column.name)])
    const rows = rowsOf(await fileOf('csv', { records: [name] }, feedAll))
    assert.equal(rows[0], empty[0])
    assert.is(rows.length, 2)
    assert.is(rows[1].length, rows[0].length)
    assert.equal(rows[1].slice(0, 2), [name, '1'])
  }
})

test('groups are flattened, lists are joined, the rest is JSON', async () => {
  const row = await flowRow({
    encapsulation: ['vlan:1', 'a;b'],
    extras: { tls: { sni: 'a.example', alpn: ['h2', 'http/1.1'] } },
  })
  assert.is(row['registry.name'], 'domain')
  assert.is(row.encapsulation, 'vlan:1;a\\x3Bb')
  assert.equal(JSON.parse(row.extras), { tls: { sni: 'a.example', alpn: ['h2', 'http/1.1'] } })
  assert.is(JSON.parse(row.evidence)[0].weight, 80)
  assert.is(row['process.name'], '')
  assert.is(row.start, '2020-09-13T12:26:40.000000005Z')
})

test('epoch times keep their digits', async () => {
  const row = await flowRow({}, { ...FLOWS, time: 'epoch' })
  assert.is(row.start, '1600000000.000000005')
})

test('small numbers are no powers of ten', async () => {
  const file = await fileOf('csv', { records: ['pool'] }, (sink) => sink.pool(poolReport({ mean: 1e-7 })))
  const [names, cells] = rowsOf(file)
  assert.is(cells[names.indexOf('mean')], '0.0000001')
})

test('no cell is a formula, and hostile strings stay in theirs', async () => {
  for (const text of HOSTILE) {
    const row = await flowRow({ hostname: text, extras: hostileExtras(text) })
    assert.is(row.hostname, FORMULA.test(text) ? `'${text}` : text)
    for (const [name, cell] of Object.entries(row)) assert.not.match(cell, FORMULA, `${name} of ${text}`)
    assert.equal(JSON.parse(row.extras), hostileExtras(text))
  }
  const row = await flowRow({
    hostname: "a;=cmd|'/c calc'!A0",
    encapsulation: ['x', '-1'],
    extras: hostileExtras('b;@A1'),
  })
  for (const cell of Object.values(row)) assert.not.match(cell, HIDDEN_FORMULA)
  assert.is(row.hostname, "a;'=cmd|'/c calc'!A0")
  assert.is(row.encapsulation, "x;'-1")
})

test('a time before 1970 is a number', async () => {
  const row = await flowRow({ startSec: -2, startNsec: 500_000_000 }, { ...FLOWS, time: 'epoch' })
  assert.is(row.start, '-1.500000000')
})

test.run()
