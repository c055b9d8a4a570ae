import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/openflow.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/network/openflow')
const TCP = 6

const openflow = hex('04 00 0008 00000001')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'openflow',
      name: 'hello',
      protocol: TCP,
      ports: [1, 6653],
      bytes: openflow,
      strength: 'strong',
    },
    {
      label: 'openflow',
      name: 'hello with the versions it can',
      protocol: TCP,
      ports: [1, 6653],
      bytes: hex('04 00 0010 00000001 0001 0008 00000012'),
      strength: 'strong',
    },
    {
      label: 'openflow',
      name: 'error',
      protocol: TCP,
      ports: [1, 6653],
      bytes: hex('04 01 0014 00000001 0001 0005 0000000000000000'),
      strength: 'strong',
    },
    {
      label: 'openflow',
      name: 'two messages',
      protocol: TCP,
      ports: [1, 6653],
      bytes: bytes(openflow, openflow),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'TPKT as OpenFlow', protocol: TCP, ports: [1, 6653], bytes: bytes(3, 0, u16(22), noise(18)) },
    {
      name: 'Diameter as OpenFlow',
      protocol: TCP,
      ports: [1, 6653],
      bytes: bytes(1, 0, u16(32), 0x80, 0, u16(257), u32(0), noise(20)),
    },
    { name: 'TDS as OpenFlow', protocol: TCP, ports: [1, 6653], bytes: hex('04 01 000a 0000 0100 e300') },
    { name: 'OpenFlow elsewhere', protocol: TCP, ports: [1, 2], bytes: openflow },
  ],
})

test.run()
