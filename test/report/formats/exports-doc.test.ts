/** docs/exports.md names every field that the formats write. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FORMATS } from '../../../src/report/formats/format.ts'
import type { OutputSink } from '../../../src/report/sink.ts'
import { closedFlow, side } from '../record/flows.ts'
import { fileOf, objectsOf } from './formatting.ts'

const test = suite('report/exports-doc')

const page = readFileSync(fileURLToPath(new URL('../../../../docs/exports.md', import.meta.url)), 'utf8')
/** The text below a heading. */
const section = (title: string) => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
const named = (title: string) => new Set([...section(title).matchAll(/`([^`]+)`/g)].map(([, name]) => name))

/** A flow that has all there is. */
const feed = (sink: OutputSink) => {
  const flags = { packets: 1, tcpFlags: 0xff }
  const fields = { hostname: 'a', encapsulation: ['vlan:1', 'vlan:2'], connState: 'S1' }
  sink.flow(closedFlow({ ...fields, protocol: 6, src: side(flags), dst: side(flags) }))
  sink.flow(closedFlow({ ...fields, protocol: 1, srcPort: -1, dstPort: -1, icmpType: 8, icmpCode: 0 }))
}

function paths(value: object, above = ''): string[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const group = typeof field === 'object' && field !== null && !Array.isArray(field)
    return group && name !== 'flowhawk' ? paths(field, `${above}${name}.`) : [above + name]
  })
}

test('every format is there', () => {
  for (const format of Object.keys(FORMATS)) assert.ok(page.includes(`\`${format}\``), format)
})

test('fields of conn.log', async () => {
  const head = (await fileOf('zeek-tsv', { records: ['flow'] }, feed)).toString('utf8')
  const fields = /^#fields\t(.*)$/m.exec(head)?.[1].split('\t') ?? []
  assert.ok(fields.length > 20)
  for (const name of fields) assert.ok(named('Zeek').has(name), name)
})

test('fields of EVE and ECS events', async () => {
  for (const [format, title] of [
    ['eve', 'EVE'],
    ['ecs', 'ECS'],
  ] as const) {
    const events = objectsOf(await fileOf(format, { records: ['flow'] }, feed))
    const written = new Set(events.flatMap((event) => paths(event)))
    assert.ok(written.size > 20)
    for (const name of written) assert.ok(name === 'flowhawk' || named(title).has(name), `${title}: ${name}`)
  }
})

test.run()
