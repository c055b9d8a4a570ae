import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BATCH_OUTGOING, BATCH_RESYNCHRONISED } from '../../src/bytes.ts'
import {
  Bytes,
  block,
  enhanced,
  hex,
  interfaceBlock,
  join,
  option,
  payloads,
  readBytes,
  samplePcapng,
  section,
  simple,
} from './build.ts'

const test = suite('pcapng')

const CHUNKS = [1, 7, 4096, 262_144]
const OUT = BATCH_OUTGOING
const RESYNC = BATCH_RESYNCHRONISED
const SAMPLE = [
  '1 1700000000.000001000 1/1 1 0 aa',
  `2 1700000000.000002000 2/2 1 ${OUT} bbbb`,
  '3 1700000000.000002000 6/6 1 0 cccccccccccc',
  '4 1700000000.000000003 4/4 101 0 dddddddd',
]

test('reads the file a person can read', async () => {
  const file = hex(`
    0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
    01000000 14000000 0100 0000 60000000 14000000
    06000000 24000000 00000000 240a0600 40222018 03000000 40000000 010203 00 24000000
  `)
  const { packets, damage, source } = await readBytes(file)
  assert.equal(packets, ['1 1700000000.123456000 3/64 1 0 010203'])
  assert.equal(damage, [])
  assert.equal(source.info, {
    source: 'test',
    format: 'pcapng',
    linkTypes: [1],
    timestampPrecision: 'microseconds',
  })
})

test('several sections, byte orders, link types and resolutions, at every chunk size', async () => {
  for (const chunkSize of CHUNKS) {
    const { packets, damage, source } = await readBytes(samplePcapng(), chunkSize)
    assert.equal(packets, SAMPLE, `chunk ${chunkSize}`)
    assert.equal(damage, [])
    assert.equal(source.info.linkTypes, [1], 'only what is declared before the first packet')
    assert.equal(source.dropped, { interface: 7 })
  }
})

test('the info names every interface before the first packet, and the finest resolution', async () => {
  const file = join(
    section(),
    interfaceBlock({ options: option(true, 9, hex('03')) }),
    interfaceBlock({ linkType: 113, options: option(true, 9, hex('9e')) }),
    interfaceBlock({ linkType: 113 }),
    enhanced(),
    interfaceBlock({ linkType: 228, options: option(true, 9, hex('0c')) }),
  )
  const { source } = await readBytes(file)
  assert.equal(source.info.linkTypes, [1, 113])
  assert.is(source.info.timestampPrecision, '2^-30 s')
})

test('interfaces that libpcap would not read together are told, wherever they are declared', async () => {
  const mixed = async (...others: Uint8Array[]) => {
    const { source } = await readBytes(join(section(), interfaceBlock(), enhanced(), ...others))
    return source.info.mixedInterfaces
  }
  assert.is(await mixed(interfaceBlock()), undefined)
  assert.is(
    await mixed(interfaceBlock({ snaplen: 262_144 }), interfaceBlock({ snaplen: 0xffff_ffff })),
    undefined,
  )
  assert.is(await mixed(interfaceBlock({ linkType: 113 })), true)
  assert.is(await mixed(section(), interfaceBlock({ snaplen: 128 })), true)
})

test('if_tsoffset moves an interface, also backwards', async () => {
  const offset = (seconds: bigint) => option(true, 14, new Bytes(true).u64(seconds).done())
  const file = join(
    section(),
    interfaceBlock({ options: offset(1000n) }),
    interfaceBlock({ options: offset(-1n) }),
    enhanced({ from: 0, ticks: 1_000_001n }),
    enhanced({ from: 1, ticks: 2_000_000n }),
  )
  const { packets } = await readBytes(file)
  assert.match(packets[0], /^1 1001\.000001000 /)
  assert.match(packets[1], /^2 1\.000000000 /)
})

test('a simple packet is cut to the snaplen and repeats the last time of its section', async () => {
  const file = join(
    section(),
    interfaceBlock({ snaplen: 5 }),
    simple(9, hex('010203040506 0708')),
    enhanced({ ticks: 7_000_000n }),
    simple(3, hex('0a0b0c')),
    section(),
    interfaceBlock(),
    simple(2, hex('0d0e')),
  )
  assert.equal((await readBytes(file)).packets, [
    '1 0.000000000 5/9 1 0 0102030405',
    '2 7.000000000 4/4 1 0 01020304',
    '3 7.000000000 3/3 1 0 0a0b0c',
    '4 0.000000000 2/2 1 0 0d0e',
  ])
})

test('the obsolete packet block, with its drop count', async () => {
  const body = (drops: number) =>
    new Bytes(false).u16(0, drops).u32(0, 5_000_000, 2, 60).raw(hex('0102')).pad().done()
  const file = join(
    section(false),
    interfaceBlock({ little: false }),
    block(false, 2, body(3)),
    block(false, 2, body(0xffff)),
    block(false, 2, body(4)),
  )
  const { packets, source } = await readBytes(file)
  assert.is(packets.length, 3)
  assert.is(packets[0], '1 5.000000000 2/60 1 0 0102')
  assert.equal(source.dropped, { interface: 7 })
})

test('statistics: the last of each interface, summed over interfaces and sections', async () => {
  const counts = (from: number, ifdrop: bigint, osdrop: bigint) =>
    block(
      true,
      5,
      new Bytes(true)
        .u32(from, 0, 0)
        .raw(option(true, 5, new Bytes(true).u64(ifdrop).done()))
        .raw(option(true, 7, new Bytes(true).u64(osdrop).done()))
        .done(),
    )
  const dropcount = option(true, 4, new Bytes(true).u64(2n).done())
  const file = join(
    section(),
    interfaceBlock(),
    interfaceBlock(),
    enhanced({ from: 0, options: dropcount }),
    enhanced({ from: 1, options: dropcount }),
    counts(0, 10n, 1n),
    counts(0, 20n, 2n),
    enhanced({ from: 0, options: dropcount }),
    counts(7, 1000n, 1000n),
    section(),
    interfaceBlock(),
    counts(0, 100n, 2n ** 63n),
  )
  const { source, damage } = await readBytes(file)
  assert.equal(source.dropped, { interface: 20 + 2 + 100, kernel: 2 })
  assert.equal(damage, [])
})

test('every other block is skipped, also one far longer than a packet may be', async () => {
  const other = [4, 0x0a, 9, 0xbad, 0x40000bad, 0x7fff0001].map((type) =>
    block(true, type, hex('0102030405')),
  )
  const long = block(true, 0x0bad, new Uint8Array(700_000))
  const file = join(section(), ...other, interfaceBlock(), ...other, long, enhanced(), ...other)
  for (const chunkSize of [1000, 4096, 262_144]) {
    const { packets, damage } = await readBytes(file, chunkSize)
    assert.equal(packets, ['1 0.000000000 4/4 1 0 01020304'])
    assert.equal(damage, [])
  }
})

test('a packet of no bytes is a packet', async () => {
  const file = join(section(), interfaceBlock(), enhanced({ data: hex('') }), simple(0, hex('')), enhanced())
  assert.equal(payloads(await readBytes(file)), ['', '', '01020304'])
})

test('malformed options are ignored, the block is used', async () => {
  const bad = [
    option(true, 9, hex('0909')),
    hex('0900 ffff 06'),
    hex('0900 0100'),
    hex('0900'),
    join(option(true, 0, hex('')), option(true, 9, hex('09'))),
  ]
  for (const options of bad) {
    const { packets, damage } = await readBytes(
      join(section(), interfaceBlock({ options }), enhanced({ ticks: 1n })),
    )
    assert.equal(packets, ['1 0.000001000 4/4 1 0 01020304'])
    assert.equal(damage, [])
  }
  const flags = join(hex('0800 ff00 00'), option(true, 2, hex('02000000')))
  assert.match(
    (await readBytes(join(section(), interfaceBlock(), enhanced({ options: flags })))).packets[0],
    / 1 0 /,
  )
})

test('packets of an undeclared interface are damage and skipped, a run of them once', async () => {
  const file = join(
    section(),
    interfaceBlock(),
    enhanced({ from: 3 }),
    enhanced({ from: 3 }),
    enhanced({ data: hex('aa') }),
    enhanced({ from: 4 }),
    section(),
    simple(1, hex('bb')),
    interfaceBlock(),
    enhanced({ data: hex('cc') }),
  )
  const reading = await readBytes(file)
  assert.equal(payloads(reading), ['aa', 'cc'])
  assert.equal(reading.damage, ['48 PCAPNG_INTERFACE', '156 PCAPNG_INTERFACE', '220 PCAPNG_INTERFACE'])
})

test('a packet longer than its block is damage, the next is read', async () => {
  const file = join(
    section(),
    interfaceBlock(),
    enhanced({ captured: 5 }),
    enhanced({ captured: 0xffffffff }),
    enhanced(),
  )
  const reading = await readBytes(file)
  assert.equal(payloads(reading), ['01020304'])
  assert.equal(reading.damage, ['48 PCAPNG_PACKET_LENGTH', '84 PCAPNG_PACKET_LENGTH'])
  assert.is(reading.source.damage[0].reason, 'packet length 5, at most 4 expected')
})

test('blocks too short for what they are do not stop the file', async () => {
  const short = [6, 3, 2, 5].map((type) => block(true, type, hex('')))
  const { packets, damage } = await readBytes(join(section(), interfaceBlock(), ...short, enhanced()))
  assert.is(packets.length, 1)
  assert.equal(damage, ['48 PCAPNG_BLOCK_LENGTH', '60 PCAPNG_BLOCK_LENGTH', '72 PCAPNG_BLOCK_LENGTH'])
})

test('an interface that cannot be read keeps its number', async () => {
  const file = join(
    section(),
    block(true, 1, hex('')),
    interfaceBlock({ linkType: 113 }),
    enhanced({ from: 1 }),
    enhanced({ from: 0 }),
  )
  const { packets, damage } = await readBytes(file)
  assert.equal(packets, ['1 0.000000000 4/4 113 0 01020304'])
  assert.equal(damage, ['28 PCAPNG_BLOCK_LENGTH', '96 PCAPNG_INTERFACE'])
})

/** Section, interface, "aa", a block with the given fault, then packets "bb" … */
function withFault(fault: Uint8Array, after: readonly string[]): Uint8Array {
  const packets = after.map((data) => enhanced({ data: hex(data) }))
  return join(section(), interfaceBlock(), enhanced({ data: hex('aa') }), fault, ...packets)
}

test('impossible lengths: noted at the block, reading goes on where three blocks chain', async () => {
  for (const length of [0, 7, 11, 14, 1_000_000, 0x7ffffffc, 0xfffffffc, 0xffffffff]) {
    const fault = block(true, 6, new Uint8Array(28), length)
    for (const chunkSize of CHUNKS) {
      const reading = await readBytes(withFault(fault, ['bb', 'cc', 'dd']), chunkSize)
      assert.equal(payloads(reading), ['aa', 'bb', 'cc', 'dd'], `length ${length} chunk ${chunkSize}`)
      assert.equal(reading.damage, ['84 PCAPNG_BLOCK_LENGTH'])
      const flags = reading.packets.map((packet) => packet.split(' ')[4])
      assert.equal(flags, ['0', `${RESYNC}`, `${RESYNC}`, `${RESYNC}`])
    }
  }
  const seven = withFault(block(true, 6, new Uint8Array(28), 7), [])
  assert.is((await readBytes(seven)).source.damage[0].reason, 'block length 7, at least 12 expected')
})

test('disagreeing lengths are damage', async () => {
  const fault = block(true, 6, new Uint8Array(28))
  fault[fault.length - 4] ^= 4
  const reading = await readBytes(withFault(fault, ['bb', 'cc', 'dd']))
  assert.equal(payloads(reading), ['aa', 'bb', 'cc', 'dd'])
  assert.equal(reading.damage, ['84 PCAPNG_BLOCK_LENGTH'])
  assert.is(reading.source.damage[0].reason, 'block length 40 at its start, 44 at its end')
})

test('two chained blocks are not enough to go on', async () => {
  const fault = block(true, 6, new Uint8Array(28), 8)
  const reading = await readBytes(withFault(fault, ['bb', 'cc']))
  assert.equal(payloads(reading), ['aa'])
  assert.equal(reading.damage, ['84 PCAPNG_BLOCK_LENGTH'])
})

test('blocks off the four-byte alignment are not found', async () => {
  const reading = await readBytes(join(withFault(hex('06000000 08000000 00'), ['bb', 'cc', 'dd'])))
  assert.equal(payloads(reading), ['aa'])
})

test('a length past the end is a wrong length if blocks follow inside, a cut if not', async () => {
  const fault = block(true, 6, new Uint8Array(28), 4000)
  for (const chunkSize of CHUNKS) {
    const wrong = await readBytes(withFault(fault, ['bb', 'cc', 'dd']), chunkSize)
    assert.equal(payloads(wrong), ['aa', 'bb', 'cc', 'dd'])
    assert.equal(wrong.damage, ['84 PCAPNG_BLOCK_LENGTH'])
    const cut = await readBytes(withFault(fault, ['bb']), chunkSize)
    assert.equal(payloads(cut), ['aa'])
    assert.equal(cut.damage, ['84 PCAPNG_CUT'])
    assert.is(cut.source.damage[0].reason, 'block cut after 76 bytes, 4000 expected')
  }
})

test('a long skipped block that is cut, or whose lengths disagree', async () => {
  const long = block(true, 0x0bad, new Uint8Array(700_000))
  const cut = await readBytes(join(withFault(long, []).subarray(0, 600_000)), 4096)
  assert.equal(cut.damage, ['84 PCAPNG_CUT'])
  long[long.length - 1] = 1
  const reading = await readBytes(withFault(long, ['bb', 'cc', 'dd']), 4096)
  assert.equal(payloads(reading), ['aa', 'bb', 'cc', 'dd'])
  assert.equal(reading.damage, ['84 PCAPNG_BLOCK_LENGTH'])
})

test('a lost section header does not give its packets to the section before', async () => {
  const lost = section(false)
  lost[8] = 0
  const file = join(
    section(),
    interfaceBlock(),
    enhanced({ data: hex('aa') }),
    lost,
    interfaceBlock({ little: false, linkType: 101 }),
    enhanced({ little: false, data: hex('bb') }),
    enhanced({ little: false, data: hex('cc') }),
  )
  const { packets, damage } = await readBytes(file)
  assert.equal(packets, [
    '1 0.000000000 1/1 1 0 aa',
    `2 0.000000000 1/1 101 ${RESYNC} bb`,
    `3 0.000000000 1/1 101 ${RESYNC} cc`,
  ])
  assert.equal(damage, ['84 PCAPNG_BYTE_ORDER'])
})

test('another format version is noted and read all the same', async () => {
  const file = join(section(), interfaceBlock(), enhanced())
  file[12] = 2
  const { packets, damage } = await readBytes(file)
  assert.is(packets.length, 1)
  assert.equal(damage, ['0 PCAPNG_VERSION'])
})

test('each truncation yields the whole blocks before it', async () => {
  const file = samplePcapng()
  const ends: number[] = []
  const order = new DataView(file.buffer)
  for (let at = 0, little = true; at < file.length; ) {
    if (order.getUint32(at) === 0x0a0d0d0a) little = order.getUint32(at + 8, true) === 0x1a2b3c4d
    at += order.getUint32(at + 4, little)
    ends.push(at)
  }
  const packetEnds = [2, 4, 5, 8].map((index) => ends[index])
  for (let length = 4; length <= file.length; length++) {
    const cut = file.subarray(0, length)
    const reading = await readBytes(cut)
    const start = [0, ...ends].filter((end) => end <= length).at(-1)!
    assert.equal(reading.packets, SAMPLE.slice(0, packetEnds.filter((end) => end <= length).length))
    assert.equal(reading.damage, start === length ? [] : [`${start} PCAPNG_CUT`], `length ${length}`)
    const bytewise = await readBytes(cut, 1)
    assert.equal(bytewise.packets, reading.packets)
    assert.equal(bytewise.damage, reading.damage)
  }
})

test('a file of faults fills neither the list nor the memory', async () => {
  const faults = Array.from({ length: 3000 }, (_, i) => enhanced({ from: 1 + (i & 1) }))
  const { damage, source } = await readBytes(join(section(), interfaceBlock(), ...faults))
  assert.is(damage.length, 1001)
  assert.is(source.damage[1000].code, 'DAMAGE_NOT_LISTED')
})

test.run()
