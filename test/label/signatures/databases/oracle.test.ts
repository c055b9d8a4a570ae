import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/oracle.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/oracle')
const TCP = 6

const DESCRIPTION = '(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=orcl)))'
function tnsConnect(version: number): Uint8Array {
  const head = bytes(
    u16(34 + DESCRIPTION.length),
    u16(0),
    1,
    0,
    u16(0),
    u16(version),
    zeros(16),
    u16(34),
    zeros(6),
  )
  return bytes(head, DESCRIPTION)
}

testSignatures(test, signatures, {
  matches: [
    {
      label: 'tns',
      name: 'connect on any port',
      protocol: TCP,
      ports: [40000, 1526],
      bytes: tnsConnect(315),
      strength: 'strong',
      role: 'client',
      extras: { tns: { version: 315, service_name: 'orcl' } },
    },
    {
      label: 'tns',
      name: 'resend',
      protocol: TCP,
      ports: [1526, 1],
      bytes: hex('0008 0000 0b 00 0000'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'tns',
      name: 'accept on the port',
      protocol: TCP,
      ports: [1521, 1],
      bytes: bytes(u16(24), u16(0), 2, 0, u16(0), noise(16)),
      strength: 'strong',
    },
    {
      label: 'tns',
      name: 'data with a length of four bytes',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(48), 6, 0, 0, 0, noise(40)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'TNS version 1', protocol: TCP, ports: [1, 1526], bytes: tnsConnect(1) },
    { name: 'TNS length', protocol: TCP, ports: [1, 1521], bytes: bytes(tnsConnect(315), 0) },
    { name: 'TNS checksum', protocol: TCP, ports: [1, 1521], bytes: hex('0008 0001 0b 00 0000') },
    {
      name: 'TNS long length off the port',
      protocol: TCP,
      ports: [1, 1526],
      bytes: bytes(u32(48), 6, 0, 0, 0, noise(40)),
    },
    {
      name: 'TNS long length too short',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(40), 6, 0, 0, 0, noise(40)),
    },
    {
      name: 'TNS long connect',
      protocol: TCP,
      ports: [1, 1521],
      bytes: bytes(u32(48), 1, 0, 0, 0, noise(40)),
    },
  ],
})
test.run()
