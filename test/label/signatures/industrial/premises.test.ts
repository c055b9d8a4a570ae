import { suite } from 'uvu'
import { crc32 } from '../../../../src/label/signatures/common/checksums.ts'
import { signatures } from '../../../../src/label/signatures/industrial/premises.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/premises')
const TCP = 6
const UDP = 17
const ends = [40000, 40001] as const

const cnp = (type: number, rest: number) =>
  bytes(u16(20 + rest), 1, type, 0, 1, u16(0), u32(0x6b8b4567), u32(1), u32(0), noise(rest))
const doip = (type: number, body: Uint8Array, version = 2) =>
  bytes(version, version ^ 0xff, u16(type), u32(body.length), body)
const trdp = (letters: string, size: number) => {
  const header = bytes(u32(7), u16(0x0102), letters, u32(1000), u32(0), u32(0), u32(4), zeros(size - 24))
  return bytes(header, le32(crc32(header, 0, size)), noise(4))
}
const search = bytes(0x14, zeros(3), hex('01 04 00 03 00 00'), 'panel', zeros(251))

testSignatures(test, signatures, {
  matches: [
    { label: 'lontalk', name: 'data', protocol: UDP, ports: ends, bytes: cnp(1, 12), strength: 'strong' },
    {
      label: 'crestron-cip',
      name: 'who is it',
      protocol: TCP,
      ports: [41794, 40000],
      bytes: hex('0f000102'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'crestron-cip',
      name: 'keep-alive',
      protocol: TCP,
      ports: [40000, 41794],
      bytes: hex('0d00020000'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'crestron-cip',
      name: 'its answer',
      protocol: TCP,
      ports: [41794, 40000],
      bytes: hex('0e00020000'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'crestron-cip',
      name: 'search',
      protocol: UDP,
      ports: [41794, 41794],
      bytes: search,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'niagara-fox',
      name: 'hello',
      protocol: TCP,
      ports: [40000, 1911],
      bytes: bytes('fox a 0 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n'),
      strength: 'strong',
    },
    {
      label: 'niagara-fox',
      name: 'a later message',
      protocol: TCP,
      ports: [40000, 40001],
      bytes: bytes('fox r 3 2 station info\n{\nx=i:1\n};;\n'),
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
    { name: 'CNP/IP of unknown type', protocol: UDP, ports: ends, bytes: cnp(2, 12) },
    { name: 'CNP/IP whose length disagrees', protocol: UDP, ports: ends, bytes: bytes(cnp(1, 12), 0) },
    { name: 'Crestron keep-alive and more', protocol: TCP, ports: ends, bytes: hex('0d0002000000') },
    { name: 'fox in a story', protocol: TCP, ports: ends, bytes: bytes('fox and hound went out') },
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
