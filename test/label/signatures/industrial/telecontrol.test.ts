import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/telecontrol.ts'
import { bytes, hex, testSignatures } from '../probe.ts'

const test = suite('label/signatures/industrial/telecontrol')
const TCP = 6

/** IEEE 1815: header of eight bytes and its checksum. */
const dnp3 = hex('0564 05 c0 0100 0004 e921')
const startdt = hex('68 04 07 00 00 00')
const information = hex('68 0e 0000 0200 64 01 0600 0100 000000 14')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'dnp3',
      name: 'link status, checksum',
      protocol: TCP,
      ports: [1, 9999],
      bytes: dnp3,
      strength: 'strong',
      extras: { dnp3: { destination: 1, source: 1024 } },
    },
    {
      label: 'dnp3',
      name: 'wrong checksum on the port',
      protocol: TCP,
      ports: [1, 20000],
      bytes: bytes(dnp3.subarray(0, 8), 0, 0),
      strength: 'weak',
    },
    {
      label: 'iec104',
      name: 'start on any port',
      protocol: TCP,
      ports: [1, 2],
      bytes: startdt,
      strength: 'strong',
    },
    {
      label: 'iec104',
      name: 'information alone, on the port',
      protocol: TCP,
      ports: [1, 2404],
      bytes: information,
      strength: 'weak',
    },
    {
      label: 'iec104',
      name: 'information after information',
      protocol: TCP,
      ports: [1, 2404],
      bytes: bytes(information.subarray(0, 2), 2, information.subarray(3)),
      previous: information,
      strength: 'strong',
    },
    {
      label: 'iec104',
      name: 'chain with information',
      protocol: TCP,
      ports: [1, 2404],
      bytes: bytes(startdt, information),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    {
      name: 'DNP3 checksum elsewhere',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes(dnp3.subarray(0, 8), 0, 0),
    },
    { name: 'DNP3 start', protocol: TCP, ports: [1, 20000], bytes: bytes(0x05, 0x65, dnp3.subarray(2)) },
    { name: 'IEC 104 control 0f', protocol: TCP, ports: [1, 2404], bytes: hex('68 04 0f 00 00 00') },
    { name: 'IEC 104 length 3', protocol: TCP, ports: [1, 2404], bytes: hex('68 03 07 00 00 00') },
    {
      name: 'IEC 104 with something behind it, elsewhere',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(startdt, 0x68, 0x40, 0, 0, 0, 0),
    },
    { name: 'information alone, elsewhere', protocol: TCP, ports: [1, 2], bytes: information },
  ],
})

test.run()
