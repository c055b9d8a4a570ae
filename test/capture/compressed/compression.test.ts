import { spawnSync } from 'node:child_process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { constants, deflateRawSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openBytes } from '../../../src/capture/open.ts'
import {
  Bytes,
  hex,
  join,
  payloads,
  pcap,
  type Reading,
  readBytes,
  samplePcap,
  samplePcapng,
} from '../build.ts'
import { LZ4_LEGACY, LZ4_LINKED, lz4Stored, ZSTD, zstdStored } from './compressed.ts'

const test = suite('compressed captures')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const LARGE = pcap(
  {},
  Array.from({ length: 9 }, (_, i) => ({
    sec: 1_700_000_000,
    fraction: i,
    data: Uint8Array.from(Buffer.alloc(9000, 'flowhawk')),
  })),
)
const CHUNKS = [1, 7, 4096, 262_144]

function skippable(bytes: Uint8Array, nibble = 3): Uint8Array {
  return new Bytes(true)
    .u32(0x184d2a50 + nibble, bytes.length)
    .raw(bytes)
    .done()
}

function assertSame(reading: Reading, expected: Reading, what: string): void {
  assert.equal(reading.packets, expected.packets, what)
  assert.equal(reading.damage, expected.damage, what)
}

test('gzip, zstd, lz4 and legacy lz4 are recognised and read at every chunk size', async () => {
  const plain = await readBytes(LARGE)
  assert.is(plain.packets.length, 9)
  const forms = { gzip: Uint8Array.from(gzipSync(LARGE)), zstd: ZSTD, lz4: LZ4_LINKED }
  for (const chunkSize of [13, 4096, 262_144]) {
    for (const [name, bytes] of Object.entries(forms)) {
      const reading = await readBytes(bytes, chunkSize)
      assertSame(reading, plain, `${name} chunk ${chunkSize}`)
      assert.is(reading.source.info.compression, name)
      assert.is(reading.source.info.format, 'pcap')
    }
    assertSame(await readBytes(LZ4_LEGACY, chunkSize), plain, `legacy chunk ${chunkSize}`)
  }
})

test('compressed pcapng, too', async () => {
  const plain = await readBytes(samplePcapng())
  const reading = await readBytes(gzipSync(samplePcapng()))
  assertSame(reading, plain, 'gzip')
  assert.is(reading.source.info.format, 'pcapng')
})

test('members and frames follow each other, skippable frames and padding between', async () => {
  const file = samplePcap()
  const plain = await readBytes(file)
  const [a, b] = [file.subarray(0, 33), file.subarray(33)]
  const note = skippable(hex('0102030405'))
  const forms = {
    gzip: join(gzipSync(a), gzipSync(hex('')), gzipSync(b)),
    padded: join(gzipSync(a), gzipSync(b), new Uint8Array(700)),
    zstd: join(skippable(hex(''), 0), zstdStored([a]), note, zstdStored([hex('')]), zstdStored([b])),
    lz4: join(note, lz4Stored(a), note, lz4Stored(), lz4Stored(b), note),
    mixed: join(zstdStored([a]), lz4Stored(b)),
  }
  for (const [name, bytes] of Object.entries(forms)) {
    for (const chunkSize of CHUNKS)
      assertSame(await readBytes(bytes, chunkSize), plain, `${name} chunk ${chunkSize}`)
  }
})

test('every optional field of a gzip header', async () => {
  const body = deflateRawSync(samplePcap())
  const trailer = gzipSync(samplePcap()).subarray(-8)
  const header = hex('1f8b 08 1e 00000000 00 03')
  const fields = join(hex('0300 aabbcc'), Buffer.from('name\0comment\0'), hex('0000'))
  const reading = await readBytes(join(header, fields, body, trailer), 5)
  assert.is(reading.packets.length, 3)
  assert.equal(reading.damage, [])
})

test('zstd blocks: stored, repeated, compressed, empty; header fields are skipped', async () => {
  const file = pcap({}, [{ sec: 1, fraction: 0, data: new Uint8Array(300).fill(7) }])
  const repeat = (300 << 3) | 2
  const frame = join(
    zstdStored([hex('')]).subarray(0, 6),
    hex('000000'),
    Uint8Array.of((40 << 3) & 255, (40 << 3) >>> 8, 0),
    file.subarray(0, 40),
    hex('000000'),
    Uint8Array.of(repeat & 255, repeat >>> 8, 0, 7),
    hex('010000'),
  )
  const { packets, damage } = await readBytes(frame)
  assert.is(packets.length, 1)
  assert.equal(damage, [])
  // Single segment, eight bytes of content size, a dictionary id of zero and a checksum nobody verifies.
  const sized = join(
    hex('28b52ffd e5 00'),
    new Bytes(true).u64(24n).done(),
    hex('c10000'),
    pcap({}, []),
    hex('01020304'),
  )
  assert.equal((await readBytes(sized)).damage, [])
})

test('cut anywhere: everything decompressed before is delivered, one entry of damage', async () => {
  const expected = await readBytes(samplePcap())
  const forms = {
    GZIP: Uint8Array.from(gzipSync(samplePcap(), { level: 0 })),
    // With a checksum behind the last block.
    ZSTD: join(zstdStored([samplePcap().subarray(0, 60), samplePcap().subarray(60)], 0x04), hex('00000000')),
    LZ4: lz4Stored(samplePcap().subarray(0, 60), samplePcap().subarray(60)),
  }
  for (const [name, bytes] of Object.entries(forms)) {
    let seen = 0
    for (let length = 5; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length)
      const reading = await readBytes(cut).catch((error: unknown) => error)
      const bytewise = await readBytes(cut, 1).catch((error: unknown) => error)
      if (reading instanceof Error) {
        assert.match(reading.message, `(${name}_CUT)`)
        assert.is((bytewise as Error).message, reading.message)
        continue
      }
      const { packets, damage } = reading as Reading
      assert.equal(packets, expected.packets.slice(0, packets.length))
      assert.is(damage.length, 1, `${name} length ${length}`)
      assert.match(damage[0], `${name}_CUT`)
      assertSame(bytewise as Reading, reading as Reading, `${name} length ${length}`)
      seen = Math.max(seen, packets.length)
    }
    assert.is(seen, 3, name)
  }
})

test('an lz4 block that is cut or damaged gives what stands before the fault', async () => {
  const file = samplePcap()
  const frame = (size: number, block: Uint8Array) =>
    join(lz4Stored().subarray(0, 7), new Bytes(true).u32(size).raw(block).done())
  // One run of literals: 15 in the token, the rest in the byte behind it.
  const literals = join(Uint8Array.of(0xf0, file.length - 15), file)
  const forms = { stored: [file, 0x80000000 + file.length], literals: [literals, literals.length] } as const
  for (const [name, [block, size]] of Object.entries(forms)) {
    for (let length = file.length - 1; length >= 24; length--) {
      const expected = await readBytes(file.subarray(0, length))
      for (const chunkSize of [7, 262_144]) {
        const cut = frame(size, block.subarray(0, block.length - file.length + length))
        const { packets, damage } = await readBytes(cut, chunkSize)
        assert.equal(packets, expected.packets, `${name} length ${length}`)
        assert.equal(damage, [`${length} LZ4_CUT`], `${name} length ${length}`)
      }
    }
  }
  const legacy = join(new Bytes(true).u32(0x184c2102, literals.length).done(), literals.subarray(0, -1))
  assert.is((await readBytes(legacy)).packets.length, 2)
  const sound = join(literals, hex('0100'))
  for (const [fault, code] of [
    ['10 41 0000', 'LZ4_DAMAGED'],
    ['00', 'LZ4_CUT'],
    ['0f 0100 ff', 'LZ4_CUT'],
  ]) {
    const block = join(sound, hex(fault))
    const { packets, damage } = await readBytes(frame(block.length + (code === 'LZ4_CUT' ? 9 : 0), block))
    assert.is(packets.length, 3)
    assert.equal(damage, [`${file.length + 4} ${code}`])
  }
})

test('what is there of a zstd block that is cut, and the whole block before a cut', async () => {
  const file = samplePcap()
  const frame = zstdStored([file, hex('00')])
  const start = frame.length - file.length - 4
  for (let length = 24; length <= file.length; length++) {
    const expected = await readBytes(file.subarray(0, length))
    for (const chunkSize of [7, 262_144]) {
      const { packets, damage } = await readBytes(frame.subarray(0, start + length), chunkSize)
      assert.equal(packets, expected.packets, `length ${length}`)
      assert.equal(damage, [`${length} ZSTD_CUT`], `length ${length}`)
    }
  }
  // Only the checksum is cut.
  const whole = await readBytes(ZSTD)
  const { packets, damage } = await readBytes(ZSTD.subarray(0, -1))
  assert.equal(packets, whole.packets)
  assert.equal(damage, [`${LARGE.length} ZSTD_CUT`])
})

test('a cut says where the decompressed capture ends, and that the offset is meant so', async () => {
  const { source } = await readBytes(zstdStored([samplePcap().subarray(0, 60), hex('00')]).subarray(0, -1))
  assert.equal(source.damage, [
    {
      source: 'test',
      offset: 60,
      reason:
        'the zstd data ends in the middle of its compressed stream (offset in the decompressed zstd data)',
      code: 'ZSTD_CUT',
    },
  ])
})

test('garbage behind the compressed data is damage, everything before is delivered', async () => {
  const forms = { GZIP: Uint8Array.from(gzipSync(LARGE)), ZSTD, LZ4: LZ4_LINKED }
  for (const [name, bytes] of Object.entries(forms)) {
    for (const garbage of [
      hex('21'),
      Buffer.from('not compressed at all'),
      new Uint8Array(100_000).fill(1),
    ]) {
      for (const chunkSize of [1000, 262_144]) {
        const { packets, damage } = await readBytes(join(bytes, garbage), chunkSize)
        assert.is(packets.length, 9)
        assert.equal(damage, [`${LARGE.length} ${name}_TRAILING_GARBAGE`])
      }
    }
  }
  const { damage } = await readBytes(join(gzipSync(LARGE), hex('1f8b 00 00 00000000 0000')))
  assert.equal(damage, [`${LARGE.length} GZIP_TRAILING_GARBAGE`])
})

test('a wrong gzip checksum or length is damage', async () => {
  for (const fromEnd of [1, 8]) {
    const bytes = Uint8Array.from(gzipSync(samplePcap()))
    bytes[bytes.length - fromEnd] ^= 1
    const { packets, damage } = await readBytes(bytes)
    assert.is(packets.length, 3)
    assert.equal(damage, [`${samplePcap().length} GZIP_CHECKSUM`])
  }
})

test('damaged compressed data ends the reading, the same at every chunk size', async () => {
  // A flushed deflate block, then one of the undefined type 3.
  const flushed = deflateRawSync(samplePcap(), { finishFlush: constants.Z_SYNC_FLUSH })
  const gzip = join(hex('1f8b 08 00 00000000 0003'), flushed, hex('07 00000000 00000000'))
  const zstd = zstdStored([samplePcap(), hex('00')])
  zstd[zstd.length - 4] |= 6
  const lz4 = lz4Stored(samplePcap(), hex('00'))
  lz4[lz4.length - 6] = 0x12
  for (const [code, bytes] of [
    ['GZIP_DAMAGED', gzip],
    ['ZSTD_DAMAGED', zstd],
    ['LZ4_DAMAGED', lz4],
  ] as const) {
    const reading = await readBytes(bytes)
    assert.match(reading.damage[0], code)
    assert.is(reading.packets.length, 3)
    for (const chunkSize of [100, 4096]) assertSame(await readBytes(bytes, chunkSize), reading, code)
  }
})

test('lz4 blocks that read or write outside are refused', async () => {
  const sound = lz4Stored(samplePcap()).subarray(0, -4)
  const block = (bytes: Uint8Array) => join(sound, new Bytes(true).u32(bytes.length).raw(bytes).u32(0).done())
  for (const bytes of [
    hex('10 41 0000'), // distance 0
    hex('10 41 ff00 50 4141414141'), // before the first byte of the stream
    hex('f0 ff'), // length runs off the block
    hex('50 4141'), // literals run off the block
    hex('10 41 01'), // half a distance
    join(hex('1f 41 0100'), new Uint8Array(300).fill(255), hex('00')), // more than the block size
    hex('1f 41 0100 ff'),
  ]) {
    const { packets, damage } = await readBytes(block(bytes))
    assert.is(packets.length, 3)
    assert.equal(damage, [`${samplePcap().length} LZ4_DAMAGED`])
  }
})

test('frames that need what is not there say so', async () => {
  const open = (bytes: Uint8Array) =>
    openBytes(bytes, { source: 'x' }).then(
      () => 'opened',
      (error: Error) => error.message,
    )
  assert.match(
    await open(hex('28b52ffd 01 50 07 010000')),
    /^x: the zstd frame needs a dictionary.*\(ZSTD_DICTIONARY\)$/,
  )
  assert.match(await open(hex('28b52ffd 00 ff 010000')), /\(ZSTD_WINDOW\)$/)
  assert.match(await open(hex('28b52ffd 08 50 010000')), /\(ZSTD_DAMAGED\)$/)
  assert.match(await open(hex('04224d18 60 00 00 00000000')), /\(LZ4_DAMAGED\)$/)
  assert.match(await open(hex('1f8b 07 00 00000000 0000')), /\(GZIP_DAMAGED\)$/)
  for (const length of [5, 12]) {
    const cut = skippable(hex('0102030405')).subarray(0, length)
    assert.match(await open(cut), /^x: the zstd data ends in the middle.*\(ZSTD_CUT\)$/)
  }
  assert.match(await open(gzipSync('')), /\(INPUT_EMPTY\)$/)
  assert.match(await open(gzipSync('hello')), /\(INPUT_NOT_A_CAPTURE\)$/)
})

test('a bomb streams at constant memory', async () => {
  const records = 4_000_000
  const bomb = join(pcap({}, []), new Uint8Array(1_000_000))
  const member = gzipSync(new Uint8Array(16 * 1_000_000))
  const parts = [gzipSync(bomb), member, member, member, gzipSync(new Uint8Array(15_000_000))]
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  const source = await openBytes(join(...parts))
  let packets = 0
  let most = 0
  let batches = 0
  for (let batch = await source.next(); batch !== undefined; batch = await source.next()) {
    packets += batch.count
    // Only what is held counts, not what the collector has not come to yet.
    if (batches++ % 16 !== 0) continue
    collectGarbage()
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  await source.close()
  assert.is(packets, records)
  assert.ok(most < 24_000_000, `${most} bytes of buffers`)
})

for (const [program, args] of [
  ['gzip', ['-1']],
  ['zstd', ['-3', '-c', '-q']],
  ['zstd', ['-19', '--ultra', '-c', '-q', '--no-check']],
  ['lz4', ['-1', '-c', '-q']],
  ['lz4', ['-9', '-BD', '-B5', '-c', '-q']],
] as const) {
  const missing = spawnSync(program, ['--version']).error !== undefined
  const run = missing && !process.env.CI ? test.skip : test
  run(`reads what ${program} ${args.join(' ')} writes`, async () => {
    // Text that compresses neither to nothing nor not at all.
    const data = (i: number) => Buffer.from(`${Math.imul(i, 2_654_435_761) >>> 8} flow ${i} hawk `.repeat(60))
    const records = Array.from({ length: 600 }, (_, i) => ({ sec: i, fraction: i, data: data(i) }))
    const file = pcap({}, records)
    const { stdout } = spawnSync(program, args, { input: file, maxBuffer: 1 << 24 })
    const reading = await readBytes(stdout)
    assert.equal(reading.damage, [])
    assert.equal(payloads(reading), payloads(await readBytes(file)))
  })
}

test.run()
