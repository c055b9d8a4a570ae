/** Parquet files, read back by DuckDB. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fieldsOf } from '../../../src/report/formats/shape.ts'
import { RECORD_NAMES, type RecordName } from '../../../src/report/record/record.ts'
import type { OutputSink } from '../../../src/report/sink.ts'
import { closedFlow } from '../record/flows.ts'
import { poolReport } from '../record/records.ts'
import { feedAll, fileOf, HOSTILE, hostileExtras } from './formatting.ts'

const test = suite('report/parquet')

const folder = mkdtempSync(join(tmpdir(), 'flowhawk-parquet-'))
test.after(() => rmSync(folder, { recursive: true }))
const database = await (await DuckDBInstance.create(':memory:')).connect()

async function write(name: RecordName, feed: (sink: OutputSink) => void | Promise<void>): Promise<string> {
  const path = join(folder, `${name}.parquet`)
  writeFileSync(path, await fileOf('parquet', { records: [name] }, feed))
  return path
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.runAndReadAll(sql)).getRowObjectsJson()
}

async function typesOf(path: string): Promise<Record<string, unknown>> {
  const rows = await query(`DESCRIBE SELECT * FROM '${path}'`)
  return Object.fromEntries(rows.map((row) => [row.column_name, row.column_type]))
}

test('every kind of record is a table, with rows and without', async () => {
  for (const name of RECORD_NAMES) {
    for (const feed of [feedAll, () => undefined]) {
      const path = await write(name, feed)
      assert.equal(
        Object.keys(await typesOf(path)),
        fieldsOf(name).map((field) => field.name),
      )
      const [{ rows }] = await query(`SELECT count(*) AS rows FROM '${path}'`)
      assert.is(rows, feed === feedAll ? '1' : '0')
    }
  }
})

test('columns have the types of the schema', async () => {
  const types = await typesOf(await write('flow', feedAll))
  assert.equal(
    [types.start, types.src_packets, types.duration, types.label],
    ['TIMESTAMP WITH TIME ZONE', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  )
  assert.is(types.encapsulation, 'VARCHAR[]')
  assert.match(String(types.evidence), /^STRUCT\("?source"? VARCHAR, .*"?weight"? BIGINT\)\[\]$/)
  assert.match(String(types.registry), /^STRUCT\(/)
  const session = await typesOf(await write('session', feedAll))
  assert.is(session.open_at_start, 'BOOLEAN')
})

test('values come back', async () => {
  const extras = { tls: { sni: 'a.example', alpn: ['h2'] } }
  const path = await write('flow', (sink) => {
    sink.flow(closedFlow({ encapsulation: ['vlan:12', 'gre'], extras }))
    sink.flow(closedFlow({ srcPort: -1, dstPort: -1, protocol: 47 }))
  })
  const rows = await query(
    `SELECT epoch_us("start") AS start_us, src_port, src_wire_bytes, encapsulation, evidence[1].weight AS weight,
            registry.name AS registered, extras FROM '${path}'`,
  )
  assert.equal(rows[0], {
    start_us: '1600000000000000',
    src_port: '53124',
    src_wire_bytes: '71',
    encapsulation: ['vlan:12', 'gre'],
    weight: '80',
    registered: 'domain',
    extras: JSON.stringify(extras),
  })
  assert.equal([rows[1].src_port, rows[1].encapsulation], [null, null])
})

test('times are nanoseconds, UTC', async () => {
  const path = await write('flow', feedAll)
  const [type] = await query(`SELECT logical_type FROM parquet_schema('${path}') WHERE name = 'start'`)
  assert.match(String(type.logical_type), /Timestamp.*isAdjustedToUTC=1.*NANOS/)
  const [stats] = await query(
    `SELECT stats_min_value FROM parquet_metadata('${path}') WHERE path_in_schema = 'start'`,
  )
  assert.match(String(stats.stats_min_value), /2020-09-13/)
})

test('times that 64 bits cannot hold become the nearest', async () => {
  const path = await write('flow', (sink) => {
    sink.flow(closedFlow({ startSec: -1e11, endSec: 1e11 }))
  })
  const [row] = await query(`SELECT year("start") AS first, year("end") AS last FROM '${path}'`)
  assert.equal(row, { first: '1677', last: '2262' })
})

test('rows beyond a group begin another; memory holds one', async () => {
  const total = 25_000
  const path = await write('flow', async (sink) => {
    for (let i = 0; i < total; i++) {
      sink.flow(closedFlow({ firstFrame: i + 1 }))
      await sink.drained()
    }
  })
  const [sum] = await query(`SELECT count(*) AS rows, sum(first_frame)::BIGINT AS frames FROM '${path}'`)
  assert.equal(sum, { rows: String(total), frames: String((total * (total + 1)) / 2) })
  const groups = await query(
    `SELECT DISTINCT row_group_id, row_group_num_rows AS rows FROM parquet_metadata('${path}') ORDER BY 1`,
  )
  assert.equal(
    groups.map((group) => group.rows),
    ['10000', '10000', '5000'],
  )
})

test('long records end a group early', async () => {
  const sessionIds = Array.from({ length: 100 }, () => 'f'.repeat(16))
  const path = await write('pool', (sink) => {
    for (let i = 0; i < 9_000; i++)
      sink.pool(poolReport({ peakSessionIds: sessionIds, peakSessionIdsTotal: 100 }))
  })
  const [{ groups }] = await query(
    `SELECT count(DISTINCT row_group_id) AS groups FROM parquet_metadata('${path}')`,
  )
  assert.is(groups, '2')
})

test('hostile strings come back as they are in the record', async () => {
  const path = await write('flow', (sink) => {
    for (const text of HOSTILE) sink.flow(closedFlow({ hostname: text, extras: hostileExtras(text) }))
  })
  const rows = await query(`SELECT hostname, extras FROM '${path}'`)
  assert.equal(
    rows.map((row) => row.hostname),
    HOSTILE,
  )
  assert.equal(
    rows.map((row) => JSON.parse(String(row.extras))),
    HOSTILE.map(hostileExtras),
  )
})

test('a failed write is told to whoever waits', async () => {
  const { openParquet } = await import('../../../src/report/formats/parquet.ts')
  const writer = openParquet('notice', async () => {
    throw new Error('no room')
  })
  const message = await writer.close().catch((error) => error.message)
  assert.is(message, 'no room')
})

test.run()
