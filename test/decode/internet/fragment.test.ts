import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PACKET_FRAGMENT, PACKET_ORPHAN_FRAGMENT } from '../../../src/bytes.ts'
import { createDecoder, type DecodeOptions } from '../../../src/decode/decode.ts'
import { FRAGMENT_TIMEOUT_SEC, MAX_DATAGRAMS, MAX_HELD } from '../../../src/decode/internet/fragment-table.ts'
import { createPacket } from '../../../src/decode/packet.ts'
import {
  type BatchOptions,
  batchOf,
  ethernet,
  gre,
  hex,
  icmp,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragment,
  mpls,
  tcp,
  udp,
  vlan,
} from '../../packet-builder.ts'
import { flowText, INNER } from '../decoding.ts'

const test = suite('decode/internet/fragment')

const ports = { srcPort: 1000, dstPort: 2000 }
const FLOW = '10.0.0.1:1000 > 10.0.0.2:2000 17'
const ORPHAN = '10.0.0.1:0 > 10.0.0.2:0 17'

/** What comes out for each packet: "1 flow", "2 held", "2* flow" for one released later, "2 orphan flow". */
function run(
  frames: Uint8Array[],
  batchOptions: BatchOptions = {},
  options: DecodeOptions = INNER,
): string[] {
  const batch = batchOf(frames, batchOptions)
  const decoder = createDecoder(options)
  const packet = createPacket()
  const lines: string[] = []
  const line = (mark: string) => {
    const kind = (packet.flags & PACKET_ORPHAN_FRAGMENT) !== 0 ? ' orphan' : ''
    lines.push(`${packet.frame}${mark}${kind} ${flowText(packet)}`)
  }
  const drain = () => {
    while (decoder.released(packet)) {
      assert.is(packet.payloadStart, packet.payloadEnd, 'a released fragment has no bytes')
      line('*')
    }
  }
  for (let i = 0; i < frames.length; i++) {
    const status = decoder.decode(batch, i, packet)
    if (status === 2) lines.push(`${packet.frame} held`)
    else if (status === 0) line('')
    else lines.push(`${packet.frame} status ${status}`)
    drain()
  }
  decoder.flush()
  drain()
  return lines
}

const three = (identification = 1) =>
  ipv4Fragments({ identification }, udp(ports, 'x'.repeat(48)), 24).map((fragment) => ethernet(fragment))

test('later fragments get the ports of the first', () => {
  assert.equal(run(three()), [`1 ${FLOW}`, `2 ${FLOW}`, `3 ${FLOW}`])
})

test('later fragments that come first wait for it', () => {
  const [first, second, third] = three()
  assert.equal(run([third, second, first]), ['1 held', '2 held', `3 ${FLOW}`, `1* ${FLOW}`, `2* ${FLOW}`])
})

test('fragments without a first one are orphans at the end', () => {
  const [, second, third] = three()
  assert.equal(run([second, third]), ['1 held', '2 held', `1* orphan ${ORPHAN}`, `2* orphan ${ORPHAN}`])
})

test('lengths of each fragment are its own', () => {
  const [first, second] = three()
  const batch = batchOf([first, second])
  const packet = createPacket()
  const decoder = createDecoder(INNER)
  decoder.decode(batch, 0, packet)
  assert.is(packet.payloadBytes, 16)
  assert.is(packet.ipBytes, 44)
  assert.is(packet.flags, PACKET_FRAGMENT)
  decoder.decode(batch, 1, packet)
  assert.is(packet.payloadBytes, 24)
  assert.is(packet.ipBytes, 44)
  assert.is(packet.flags, PACKET_FRAGMENT)
  assert.is(packet.payloadStart, packet.payloadEnd, 'the middle of a datagram is nothing to look into')
})

test('what a tiny first fragment leaves of the TCP header is no payload', () => {
  const payload = 'x'.repeat(100)
  for (const size of [8, 16, 24]) {
    const frames = ipv4Fragments({}, tcp(ports, payload), size).map((fragment) => ethernet(fragment))
    const decoder = createDecoder(INNER)
    const packet = createPacket()
    const sizes = frames.map((_, i) => {
      decoder.decode(batchOf(frames), i, packet)
      return packet.payloadBytes
    })
    assert.is(
      sizes.reduce((sum, bytes) => sum + bytes),
      payload.length,
      `fragments of ${size} bytes`,
    )
  }
})

test('waiting ends after the timeout of packet time, not before', () => {
  const [first, second] = three()
  const other = ethernet(ipv4({}, udp({ srcPort: 7, dstPort: 8 })))
  const at = FRAGMENT_TIMEOUT_SEC
  const late = run([second, other, first], { times: [100, 100 + at + 1, 100 + at + 2] })
  assert.equal(late, ['1 held', `2 10.0.0.1:7 > 10.0.0.2:8 17`, `1* orphan ${ORPHAN}`, `3 ${FLOW}`])
  const inTime = run([second, other, first], { times: [100, 100 + at, 100 + at] })
  assert.equal(inTime, ['1 held', `2 10.0.0.1:7 > 10.0.0.2:8 17`, `3 ${FLOW}`, `1* ${FLOW}`])
})

test('a known datagram is forgotten after the timeout', () => {
  const [first, second] = three()
  assert.equal(run([first, second], { times: [100, 131] }), [`1 ${FLOW}`, '2 held', `2* orphan ${ORPHAN}`])
})

const otherFrame = ethernet(ipv4({}, udp({ srcPort: 7, dstPort: 8 })))
const OTHER = '10.0.0.1:7 > 10.0.0.2:8 17'

test('one packet with a broken time ends no waiting', () => {
  const [first, second] = three()
  for (const broken of [4_000_000_000, 1])
    assert.equal(run([first, otherFrame, second], { times: [1_700_000_000, broken, 1_700_000_001] }), [
      `1 ${FLOW}`,
      `2 ${OTHER}`,
      `3 ${FLOW}`,
    ])
})

test('an interface whose clock is wrong ends no waiting of another', () => {
  const [first, second, third] = three()
  const days = [0, 86_400, 1, 86_401, 2]
  assert.equal(run([third, otherFrame, second, otherFrame, first], { times: days.map((sec) => 1e9 + sec) }), [
    '1 held',
    `2 ${OTHER}`,
    '3 held',
    `4 ${OTHER}`,
    `5 ${FLOW}`,
    `1* ${FLOW}`,
    `3* ${FLOW}`,
  ])
})

test('interfaces whose clocks differ by days may take turns', () => {
  const [first, second] = three()
  const days = [0, 86_400, 86_401, 86_402, 1, 2, 3, 86_403, 86_404, 86_405, 4]
  const frames = days.map((_, i) => (i === 0 ? first : i === days.length - 1 ? second : otherFrame))
  const seen = run(frames, { times: days.map((sec) => 1e9 + sec) })
  assert.is(seen[days.length - 1], `${days.length} ${FLOW}`)
})

test('waiting ends though the clock was set back', () => {
  const [, second] = three()
  const times = [1_700_000_000, 1000, 1001, 1002, 1033].concat(1034)
  assert.equal(run([second, ...times.slice(1).map(() => otherFrame)], { times }).slice(5), [
    `1* orphan ${ORPHAN}`,
    `6 ${OTHER}`,
  ])
})

test('an identification used again after the clock was set is another datagram', () => {
  const [first, second] = three()
  for (const later of [1_700_000_100, 1_600_000_000])
    assert.equal(run([first, second], { times: [1_700_000_000, later] }), [
      `1 ${FLOW}`,
      '2 held',
      `2* orphan ${ORPHAN}`,
    ])
})

test('an input that overlaps the one before does not keep its fragments waiting', () => {
  const [, second] = three()
  const decoder = createDecoder(INNER)
  const packet = createPacket()
  const decode = (frame: Uint8Array, sec: number) =>
    decoder.decode(batchOf([frame], { times: [sec] }), 0, packet)
  decode(second, 2000)
  decoder.startInput()
  decode(otherFrame, 1000)
  decode(otherFrame, 1031)
  assert.ok(decoder.released(packet))
})

test('identification, protocol, addresses and VLAN tell datagrams apart', () => {
  const [first] = three(1)
  const [, other] = three(2)
  assert.is(run([first, other])[1], '2 held')
  const reply = ipv4Fragments({ src: '10.0.0.2', dst: '10.0.0.1' }, udp(ports, 'x'.repeat(48)), 24)
  assert.is(run([first, ethernet(reply[1])])[1], '2 held')
  const tagged = (id: number) =>
    ipv4Fragments({}, udp(ports, 'x'.repeat(48)), 24).map((part) => ethernet(vlan(id, part)))
  assert.is(run([tagged(1)[0], tagged(2)[1]])[1], '2 held')
  assert.is(run([tagged(1)[0], tagged(2)[1]], {}, { ...INNER, ignoreVlan: true })[1], `2 ${FLOW}`)
})

test('a new first fragment under an old identification takes over', () => {
  const again = ipv4Fragments({}, udp({ srcPort: 9, dstPort: 2000 }, 'x'.repeat(48)), 24).map((part) =>
    ethernet(part),
  )
  const other = '10.0.0.1:9 > 10.0.0.2:2000 17'
  assert.equal(run([...three(), ...again]).slice(3), [`4 ${other}`, `5 ${other}`, `6 ${other}`])
})

test('protocols without ports need not wait', () => {
  const fragments = ipv4Fragments({ protocol: 89 }, new Uint8Array(48), 24).map((part) => ethernet(part))
  assert.equal(run([fragments[1]]), ['1 10.0.0.1:0 > 10.0.0.2:0 89'])
})

test('fragments of a ping join it', () => {
  const message = icmp({ type: 8, identifier: 3 }, 'x'.repeat(64))
  const fragments = ipv4Fragments({}, message, 32).map((part) => ethernet(part))
  assert.equal(
    run(fragments),
    ['1', '2', '3'].map((n) => `${n} 10.0.0.1:8 > 10.0.0.2:0 1`),
  )
})

test('ipv6 fragments', () => {
  const segment = udp(ports, 'x'.repeat(40))
  const part = (offset: number, more: boolean) =>
    ethernet(
      ipv6(
        {},
        ipv6Fragment({ identification: 5, offset, more, nextHeader: 17 }, segment.slice(offset, offset + 24)),
      ),
    )
  const flow = '2001:db8::1:1000 > 2001:db8::2:2000 17'
  assert.equal(run([part(0, true), part(24, false)]), [`1 ${flow}`, `2 ${flow}`])
  assert.equal(run([part(24, false), part(0, true)]), ['1 held', `2 ${flow}`, `1* ${flow}`])
})

test('a fragmented tunnel: the inner flow gets all, its bytes once', () => {
  const outer = gre({}, ipv4({ src: '172.16.0.1' }, udp(ports, 'x'.repeat(72))))
  const frames = ipv4Fragments({}, outer, 64).map((part) => ethernet(part))
  const flow = '172.16.0.1:1000 > 10.0.0.2:2000 17'
  assert.equal(run(frames), [`1 ${flow}`, `2 ${flow}`])
  const batch = batchOf(frames)
  const packet = createPacket()
  const decoder = createDecoder(INNER)
  decoder.decode(batch, 0, packet)
  assert.is(packet.ipBytes, 100)
  assert.is(packet.payloadBytes, 72)
  assert.is(packet.flags, PACKET_FRAGMENT, 'not cut by the snaplen')
  decoder.decode(batch, 1, packet)
  assert.is(packet.ipBytes, 0)
  assert.is(packet.payloadBytes, 0)
  assert.equal(
    run(frames, {}, { ...INNER, decapsulate: 'outer' }),
    ['1', '2'].map((n) => `${n} 10.0.0.1:0 > 10.0.0.2:0 47`),
  )
})

test('more datagrams than the bound: the oldest is given up', () => {
  const later = (identification: number) => ethernet(ipv4({ identification, fragmentOffset: 24 }, 'x'))
  const frames = Array.from({ length: MAX_DATAGRAMS + 1 }, (_, i) => later(i))
  const lines = run(frames, { times: frames.map(() => 100) })
  assert.is(lines.filter((text) => text.includes('orphan')).length, MAX_DATAGRAMS + 1)
  assert.is(lines.indexOf(`1* orphan ${ORPHAN}`), MAX_DATAGRAMS + 1, 'before the end of input')
})

test('more held fragments than the bound: none is lost', () => {
  const later = ethernet(ipv4({ fragmentOffset: 24 }, 'x'))
  const frames = new Array<Uint8Array>(MAX_HELD + 10).fill(later)
  const lines = run(frames, { times: frames.map(() => 100) })
  assert.is(lines.filter((text) => text.includes('orphan')).length, MAX_HELD + 10)
})

test('tunnels are entered in the first fragment of their datagram', () => {
  const inside = udp(ports, 'x'.repeat(100))
  for (const [dstPort, payload] of [
    [3544, ipv6({ src: '2001:db8::7' }, inside)],
    [6635, mpls([16], ipv4({ src: '172.16.0.7' }, inside))],
    [6635, mpls([16], ipv6({ src: '2001:db8::7' }, inside))],
  ] as const) {
    const fragments = ipv4Fragments({}, udp({ srcPort: 1, dstPort }, payload), 96)
    const [first, second] = run(fragments.map((fragment) => ethernet(fragment)))
    assert.match(first, /^1 (172.16.0.7|2001:db8::7):1000 > .*:2000 17$/)
    assert.is(second.slice(1), first.slice(1))
  }
})

test('a first fragment without ports in a tunnel counts for the tunnel, the later ones are orphans', () => {
  const part = (payload: Uint8Array, offset: number) =>
    ipv6({}, ipv6Fragment({ nextHeader: 60, offset, more: offset === 0 }, payload))
  const inside = [part(hex('11 00 01 04 00000000'), 0), part(udp(ports, 'x'), 8)]
  const frames = inside.map((datagram) => ethernet(ipv4({}, gre({}, datagram))))
  assert.equal(run(frames), [
    '1 10.0.0.1:0 > 10.0.0.2:0 47',
    '2 held',
    '2* orphan 2001:db8::1:0 > 2001:db8::2:0 60',
  ])
})

test.run()
