import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filesOf, follow } from '../../src/service/follow.ts'

const test = suite('service/follow')
const folder = mkdtempSync(join(tmpdir(), 'flowhawk-follow-'))
test.after(() => rmSync(folder, { recursive: true }))

const DEADLINE_MS = 30_000

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))

/** What was read so far; `until` waits for it. */
function reading(path: string) {
  const stop = new AbortController()
  let text = ''
  const done = (async () => {
    for await (const chunk of follow(path, stop.signal)) text += chunk
  })()
  const until = async (wanted: string) => {
    for (const end = Date.now() + DEADLINE_MS; text !== wanted && Date.now() < end; ) await pause()
    assert.is(text, wanted)
  }
  const end = async () => {
    stop.abort()
    await done
  }
  return { until, end }
}

test('reads what there is, then what is appended', async () => {
  const path = join(folder, 'grows')
  writeFileSync(path, 'a')
  const { until, end } = reading(path)
  await until('a')
  appendFileSync(path, 'b'.repeat(100_000))
  await until('a' + 'b'.repeat(100_000))
  await end()
})

test('waits for a file that is not there yet', async () => {
  const path = join(folder, 'late')
  const { until, end } = reading(path)
  await until('')
  writeFileSync(path, 'here')
  await until('here')
  await end()
})

test('goes on with the new file when the old one is renamed, and begins anew when it is emptied', async () => {
  const path = join(folder, 'rotates')
  writeFileSync(path, 'one ')
  const { until, end } = reading(path)
  await until('one ')
  appendFileSync(path, 'two ')
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'three ')
  await until('one two three ')
  truncateSync(path, 0)
  appendFileSync(path, '4')
  await until('one two three 4')
  await end()
})

test('lets go of a file that was deleted, and reads the next one of its name', async () => {
  const path = join(folder, 'deleted')
  writeFileSync(path, 'one ')
  const { until, end } = reading(path)
  await until('one ')
  rmSync(path)
  for (const last = Date.now() + DEADLINE_MS; isOpen(path) && Date.now() < last; ) await pause()
  assert.is(isOpen(path), false)
  writeFileSync(path, 'two ')
  await until('one two ')
  await end()
})

function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((each) => linkOf(each).startsWith(path))
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}

test('a pipe in place of the file holds nobody up', async () => {
  const path = join(folder, 'piped')
  execFileSync('mkfifo', [path])
  const { until, end } = reading(path)
  await until('')
  await new Promise((resolve) => setTimeout(resolve, 100))
  rmSync(path)
  writeFileSync(path, 'file')
  await until('file')
  await end()
})

test('names every record file of a folder once, whatever becomes of its name', async () => {
  const place = join(folder, 'records')
  mkdirSync(place)
  for (const name of ['b.ndjson', 'a.ndjson.gz', 'c.txt']) writeFileSync(join(place, name), name)
  const stop = new AbortController()
  const files = filesOf(place, stop.signal)
  const next = async () => (await files.next()).value
  assert.is(await next(), join(place, 'a.ndjson.gz'))
  assert.is(await next(), join(place, 'b.ndjson'))
  renameSync(join(place, 'b.ndjson'), join(place, 'b-1.ndjson'))
  writeFileSync(join(place, 'b-1.ndjson.gz'), 'compressed')
  writeFileSync(join(place, 'd.ndjson'), 'new')
  assert.is(await next(), join(place, 'd.ndjson'))
  stop.abort()
  assert.is(await next(), undefined)
})

test.run()
