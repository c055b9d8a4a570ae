import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OutputError } from '../../src/errors.ts'
import { countLines, LineStream } from '../../src/service/lines.ts'

const test = suite('service/lines')

const path = join(tmpdir(), `flowhawk-lines-${process.pid}`)
test.after(() => rmSync(path, { force: true }))

function listener() {
  const told: string[] = []
  return {
    told,
    events: {
      full: (error: OutputError) => told.push(error.message),
      room: (lines: number) => told.push(`room after ${lines}`),
    },
  }
}

function streamOf(file: string) {
  const { told, events } = listener()
  const open = { descriptor: openSync(file, 'a'), size: 0, isFile: file === path }
  return { told, stream: new LineStream(open, 'out.ndjson', events) }
}

test('writes lines and knows how long the file is', async () => {
  const { stream, told } = streamOf(path)
  await stream.write(Buffer.from('one\ntwo\n'))
  await stream.write(Buffer.from('three\n'))
  assert.is(stream.size, 14)
  await stream.close()
  assert.is(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n')
  assert.equal([stream.lost, stream.full, told], [0, false, []])
})

test('counts what a full disk swallows, and goes on elsewhere', async () => {
  const { stream, told } = streamOf('/dev/full')
  await stream.write(Buffer.from('one\ntwo\n'))
  await stream.write(Buffer.from('three\n'))
  assert.equal([stream.lost, stream.full], [3, true])
  assert.is(told.length, 1)
  assert.match(told[0], /^out\.ndjson: byte 0: no space left; .*\(OUTPUT_FULL\)$/)
  writeFileSync(path, '')
  await stream.switchTo({ descriptor: openSync(path, 'a'), size: 0, isFile: true })
  await stream.write(Buffer.from('four\n'))
  await stream.close()
  assert.is(readFileSync(path, 'utf8'), 'four\n')
  assert.equal([stream.lost, stream.full, told[1]], [3, false, 'room after 3'])
})

test('other errors are no reason to go on', async () => {
  const { events } = listener()
  const stream = new LineStream({ descriptor: 999_999, size: 7, isFile: false }, 'out.ndjson', events)
  const error = await stream.write(Buffer.from('x\n')).catch((reason) => reason)
  assert.instance(error, OutputError)
  assert.match(error.message, /^out\.ndjson: byte 7: writing failed, EBADF \(OUTPUT_WRITE\)$/)
})

test('counts lines', () => {
  assert.is(countLines(Buffer.from(''), 0), 0)
  assert.is(countLines(Buffer.from('a\nb\nc'), 0), 2)
  assert.is(countLines(Buffer.from('a\nb\nc\n'), 2), 2)
})

test.run()
