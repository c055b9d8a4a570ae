import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signatures } from '../../../../src/label/signatures/media/streams.ts'
import * as conversation from '../conversation.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/streams')
const UDP = 17
const ends = [40124, 6000] as const

const ts = (count: number) =>
  bytes(...Array.from({ length: count }, (_, i) => bytes(0x47, 0x01, 0, 0x10 | i, noise(184))))
const handshake = (version: number, extension: number, type: number) =>
  bytes(
    hex('80000000 00000000 0000009b 00000000'),
    u32(version),
    u16(0),
    u16(extension),
    u32(0x558861b7),
    u32(1500),
    u32(8192),
    u32(type),
    noise(24),
  )
const control = (type: number, socket: number, rest: number) =>
  bytes(u16(0x8000 | type), u16(0), u32(1), u32(99), u32(socket), noise(rest))
const data = (count: number) => bytes(u32(0x558861b8), u32(0xe0000002), u32(77), u32(9), ts(count))
const sdp =
  'v=0\r\no=- 0 0 IN IP4 10.0.0.2\r\ns=x\r\nc=IN IP4 239.1.1.1\r\nt=0 0\r\nm=audio 6200 RTP/AVP 0\r\n'
const sap = bytes(0x20, 0, u16(0x8625), [10, 0, 0, 2], 'application/sdp\0', sdp)

testSignatures(test, signatures, {
  matches: [
    { label: 'mpegts', name: 'seven packets', protocol: UDP, ports: ends, bytes: ts(7), strength: 'strong' },
    { label: 'mpegts', name: 'two packets', protocol: UDP, ports: ends, bytes: ts(2), strength: 'weak' },
    {
      label: 'srt',
      name: 'induction, as UDT has it',
      protocol: UDP,
      ports: ends,
      bytes: handshake(4, 2, 1),
      strength: 'weak',
    },
    {
      label: 'srt',
      name: 'answer to it',
      protocol: UDP,
      ports: [6000, 40124],
      bytes: handshake(5, 0x4a17, 1),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'srt',
      name: 'conclusion with an extension',
      protocol: UDP,
      ports: ends,
      bytes: bytes(handshake(5, 1, -1), u16(1), u16(3), noise(12)),
      strength: 'strong',
    },
    {
      label: 'srt',
      name: 'acknowledgement alone',
      protocol: UDP,
      ports: ends,
      bytes: control(2, 0x05e42e5e, 28),
      strength: 'weak',
    },
    {
      label: 'srt',
      name: 'its acknowledgement, the same socket',
      protocol: UDP,
      ports: ends,
      bytes: control(6, 0x05e42e5e, 4),
      previous: control(1, 0x05e42e5e, 4),
      strength: 'strong',
    },
    { label: 'srt', name: 'data', protocol: UDP, ports: ends, bytes: data(7), strength: 'strong' },
    { label: 'sap', name: 'with its type', protocol: UDP, ports: [1, 9875], bytes: sap, strength: 'strong' },
    {
      label: 'sap',
      name: 'without, of IPv6',
      protocol: UDP,
      ports: [1, 9999],
      bytes: bytes(0x30, 0, u16(7), noise(16), sdp),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'one transport packet', protocol: UDP, ports: ends, bytes: ts(1) },
    { name: 'transport packets and a rest', protocol: UDP, ports: ends, bytes: bytes(ts(7), 0) },
    {
      name: 'transport packet without sync',
      protocol: UDP,
      ports: ends,
      bytes: bytes(ts(3), 0x48, ts(4).subarray(1)),
    },
    { name: 'handshake of another version', protocol: UDP, ports: ends, bytes: handshake(6, 2, 1) },
    { name: 'handshake of unknown type', protocol: UDP, ports: ends, bytes: handshake(5, 2, 7) },
    { name: 'acknowledgement of wrong length', protocol: UDP, ports: ends, bytes: control(2, 9, 27) },
    { name: 'control packet to no socket', protocol: UDP, ports: ends, bytes: control(1, 0, 4) },
    { name: 'data of three transport packets', protocol: UDP, ports: ends, bytes: data(3) },
    {
      name: 'SAP without a description',
      protocol: UDP,
      ports: [1, 9875],
      bytes: bytes(0x20, 0, u16(7), zeros(40)),
    },
  ],
})

test('what SAP announces is expected', () => {
  const heard = conversation.converse({ signatures, protocol: UDP, serverPort: 9875, toGroup: true }, [
    { from: 'client', bytes: sap },
  ])
  assert.ok(
    heard.announced.some((service) => service.startsWith('rtp at 239.1.1.1')),
    heard.announced.join(),
  )
})

test.run()
