import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OutputError } from '../../src/errors.ts'
import {
  closeOutput,
  createLineWriter,
  descriptorWriter,
  OutputClosed,
  openOutput,
  type WriteBytes,
  waitingWriter,
} from '../../src/report/ndjson.ts'

const test = suite('report/ndjson')
const CHUNK = 64

/** A target that keeps what it gets, and lets the test decide when a write is done. */
function slowTarget() {
  const state = { text: '', writes: 0, active: 0, mostActive: 0, release: (): void => undefined }
  const write: WriteBytes = (bytes) => {
    state.writes++
    state.active++
    state.mostActive = Math.max(state.mostActive, state.active)
    return new Promise((resolve) => {
      state.release = () => {
        state.text += Buffer.from(bytes).toString()
        state.active--
        resolve()
      }
    })
  }
  return { state, write }
}

const collect = (parts: string[]): WriteBytes => {
  return async (bytes) => {
    parts.push(Buffer.from(bytes).toString())
  }
}

test('keeps the order of lines over many chunks', async () => {
  const parts: string[] = []
  const writer = createLineWriter(collect(parts), CHUNK)
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i} ${'x'.repeat(i % 40)}`)
  for (const line of lines) {
    writer.line(line)
    await writer.drained()
  }
  await writer.end()
  assert.is(parts.join(''), `${lines.join('\n')}\n`)
  assert.ok(parts.length > 50)
})

test('takes a line longer than a chunk, also as the first', async () => {
  const parts: string[] = []
  const writer = createLineWriter(collect(parts), CHUNK)
  const long = 'é'.repeat(10 * CHUNK)
  for (const line of [long, 'short', long]) writer.line(line)
  await writer.end()
  assert.is(parts.join(''), `${long}\nshort\n${long}\n`)
})

test('has one write in flight and asks the producer to wait', async () => {
  const { state, write } = slowTarget()
  const writer = createLineWriter(write, CHUNK)
  let lines = 0
  while (writer.drained() === undefined && lines < 100) {
    writer.line('0123456789')
    lines++
  }
  assert.ok(lines < 40, 'the producer is stopped')
  assert.is(state.writes, 1)
  const waiting = writer.drained()
  assert.instance(waiting, Promise)
  let resumed = false
  const done = waiting!.then(() => (resumed = true))
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.not(resumed)
  const pump = setInterval(() => state.release(), 1)
  await done
  await writer.end()
  clearInterval(pump)
  assert.is(state.text, '0123456789\n'.repeat(lines))
  assert.is(state.mostActive, 1)
})

test('says later that a write failed, to everyone who asks', async () => {
  const failure = new Error('broken')
  const writer = createLineWriter(() => Promise.reject(failure), CHUNK)
  for (let i = 0; i < 10; i++) writer.line('0123456789')
  await new Promise((resolve) => setTimeout(resolve, 5))
  const refused = await writer.drained()?.catch((error) => error)
  assert.is(refused, failure)
  assert.throws(() => {
    for (let i = 0; i < 10; i++) writer.line('0123456789')
  }, /broken/)
  assert.is(await writer.end().catch((error) => error), failure)
})

test('writes nothing for no lines', async () => {
  const parts: string[] = []
  await createLineWriter(collect(parts), CHUNK).end()
  assert.equal(parts, [])
})

test('writes to a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowhawk-'))
  const path = join(folder, 'out.ndjson')
  for (const write of [descriptorWriter, waitingWriter]) {
    const descriptor = await openOutput(path)
    const writer = createLineWriter(write(descriptor, path), CHUNK)
    for (let i = 0; i < 100; i++) writer.line(`line ${i}`)
    await writer.end()
    await closeOutput(descriptor, path)
    assert.is(readFileSync(path, 'utf8'), Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(''))
  }
  rmSync(folder, { recursive: true })
})

test('explains why a file cannot be opened', async () => {
  const missing = await openOutput(join(tmpdir(), 'no-such-folder', 'out.ndjson')).catch((error) => error)
  assert.instance(missing, OutputError)
  assert.match(missing.message, /cannot be written, its folder does not exist.* \(OUTPUT_OPEN\)$/)
  const folder = await openOutput(tmpdir()).catch((error) => error)
  assert.match(folder.message, /it is a folder/)
})

test('names a full disk', async () => {
  if (!existsSync('/dev/full')) return
  const descriptor = openSync('/dev/full', 'w')
  const error = await waitingWriter(descriptor, 'out.ndjson')(Buffer.from('x')).catch((reason) => reason)
  closeSync(descriptor)
  assert.instance(error, OutputError)
  assert.match(error.message, /^out\.ndjson: byte 0: no space left; .*\(OUTPUT_FULL\)$/)
})

test('tells where writing to a file failed', async () => {
  const descriptor = openSync(fileURLToPath(import.meta.url), 'r')
  const error = await waitingWriter(descriptor, 'out.ndjson')(Buffer.from('x')).catch((reason) => reason)
  closeSync(descriptor)
  assert.match(error.message, /^out\.ndjson: byte 0: writing failed, EBADF \(OUTPUT_WRITE\)$/)
})

test('tells a closed descriptor from a closed pipe', async () => {
  const error = await descriptorWriter(999_999, 'out.ndjson')(Buffer.from('x')).catch((reason) => reason)
  assert.instance(error, OutputError)
  assert.not.instance(error, OutputClosed)
  assert.match(error.message, /\(OUTPUT_WRITE\)$/)
})

test.run()
