import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/flow-export.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/operations/./flow-export')
const UDP = 17
const NOW = 1704067200

const sflow = (version: number, kind: number) =>
  bytes(u32(version), u32(kind), u32(0x0a000001), u32(0), u32(7), u32(1000), u32(1), noise(20))
const v5 = (count: number, records: number) => bytes(u16(5), u16(count), noise(20), noise(48 * records))
const v9 = (time: number) =>
  bytes(u16(9), u16(1), u32(1000), u32(time), u32(1), u32(0), u16(0), u16(20), noise(16))
const ipfix = (length: number, set: number) =>
  bytes(u16(10), u16(length), u32(NOW), u32(1), u32(0), u16(set), u16(20), noise(16))

/** Addresses, next hop, interfaces, counts, times, ports, padding, protocol, service, flags, padding. */
const record1 = hex(`7f000001 7f000001 00000000 0000 0000 0000000a 00000252 fffd052e fffd0536
  c49a 01f6 0000 06 00 1b 000000 00000000`)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ipfix',
      name: 'two messages over TCP',
      protocol: 6,
      ports: [1, 4739],
      bytes: bytes(ipfix(36, 2), ipfix(36, 2)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'netflow',
      name: 'version 8',
      protocol: UDP,
      ports: [1, 9],
      bytes: bytes(u16(8), u16(2), zeros(18), 5, 2, zeros(4), noise(80)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'netflow',
      name: 'version 6',
      protocol: UDP,
      ports: [1, 9],
      bytes: bytes(u16(6), u16(1), zeros(20), noise(52)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'sflow',
      name: 'version 5',
      protocol: UDP,
      ports: [1, 9999],
      bytes: sflow(5, 1),
      strength: 'strong',
      role: 'client',
      extras: { sflow: { version: 5 } },
    },
    {
      label: 'sflow',
      name: 'version 4',
      protocol: UDP,
      ports: [1, 6343],
      bytes: sflow(4, 1),
      strength: 'strong',
    },
    {
      label: 'netflow',
      name: 'version 5',
      protocol: UDP,
      ports: [1, 9999],
      bytes: v5(2, 2),
      strength: 'strong',
    },
    {
      label: 'netflow',
      name: 'version 1 of softflowd',
      protocol: UDP,
      ports: [1, 9999],
      bytes: bytes(hex('0001 0001 00000000 6b031cb5 188e8920'), record1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'netflow',
      name: 'version 9, timely',
      protocol: UDP,
      ports: [1, 9999],
      bytes: v9(NOW),
      timeSec: NOW,
      strength: 'strong',
    },
    {
      label: 'netflow',
      name: 'version 9, wrong clock, on a port',
      protocol: UDP,
      ports: [1, 2055],
      bytes: v9(5),
      timeSec: NOW,
      strength: 'weak',
    },
    {
      label: 'ipfix',
      name: 'template',
      protocol: UDP,
      ports: [1, 4739],
      bytes: ipfix(36, 2),
      strength: 'strong',
    },
    {
      label: 'sflow',
      name: 'version 5 cut at its agent',
      protocol: UDP,
      ports: [1, 6343],
      bytes: bytes(u32(5), u32(1), noise(4), zeros(60)),
      strength: 'strong',
      captured: 22,
    },
  ],
  misses: [
    {
      name: 'two IPFIX messages in one datagram',
      protocol: UDP,
      ports: [1, 4739],
      bytes: bytes(ipfix(36, 2), ipfix(36, 2)),
    },
    {
      name: 'IPFIX over TCP and something else',
      protocol: 6,
      ports: [1, 4739],
      bytes: bytes(ipfix(36, 2), noise(36)),
    },
    {
      name: 'NetFlow 8 of an unknown sum',
      protocol: UDP,
      ports: [1, 2055],
      bytes: bytes(u16(8), u16(2), zeros(18), 15, 2, zeros(4), noise(80)),
    },
    {
      name: 'NetFlow 8 length',
      protocol: UDP,
      ports: [1, 2055],
      bytes: bytes(u16(8), u16(2), zeros(18), 4, 2, zeros(4), noise(80)),
    },
    { name: 'sFlow address kind 3', protocol: UDP, ports: [1, 6343], bytes: sflow(5, 3) },
    { name: 'sFlow 4 elsewhere', protocol: UDP, ports: [1, 9], bytes: sflow(4, 1) },
    { name: 'NetFlow 5 count', protocol: UDP, ports: [1, 2055], bytes: v5(2, 1) },
    {
      name: 'NetFlow 9, wrong clock, elsewhere',
      protocol: UDP,
      ports: [1, 9999],
      bytes: v9(5),
      timeSec: NOW,
    },
    { name: 'IPFIX length', protocol: UDP, ports: [1, 4739], bytes: ipfix(37, 2) },
    { name: 'IPFIX set 9', protocol: UDP, ports: [1, 4739], bytes: ipfix(36, 9) },
    { name: 'zeros', protocol: UDP, ports: [1, 2055], bytes: zeros(60) },
    {
      name: 'whole sFlow without samples',
      protocol: UDP,
      ports: [1, 6343],
      bytes: bytes(u32(5), u32(2), noise(16), zeros(12)),
    },
  ],
})
test.run()
