import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FinishedFiles, type Rotation, rotationLimit } from '../../src/service/rotation.ts'

const test = suite('service/rotation')

let folder: string
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'flowhawk-rotation-'))
})
test.after.each(() => rmSync(folder, { recursive: true }))

const THREE = Date.UTC(2026, 0, 2, 3)
const files = (rotation: Partial<Rotation> = {}) =>
  new FinishedFiles(join(folder, 'flows.ndjson'), {
    everySec: 3600,
    maxBytes: Infinity,
    keep: Infinity,
    compress: false,
    ...rotation,
  })
const put = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), name)
}
const there = () => readdirSync(folder).sort()

test('reads times and lengths', () => {
  for (const [text, everySec, maxBytes] of [
    ['1h', 3600, Infinity],
    ['15m', 900, Infinity],
    ['1d', 86_400, Infinity],
    ['2s', 2, Infinity],
    ['100MB', 0, 100_000_000],
    ['2GB', 0, 2_000_000_000],
    ['64KB', 0, 64_000],
  ] as const) {
    assert.equal(rotationLimit(text, '--rotate'), { everySec, maxBytes })
  }
  for (const text of [
    '',
    '1',
    'h',
    '0h',
    '0MB',
    '7h',
    '2d',
    '1.5h',
    '-1h',
    '1w',
    '100mb',
    '1 h',
    '9999999s',
  ]) {
    assert.throws(
      () => rotationLimit(text, '--rotate'),
      (error: Error) =>
        /^--rotate: found ".*", expected a part of a day .*\(OPTION_ROTATE\)$/.test(error.message),
      text,
    )
  }
})

test('names sort by time, and none is given twice', async () => {
  const finished = files()
  const names: string[] = []
  for (const at of [THREE, THREE, THREE, THREE + 1000]) {
    const path = await finished.nameFor(at)
    names.push(basename(path))
    put(`${basename(path)}${names.length === 2 ? '.gz' : ''}`)
  }
  assert.equal(names, [
    'flows-20260102T030000Z.ndjson',
    'flows-20260102T030000Z_000002.ndjson',
    'flows-20260102T030000Z_000003.ndjson',
    'flows-20260102T030001Z.ndjson',
  ])
  assert.equal(
    there().map((name) => name.replace('.gz', '')),
    names,
  )
})

test('keeps the newest, and touches nothing else', async () => {
  const others = [
    'flows.ndjson',
    'flows-20260102T030000Z.csv',
    'flows-20260102T030000Z.ndjson.part',
    'flows-today.ndjson',
    'otherflows-20200102T030000Z.ndjson',
    'xflows-20200102T030000Z.ndjson',
  ]
  put(
    ...others,
    'flows-20260102T030000Z.ndjson',
    'flows-20260102T040000Z.ndjson.gz',
    'flows-20260102T050000Z.ndjson',
  )
  mkdirSync(join(folder, 'flows-20200102T030000Z.ndjson'))
  await files({ keep: 2 }).tidy()
  assert.equal(
    there(),
    [
      ...others,
      'flows-20200102T030000Z.ndjson',
      'flows-20260102T040000Z.ndjson.gz',
      'flows-20260102T050000Z.ndjson',
    ].sort(),
  )
})

test('compresses what is finished, also what a killed run left', async () => {
  put('flows.ndjson', 'flows-20260102T030000Z.ndjson', 'flows-20260102T040000Z.ndjson')
  put('flows-20260102T030000Z.ndjson.gz.part')
  await files({ compress: true, keep: 1 }).tidy()
  assert.equal(there(), ['flows-20260102T040000Z.ndjson.gz', 'flows.ndjson'])
  const packed = join(folder, 'flows-20260102T040000Z.ndjson.gz')
  assert.is(gunzipSync(readFileSync(packed)).toString(), 'flows-20260102T040000Z.ndjson')
  assert.is(statSync(packed).mode & 0o777, 0o640)
})

test('a name without an extension, and one with characters of patterns', async () => {
  for (const name of ['flows', 'a.b+c.(x)']) {
    const finished = new FinishedFiles(join(folder, name), {
      everySec: 0,
      maxBytes: 1000,
      keep: 1,
      compress: false,
    })
    const first = basename(await finished.nameFor(THREE))
    const second = basename(await finished.nameFor(THREE + 1000))
    put(first, second)
    await finished.tidy()
    assert.equal(there(), [second])
    rmSync(join(folder, second))
  }
})

test('what goes wrong is an error, and leaves the plain file', async () => {
  const name = 'flows-20260102T030000Z.ndjson'
  put(name)
  mkdirSync(join(folder, `${name}.gz`, 'in the way'), { recursive: true })
  const error = await files({ compress: true })
    .tidy()
    .catch((reason) => reason)
  assert.is(error.syscall, 'rename')
  assert.equal(there(), [name, `${name}.gz`])
})

test.run()
