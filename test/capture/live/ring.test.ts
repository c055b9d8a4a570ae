/** Blocks of a ring, built as the kernel fills them, turned into batches. Real interfaces: test/live.test.ts. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BATCH_CAPACITY, createBatch, restartBatch } from '../../../src/capture/batch.ts'
import { createRingWalk, enterBlock, type RingWalk, walkBlock } from '../../../src/capture/live/ring-block.ts'
import { linkTypeOf, socketError } from '../../../src/capture/live/ring-socket.ts'
import { hex } from '../../packet-builder.ts'

const test = suite('ring')

const BLOCK = 1 << 20
const FIRST = 48
/** Where the kernel puts the link header of a raw socket, and the network header of a cooked one. */
const RAW_MAC = 114
const COOKED_MAC = 128

interface Slot {
  data: string
  sec?: number
  nsec?: number
  /** Length on the wire, if the frame was cut. */
  length?: number
  vlan?: { tci: number; tpid?: number }
  protocol?: number
  index?: number
  hardware?: number
  type?: number
  /** Overrides. */
  mac?: number
  captured?: number
  next?: number
}

const LINK_ADDRESS = '02000000000a0000'

/** One block at offset `at` of a ring of two. */
function ring(
  slots: Slot[],
  { cooked = false, at = 0, linkType }: { cooked?: boolean; at?: number; linkType?: number } = {},
): RingWalk {
  const memory = new ArrayBuffer(2 * BLOCK)
  const view = new DataView(memory)
  const bytes = new Uint8Array(memory)
  view.setUint32(at + 12, slots.length, true)
  view.setUint32(at + 16, FIRST, true)
  let packet = at + FIRST
  slots.forEach((slot, i) => {
    const data = hex(slot.data)
    const mac = slot.mac ?? (cooked ? COOKED_MAC : RAW_MAC)
    const size = (mac + data.length + 15) & ~15
    view.setUint32(packet, slot.next ?? (i === slots.length - 1 ? 0 : size), true)
    view.setUint32(packet + 4, slot.sec ?? 1_700_000_000, true)
    view.setUint32(packet + 8, slot.nsec ?? 0, true)
    view.setUint32(packet + 12, slot.captured ?? data.length, true)
    view.setUint32(packet + 16, slot.length ?? data.length, true)
    view.setUint32(
      packet + 20,
      slot.vlan === undefined ? 1 : slot.vlan.tpid === undefined ? 0x11 : 0x51,
      true,
    )
    view.setUint16(packet + 24, mac, true)
    view.setUint32(packet + 32, slot.vlan?.tci ?? 0, true)
    view.setUint16(packet + 36, slot.vlan?.tpid ?? 0, true)
    view.setUint16(packet + 48, 17, true)
    view.setUint16(packet + 50, slot.protocol ?? 0x0800)
    view.setInt32(packet + 52, slot.index ?? 2, true)
    view.setUint16(packet + 56, slot.hardware ?? 1, true)
    bytes[packet + 58] = slot.type ?? 0
    bytes[packet + 59] = 6
    bytes.set(hex(LINK_ADDRESS), packet + 60)
    bytes.set(data, packet + mac)
    packet += size
  })
  const walk = createRingWalk(memory, { linkType: linkType ?? (cooked ? 276 : 1), cooked })
  enterBlock(walk, at, BLOCK)
  return walk
}

/** "sec.nsec captured/original linkType flags bytes" of every packet. */
function walked(walk: RingWalk): string[] {
  const batch = createBatch()
  restartBatch(batch, walk.bytes)
  walkBlock(walk, batch)
  return Array.from({ length: batch.count }, (_, i) => {
    const start = batch.start[i]
    const bytes = Buffer.from(batch.bytes.subarray(start, start + batch.capturedLength[i])).toString('hex')
    const lengths = `${batch.capturedLength[i]}/${batch.originalLength[i]}`
    return `${batch.timeSec[i]}.${batch.timeNsec[i]} ${lengths} ${batch.linkType[i]} ${batch.flags[i]} ${bytes}`
  })
}

const DST = '020000000001'
const SRC = '020000000002'

test('packets of a block, in place, with time and lengths', () => {
  const walk = ring(
    [
      { data: `${DST}${SRC}0800aabb`, sec: 1_700_000_001, nsec: 5 },
      { data: `${DST}${SRC}0806cc`, sec: 4_000_000_000, nsec: 999_999_999, length: 1500, type: 4 },
    ],
    { at: BLOCK },
  )
  assert.equal(walked(walk), [
    `1700000001.5 16/16 1 0 ${DST}${SRC}0800aabb`,
    `4000000000.999999999 15/1500 1 2 ${DST}${SRC}0806cc`,
  ])
  assert.is(walk.left, 0)
})

test('a tag that the kernel took off is put back behind the addresses', () => {
  const data = `${DST}${SRC}0800aabb`
  const walk = ring([
    { data, vlan: { tci: 0x600c, tpid: 0x8100 } },
    { data, vlan: { tci: 7, tpid: 0x88a8 }, length: 100 },
    // Old kernels do not tell which tag it was.
    { data, vlan: { tci: 0 } },
    { data },
  ])
  assert.equal(walked(walk), [
    `1700000000.0 20/20 1 0 ${DST}${SRC}8100600c0800aabb`,
    `1700000000.0 20/104 1 0 ${DST}${SRC}88a800070800aabb`,
    `1700000000.0 20/20 1 0 ${DST}${SRC}810000000800aabb`,
    `1700000000.0 16/16 1 0 ${data}`,
  ])
})

test('a frame too short for a tag, or of a link without tags, stays as it is', () => {
  const vlan = { tci: 12, tpid: 0x8100 }
  assert.equal(walked(ring([{ data: '0200000000', vlan }])), ['1700000000.0 5/5 1 0 0200000000'])
  assert.equal(walked(ring([{ data: '4500', vlan }], { linkType: 101 })), ['1700000000.0 2/2 101 0 4500'])
})

test('cooked packets get a LINUX_SLL2 header, and their tag', () => {
  const sll2 = (protocol: string, type = '00') => `${protocol}0000000000020001${type}06${LINK_ADDRESS}`
  const tpid = 0x8100
  const walk = ring(
    [
      { data: '4500aabb' },
      { data: '6000', protocol: 0x86dd, type: 4, index: 0x0102_0304, hardware: 512 },
      { data: '4500aabb', vlan: { tci: 12, tpid } },
      // Behind two tags the kernel names the protocol of the payload, but leaves the inner tag in place.
      { data: '000708004500', vlan: { tci: 100, tpid: 0x88a8 } },
      { data: '4500080045', vlan: { tci: 100, tpid } },
      { data: '' },
    ],
    { cooked: true },
  )
  assert.equal(walked(walk), [
    `1700000000.0 24/24 276 0 ${sll2('0800')}4500aabb`,
    `1700000000.0 22/22 276 2 86dd00000102030402000406${LINK_ADDRESS}6000`,
    `1700000000.0 28/28 276 0 ${sll2('8100')}000c08004500aabb`,
    `1700000000.0 30/30 276 0 ${sll2('88a8')}00648100000708004500`,
    `1700000000.0 29/29 276 0 ${sll2('8100')}006408004500080045`,
    `1700000000.0 20/20 276 0 ${sll2('0800')}`,
  ])
})

test('a block with more packets than a batch takes several batches', () => {
  const count = BATCH_CAPACITY + 3
  const walk = ring(Array.from({ length: count }, (_, i) => ({ data: 'aa', nsec: i })))
  const batch = createBatch()
  restartBatch(batch, walk.bytes)
  walkBlock(walk, batch)
  assert.equal([batch.count, batch.firstFrame, walk.left], [BATCH_CAPACITY, 1, 3])
  restartBatch(batch, walk.bytes)
  walkBlock(walk, batch)
  assert.equal([batch.count, batch.firstFrame, walk.left], [3, BATCH_CAPACITY + 1, 0])
  assert.is(batch.timeNsec[2], count - 1)
})

test('lengths and offsets that lead out of the block are not followed', () => {
  const [long] = walked(ring([{ data: 'aabb', captured: 0xffff_ffff, length: 0xffff_ffff }]))
  assert.match(long, new RegExp(`^1700000000\\.0 ${BLOCK - FIRST - RAW_MAC}/4294967295 1 0 aabb`))
  assert.equal(walked(leads(0xffff_fff0)), ['1700000000.0 1/1 1 0 aa'])
  assert.equal(walked(leads(BLOCK - FIRST - 8)), ['1700000000.0 1/1 1 0 aa'])
  // Never forward: as many as the block says, no more.
  assert.is(walked(leads(0)).length, 3)
})

/** Three packets, of which the first names a wrong place for the second. */
function leads(next: number): RingWalk {
  return ring([{ data: 'aa', next }, { data: 'bb' }, { data: 'cc' }])
}

test('hardware types have link types, the others are cooked', () => {
  assert.equal(linkTypeOf(1), { linkType: 1, cooked: false })
  assert.equal(linkTypeOf(65_534), { linkType: 101, cooked: false })
  assert.equal(linkTypeOf(512), { linkType: 276, cooked: true })
  assert.equal(linkTypeOf(undefined), { linkType: 276, cooked: true })
})

test('errors of the system say what to do', () => {
  assert.match(
    socketError('EPERM', 'eth0').message,
    /^eth0: capturing needs CAP_NET_RAW; .*\(CAPTURE_NO_PERMISSION\)$/,
  )
  assert.match(socketError('ENODEV', 'eth9').message, /flowhawk interfaces \(INTERFACE_NOT_FOUND\)$/)
  assert.match(socketError('EAFNOSUPPORT', 'eth0').message, /--backend cap \(BACKEND_UNSUPPORTED\)$/)
  assert.is(socketError('EIO', 'eth0').message, 'eth0: cannot be opened, EIO (CAPTURE_OPEN)')
})

test.run()
