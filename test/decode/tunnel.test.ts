/** A port is no tunnel: each header must also be valid, otherwise the packet counts for the flow around it. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  concat,
  ethernet,
  geneve,
  gre,
  gtpu,
  hex,
  icmp,
  ipv4,
  ipv6,
  ppp,
  tcp,
  u16,
  u32,
  udp,
  vxlan,
} from '../packet-builder.ts'
import { decodeOne } from './decoding.ts'

const test = suite('tunnels')

const inner = () => ipv4({ src: '172.16.0.1', dst: '172.16.0.2' }, tcp({ srcPort: 5, dstPort: 6 }, 'x'))

function overUdp(dstPort: number, payload: Uint8Array): Uint8Array {
  return ethernet(ipv4({}, udp({ srcPort: 40000, dstPort }, payload)))
}

function staysOuter(name: string, dstPort: number, payload: Uint8Array): void {
  test(`stays the outer flow: ${name}`, () => {
    const decoded = decodeOne(overUdp(dstPort, payload))
    assert.is(decoded.flow, `10.0.0.1:40000 > 10.0.0.2:${dstPort} 17`)
    assert.is(decoded.encapsulation, '')
    assert.is(decoded.packet.payloadBytes, payload.length)
    assert.is(decoded.packet.payloadEnd - decoded.packet.payloadStart, payload.length)
  })
}

const frame = ethernet(inner())
staysOuter('vxlan without the I flag', 4789, concat(hex('00000000 00000100'), frame))
staysOuter('vxlan with reserved bits', 4789, concat(hex('08000001 00000100'), frame))
staysOuter('vxlan with a reserved last byte', 4789, concat(hex('08000000 00000101'), frame))
staysOuter('vxlan around noise', 4789, concat(hex('08000000 00000100'), new Uint8Array(40)))
staysOuter('vxlan-gpe with an unknown protocol', 4790, concat(hex('0c000009 00000100'), inner()))
staysOuter('mpls around noise', 6635, concat(hex('00010140'), new Uint8Array(40)))
staysOuter('mpls without a bottom label', 6635, concat(hex('00010040 00010040'), inner()))
staysOuter('mpls around a longer IPv4 packet', 6635, concat(hex('00010140'), inner()).subarray(0, 40))
staysOuter(
  'mpls around a longer IPv6 packet',
  6635,
  concat(hex('00010140 60000000 0001 11'), new Uint8Array(33)),
)
test('frames with less usual tags are seen inside VXLAN, too', () => {
  const macsec = ethernet(concat(hex('00 00 00000001 0800'), inner()), { etherType: 0x88e5 })
  const fabricPath = concat(hex('020abd000000 020abc000000 8903 4020'), frame)
  for (const tagged of [macsec, fabricPath]) {
    const decoded = decodeOne(overUdp(4789, concat(hex('08000000 00000100'), tagged)))
    assert.is(decoded.flow, '172.16.0.1:5 > 172.16.0.2:6 6')
    assert.is(decoded.encapsulation, 'vxlan:1')
  }
})

test('frames of 802.3 with IP are seen inside VXLAN and CAPWAP, too', () => {
  const addresses = hex('020abd000000 020abc000000')
  const frame8023 = (llc: string) => concat(addresses, u16(8 + inner().length), hex(llc), inner())
  for (const [port, header] of [
    [4789, '08000000 00000100'],
    [5247, '00 10 02 00 0000 0000'],
  ] as const) {
    const flow = (llc: string) => decodeOne(overUdp(port, concat(hex(header), frame8023(llc)))).flow
    assert.is(flow('aaaa03 000000 0800'), '172.16.0.1:5 > 172.16.0.2:6 6')
    assert.is(flow('060603'), '172.16.0.1:5 > 172.16.0.2:6 6')
    assert.is(flow('424203 000000 0800'), `10.0.0.1:40000 > 10.0.0.2:${port} 17`)
  }
})

test('mpls: what has the length of the datagram is no frame, whatever its addresses look like', () => {
  const datagram = ipv6({ src: '2001:db8:8903::1' }, udp({ srcPort: 1, dstPort: 2 }, 'payload!'))
  const flow = (payload: Uint8Array) =>
    decodeOne(concat(hex('020abd000000 020abc000000 8847 00010140'), payload)).flow
  assert.is(flow(datagram), '2001:db8:8903::1:1 > 2001:db8::2:2 17')
  assert.is(flow(concat(datagram, new Uint8Array(4))), '2001:db8:8903::1:1 > 2001:db8::2:2 17', 'a checksum')
  const toMac4c = concat(hex('4cb901000000 020abc000000 0800'), inner(), new Uint8Array(400))
  assert.is(flow(toMac4c), '172.16.0.1:5 > 172.16.0.2:6 6', 'a frame whose address begins as IPv4 does')
})

test('mpls: a control word is told from a MAC address that begins with 0', () => {
  const encapsulation = (payload: Uint8Array) => {
    const decoded = decodeOne(concat(hex('020abd000000 020abc000000 8847 00010140'), payload))
    assert.is(decoded.flow, '172.16.0.1:5 > 172.16.0.2:6 6')
    return decoded.encapsulation
  }
  const frame = (dst: string, src: string, tag = '') => concat(hex(`${dst} ${src} ${tag} 0800`), inner())
  const tagged = frame('00000c07ac01', '020abc000000', '8100 0007')
  assert.is(encapsulation(tagged), 'mpls:16 vlan:7')
  assert.is(encapsulation(concat(hex('00000000'), tagged)), 'mpls:16 vlan:7')
  assert.is(encapsulation(concat(hex('00000001'), frame('00000c07ac01', '020a08060001'))), 'mpls:16')
  assert.is(encapsulation(concat(hex('00000000'), frame('00000c07ac01', '020a81000001'))), 'mpls:16')
})

staysOuter(
  'vxlan-gpe around NSH of version 1',
  4790,
  concat(hex('0c000004 00000100 4fc20201 00002aff'), inner()),
)
staysOuter('vxlan-gpe around a short NSH', 4790, concat(hex('0c000004 00000100 0fc10201 00002aff'), inner()))
staysOuter('geneve of version 1', 6081, concat(hex('40 00 6558 00000100'), frame))
staysOuter('geneve with an unknown protocol', 6081, concat(hex('00 00 0806 00000100'), frame))
staysOuter('geneve with options beyond the end', 6081, concat(hex('3f 00 6558 00000100'), frame))
staysOuter('gtp-u echo request', 2152, hex('32 01 0004 00000000 0001 00 00'))
staysOuter('gtp-u of version 2', 2152, concat(hex('48 ff 0030 00000001'), inner()))
staysOuter('gtp-u with a length beyond the datagram', 2152, concat(hex('30 ff 0fff 00000001'), inner()))
staysOuter('gtp-u around no IP', 2152, concat(hex('30 ff 0004 00000001'), hex('ffffffff')))
staysOuter(
  'gtp-u with an endless extension chain',
  2152,
  concat(hex('34 ff 0010 00000001 0000 00 85 00000085'), inner()),
)
staysOuter('teredo around no IPv6', 3544, inner())
staysOuter(
  'teredo with an impossible length',
  3544,
  ipv6({ payloadLength: 999 }, udp({ srcPort: 1, dstPort: 2 })),
)
staysOuter('l2tp control', 1701, hex('c802 000c 0001 0000 0000 0000'))
staysOuter('l2tp with LCP', 1701, concat(hex('0002 0001 0001'), ppp(hex('01010004'), { protocol: 0xc021 })))
staysOuter('l2tp of version 5', 1701, concat(hex('0005 0001 0001'), ppp(inner())))
staysOuter('capwap with DTLS', 5247, concat(hex('01 00 00 00'), inner()))
staysOuter('capwap keep-alive', 5247, hex('00 10 00 08 0000 0000 0001 0004'))
staysOuter('tzsp keep-alive', 37008, hex('01 04 0001 01'))
staysOuter('tzsp without an end of its tags', 37008, hex('01 00 0001 0a 01 05'))

test('a tunnel port on the sender side counts, too', () => {
  const packet = udp(
    { srcPort: 2152, dstPort: 50000 },
    concat(hex('30 ff'), u16(inner().length), u32(1), inner()),
  )
  assert.is(decodeOne(ethernet(ipv4({}, packet))).flow, '172.16.0.1:5 > 172.16.0.2:6 6')
})

test('a broken inner header falls back to the outer flow', () => {
  const broken = ipv4({ headerLength: 16 }, udp({ srcPort: 1, dstPort: 2 }))
  assert.is(decodeOne(ethernet(ipv4({}, gtpu(1, broken)))).flow, '10.0.0.1:2152 > 10.0.0.2:2152 17')
  assert.is(decodeOne(ethernet(ipv4({}, broken))).flow, '10.0.0.1:0 > 10.0.0.2:0 4')
  assert.is(decodeOne(ethernet(ipv4({}, gre({ key: 1 }, broken)))).flow, '10.0.0.1:0 > 10.0.0.2:0 47')
})

test('the flow around the innermost tunnel is the one that counts', () => {
  const broken = ipv4({ headerLength: 16 }, udp({ srcPort: 1, dstPort: 2 }))
  const middle = ipv4({ src: '172.16.0.9' }, geneve(3, broken))
  const decoded = decodeOne(ethernet(ipv4({}, vxlan(7, ethernet(middle)))))
  assert.is(decoded.flow, '172.16.0.9:50000 > 10.0.0.2:6081 17')
  assert.is(decoded.encapsulation, 'vxlan:7')
})

test('pptp: a bare acknowledgement is GRE', () => {
  const decoded = decodeOne(ethernet(ipv4({ protocol: 47 }, hex('2081 880b 0000 0009 00000001'))))
  assert.is(decoded.flow, '10.0.0.1:0 > 10.0.0.2:0 47')
})

test('an ICMP error inside a tunnel that is not used leaves no quote', () => {
  const error = ipv4({}, icmp({ type: 3 }, inner()))
  assert.is(decodeOne(ethernet(ipv4({}, gtpu(1, error)))).packet.flags & 32, 32)
  assert.is(decodeOne(ethernet(ipv4({}, gtpu(1, error.subarray(0, 20))))).packet.flags & 32, 0)
})

test.run()
