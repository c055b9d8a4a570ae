import { spawnSync } from 'node:child_process'
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
      spaceAgain: (lines: number) => told.push(`room after ${lines}`),
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

/** Lines of 100 bytes in writes of 1,500 to a file that may have 2,048: a process of its own, for the limit stays. */
const PARTLY = `
  import { openSync, readFileSync, truncateSync } from 'node:fs'
  import { LineStream } from '${new URL('../../src/service/lines.js', import.meta.url).href}'
  const path = process.argv[1]
  const told = []
  const events = { full: ({ code }) => told.push(code), spaceAgain: (lines) => told.push(lines) }
  const open = { descriptor: openSync(path, 'a'), size: 0, isFile: true }
  const stream = new LineStream(open, 'out', events)
  const line = (i) => String(i).padStart(99, '.') + '\\n'
  const lines = (from) => Buffer.from(Array.from({ length: 15 }, (_, i) => line(from + i)).join(''))
  await stream.write(lines(0))
  await stream.write(lines(15))
  const first = readFileSync(path, 'utf8')
  const lost = [stream.lost]
  if (process.argv[2] === 'room') {
    truncateSync(path)
    await stream.write(lines(30))
    lost.push(stream.lost)
  }
  await stream.close()
  lost.push(stream.lost)
  console.log(JSON.stringify({ first, last: readFileSync(path, 'utf8'), lost, told }))
`

function writePartly(what: string): { first: string; last: string; lost: number[]; told: unknown[] } {
  rmSync(path, { force: true })
  // POSIX counts blocks of 512 bytes.
  const command = 'ulimit -f 4 && exec "$0" --input-type=module -e "$1" "$2" "$3"'
  // Coverage would be one more file under that limit.
  const { NODE_V8_COVERAGE: _coverage, ...env } = process.env
  const args = ['-c', command, process.execPath, PARTLY, path, what]
  const { stdout, stderr } = spawnSync('sh', args, { env })
  assert.is(stderr.toString(), '')
  return JSON.parse(stdout.toString())
}

test('the rest of a line that found half a place goes first when there is room', () => {
  const { first, last, lost, told } = writePartly('room')
  assert.is(first.length, 2048)
  assert.ok(first.endsWith(`${'.'.repeat(48)}`))
  assert.is(last.indexOf('\n'), 51)
  assert.match(last, /^\.+20\n\.+30\n/)
  assert.is(last.length, 52 + 1500)
  assert.equal(
    [lost, told],
    [
      [9, 9, 9],
      ['OUTPUT_FULL', 9],
    ],
  )
})

test('the beginning of a line that never found its rest is taken back', () => {
  const { first, last, lost, told } = writePartly('end')
  assert.is(last, first.slice(0, 2000))
  assert.equal([lost, told], [[9, 10], ['OUTPUT_FULL']])
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
