import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PACKET_SNAPLEN_CUT } from '../../src/bytes.ts'
import { concat, ethernet, gre, hex, ipv4, ipv6, ipv6Extension, tcp, u32, udp } from '../packet-builder.ts'
import { decodeOne } from './decoding.ts'

const test = suite('ip')

const ports = { srcPort: 1000, dstPort: 2000 }

test('ipv4: padding after the total length is no payload', () => {
  const decoded = decodeOne(concat(ethernet(ipv4({}, udp(ports, 'hi'))), new Uint8Array(16)))
  assert.is(decoded.payload, 'hi')
  assert.is(decoded.packet.ipBytes, 30)
  assert.is(decoded.packet.wireBytes, 60)
})

test('ipv4: total length 0 reaches to the end of the frame', () => {
  const frame = ethernet(ipv4({ totalLength: 0 }, tcp(ports, 'segment')))
  const decoded = decodeOne(frame, { originalLengths: [3000] })
  assert.is(decoded.packet.ipBytes, 3000 - 14)
  assert.is(decoded.packet.payloadBytes, 3000 - 14 - 40)
  assert.is(decoded.payload, 'segment')
  assert.is(decoded.packet.flags & PACKET_SNAPLEN_CUT, PACKET_SNAPLEN_CUT)
})

test('ipv4: lengths of a cut packet come from its headers', () => {
  const frame = ethernet(ipv4({}, tcp(ports, 'x'.repeat(1000))))
  const decoded = decodeOne(frame.subarray(0, 68), { originalLengths: [frame.length] })
  assert.is(decoded.packet.flags, PACKET_SNAPLEN_CUT)
  assert.is(decoded.packet.ipBytes, 1040)
  assert.is(decoded.packet.payloadBytes, 1000)
  assert.is(decoded.payload, 'x'.repeat(14))
  assert.is(decoded.packet.wireBytes, frame.length)
})

test('ipv4: impossible lengths and versions', () => {
  const datagram = udp(ports, 'hi')
  assert.is(decodeOne(ethernet(ipv4({ headerLength: 16 }, datagram))).status, 'ipv4_header_length')
  assert.is(decodeOne(ethernet(ipv4({ totalLength: 19 }, datagram))).status, 'ipv4_total_length')
  assert.is(
    decodeOne(ethernet(ipv4({ headerLength: 60, totalLength: 60 }, datagram))).status,
    'ipv4_header_cut',
  )
  assert.is(decodeOne(ethernet(ipv6({}, datagram), { etherType: 0x0800 })).status, 'ip_version')
  assert.is(decodeOne(ethernet(ipv4({}, datagram), { etherType: 0x86dd })).status, 'ip_version')
  assert.is(decodeOne(hex('50 00 00 00'), { linkType: 101 }).status, 'ip_version')
})

test('ipv6: payload length 0 reaches to the end of the frame', () => {
  const decoded = decodeOne(ethernet(ipv6({ payloadLength: 0 }, udp(ports, 'segment'))))
  assert.is(decoded.packet.ipBytes, 40 + 8 + 7)
  assert.is(decoded.payload, 'segment')
})

test('ipv6: no next header carries nothing, whatever follows', () => {
  const decoded = decodeOne(concat(ethernet(ipv6({ nextHeader: 59 })), new Uint8Array(6)))
  assert.is(decoded.packet.protocol, 59)
  assert.is(decoded.packet.ipBytes, 40)
  assert.is(decoded.packet.payloadBytes, 0)
})

test('ipv6: a jumbogram says its length in the hop-by-hop header', () => {
  const jumbo = concat(hex('c2 04'), u32(8 + 8 + 70000))
  const datagram = udp({ ...ports, length: 0 }, 'x'.repeat(70000))
  const decoded = decodeOne(
    ethernet(ipv6({ payloadLength: 0, nextHeader: 0 }, ipv6Extension(0, datagram, jumbo))),
  )
  assert.is(decoded.packet.ipBytes, 40 + 8 + 8 + 70000)
  assert.is(decoded.packet.payloadBytes, 70000)
  assert.is(decoded.packet.flags, 0)
})

test('ipv6: an endless chain of extension headers ends', () => {
  let body = udp(ports)
  for (let i = 0; i < 100; i++) body = ipv6Extension(60, body)
  assert.is(decodeOne(ethernet(ipv6({}, body))).status, 'too_deep')
})

test('ipv6: ESP is a protocol, not a header to pass', () => {
  const decoded = decodeOne(ethernet(ipv6({ nextHeader: 50 }, hex('00000001 00000001 00'))))
  assert.is(decoded.flow, '2001:db8::1:0 > 2001:db8::2:0 50')
  assert.is(decoded.packet.payloadBytes, 9)
})

test('protocols without ports carry the whole IP payload', () => {
  const decoded = decodeOne(ethernet(ipv4({ protocol: 89 }, 'ospf hello')))
  assert.is(decoded.payload, 'ospf hello')
  assert.is(decoded.packet.payloadBytes, 10)
  assert.is(decoded.packet.srcPort, 0)
})

test('GRE without a known protocol stays GRE', () => {
  const decoded = decodeOne(ethernet(ipv4({}, gre({ protocol: 0x2001 }, hex('01020304')))))
  assert.is(decoded.flow, '10.0.0.1:0 > 10.0.0.2:0 47')
})

test.run()
