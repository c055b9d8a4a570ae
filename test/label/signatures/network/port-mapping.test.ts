import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/port-mapping.ts'
import { bytes, hex, noise, testSignatures, u32 } from '../probe.ts'

const test = suite('label/signatures/network/port-mapping')
const UDP = 17

const natRequest = hex('00 02 0000 c8d5 c8d5 00000e10')
const natAnswer = hex('00 82 0000 00002b3a c8d5 c8d5 00000e10')
const pcp = bytes(2, 1, 0, 0, u32(3600), noise(16))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'nat-pmp',
      name: 'address request',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: bytes(0, 0),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'nat-pmp',
      name: 'mapping request',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: natRequest,
      strength: 'weak',
    },
    {
      label: 'nat-pmp',
      name: 'its answer',
      protocol: UDP,
      ports: [5351, 50000],
      bytes: natAnswer,
      peer: natRequest,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'pcp',
      name: 'map',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: pcp,
      strength: 'weak',
      role: 'client',
    },
  ],
  misses: [
    { name: 'NAT-PMP length', protocol: UDP, ports: [1, 5351], bytes: bytes(0, 1, 0) },
    { name: 'NAT-PMP elsewhere', protocol: UDP, ports: [1, 5353], bytes: natRequest },
    { name: 'PCP operation 9', protocol: UDP, ports: [1, 5351], bytes: bytes(2, 9, 0, 0, noise(20)) },
  ],
})
test.run()
