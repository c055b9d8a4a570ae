/** What tells frames of a link type apart, and headers that contradict themselves. Sound frames stand in catalogue-links.ts. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { concat, ethernet, hex, ipv4, ppp, snap, u8, udp } from '../packet-builder.ts'
import { SAMPLES, wifi } from './catalogue.ts'
import { juniper, onWire, pktap, ring, tagged } from './catalogue-links.ts'
import { decodeOne } from './decoding.ts'

const test = suite('links')

const FLOW = '10.0.0.1:1000 > 10.0.0.2:2000 17'
const CUT_FLAG = 1

const inner = (payload = 'payload!') => ipv4({}, udp({ srcPort: 1000, dstPort: 2000 }, payload))

function statusOf(linkType: number, ...parts: Uint8Array[]): string {
  return decodeOne(concat(...parts), { linkType }).status
}

test('switch tags: the VLAN id counts where the frame had a tag', () => {
  const encapsulation = (tag: string) => decodeOne(tagged(tag, inner()), { linkType: 284 }).encapsulation
  assert.is(encapsulation('00 10 00 05'), '', 'to the processor')
  assert.is(encapsulation('20 10 00 05'), 'vlan:5')
  assert.is(encapsulation('40 10 00 05'), '', 'from the processor')
  assert.is(encapsulation('60 10 f0 05'), 'vlan:5')
  assert.is(encapsulation('a0 10 0f ff'), 'vlan:4095', 'to a sniffer')
})

test('netanalyzer: a frame without start', () => {
  const header = hex('00 06 3e 00')
  assert.is(statusOf(241, header, hex('55 55 55 55 55 55 55 5d'), ethernet(inner())), 'link_header')
  assert.is(statusOf(241, header, hex('55'.repeat(40))), 'link_header')
  assert.is(statusOf(241, header, hex('55 55 55')), 'link_cut')
  assert.is(statusOf(241, header, hex('55 55 d5'), ethernet(inner())), 'decoded')
  assert.is(statusOf(241, header, hex('d5'), ethernet(inner())), 'decoded')
})

test('the checksum at the end is no payload', () => {
  const unsized = ipv4({ totalLength: 0 }, udp({ srcPort: 1000, dstPort: 2000, length: 0 }, 'payload!'))
  for (const [linkType, frame] of [
    [240, concat(hex('00 04 36 00'), ethernet(unsized), hex('01020304'))],
    [274, onWire('d5', ethernet(unsized))],
  ] as const) {
    const { packet, payload } = decodeOne(frame, { linkType })
    assert.is(payload, 'payload!')
    assert.is(packet.payloadBytes, 8)
    assert.is(packet.ipBytes, 36)
    assert.is(packet.wireBytes, frame.length)
  }
})

test('mpackets: pieces of a frame', () => {
  const whole = ethernet(inner('x'.repeat(100)))
  const first = onWire('e6', whole.subarray(0, 60))
  const decoded = decodeOne(first, { linkType: 274 })
  assert.is(decoded.flow, FLOW)
  assert.is(decoded.packet.payloadBytes, 100)
  assert.is(decoded.packet.flags & CUT_FLAG, 0, 'the capture cut nothing')
  const cut = decodeOne(first.subarray(0, 60), { linkType: 274, originalLengths: [first.length] })
  assert.is(cut.packet.flags & CUT_FLAG, CUT_FLAG)
  for (const delimiter of ['61', '52', '9e', '2a'])
    assert.is(statusOf(274, onWire(`${delimiter} e6`, whole.subarray(60))), 'link_fragment')
  assert.is(statusOf(274, onWire('19', new Uint8Array(60))), 'non_ip')
  assert.is(statusOf(274, onWire('00', whole)), 'link_header')
})

test('enc: other families are no IP', () => {
  assert.is(statusOf(109, hex('07000000 00000001 00000000'), inner()), 'non_ip')
  assert.is(statusOf(109, hex('00000000 00000001 00000000'), inner()), 'non_ip')
})

test('token ring: routing information', () => {
  const routed = '82 00 00 00 00 0a'
  const header = (name: string) => SAMPLES.find((sample) => sample.name === name)!.frame
  assert.is(decodeOne(ring(routed, `1e 30${'0011'.repeat(14)}`), { linkType: 6 }).flow, FLOW)
  assert.is(statusOf(6, ring(routed, '00 30')), 'link_header')
  assert.is(statusOf(6, ring(routed, '01 30')), 'link_header')
  assert.is(statusOf(6, ring(routed, '1e 30', hex('0011'))), 'link_cut')
  assert.is(statusOf(6, header('token ring routed').subarray(0, 15)), 'link_cut')
  assert.is(statusOf(6, header('token ring').subarray(0, 16)), 'llc_cut')
})

test('token ring and fddi: other frames', () => {
  const body = concat(hex('02000000000b 02000000000a'), snap(inner()))
  for (const control of ['00', '3f', '80', 'c0']) assert.is(statusOf(6, hex(`10 ${control}`), body), 'non_ip')
  for (const control of ['00', '4f', '80', 'c0', 'c3', '60', '10'])
    assert.is(statusOf(10, hex(control), body), 'non_ip')
  assert.is(statusOf(10, hex('d0'), body), 'decoded', 'synchronous')
})

test('arcnet: packets in several frames', () => {
  const datagram = inner('x'.repeat(100))
  const first = decodeOne(concat(hex('0a 0b d4 01 0001'), datagram.subarray(0, 80)), { linkType: 7 })
  assert.is(first.flow, FLOW)
  assert.is(first.packet.payloadBytes, 100)
  assert.is(first.packet.flags & CUT_FLAG, 0)
  assert.is(statusOf(7, hex('0a 0b d4 02 0001'), datagram.subarray(80)), 'link_fragment')
  assert.is(statusOf(7, hex('0a 0b d4 ff ffff d4 04 0001'), datagram.subarray(80)), 'link_fragment')
  assert.is(statusOf(129, hex('0a 0b 0000 d4 02 0001'), datagram), 'decoded', 'Linux puts them together')
  assert.is(statusOf(7, hex('0a 0b 80'), datagram), 'non_ip')
  assert.is(statusOf(7, hex('0a 0b d4 ff ffff d4 00')), 'link_cut')
})

test('sunatm: what is no IP by its kind or its first bytes', () => {
  for (const kind of ['05', '06', '85']) assert.is(statusOf(123, hex(`${kind} 00 0020`), inner()), 'non_ip')
  assert.is(statusOf(123, hex('02 00 0020'), hex('aaaa03 00005e 0003'), inner()), 'non_ip', 'MARS control')
  assert.is(statusOf(123, hex('02 00 0020'), hex('2020 20'), inner()), 'non_ip')
  assert.is(statusOf(123, hex('01 00 0020 00')), 'link_cut')
})

test('slip: nothing behind the header', () => {
  assert.is(statusOf(8, new Uint8Array(16)), 'link_cut')
  assert.is(statusOf(8, new Uint8Array(16), hex('a5')), 'ip_version')
})

test('multilink frame relay: pieces of a frame', () => {
  const frame = concat(hex('1841 03 cc'), inner('x'.repeat(100)))
  const first = decodeOne(concat(hex('80 07'), frame.subarray(0, 60)), { linkType: 182 })
  assert.is(first.flow, FLOW)
  assert.is(first.packet.payloadBytes, 100)
  assert.is(first.packet.flags & CUT_FLAG, 0)
  assert.is(statusOf(182, hex('00 08'), frame.subarray(60)), 'link_fragment')
  assert.is(statusOf(182, hex('40 08'), frame.subarray(60)), 'link_fragment')
  const cut = decodeOne(concat(hex('c0 07'), frame).subarray(0, 60), {
    linkType: 182,
    originalLengths: [frame.length + 2],
  })
  assert.is(cut.packet.flags & CUT_FLAG, CUT_FLAG)
})

test('802.11 and CAPWAP: the first piece of a frame is not cut', () => {
  const frame = concat(hex('aaaa03 000000 0800'), inner('x'.repeat(100))).subarray(0, 60)
  const wholeFrame = wifi('08 01', frame)
  const piece = wifi('08 05', frame)
  const header = (flags: string) => hex(`00 10 03 ${flags} 0000 0000`)
  const overCapwap = (flags: string) =>
    ipv4({}, udp({ srcPort: 1, dstPort: 5247 }, concat(header(flags), wholeFrame)))
  const cut = (bytes: Uint8Array, linkType: number) => {
    const decoded = decodeOne(bytes, { linkType })
    assert.is(decoded.packet.payloadBytes, 100)
    return decoded.packet.flags & CUT_FLAG
  }
  assert.is(cut(wholeFrame, 105), CUT_FLAG)
  assert.is(cut(piece, 105), 0)
  assert.is(cut(overCapwap('00'), 101), CUT_FLAG)
  assert.is(cut(overCapwap('80'), 101), 0)
})

test('juniper: extensions that do not fit', () => {
  assert.is(statusOf(178, hex('4d4743')), 'link_cut')
  assert.is(statusOf(178, hex('4d4743 80 00')), 'link_cut')
  assert.is(statusOf(178, hex('4d4743 80 0010'), new Uint8Array(15)), 'link_cut')
  assert.is(statusOf(178, hex('4d4743 80 ffff'), ethernet(inner())), 'link_cut')
  assert.is(statusOf(178, hex('4d4743 80 0000'), ethernet(inner())), 'decoded')
})

test('juniper: frames without link layer', () => {
  const status = (protocol: string, payload: Uint8Array) => statusOf(179, juniper('02', protocol, payload))
  assert.is(status('00000002', inner()), 'decoded', 'the other byte order')
  assert.is(status('06000000', inner()), 'ip_version')
  assert.is(status('63000000', inner()), 'decoded', 'a protocol without name')
  assert.is(status('63000000', hex('44 00 0014')), 'non_ip')
  assert.is(status('0a000000', hex('83 1b 01 00')), 'non_ip', 'CLNP')
  assert.is(status('020000', new Uint8Array(0)), 'link_cut')
  for (const [protocol, payload] of [
    ['c8000000', ppp(inner())],
    ['ca000000', snap(inner())],
    ['cc000000', ethernet(inner())],
    ['cf000000', concat(hex('1841 03 cc'), inner())],
    ['d0000000', concat(hex('0f 00 0800'), inner())],
  ] as const)
    assert.is(status(protocol, payload), 'decoded', protocol)
})

test('juniper: cookies that announce something else', () => {
  assert.is(statusOf(130, juniper('01', '47 000000 00 00 0000', hex('ff03 0023 83 1b'))), 'non_ip', 'IS-IS')
  assert.is(statusOf(130, juniper('00', '47 000000 00 30 0000', inner())), 'non_ip', 'ISO')
  assert.is(statusOf(131, juniper('00', '47 000000 00 00 0000', hex('03 83 1b'))), 'non_ip')
  assert.is(statusOf(131, juniper('00', '0102 0383', hex('1b 01'))), 'non_ip')
  assert.is(statusOf(134, juniper('00', '01020304 08 00', inner())), 'non_ip')
  assert.is(statusOf(134, juniper('00', '01020304 03 cc', inner())), 'decoded')
  for (const type of ['00', '01', '02', '06', 'ff'])
    assert.is(
      statusOf(132, juniper('00', `0001 40 ${type} 00001234 c0000201 c0000202`, inner())),
      'non_ip',
      type,
    )
})

test('juniper: datagrams that are searched for must fit the frame', () => {
  const long = ipv4({ totalLength: 60 }, udp({ srcPort: 1000, dstPort: 2000 }, 'payload!'))
  for (const linkType of [133, 136]) {
    assert.is(statusOf(linkType, juniper('00', '00'.repeat(8), long)), 'non_ip', `${linkType}`)
    assert.is(statusOf(linkType, juniper('00', '00'.repeat(4), new Uint8Array(4))), 'link_cut', `${linkType}`)
  }
  assert.is(statusOf(164, juniper('00', '00'.repeat(8), long)), 'decoded', 'one place alone')
  assert.is(statusOf(183, juniper('00', '00'.repeat(18), long)), 'decoded')
  assert.is(statusOf(164, juniper('00', '00'.repeat(8), hex('44'))), 'non_ip')
  assert.is(statusOf(164, juniper('00', '00'.repeat(8), new Uint8Array(0))), 'link_cut')
})

test('pktap: headers that do not fit, and what is inside', () => {
  const frame = pktap(1, ethernet(inner()))
  const withLength = (length: number) => concat(u8(length, 0, 0, 0), frame.subarray(4))
  assert.is(statusOf(258, withLength(0)), 'link_header')
  assert.is(statusOf(258, withLength(107)), 'link_header')
  assert.is(statusOf(258, withLength(250)), 'link_cut')
  assert.is(statusOf(258, pktap(147, ethernet(inner()))), 'link_type_unknown')
  assert.is(statusOf(258, pktap(0xffffffff, ethernet(inner()))), 'link_type_unknown')
  let nested = ethernet(inner())
  for (let i = 0; i < 80; i++) nested = pktap(258, nested)
  assert.is(statusOf(258, nested), 'too_deep')
})

test('mpls: a stack without bottom', () => {
  assert.is(statusOf(219, hex('00010040 00011040')), 'mpls_cut')
})

test.run()
