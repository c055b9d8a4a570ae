import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plainBytes } from '../../../src/capture/plain-bytes.ts'
import { InputError } from '../../../src/errors.ts'
import {
  createReadBack,
  type ReadBack,
  readEachRecord,
  readRecords,
} from '../../../src/report/read/read-records.ts'
import { looksLikeRecords } from '../../../src/report/read/record-files.ts'
import { flowLine } from '../../../src/report/record/flow-record.ts'
import { createRecordLines } from '../../../src/report/record/record.ts'
import { instantOf } from '../../../src/report/record/time.ts'
import type { Damage } from '../../../src/types.ts'
import { closedFlow } from '../record/flows.ts'
import { linesOf, poolReport, session, summary } from '../record/records.ts'

const test = suite('report/read-records')
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-'))
const lines = createRecordLines('iso')

async function read(text: string): Promise<{ back: ReadBack; error?: Error }> {
  const path = join(folder, 'records.ndjson')
  writeFileSync(path, text)
  const back = createReadBack()
  try {
    await readRecords(path, plainBytes(path), back)
    return { back }
  } catch (error) {
    assert.instance(error, InputError)
    return { back, error: error as Error }
  }
}

test.after(() => rmSync(folder, { recursive: true }))

test('what the consumer throws is thrown, wherever it reads, and no line is called damaged for it', async () => {
  const path = join(folder, 'refused.ndjson')
  writeFileSync(path, `${lines.session(session())}\n`.repeat(2000))
  const damaged: Damage[] = []
  for (let last = 100; last < 400; last += 11) {
    let taken = 0
    const take = () => {
      if (++taken === last) throw new InputError('DIFF_LIMIT', 'a', 'too many')
    }
    const bytes = plainBytes(path)
    const failed = await readEachRecord(path, { bytes, kinds: ['session'], take, damaged }).catch(String)
    assert.is(failed, 'InputError: a: too many (DIFF_LIMIT)', `${last} of 2000`)
  }
  assert.equal(damaged, [])
})

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
  assert.equal(
    [...back.rejections.values()],
    [{ pool: 'mosh', serverIp: '10.0.0.1', reason: 'probe', label: 'unknown', flows: 5 }],
  )
  assert.equal(
    [back.first, back.last],
    [
      [1_500_000_000, 7],
      [1_700_000_000, 9],
    ],
  )
  assert.equal([back.sums.packets, back.sums.wireBytes, back.sums.flows], [24, 2400, 4])
})

test('a session outside every window that was told widens it', async () => {
  const { back } = await read(
    [
      lines.summary(summary({ firstPacketAt: [1_500_000_000, 7], lastPacketAt: [1_500_000_001, 9] })),
      lines.session(session({ startSec: 1_400_000_000, startNsec: 3, endSec: 1_600_000_000, endNsec: 5 })),
    ].join('\n'),
  )
  assert.equal(
    [back.first, back.last],
    [
      [1_400_000_000, 3],
      [1_600_000_000, 5],
    ],
  )
})

test('what windows say again takes no room; sums and texts stay what a record can say', async () => {
  const most = Number.MAX_SAFE_INTEGER
  const hostile = '\u202E\x1B[31m'
  const rejected = [{ reason: 'probe' as const, label: hostile, flows: most }]
  const damaged = [{ source: 'a', offset: 0, reason: hostile, code: hostile }]
  const { closeSec: _sec, closeNsec: _nsec, ...plain } = session()
  const window = lines.pool(poolReport({ rejected }))
  const { back } = await read(
    [
      ...Array.from({ length: 3 }, () => window),
      ...Array.from({ length: 2 }, () => lines.summary(summary({ packets: most, damaged }))),
      lines.session({ ...session(), clients: [{ ip: hostile, port: 1 }] }),
    ].join('\n'),
  )
  const label = '\\u202e\\x1B[31m'
  assert.equal(
    [...back.rejections.values()],
    [{ pool: 'mosh', serverIp: '10.0.0.1', reason: 'probe', label, flows: most }],
  )
  assert.is(back.sums.packets, most)
  assert.equal(back.damaged[1], { source: 'a', offset: 0, reason: label, code: label })
  assert.equal(back.sessions, [{ ...plain, clients: [{ ip: label, port: 1 }] }])
})

test('what several summaries counted adds up; what none knows stays unknown', async () => {
  const many = new Map(Array.from({ length: 150 }, (_, i) => [`0x${(0x9000 + i).toString(16)}`, 1000 - i]))
  const { back } = await read(
    [
      lines.summary(summary({ evictedFlows: 3, timeBackwards: 1, recordsLost: 5 })),
      lines.summary(summary({ nonIp: many, evictedFlows: 4, dropped: { kernel: 2 }, skippedInputs: [] })),
    ].join('\n'),
  )
  const { nonIp, dropped, extrasLeftOut, ...sums } = back.sums
  assert.equal([nonIp.get('0x0806'), nonIp.get('0x9000'), nonIp.get('other')], [2, 1000, 43_775])
  assert.equal([dropped, extrasLeftOut], [{ kernel: 2, interface: 3 }, undefined])
  assert.equal(sums, {
    packets: 24,
    wireBytes: 2400,
    flows: 4,
    undecoded: new Map([['tcp_cut', 2]]),
    linkTypesUndecoded: new Map([['DOCSIS', 2]]),
    timeBackwards: 1,
    evictedFlows: 7,
    skippedInputs: ['notes.txt'],
    recordsLost: 5,
  })
  // Cut again, the rarest stand with those that stood together already.
  const again = JSON.parse(lines.summary(summary({ nonIp })))
  assert.is(again.non_ip.other, 43_775 + 2)
})

test('names the lines that are no records, and reads on', async () => {
  const good = lines.session(session())
  const bad = [
    good.replace('"slot":60001', '"slot":"x"'),
    '{"type":"session"}',
    `${good},${good}`,
    'null',
    '[1',
  ]
  const { back, error } = await read([good, ...bad, '', `${good}\r`, good.slice(0, 100)].join('\n'))
  assert.is(error, undefined)
  assert.is(back.sessions.length, 2)
  assert.equal(
    back.damaged.map(({ reason }) => reason.split(/[:;]/).slice(0, 2).join(':')),
    [
      'line 2: not a session record of version 1',
      'line 3: not a record of version 1',
      'line 4: not one JSON object',
      'line 5: not one JSON object',
      'line 6: not one JSON object',
      'line 9: not one JSON object',
    ],
  )
  assert.match(back.damaged[0].reason, '/slot must be integer')
  assert.is(back.damaged[0].offset, good.length + 1)
  assert.is(back.damaged[0].code, 'RECORD_INVALID')
})

test('names a hundred damaged lines and counts the others', async () => {
  const { back } = await read([lines.session(session()), ...new Array<string>(250).fill('x')].join('\n'))
  assert.is(back.damaged.length, 101)
  assert.is(back.damaged[100].reason, '150 more lines are no records')
})

test('a line of any length costs no more than the bound', async () => {
  const good = lines.session(session())
  const { back } = await read(`{"type":"${'x'.repeat(5 * 1024 * 1024)}"}\n${good}\n`)
  assert.is(back.sessions.length, 1)
  assert.match(back.damaged[0].reason, /^line 1: /)
})

test('refuses times that there are not and numbers that nothing can have', async () => {
  const good = JSON.parse(lines.session(session()))
  const wrong = [
    { ...good, start: '9999-99-99T99:99:99.000000000Z' },
    { ...good, end: '2018-03-14T24:00:00.000000000Z' },
    { ...good, start: 1e300 },
    { ...good, packets: 1e300 },
    { ...good, longest_gap: 1e300 },
  ]
  const { back } = await read([good, ...wrong].map((each) => JSON.stringify(each)).join('\n'))
  assert.is(back.sessions.length, 1)
  assert.is(back.damaged.length, wrong.length)
})

test('an empty file is a kind of which there was nothing', async () => {
  const { back, error } = await read('')
  assert.equal([error, back.records, back.damaged], [undefined, 0, []])
})

test('refuses a file without any record', async () => {
  for (const text of ['null\n', '3\n', '[]\n', '"session"\n', '{}\n', '{"type":"flow","v":2}\n']) {
    const { back, error } = await read(text)
    assert.match(error!.message, /\(RECORD_INVALID\)$/, text)
    assert.equal([back.sessions, back.damaged], [[], []])
  }
})

test('reads gzip, and names where it is cut', async () => {
  const path = join(folder, 'records.ndjson.gz')
  const text = Array.from({ length: 2000 }, (_, i) => lines.session(session({ packets: i }))).join('\n')
  const packed = gzipSync(text)
  writeFileSync(path, packed)
  const whole = createReadBack()
  await readRecords(path, plainBytes(path), whole)
  assert.equal([whole.sessions.length, whole.damaged], [2000, []])
  writeFileSync(path, packed.subarray(0, packed.length / 2))
  assert.ok(await looksLikeRecords(path))
  const cut = createReadBack()
  await readRecords(path, plainBytes(path), cut)
  assert.ok(cut.sessions.length > 0 && cut.sessions.length < 2000)
  assert.match(cut.damaged.at(-1)!.reason, /^line \d+: the gzip data ends/)
  const before = gunzipSync(packed.subarray(0, packed.length / 2), { finishFlush: constants.Z_SYNC_FLUSH })
  assert.is(cut.sessions.length, before.toString().split('\n').length - 1)
})

test('a wrong checksum costs no record', async () => {
  const path = join(folder, 'checksum.ndjson.gz')
  const packed = gzipSync(`${lines.session(session())}\n`.repeat(2000))
  packed[packed.length - 8] ^= 1
  writeFileSync(path, packed)
  const back = createReadBack()
  await readRecords(path, plainBytes(path), back)
  assert.is(back.sessions.length, 2000)
  assert.equal(
    back.damaged.map(({ reason, code }) => [reason, code]),
    [['line 2001: the gzip checksum does not fit the data before it', 'GZIP_CHECKSUM']],
  )
})

test('refuses a period that ends before it begins, in both kinds of time', async () => {
  const good = JSON.parse(lines.session(session()))
  const backwards = [
    { ...good, start: good.end, end: good.start },
    { ...good, start: 1_600_000_000.5, end: 1_600_000_000 },
    { ...JSON.parse(lines.pool(poolReport())), window_start: '2030-01-01T00:00:00.000000000Z' },
    { ...JSON.parse(lines.summary(summary())), last_packet_at: '1990-01-01T00:00:00.000000000Z' },
  ]
  const { back } = await read([good, ...backwards].map((each) => JSON.stringify(each)).join('\n'))
  assert.equal([back.sessions.length, back.records], [1, 1])
  assert.equal(
    back.damaged.map(({ reason }) => reason.split(': ').at(-1)),
    [
      'end is before start',
      'end is before start',
      'window_end is before window_start',
      'last_packet_at is before first_packet_at',
    ],
  )
})

test('reads both kinds of time', () => {
  assert.equal(instantOf('2020-09-13T12:26:40.000000005Z'), [1_600_000_000, 5])
  assert.equal(instantOf('1969-12-31T23:59:59.500000000Z'), [-1, 500_000_000])
  assert.equal(instantOf(1_600_000_000.5), [1_600_000_000, 500_000_000])
})

test.run()
