import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../src/errors.ts'
import { flowLine } from '../../src/report/flow-record.ts'
import { createReadBack, instantOf, type ReadBack, readRecords } from '../../src/report/read-records.ts'
import { createRecordLines } from '../../src/report/record.ts'
import { closedFlow } from './flows.ts'
import { linesOf, poolReport, session, summary } from './records.ts'

const test = suite('report/read-records')
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-'))
const lines = createRecordLines('iso')

async function read(text: string): Promise<{ back: ReadBack; error?: Error }> {
  const path = join(folder, 'records.ndjson')
  writeFileSync(path, text)
  const back = createReadBack()
  try {
    await readRecords(path, back)
    return { back }
  } catch (error) {
    assert.instance(error, InputError)
    return { back, error: error as Error }
  }
}

test.after(() => rmSync(folder, { recursive: true }))

test('gives sessions back as they were written', async () => {
  const { closeSec: _sec, closeNsec: _nsec, ...plain } = session()
  const { back } = await read(`${[flowLine(closedFlow()), ...linesOf(lines)].join('\n')}\n`)
  assert.equal(back.sessions, [plain])
})

test('joins windows, sums packets, keeps rejections of servers only', async () => {
  const { back } = await read(
    [
      lines.pool(poolReport()),
      lines.pool(poolReport({ serverIp: undefined })),
      lines.summary(summary({ lastPacketAt: [1_700_000_000, 9] })),
      lines.summary(summary({ firstPacketAt: [1_500_000_000, 7] })),
    ].join('\n'),
  )
  assert.equal(back.rejections, [
    { pool: 'mosh', serverIp: '10.0.0.1', reason: 'probe', label: 'unknown', flows: 5 },
  ])
  assert.equal(
    [back.first, back.last],
    [
      [1_500_000_000, 7],
      [1_700_000_000, 9],
    ],
  )
  assert.equal([back.packets, back.wireBytes, back.flows], [24, 2400, 4])
})

test('names the line that is no record, and keeps what stands before it', async () => {
  const good = lines.session(session())
  const invalid = await read(`${good}\n${good.replace('"slot":60001', '"slot":"x"')}\n`)
  assert.match(invalid.error!.message, /line 2: not a session record of version 1: \/slot must be integer/)
  assert.is(invalid.back.sessions.length, 1)
  const cut = await read(`${good}\n${good.slice(0, 100)}`)
  assert.match(cut.error!.message, /line 2: not JSON; was the file cut\? \(RECORD_INVALID\)$/)
  assert.is(cut.back.sessions.length, 1)
})

test('bounds the length of a line', async () => {
  const { error } = await read(`{"type":"${'x'.repeat(5 * 1024 * 1024)}"}`)
  assert.match(error!.message, /\(RECORD_INVALID\)$/)
})

test('takes what is no record at all for what it is', async () => {
  for (const text of ['null\n', '3\n', '[]\n', '"session"\n']) {
    const { back } = await read(text)
    assert.is(back.sessions.length, 0)
  }
})

test('reads both kinds of time', () => {
  assert.equal(instantOf('2020-09-13T12:26:40.000000005Z'), [1_600_000_000, 5])
  assert.equal(instantOf('1969-12-31T23:59:59.500000000Z'), [-1, 500_000_000])
  assert.equal(instantOf(1_600_000_000.5), [1_600_000_000, 500_000_000])
})

test.run()
