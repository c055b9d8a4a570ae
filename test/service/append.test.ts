import { closeSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openNew, openToAppend } from '../../src/service/append.ts'

const test = suite('service/append')

const folder = mkdtempSync(join(tmpdir(), 'flowhawk-append-'))
test.after(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const BEGIN = Buffer.from('{')

async function sizeAfterOpening(name: string, begin: Uint8Array = BEGIN): Promise<number> {
  const { descriptor, size } = await openToAppend(at(name), begin)
  closeSync(descriptor)
  assert.is(statSync(at(name)).size, size)
  return size
}

const refused = (name: string, begin: Uint8Array = BEGIN) =>
  openToAppend(at(name), begin).then(
    () => 'opened',
    (error) => error.message,
  )

test('makes a new file that only owner and group can read', async () => {
  assert.is(await sizeAfterOpening('new.ndjson'), 0)
  assert.is(statSync(at('new.ndjson')).mode & 0o777, 0o640)
})

test('goes on behind the last whole line', async () => {
  for (const [text, kept] of [
    ['{"a":1}\n{"b":2}\n', 16],
    ['{"a":1}\n{"b":', 8],
    ['{"a":', 0],
    ['{"a":1}\n\0\0\0\0', 8],
    [`{"a":1}\n{"b":"${'x'.repeat(200_000)}`, 8],
    [`{"a":"${'x'.repeat(200_000)}"}\n{`, 200_009],
  ] as const) {
    writeFileSync(at('cut.ndjson'), text)
    assert.is(await sizeAfterOpening('cut.ndjson'), kept)
    assert.is(readFileSync(at('cut.ndjson'), 'utf8'), text.slice(0, kept))
  }
})

test('does not spoil a file that holds something else', async () => {
  writeFileSync(at('other'), Buffer.from('d4c3b2a1020004', 'hex'))
  assert.is(
    await refused('other'),
    `${at('other')}: found something else in it, expected to go on with "{"; choose another name (OUTPUT_FOREIGN)`,
  )
  assert.is(statSync(at('other')).size, 7)
})

test('goes on with a table only under the same head', async () => {
  const head = Buffer.from('a,b\n')
  writeFileSync(at('table.csv'), 'a,b\n1,2\n3')
  assert.is(await sizeAfterOpening('table.csv', head), 8)
  writeFileSync(at('table.csv'), 'a,c\n1,2\n')
  assert.match(await refused('table.csv', head), /\(OUTPUT_FOREIGN\)$/)
  writeFileSync(at('table.csv'), 'a,')
  assert.is(await sizeAfterOpening('table.csv', head), 0)
})

test('follows no symbolic link, not even to nothing', async () => {
  writeFileSync(at('target'), '{}\n')
  symlinkSync(at('target'), at('link'))
  symlinkSync(at('nothing'), at('dangling'))
  for (const name of ['link', 'dangling']) {
    assert.match(await refused(name), /: cannot be written, it is a symbolic link, .*\(OUTPUT_OPEN\)$/)
  }
  assert.match(await openNew(at('dangling')).catch((error) => error.message), /\(OUTPUT_OPEN\)$/)
  assert.match(await refused('.'), /it is a folder; .*\(OUTPUT_OPEN\)$/)
})

test('what must be new is not there yet', async () => {
  closeSync(await openNew(at('new.parquet')))
  assert.is(statSync(at('new.parquet')).mode & 0o777, 0o640)
  assert.match(
    await openNew(at('new.parquet')).catch((error) => error.message),
    /it is there already, .*\(OUTPUT_OPEN\)$/,
  )
})

test('devices are written as they are', async () => {
  const { descriptor, size, isFile } = await openToAppend('/dev/null', BEGIN)
  closeSync(descriptor)
  assert.equal([size, isFile], [0, false])
})

test.run()
