import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BATCH_OUTGOING } from '../../src/bytes.ts'
import {
  hex,
  join,
  MODIFIED,
  NANOSECONDS,
  type PcapForm,
  payloads,
  pcap,
  readBytes,
  samplePcap,
} from './build.ts'

const test = suite('classic pcap')

const SAMPLE = [
  '1 1700000000.000001000 1/1 1 0 aa',
  '2 1700000001.000002000 0/60 1 0 ',
  '3 1700000002.000003000 4/9 1 0 cccccccc',
]
const CHUNKS = [1, 7, 4096, 262_144]

test('reads the file a person can read', async () => {
  const file = hex(`
    d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000
    00f15365 40e20100 04000000 3c000000 | 01020304
  `)
  const { packets, damage, source } = await readBytes(file)
  assert.equal(packets, ['1 1700000000.123456000 4/60 1 0 01020304'])
  assert.equal(damage, [])
  assert.equal(source.info, {
    source: 'test',
    format: 'pcap',
    linkTypes: [1],
    timestampPrecision: 'microseconds',
  })
})

test('four magics and the modified form, in both byte orders, at every chunk size', async () => {
  for (const little of [true, false]) {
    for (const magic of [undefined, NANOSECONDS, MODIFIED]) {
      const expected =
        magic === NANOSECONDS ? SAMPLE.map((row) => row.replace(/00000(\d)000/, '00000000$1')) : SAMPLE
      for (const chunkSize of CHUNKS) {
        const reading = await readBytes(samplePcap({ magic, little }), chunkSize)
        assert.equal(reading.packets, expected, `magic ${magic} little ${little} chunk ${chunkSize}`)
        assert.equal(reading.damage, [])
      }
    }
  }
})

test('says nanoseconds where the magic does', async () => {
  const { source } = await readBytes(samplePcap({ magic: NANOSECONDS, little: false }))
  assert.is(source.info.timestampPrecision, 'nanoseconds')
})

test('marks packets that the modified form calls outgoing', async () => {
  const file = pcap({ magic: MODIFIED }, [
    { sec: 1, fraction: 0, data: hex('aa'), packetType: 4 },
    { sec: 2, fraction: 0, data: hex('bb'), packetType: 0 },
  ])
  assert.equal((await readBytes(file)).packets, [
    `1 1.000000000 1/1 1 ${BATCH_OUTGOING} aa`,
    '2 2.000000000 1/1 1 0 bb',
  ])
})

test('masks the FCS bits of the link type', async () => {
  const { source, packets } = await readBytes(samplePcap({ linkType: 0x54000071 }))
  assert.equal(source.info.linkTypes, [113])
  assert.match(packets[0], / 1\/1 113 0 aa$/)
})

test('carries a fraction of a second or more into the seconds', async () => {
  const micro = pcap({}, [{ sec: 10, fraction: 2_500_000, data: hex('aa') }])
  assert.match((await readBytes(micro)).packets[0], /^1 12\.500000000 /)
  const most = pcap({}, [{ sec: 0xffffffff, fraction: 0xffffffff, data: hex('aa') }])
  assert.match((await readBytes(most)).packets[0], /^1 4294971589\.967295000 /)
  const nano = pcap({ magic: NANOSECONDS }, [{ sec: 10, fraction: 4_000_000_001, data: hex('aa') }])
  assert.match((await readBytes(nano)).packets[0], /^1 14\.000000001 /)
})

test('the original length is never less than the captured', async () => {
  const file = pcap({}, [{ sec: 1, fraction: 0, data: hex('01020304'), original: 2 }])
  assert.equal((await readBytes(file)).packets, ['1 1.000000000 4/4 1 0 01020304'])
})

test('old versions have their lengths swapped, 2.3 only where it shows', async () => {
  const record = { sec: 1, fraction: 0, data: hex('0102'), captured: 60, original: 2 }
  const straight = { sec: 2, fraction: 0, data: hex('0304'), captured: 2, original: 60 }
  for (const version of [
    [2, 2],
    [543, 0],
  ] as [number, number][]) {
    assert.equal((await readBytes(pcap({ version }, [record]))).packets, ['1 1.000000000 2/60 1 0 0102'])
  }
  assert.equal((await readBytes(pcap({ version: [2, 3] }, [record, straight]))).packets, [
    '1 1.000000000 2/60 1 0 0102',
    '2 2.000000000 2/60 1 0 0304',
  ])
})

test('an impossible length is damage at its record; what came before is delivered', async () => {
  for (const captured of [262_145, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const file = pcap({}, [
      { sec: 1, fraction: 0, data: hex('aabb') },
      { sec: 2, fraction: 0, data: hex('cc'), captured },
      { sec: 3, fraction: 0, data: hex('dd') },
    ])
    for (const chunkSize of CHUNKS) {
      const reading = await readBytes(file, chunkSize)
      assert.equal(payloads(reading), ['aabb'])
      assert.equal(reading.damage, ['42 PCAP_RECORD_LENGTH'])
      assert.is(reading.source.damage[0].reason, `record length ${captured}, at most 262144 expected`)
    }
  }
})

test('the longest record is read, through small chunks too', async () => {
  const data = new Uint8Array(262_144).map((_, i) => i * 7)
  const file = pcap({}, [
    { sec: 1, fraction: 0, data },
    { sec: 2, fraction: 0, data: hex('ee') },
  ])
  for (const chunkSize of [4096, 262_144]) {
    const reading = await readBytes(file, chunkSize)
    assert.is(reading.packets.length, 2)
    assert.is(payloads(reading)[0], Buffer.from(data).toString('hex'))
    assert.equal(reading.damage, [])
  }
})

test('each truncation yields the whole records before it and says where the cut record starts', async () => {
  const ends = [24, 41, 57, 77]
  for (const form of [{}, { little: false }] as PcapForm[]) {
    const file = samplePcap(form)
    assert.is(file.length, ends[3])
    for (let length = 4; length <= file.length; length++) {
      const reading = await readBytes(file.subarray(0, length))
      const whole = ends.filter((end) => end <= length).length - 1
      assert.equal(reading.packets, SAMPLE.slice(0, Math.max(0, whole)), `length ${length}`)
      const start = length < 24 ? 0 : ends[whole]
      assert.equal(reading.damage, length === start ? [] : [`${start} PCAP_CUT`], `length ${length}`)
      assert.equal(
        await readBytes(file.subarray(0, length), 1).then((bytewise) => bytewise.damage),
        reading.damage,
      )
    }
  }
})

test('a cut says how much is missing', async () => {
  const file = samplePcap()
  assert.is(
    (await readBytes(file.subarray(0, 10))).source.damage[0].reason,
    'file header cut after 10 bytes, 24 expected',
  )
  assert.is(
    (await readBytes(file.subarray(0, 30))).source.damage[0].reason,
    'record header cut after 6 bytes, 16 expected',
  )
  assert.is(
    (await readBytes(file.subarray(0, 76))).source.damage[0].reason,
    'record cut after 19 bytes, 20 expected',
  )
})

test('frames count on through batches', async () => {
  const records = Array.from({ length: 9000 }, (_, i) => ({ sec: i, fraction: 0, data: hex('') }))
  const { packets } = await readBytes(pcap({}, records))
  assert.is(packets.length, 9000)
  packets.forEach((packet, i) => {
    assert.ok(packet.startsWith(`${i + 1} ${i}.`))
  })
})

test('a file without packets is a capture', async () => {
  const reading = await readBytes(join(pcap({}, [])))
  assert.equal(reading.packets, [])
  assert.equal(reading.damage, [])
})

test.run()
