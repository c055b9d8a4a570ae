import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes, openCapture } from '../../src/capture/open.ts'
import { InputError } from '../../src/errors.ts'
import { hex, pcap, readAll, readBytes, readInput, samplePcap, samplePcapng } from './build.ts'

const test = suite('opening captures')

let folder = ''
test.before(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'flowhawk-open-'))
})
test.after(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, bytes: Uint8Array): string {
  const path = joinPath(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function failure(opened: Promise<unknown>): Promise<InputError> {
  try {
    await opened
  } catch (error) {
    assert.instance(error, InputError)
    return error as InputError
  }
  throw new Error('an InputError was expected')
}

test('a file is recognised by its content, whatever its name', async () => {
  const expected = await readBytes(samplePcapng())
  for (const chunkSize of [1, 4096, undefined]) {
    const reading = await readInput(file('really.txt', samplePcapng()), chunkSize)
    assert.equal(reading.packets, expected.packets)
  }
  const source = await openCapture(file('x.pcap', gzipSync(samplePcapng())))
  assert.is(source.info.source, joinPath(folder, 'x.pcap'))
  assert.is(source.info.compression, 'gzip')
  await source.close()
})

test('a stream, in whatever pieces it comes', async () => {
  const expected = await readBytes(samplePcap())
  for (const size of [1, 5, 1000]) {
    const bytes = samplePcap()
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    const reading = await readInput(Readable.from(pieces))
    assert.equal(reading.packets, expected.packets)
    assert.is(reading.source.info.source, '-')
  }
  const zipped = await readInput(Readable.from([gzipSync(samplePcap())]))
  assert.equal(zipped.packets, expected.packets)
})

test('a stream that fails, or gives no bytes, ends in damage', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield samplePcap().subarray(0, 41)
    throw new Error('the wire\nbroke')
  }
  const broken = await readInput(Readable.from(failing()))
  assert.is(broken.packets.length, 1)
  assert.equal(broken.source.damage, [
    { source: '-', offset: 41, reason: 'reading failed: the wire\\x0Abroke', code: 'INPUT_READ' },
  ])
  const text = Readable.from(['text'])
  assert.is((await failure(openCapture(text))).code, 'INPUT_READ')
})

test('a stream can be closed while it waits', async () => {
  const stream = new Readable({ read() {} })
  stream.push(samplePcap())
  const source = await openCapture(stream)
  assert.is((await source.next())?.count, 3)
  await source.close()
  assert.ok(stream.destroyed)
})

test('what cannot be opened says why', async () => {
  const missing = await failure(openCapture(joinPath(folder, 'no\x1bsuch')))
  assert.is(missing.code, 'INPUT_NOT_FOUND')
  assert.is(missing.message, `${joinPath(folder, 'no\\x1Bsuch')}: no such file (INPUT_NOT_FOUND)`)
  assert.is((await failure(openCapture(folder))).code, 'INPUT_IS_DIRECTORY')
  assert.is((await failure(openCapture(file('empty', hex(''))))).code, 'INPUT_EMPTY')
})

test('what is no capture says what it is and what was expected', async () => {
  const message = async (bytes: Uint8Array) => (await failure(openBytes(bytes, { source: 'x' }))).message
  assert.is(
    await message(Buffer.from('GET / HTTP/1.1')),
    'x: not a capture: starts with 47 45 54 20 2f 20 48 54 "GET / HT"; pcap, pcapng, gzip, zstd or lz4 expected (INPUT_NOT_A_CAPTURE)',
  )
  assert.match(await message(hex('fd377a585a00 0000')), 'an xz file; decompress it with unxz first')
  assert.match(await message(hex('00')), 'starts with 00;')
  assert.match(await message(hex('d4c3b2')), 'INPUT_NOT_A_CAPTURE')
  assert.match(await message(hex('0a0d0d0a 1c000000 01020304 00000000')), 'INPUT_NOT_A_CAPTURE')
})

test('the first packet time can be had before reading, nothing is lost', async () => {
  for (const bytes of [samplePcap(), samplePcapng()]) {
    const source = await openBytes(bytes)
    assert.equal(await source.firstPacketTime(), [1_700_000_000, 1000])
    assert.equal(await source.firstPacketTime(), [1_700_000_000, 1000])
    const reading = await readAll(source)
    assert.equal(reading.packets, (await readBytes(bytes)).packets)
  }
  assert.is(await (await openBytes(pcap({}, []))).firstPacketTime(), undefined)
})

test('bytesRead grows to the size of the input', async () => {
  const records = Array.from({ length: 500 }, (_, i) => ({ sec: i, fraction: 0, data: new Uint8Array(100) }))
  const bytes = pcap({}, records)
  const source = await openCapture(file('progress', bytes), { chunkSize: 4096 })
  assert.ok(source.bytesRead < bytes.length)
  await readAll(source)
  assert.is(source.bytesRead, bytes.length)
  const zipped = gzipSync(bytes)
  const compressed = await openBytes(zipped)
  await readAll(compressed)
  assert.is(compressed.bytesRead, zipped.length)
})

test('a closed source ends', async () => {
  const source = await openCapture(file('closed', samplePcap()))
  await source.close()
  assert.is(await source.next(), undefined)
  await source.close()
})

test.run()
