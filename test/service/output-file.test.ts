import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OutputFile, type OutputFileOptions } from '../../src/service/output-file.ts'
import type { Rotation } from '../../src/service/rotation.ts'

const test = suite('service/output-file')
const onLinux = process.platform === 'linux' ? test : test.skip

const HOUR = 3_600_000
const THREE = Date.UTC(2026, 0, 2, 3)

let folder: string
let nowMs: number
let told: string[]
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowhawk-output-'))
  nowMs = THREE + 60_000
  told = []
})
test.after.each(() => rmSync(folder, { recursive: true }))

const NONE: Rotation = { everySec: 0, maxBytes: Infinity, keep: Infinity, compress: false }
const HOURLY: Rotation = { ...NONE, everySec: 3600 }
const at = (name: string) => join(folder, name)

function openFile(rotation?: Rotation, options: Partial<OutputFileOptions> = {}): Promise<OutputFile> {
  return OutputFile.open({
    path: at('flows.ndjson'),
    rotation,
    head: '',
    repeatsFirstLine: true,
    now: () => nowMs,
    events: {
      full: (error) => told.push(error.message),
      spaceAgain: (lines) => told.push(`room after ${lines}`),
      failed: (error) => told.push(error.message),
    },
    ...options,
  })
}

const put = (file: OutputFile, ...lines: string[]) =>
  file.write(Buffer.from(lines.map((line) => `${line}\n`).join('')))
const CAPTURE = '{"capture":1}'

/** What is in the files, by name. */
function contents(): Record<string, string[]> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => {
        const bytes = readFileSync(at(name))
        const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
        assert.ok(text === '' || text.endsWith('\n'), name)
        return [name, text.split('\n').slice(0, -1)]
      }),
  )
}

test('a file without rotation grows, over restarts, too', async () => {
  for (const lines of [['{"a":1}', '{"a":2}'], ['{"a":3}']]) {
    const file = await openFile()
    await put(file, CAPTURE)
    await put(file, ...lines)
    nowMs += 48 * HOUR
    await file.tick()
    await file.close()
    writeFileSync(at('flows.ndjson'), '{"cut', { flag: 'a' })
  }
  const file = await openFile()
  await file.close()
  assert.equal(contents(), { 'flows.ndjson': [CAPTURE, '{"a":1}', '{"a":2}', CAPTURE, '{"a":3}'] })
})

test('by time: at every full hour, with the first line at the head of every file', async () => {
  const file = await openFile(HOURLY)
  await put(file, CAPTURE, '{"a":1}')
  nowMs = THREE + HOUR - 1
  await put(file, '{"a":2}')
  nowMs = THREE + HOUR
  await put(file, '{"a":3}')
  nowMs = THREE + 5 * HOUR
  await file.tick()
  assert.equal(readdirSync(folder).length, 3)
  await file.close()
  assert.equal(contents(), {
    'flows-20260102T030000Z.ndjson': [CAPTURE, '{"a":1}', '{"a":2}'],
    'flows-20260102T040000Z.ndjson': [CAPTURE, '{"a":3}'],
    'flows.ndjson': [CAPTURE],
  })
  assert.equal(told, [])
})

test('a time without records makes no file', async () => {
  const file = await openFile(HOURLY)
  await put(file, CAPTURE)
  for (let hour = 1; hour < 10; hour++) {
    nowMs = THREE + hour * HOUR
    await file.tick()
  }
  await put(file, '{"a":1}')
  await file.close()
  assert.equal(contents(), {
    'flows-20260102T030000Z.ndjson': [CAPTURE],
    'flows.ndjson': [CAPTURE, '{"a":1}'],
  })
})

test('a restart goes on within the hour, and finishes an older file first', async () => {
  writeFileSync(at('flows.ndjson'), '{"old":1}\n{"cut')
  utimesSync(at('flows.ndjson'), (THREE - HOUR) / 1000, (THREE - HOUR) / 1000)
  for (const line of ['{"a":1}', '{"a":2}']) {
    const file = await openFile(HOURLY)
    await put(file, CAPTURE, line)
    await file.close()
    utimesSync(at('flows.ndjson'), nowMs / 1000, nowMs / 1000)
  }
  assert.equal(contents(), {
    'flows-20260102T020000Z.ndjson': ['{"old":1}'],
    'flows.ndjson': [CAPTURE, CAPTURE, '{"a":1}', CAPTURE, '{"a":2}'],
  })
})

test('a clock that is set back finishes the file, too', async () => {
  const file = await openFile(HOURLY)
  for (const hours of [0, 24 * 365, 0]) {
    nowMs = THREE + hours * HOUR
    await put(file, `{"at":${hours}}`)
  }
  await file.close()
  const first = '{"at":0}'
  assert.equal(contents(), {
    'flows-20260102T030000Z.ndjson': [first],
    'flows-20270102T030000Z.ndjson': [first, '{"at":8760}'],
    'flows.ndjson': [first, first],
  })
})

test('by length: no file is longer, and none holds half a line', async () => {
  const file = await openFile({ ...NONE, maxBytes: 100 }, { repeatsFirstLine: false })
  const lines = Array.from({ length: 40 }, (_, i) => `{"n":${i},"x":"${'x'.repeat(i % 20)}"}`)
  await put(file, ...lines.slice(0, 30))
  for (const line of lines.slice(30)) await put(file, line)
  await file.close()
  const found = contents()
  const names = Object.keys(found)
  assert.ok(names.length > 8)
  for (const name of names) assert.ok(readFileSync(at(name)).length <= 100, name)
  assert.equal(Object.values(found).flat(), lines)
  assert.is(names.at(-1), 'flows.ndjson')
})

test('by length: a line that is longer than a file stands alone', async () => {
  const file = await openFile({ ...NONE, maxBytes: 100 })
  const long = `{"x":"${'x'.repeat(500)}"}`
  await put(file, CAPTURE, long, '{"a":1}', long)
  await file.close()
  assert.equal(Object.values(contents()), [[CAPTURE], [CAPTURE, long], [CAPTURE, '{"a":1}'], [CAPTURE, long]])
})

test('keeps and compresses', async () => {
  const file = await openFile({ ...HOURLY, keep: 2, compress: true })
  for (let hour = 0; hour < 5; hour++) {
    nowMs = THREE + hour * HOUR
    await put(file, `{"hour":${hour}}`)
  }
  await file.close()
  assert.equal(Object.keys(contents()), [
    'flows-20260102T050000Z.ndjson.gz',
    'flows-20260102T060000Z.ndjson.gz',
    'flows.ndjson',
  ])
  assert.equal(contents()['flows-20260102T060000Z.ndjson.gz'], ['{"hour":0}', '{"hour":3}'])
})

test('opens its name again when the file was moved away', async () => {
  const file = await openFile()
  await put(file, CAPTURE, '{"a":1}')
  renameSync(at('flows.ndjson'), at('flows.1'))
  await put(file, '{"a":2}')
  await file.reopen()
  await put(file, '{"a":3}')
  await file.reopen()
  await put(file, '{"a":4}')
  await file.close()
  assert.equal(contents(), {
    'flows.1': [CAPTURE, '{"a":1}', '{"a":2}'],
    'flows.ndjson': [CAPTURE, '{"a":3}', '{"a":4}'],
  })
})

test('goes on with the old file when the name cannot be opened', async () => {
  const file = await openFile(HOURLY)
  await put(file, CAPTURE)
  renameSync(at('flows.ndjson'), at('moved'))
  mkdirSync(at('flows.ndjson'))
  await file.reopen()
  await file.reopen()
  await put(file, '{"a":1}')
  rmSync(at('flows.ndjson'), { recursive: true })
  await file.reopen()
  await put(file, '{"a":2}')
  await file.close()
  assert.equal(contents(), { moved: [CAPTURE, '{"a":1}'], 'flows.ndjson': [CAPTURE, '{"a":2}'] })
  assert.is(told.length, 1)
  assert.match(told[0], /flows\.ndjson: cannot be written, it is a folder; .*\(OUTPUT_OPEN\)$/)
})

test('a file that was moved away is not finished again', async () => {
  const file = await openFile(HOURLY)
  await put(file, CAPTURE)
  renameSync(at('flows.ndjson'), at('moved'))
  nowMs += HOUR
  await put(file, '{"a":1}')
  await file.close()
  assert.equal(contents(), { moved: [CAPTURE], 'flows.ndjson': [CAPTURE, '{"a":1}'] })
})

test('a head that belongs to the format stands in every file once', async () => {
  const path = at('flows.csv')
  const options = { path, head: 'a,b\r\n', repeatsFirstLine: false }
  for (const row of ['1,2\r', '3,4\r']) {
    const file = await openFile(HOURLY, options)
    await put(file, row)
    await file.close()
    utimesSync(path, nowMs / 1000, nowMs / 1000)
  }
  nowMs += HOUR
  const file = await openFile(HOURLY, options)
  await put(file, '5,6\r')
  await file.close()
  assert.equal(contents(), {
    'flows-20260102T030000Z.csv': ['a,b\r', '1,2\r', '3,4\r'],
    'flows.csv': ['a,b\r', '5,6\r'],
  })
})

test('a file that somebody empties begins again with its head', async () => {
  const file = await openFile({ ...NONE, maxBytes: 40 })
  await put(file, CAPTURE, '{"a":1}', '{"a":2}')
  truncateSync(at('flows.ndjson'))
  await put(file, '{"a":3}', '{"a":4}')
  assert.equal(contents(), { 'flows.ndjson': [CAPTURE, '{"a":3}', '{"a":4}'] })
  truncateSync(at('flows.ndjson'), 17)
  await put(file, '{"a":5}')
  assert.equal(contents(), { 'flows.ndjson': [CAPTURE, '{"a":5}'] })
  truncateSync(at('flows.ndjson'))
  await file.close()
  assert.is(statSync(at('flows.ndjson')).size, 0)
  assert.equal([file.lost, told], [0, []])
})

/** No file can grow beyond this meanwhile. */
async function withoutRoom(what: () => Promise<void>, bytes = 0): Promise<void> {
  const limit = (size: string) =>
    assert.is(spawnSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${size}`]).status, 0)
  limit(`${bytes}:`)
  await what().finally(() => limit('unlimited:'))
}

onLinux('a file that began on a full disk has its head before all else', async () => {
  const path = at('flows.csv')
  const file = await openFile(HOURLY, { path, head: 'a,b\r\n', repeatsFirstLine: false })
  await put(file, '1,2\r')
  nowMs += HOUR
  await withoutRoom(async () => {
    await put(file, '3,4\r', '5,6\r')
    await put(file, '7,8\r')
  })
  await put(file, '9,0\r')
  await file.close()
  assert.equal(contents(), {
    'flows-20260102T030000Z.csv': ['a,b\r', '1,2\r'],
    'flows.csv': ['a,b\r', '9,0\r'],
  })
  assert.is(file.lost, 3)
  assert.is(told[1], 'room after 3')
})

onLinux('a line cut by a full disk goes with its beginning when the file is emptied', async () => {
  for (const isEnd of [false, true]) {
    const file = await openFile()
    await put(file, CAPTURE, '{"a":1}')
    const size = statSync(at('flows.ndjson')).size
    await withoutRoom(() => put(file, '{"a":2}'), size + 4)
    assert.is(statSync(at('flows.ndjson')).size, size + 4)
    truncateSync(at('flows.ndjson'))
    if (!isEnd) await put(file, '{"a":3}')
    await file.close()
    assert.equal(contents(), { 'flows.ndjson': isEnd ? [] : [CAPTURE, '{"a":3}'] })
    assert.is(file.lost, 1)
    rmSync(at('flows.ndjson'))
  }
})

test('a device is written and never finished', async () => {
  const file = await openFile({ ...HOURLY, maxBytes: 10 }, { path: '/dev/full' })
  await put(file, '{"a":1}')
  nowMs += HOUR
  await put(file, '{"a":2}', '{"a":3}')
  await file.close()
  assert.equal([file.lost, file.full, told.length], [3, true, 1])
  assert.ok(existsSync('/dev/full'))
})

test.run()
