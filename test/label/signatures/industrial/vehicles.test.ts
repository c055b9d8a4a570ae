import { suite } from 'uvu'
import { crc32 } from '../../../../src/label/signatures/common/checksums.ts'
import { signatures } from '../../../../src/label/signatures/industrial/vehicles.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/vehicles')
const TCP = 6
const UDP = 17

const someip = (type: number, length = 16) =>
  bytes(u16(0x1234), u16(1), u32(length), u16(0), u16(1), 1, 1, type, 0, noise(8))
const discovery = bytes(u16(0xffff), u16(0x8100), u32(16), u16(0), u16(1), 1, 1, 2, 0, noise(8))
const ends = [40000, 40001] as const
const doip = (type: number, body: Uint8Array, version = 2) =>
  bytes(version, version ^ 0xff, u16(type), u32(body.length), body)
const trdp = (letters: string, size: number) => {
  const header = bytes(u32(7), u16(0x0102), letters, u32(1000), u32(0), u32(0), u32(4), zeros(size - 24))
  return bytes(header, le32(crc32(header, 0, size)), noise(4))
}

testSignatures(test, signatures, {
  matches: [
    { label: 'someip', name: 'request', protocol: UDP, ports: [1, 2], bytes: someip(0), strength: 'weak' },
    {
      label: 'someip',
      name: 'service discovery',
      protocol: UDP,
      ports: [1, 2],
      bytes: discovery,
      strength: 'strong',
    },
    {
      label: 'v2gtp',
      name: 'protocol accepted',
      protocol: TCP,
      ports: ends,
      bytes: hex('01fe80010000000480400040'),
      strength: 'strong',
    },
    {
      label: 'v2gtp',
      name: 'search',
      protocol: UDP,
      ports: [40000, 15118],
      bytes: hex('01fe9000000000021000'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'doip',
      name: 'routing activation',
      protocol: TCP,
      ports: ends,
      bytes: doip(5, hex('0e80 00 00000000')),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'doip',
      name: 'announcement',
      protocol: UDP,
      ports: [13400, 13400],
      bytes: doip(4, noise(33), 3),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'doip',
      name: 'question of any version, nothing in it',
      protocol: UDP,
      ports: ends,
      bytes: doip(1, zeros(0), 0xff),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'doip',
      name: 'acknowledgement and answer',
      protocol: TCP,
      ports: ends,
      bytes: bytes(doip(0x8002, hex('0e80 0001 00')), doip(0x8001, hex('0001 0e80 50 03'))),
      strength: 'strong',
      role: 'server',
    },
    { label: 'trdp-pd', name: 'data', protocol: UDP, ports: ends, bytes: trdp('Pd', 36), strength: 'strong' },
    {
      label: 'trdp-md',
      name: 'request',
      protocol: TCP,
      ports: ends,
      bytes: trdp('Mr', 112),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'SOME/IP length', protocol: UDP, ports: [1, 2], bytes: someip(0, 17) },
    { name: 'SOME/IP type 40', protocol: UDP, ports: [1, 2], bytes: someip(0x40) },
    {
      name: 'search for charging stations and more',
      protocol: UDP,
      ports: ends,
      bytes: hex('01fe900000000003100000'),
    },
    {
      name: 'type of neither DoIP nor V2GTP',
      protocol: TCP,
      ports: ends,
      bytes: hex('01fe8000000000048e800040'),
    },
    { name: 'DoIP of any version that refuses', protocol: TCP, ports: ends, bytes: doip(0, zeros(0), 0xff) },
    { name: 'DoIP of unknown type', protocol: TCP, ports: ends, bytes: doip(0x1234, noise(4)) },
    { name: 'DoIP whose length disagrees', protocol: TCP, ports: ends, bytes: bytes(doip(5, noise(7)), 0) },
    {
      name: 'TRDP with a wrong checksum',
      protocol: UDP,
      ports: ends,
      bytes: bytes(trdp('Pd', 36).subarray(0, 39), 0),
    },
    { name: 'TRDP of unknown type', protocol: UDP, ports: ends, bytes: trdp('Px', 36) },
  ],
})

test.run()
