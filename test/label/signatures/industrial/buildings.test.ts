import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/buildings.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/industrial/buildings')
const TCP = 6
const UDP = 17

const whoIs = hex('81 0b 000c 01 20 ffff 00 ff 10 08')
const knx = hex('0610 0201 000e 0801 c0a80001 0e57')
const ends = [40000, 40001] as const

const cnp = (type: number, rest: number) =>
  bytes(u16(20 + rest), 1, type, 0, 1, u16(0), u32(0x6b8b4567), u32(1), u32(0), noise(rest))
const search = bytes(0x14, zeros(3), hex('01 04 00 03 00 00'), 'panel', zeros(251))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'bacnet',
      name: 'who is',
      protocol: UDP,
      ports: [47809, 47809],
      bytes: whoIs,
      strength: 'strong',
      extras: { bacnet: { function: 11 } },
    },
    {
      label: 'bacnet',
      name: 'register foreign device, elsewhere',
      protocol: UDP,
      ports: [1, 2],
      bytes: hex('81 05 0006 ea60'),
      strength: 'weak',
    },
    {
      label: 'knxnet-ip',
      name: 'search',
      protocol: UDP,
      ports: [1, 3671],
      bytes: knx,
      strength: 'strong',
      extras: { knxnet_ip: { service: 0x201 } },
    },
    {
      label: 'knxnet-ip',
      name: 'two frames over TCP',
      protocol: TCP,
      ports: [3671, 1],
      bytes: hex('0610 0423 000e 0401020006001087 0610 0425 000e 0401030006001087'),
      strength: 'strong',
    },
    {
      label: 'bacnet',
      name: 'IPv6 broadcast',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 000f 010203 0120ffff00ff1008'),
      strength: 'strong',
      extras: { bacnet: { function: 2 } },
    },
    {
      label: 'bacnet',
      name: 'IPv6 address resolution',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8203 000a 010203 040506'),
      strength: 'weak',
    },
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
  ],
  misses: [
    { name: 'BACnet length', protocol: UDP, ports: [1, 47808], bytes: bytes(whoIs, 0) },
    { name: 'BACnet function 99', protocol: UDP, ports: [1, 47808], bytes: hex('81 63 0004') },
    { name: 'BACnet without an NPDU', protocol: UDP, ports: [1, 47808], bytes: hex('81 0b 0006 09 20') },
    { name: 'KNX service ff01', protocol: UDP, ports: [1, 3671], bytes: hex('0610 ff01 0006') },
    { name: 'KNX length', protocol: UDP, ports: [1, 3671], bytes: bytes(knx, 0) },
    { name: 'KNX frame and something else', protocol: TCP, ports: [1, 3671], bytes: bytes(knx, 6, 0x11) },
    {
      name: 'BACnet/IPv6 elsewhere',
      protocol: UDP,
      ports: [1, 2],
      bytes: hex('8202 000f 010203 0120ffff00ff1008'),
    },
    {
      name: 'BACnet/IPv6 with NPDU version 2',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 000f 010203 0220ffff00ff1008'),
    },
    {
      name: 'BACnet/IPv6 length',
      protocol: UDP,
      ports: [47808, 47808],
      bytes: hex('8202 0010 010203 0120ffff00ff1008'),
    },
    { name: 'CNP/IP of unknown type', protocol: UDP, ports: ends, bytes: cnp(2, 12) },
    { name: 'CNP/IP whose length disagrees', protocol: UDP, ports: ends, bytes: bytes(cnp(1, 12), 0) },
    { name: 'Crestron keep-alive and more', protocol: TCP, ports: ends, bytes: hex('0d0002000000') },
    { name: 'fox in a story', protocol: TCP, ports: ends, bytes: bytes('fox and hound went out') },
  ],
})

test.run()
