import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareNatural, resolveInputs } from '../../src/capture/inputs.ts'
import { hex, pcap, readAll, samplePcap, samplePcapng } from './build.ts'

const test = suite('inputs')

let folder = ''
test.before.each(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'flowhawk-inputs-'))
})
test.after.each(() => {
  rmSync(folder, { recursive: true })
})

function put(name: string, bytes: Uint8Array): string {
  const path = joinPath(folder, name)
  writeFileSync(path, bytes)
  return path
}

function at(sec: number, fraction = 0): Uint8Array {
  return pcap({}, [{ sec, fraction, data: hex('aa') }])
}

async function names(paths: string[]): Promise<string[]> {
  const { inputs } = await resolveInputs(paths)
  return inputs.map((input) => input.path.slice(folder.length + 1))
}

test('natural order: numbers count, all else by code unit', () => {
  const sorted = ['x.pcap10', 'x.pcap', 'x.pcap9', 'x.pcap009', 'X.pcap2', 'x.pcap1', 'y.1'].sort(
    compareNatural,
  )
  assert.equal(sorted, ['X.pcap2', 'x.pcap', 'x.pcap1', 'x.pcap009', 'x.pcap9', 'x.pcap10', 'y.1'])
})

test('by first packet time, then natural name; captures without packets last', async () => {
  put('ring.pcap1', at(20))
  put('ring.pcap10', at(20))
  put('ring.pcap2', at(20))
  put('late', at(21))
  put('early', at(20, 999_999))
  put('empty10', pcap({}, []))
  put('empty9', pcap({}, []))
  put('first', at(3))
  const expected = ['first', 'ring.pcap1', 'ring.pcap2', 'ring.pcap10', 'early', 'late', 'empty9', 'empty10']
  assert.equal(await names([folder]), expected)
})

test('a directory is not searched deeper; what is no capture in it is skipped', async () => {
  put('a.pcap', samplePcap())
  const note = put('notes.txt', Buffer.from('hello'))
  const empty = put('zero', hex(''))
  mkdirSync(joinPath(folder, 'deeper'))
  put('deeper/b.pcap', samplePcap())
  const found = await resolveInputs([folder])
  assert.equal(
    found.inputs.map((input) => input.path),
    [joinPath(folder, 'a.pcap')],
  )
  assert.equal(found.skipped, [note, empty])
  assert.equal(found.errors, [])
})

test('a file in a directory whose name is no UTF-8 is skipped, not lost', async () => {
  const inside = joinPath(folder, 'names')
  mkdirSync(inside)
  put('names/a.pcap', samplePcap())
  const name = Buffer.concat([Buffer.from(`${inside}/b`), Buffer.from([0xff]), Buffer.from('.pcap')])
  try {
    writeFileSync(name, samplePcap())
  } catch {
    // Not every file system takes such a name.
    return
  }
  symlinkSync('nowhere', joinPath(inside, 'dangling'))
  const found = await resolveInputs([inside])
  assert.equal(
    found.inputs.map((input) => input.path),
    [joinPath(inside, 'a.pcap')],
  )
  assert.equal(found.skipped, [joinPath(inside, 'b\ufffd.pcap')])
})

test('a file that comes up twice is read once', async () => {
  const real = put('b.pcap', samplePcap())
  const copy = put('c.pcap', samplePcap())
  const link = joinPath(folder, 'a.pcap')
  symlinkSync(real, link)
  const found = await resolveInputs([copy, folder, real])
  assert.equal(
    found.inputs.map((input) => input.path),
    [link, copy],
  )
  assert.equal(found.skipped, [real, copy, real])
  assert.equal(found.errors, [])
})

test('what the user named and cannot be used is an error; the rest goes on', async () => {
  const note = put('notes.txt', Buffer.from('hello'))
  const good = put('a.pcap', samplePcap())
  const found = await resolveInputs([note, joinPath(folder, 'missing'), good])
  assert.equal(found.errors.map((error) => error.code).sort(), ['INPUT_NOT_A_CAPTURE', 'INPUT_NOT_FOUND'])
  assert.equal(found.skipped, [])
  assert.is(found.inputs.length, 1)
})

test('an input opens as often as asked and knows its size', async () => {
  const paths = [put('b', samplePcapng()), put('a', samplePcap())]
  const { inputs } = await resolveInputs(paths, { chunkSize: 100 })
  assert.equal(
    inputs.map((input) => [input.byteSize, input.firstPacketTime]),
    [
      [samplePcap().length, [1_700_000_000, 1000]],
      [samplePcapng().length, [1_700_000_000, 1000]],
    ],
  )
  for (const input of [...inputs, ...inputs]) {
    const { packets, source } = await readAll(await input.open())
    assert.ok(packets.length >= 3)
    assert.is(source.info.source, input.path)
  }
})

test('a single input', async () => {
  const { inputs } = await resolveInputs([put('a', samplePcap())])
  for (let i = 0; i < 2; i++) assert.is((await readAll(await inputs[0].open())).packets.length, 3)
})

test('more files than descriptors would allow', async () => {
  for (let i = 0; i < 300; i++) put(`x.pcap${i}`, at(1000 - i))
  const sorted = await names([folder])
  assert.equal(sorted.slice(0, 2), ['x.pcap299', 'x.pcap298'])
  const open = (await import('node:fs')).readdirSync('/dev/fd').length
  assert.ok(open < 100, `${open} descriptors open`)
})

test.run()
