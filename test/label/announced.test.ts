/** What was announced of a flow: of which end, for how long, from when on it is believed, and that memory is bounded. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../src/address.ts'
import { createPacket } from '../../src/decode/packet.ts'
import { createClosedFlow } from '../../src/flow/view.ts'
import {
  type AnnouncedServices,
  createAnnouncedServices,
  MAX_ANNOUNCED,
  MAX_FRESH,
  MAX_WAITING,
  MAX_WAITING_FLOWS,
} from '../../src/label/announced.ts'
import type { Service } from '../../src/label/inspect/payload.ts'
import type { ClosedFlow, Packet } from '../../src/types.ts'

const test = suite('announced')

const words = (text: string) => parseAddress(text)?.words ?? [0, 0, 0, 0]

function packetFrom(text: string, sec: number): Packet {
  const packet = createPacket()
  const [src0, src1, src2, src3] = words(text)
  const ipVersion = text.includes(':') ? 6 : 4
  return Object.assign(packet, { src0, src1, src2, src3, ipVersion, timeSec: sec, frame: 7 })
}

interface Given {
  protocol?: number
  hostname?: string
  start?: number
  end?: number
}

/** "10.0.0.2 40000 > 10.0.0.1 5000" */
function flowOf(way: string, given: Given = {}): ClosedFlow {
  const [client, srcPort, server, dstPort] = way.split(/ > | /)
  const [src0, src1, src2, src3] = words(client)
  const [dst0, dst1, dst2, dst3] = words(server)
  return Object.assign(createClosedFlow(), {
    ...{ src0, src1, src2, src3, dst0, dst1, dst2, dst3 },
    protocol: given.protocol ?? 17,
    srcPort: Number(srcPort),
    dstPort: Number(dstPort),
    hostname: given.hostname,
    startSec: given.start ?? 1001,
    endSec: given.end ?? 1010,
  })
}

const RTP: Service = { label: 'rtp', protocol: 17, port: 40_000, through: 'SDP', lifetimeSec: 100 }

/** Believed at once. */
function tell(known: AnnouncedServices, service: Partial<Service>, from = '10.0.0.1', sec = 1000): void {
  known.announce(packetFrom(from, sec), { ...RTP, ...service })
  known.settle(1, true)
}

const labelOf = (known: AnnouncedServices, way: string, given?: Given) =>
  known.find(flowOf(way, given))?.label

test('says who announced what, where and when', () => {
  const known = createAnnouncedServices()
  tell(known, { address: parseAddress('10.0.0.9') })
  assert.equal(known.find(flowOf('10.0.0.2 5000 > 10.0.0.9 40000')), {
    label: 'rtp',
    says: '10.0.0.1 announced rtp at 10.0.0.9:40000/udp in SDP (frame 7), 1.000 s before the flow began',
  })
  const later = known.find(flowOf('10.0.0.2 5000 > 10.0.0.9 40000', { start: 998 }))
  assert.match(later?.says ?? '', /2\.000 s after the flow began$/)
})

test("without an address it is the sender's; IPv6 counts all words", () => {
  const known = createAnnouncedServices()
  tell(known, {}, '2001:db8::1')
  assert.is(labelOf(known, '2001:db8::2 5000 > 2001:db8::1 40000'), 'rtp')
  assert.is(labelOf(known, '2001:db8::2 5000 > 2001:db8:1::1 40000'), undefined)
  assert.match(known.find(flowOf('::2 1 > 2001:db8::1 40000'))?.says ?? '', / at \[2001:db8::1\]:40000\/udp /)
})

test('address, port and transport must be those announced', () => {
  const known = createAnnouncedServices()
  tell(known, {})
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40000'), 'rtp')
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40001'), undefined)
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.3 40000'), undefined)
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40000', { protocol: 6 }), undefined)
})

test("either end of a UDP flow counts, the server's first; of a TCP flow only the server's", () => {
  const known = createAnnouncedServices()
  tell(known, {})
  tell(known, { label: 'srtp', port: 5000 }, '10.0.0.2')
  assert.is(labelOf(known, '10.0.0.1 40000 > 10.0.0.3 9'), 'rtp')
  assert.is(labelOf(known, '10.0.0.1 40000 > 10.0.0.2 5000'), 'srtp')
  tell(known, { label: 'ftp-data', protocol: 6 })
  assert.is(labelOf(known, '10.0.0.3 9 > 10.0.0.1 40000', { protocol: 6 }), 'ftp-data')
  assert.is(labelOf(known, '10.0.0.1 40000 > 10.0.0.3 9', { protocol: 6 }), undefined)
})

test('a name announced counts where the server is known by that name, in either case', () => {
  const known = createAnnouncedServices()
  tell(known, { label: 'ldap', protocol: 6, port: 389, name: 'DC1.example.org' })
  const named = (hostname?: string) =>
    labelOf(known, '10.0.0.2 5000 > 10.0.0.1 389', { protocol: 6, hostname })
  assert.is(named('dc1.Example.org'), 'ldap')
  assert.is(named('dc2.example.org'), undefined)
  assert.is(named(), undefined)
})

test('it holds to the end of its lifetime, which is a week at most, for what began before', () => {
  const known = createAnnouncedServices()
  tell(known, {})
  const at = (start: number, end: number) => labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40000', { start, end })
  assert.is(at(990, 999), 'rtp')
  assert.is(at(1100, 1200), 'rtp')
  assert.is(at(1101, 1200), undefined)
  tell(known, { port: 1, lifetimeSec: 1e12 })
  const week = 1000 + 7 * 24 * 3600
  const one = (start: number) => labelOf(known, '10.0.0.2 5 > 10.0.0.1 1', { start, end: start })
  assert.equal([one(week), one(week + 1)], ['rtp', undefined])
})

test('told again it holds longer; told otherwise it is what was told last', () => {
  const known = createAnnouncedServices()
  const at = (start: number) => labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40000', { start, end: start })
  tell(known, {})
  tell(known, {}, '10.0.0.1', 1050)
  assert.equal([at(1000), at(1150), at(1151)], ['rtp', 'rtp', undefined])
  tell(known, { label: 'srtp' }, '10.0.0.1', 1060)
  assert.equal([at(1000), at(1100), known.size()], ['srtp', 'srtp', 1])
})

test('nothing is believed before both directions of the announcing flow agree', () => {
  const known = createAnnouncedServices()
  const heard = () => labelOf(known, '10.0.0.2 5000 > 10.0.0.1 40000')
  known.announce(packetFrom('10.0.0.1', 1000), RTP)
  known.settle(3, false)
  assert.is(heard(), undefined)
  known.settle(4, true)
  assert.is(heard(), undefined, "another flow's agreement")
  known.settle(3, false)
  assert.is(heard(), undefined)
  known.settle(3, true)
  assert.is(heard(), 'rtp')
})

test('what a flow announced that ended without an answer is forgotten with it', () => {
  const known = createAnnouncedServices()
  known.announce(packetFrom('10.0.0.1', 1000), RTP)
  known.settle(3, false)
  known.forget(3)
  known.settle(3, true)
  assert.is(known.size(), 0)
})

test('memory is bounded: the announcement made longest ago goes', () => {
  const known = createAnnouncedServices()
  const address = (i: number) => parseAddress(`198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`)
  for (let i = 0; i <= MAX_ANNOUNCED; i++) tell(known, { address: address(i) })
  assert.is(known.size(), MAX_ANNOUNCED)
  assert.is(labelOf(known, '10.0.0.2 5000 > 198.18.0.0 40000'), undefined)
  assert.is(labelOf(known, '10.0.0.2 5000 > 198.18.0.1 40000'), 'rtp')
})

test('so is what waits: announcements of a packet, of a flow, and flows', () => {
  const known = createAnnouncedServices()
  const wait = (handle: number, first: number, count: number) => {
    for (let i = 0; i < count; i++) known.announce(packetFrom('10.0.0.1', 1000), { ...RTP, port: first + i })
    known.settle(handle, false)
  }
  wait(1, 1, MAX_FRESH + 5)
  wait(1, 1000, MAX_FRESH)
  known.settle(1, true)
  assert.is(known.size(), Math.min(MAX_WAITING, MAX_FRESH))
  for (let handle = 2; handle < 3 + MAX_WAITING_FLOWS; handle++) wait(handle, 20_000 + handle, 1)
  known.settle(2, true)
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.1 20002'), undefined, 'the first gave its place up')
  known.settle(3, true)
  assert.is(labelOf(known, '10.0.0.2 5000 > 10.0.0.1 20003'), 'rtp')
})

/** Those by which a Map knows what is announced. */
function keysWith(seed: number): number[] {
  const { set } = Map.prototype
  const keys: unknown[] = []
  Map.prototype.set = function (this: Map<unknown, unknown>, key, value) {
    keys.push(key)
    return set.call(this, key, value) as Map<unknown, unknown>
  }
  try {
    const known = createAnnouncedServices(seed)
    for (let i = 1; i <= 100; i++) tell(known, { address: parseAddress(`10.0.0.${i}`) })
  } finally {
    Map.prototype.set = set
  }
  return keys.filter((key) => typeof key === 'number')
}

test("nobody knows the numbers that a Map hashes: they are the seed's", () => {
  const [one, other] = [new Set(keysWith(1)), keysWith(2)]
  assert.is(one.size, 100)
  assert.ok(other.filter((key) => one.has(key)).length < 2)
})

test.run()
