import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PACKET_DIRECTED, PACKET_QUOTE, PACKET_SNAPLEN_CUT } from '../../src/bytes.ts'
import { createDecoder } from '../../src/decode/decode.ts'
import { createPacket } from '../../src/decode/packet.ts'
import type { Packet } from '../../src/types.ts'
import {
  batchOf,
  concat,
  dccp,
  ethernet,
  hex,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  mac,
  sctp,
  tcp,
  u16,
  udp,
} from '../packet-builder.ts'
import { decodeOne, flowText, INNER } from './decoding.ts'

const test = suite('transport')

const ports = { srcPort: 1000, dstPort: 2000 }
const TCP_AT = 14 + 20

test('tcp: flags, numbers, window', () => {
  const options = { ...ports, flags: 'SAEC', sequence: 0xfffffff0, acknowledgement: 7, window: 512 }
  const { packet } = decodeOne(ethernet(ipv4({}, tcp(options, 'abc'))))
  assert.is(packet.tcpFlags, 0x02 | 0x10 | 0x40 | 0x80)
  assert.is(packet.tcpSequence >>> 0, 0xfffffff0)
  assert.is(packet.tcpAcknowledgement, 7)
  assert.is(packet.tcpWindow, 512)
  assert.is(packet.payloadBytes, 3)
})

test('tcp: an impossible data offset leaves ports and flags, but no payload', () => {
  for (const headerLength of [0, 16, 60]) {
    const { packet, status } = decodeOne(
      ethernet(ipv4({}, tcp({ ...ports, flags: 'S', headerLength }, 'abc'))),
    )
    assert.is(status, 'decoded')
    assert.is(packet.srcPort, 1000)
    assert.is(packet.tcpFlags, 2)
    assert.is(packet.payloadBytes, 0)
    assert.is(packet.payloadStart, packet.payloadEnd)
  }
})

test('tcp: ports are enough for the flow, less is a status', () => {
  const frame = ethernet(ipv4({}, tcp({ ...ports, flags: 'S' }, 'x'.repeat(100))))
  const cut = (bytes: number) =>
    decodeOne(frame.subarray(0, TCP_AT + bytes), { originalLengths: [frame.length] })
  assert.is(cut(3).status, 'tcp_cut')
  assert.is(cut(4).flow, '10.0.0.1:1000 > 10.0.0.2:2000 6')
  assert.is(cut(4).packet.payloadBytes, 100)
  assert.is(cut(4).packet.tcpFlags, 0)
  assert.is(cut(4).packet.tcpWindow, 0xffff, 'an unknown window is not a closed one')
  assert.is(cut(14).packet.tcpFlags, 2)
  assert.is(cut(14).packet.flags, PACKET_SNAPLEN_CUT)
})

test('udp: length field against IP length', () => {
  const length = (value: number) => decodeOne(ethernet(ipv4({}, udp({ ...ports, length: value }, 'payload'))))
  assert.is(length(15).payload, 'payload')
  assert.is(length(11).payload, 'pay')
  assert.is(length(11).packet.payloadBytes, 3)
  assert.is(length(0).payload, 'payload')
  assert.is(length(5).packet.payloadBytes, 0)
  assert.is(length(9999).packet.payloadBytes, 7)
})

test('udp, sctp, dccp: cut ports', () => {
  const cut = (segment: Uint8Array) => decodeOne(ethernet(ipv4({}, segment)).subarray(0, TCP_AT + 2)).status
  assert.is(cut(udp(ports, 'abc')), 'udp_cut')
  assert.is(cut(sctp(ports, 'abc')), 'sctp_cut')
  assert.is(cut(dccp(ports, 'abc')), 'dccp_cut')
})

test('sctp: the chunks are the payload', () => {
  const { packet } = decodeOne(ethernet(ipv4({}, sctp(ports, hex('00 03 0004')))))
  assert.is(packet.payloadBytes, 4)
  assert.is(packet.payloadEnd - packet.payloadStart, 4)
})

test('icmp: types pair as Community ID pairs them', () => {
  const pairs = [
    [8, 0],
    [0, 8],
    [13, 14],
    [14, 13],
    [15, 16],
    [10, 9],
    [9, 10],
    [17, 18],
  ]
  for (const [type, counterpart] of pairs) {
    const { packet } = decodeOne(ethernet(ipv4({}, icmp({ type, identifier: 77 }, 'x'))))
    assert.is(packet.srcPort, type)
    assert.is(packet.dstPort, counterpart)
    assert.is(packet.flags & PACKET_DIRECTED, 0)
    assert.is(packet.icmpIdentifier, type === 9 || type === 10 ? 0 : 77)
  }
})

test('icmpv6: types pair as Community ID pairs them', () => {
  const pairs = [
    [128, 129],
    [130, 131],
    [134, 133],
    [135, 136],
    [139, 140],
    [145, 144],
  ]
  for (const [type, counterpart] of pairs) {
    const { packet } = decodeOne(ethernet(ipv6({}, icmpv6({ type, identifier: 77 }, 'x'))))
    assert.is(packet.srcPort, type)
    assert.is(packet.dstPort, counterpart)
    assert.is(packet.flags & PACKET_DIRECTED, 0)
    assert.is(packet.icmpIdentifier, type === 128 ? 77 : 0)
  }
})

test('icmp: a type without counterpart keeps type, code and direction', () => {
  const { packet } = decodeOne(ethernet(ipv4({}, icmp({ type: 11, code: 1 }))))
  assert.is(packet.srcPort, 11)
  assert.is(packet.dstPort, 1)
  assert.is(packet.icmpCode, 1)
  assert.is(packet.flags, PACKET_DIRECTED)
})

/** The quoted tuple as flowText() writes a packet's own. */
function quoteText(packet: Packet): string {
  return flowText({
    ...packet,
    src0: packet.quotedSrc0,
    src1: packet.quotedSrc1,
    src2: packet.quotedSrc2,
    src3: packet.quotedSrc3,
    dst0: packet.quotedDst0,
    dst1: packet.quotedDst1,
    dst2: packet.quotedDst2,
    dst3: packet.quotedDst3,
    srcPort: packet.quotedSrcPort,
    dstPort: packet.quotedDstPort,
    protocol: packet.quotedProtocol,
  })
}

test('icmp errors quote the tuple they are about', () => {
  const lost = ipv4({ src: '10.0.0.2', dst: '192.0.2.9' }, tcp({ srcPort: 5555, dstPort: 80 }, 'GET'))
  const error = (quote: Uint8Array, type = 3) =>
    decodeOne(ethernet(ipv4({}, icmp({ type, code: 1 }, quote)))).packet
  for (const type of [3, 4, 5, 11, 12]) {
    assert.is(error(lost, type).flags, PACKET_DIRECTED | PACKET_QUOTE)
    assert.is(quoteText(error(lost, type)), '10.0.0.2:5555 > 192.0.2.9:80 6')
  }
  assert.is(quoteText(error(lost.subarray(0, 28))), '10.0.0.2:5555 > 192.0.2.9:80 6')
  assert.is(error(lost.subarray(0, 22)).flags, PACKET_DIRECTED, 'ports missing')
  assert.is(error(hex('00')).flags, PACKET_DIRECTED)
  assert.is(error(new Uint8Array(0)).flags, PACKET_DIRECTED)
  const later = ipv4({ fragmentOffset: 8 }, udp(ports))
  assert.is(error(later).flags, PACKET_DIRECTED, 'a later fragment has no ports')
})

test('a quoted datagram has nothing of the one quoted before', () => {
  const decoder = createDecoder(INNER)
  const echo = ipv4({}, icmp({ type: 8, identifier: 77 }, 'ping'))
  const quoted = [echo, ipv4({}, udp(ports, 'x'))].map((quote) => {
    const packet = createPacket()
    decoder.decode(batchOf([ethernet(ipv4({}, icmp({ type: 3 }, quote)))]), 0, packet)
    return packet.quotedIcmpIdentifier
  })
  assert.equal(quoted, [77, 0])
})

test('icmpv6 errors quote the tuple they are about', () => {
  const lost = ipv6({ src: '2001:db8::9' }, udp(ports, 'x'))
  const { packet } = decodeOne(ethernet(ipv6({}, icmpv6({ type: 1, code: 4 }, lost))))
  assert.is(quoteText(packet), '2001:db8::9:1000 > 2001:db8::2:2000 17')
})

test('an error about a tunnel quotes the tunnel, not its inside', () => {
  const lost = ipv4({ src: '192.0.2.1' }, ipv4({}, udp(ports)))
  const { packet } = decodeOne(ethernet(ipv4({}, icmp({ type: 3 }, lost))))
  assert.is(quoteText(packet), '192.0.2.1:0 > 10.0.0.2:0 4')
})

test('802.11: what cannot be read has a status', () => {
  const header = concat(u16(0), mac('020000000001'), mac('020000000002'), mac('020000000003'))
  const status = (control: string, sequence: number) =>
    decodeOne(concat(hex(control), header, u16(sequence), hex('aaaa03 000000 0800')), { linkType: 105 })
      .status
  assert.is(status('08 41', 0), 'encrypted_80211')
  assert.is(status('08 01', 0x0100), 'fragment_80211')
  assert.is(status('48 01', 0), 'non_ip')
  assert.is(status('08 01', 0), 'ipv4_header_cut')
})

test('macsec: encrypted payload has a status', () => {
  assert.is(decodeOne(ethernet(hex('0c 00 00000001 0102'), { etherType: 0x88e5 })).status, 'encrypted_macsec')
})

test.run()
