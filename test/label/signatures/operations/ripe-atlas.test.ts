import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/ripe-atlas.ts'
import { bytes, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/operations/ripe-atlas')
const UDP = 17

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ripe-atlas',
      name: 'probe',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes('MGLNDD_192.0.2.1_4712\n'),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [{ name: 'other text', protocol: UDP, ports: [1, 2], bytes: bytes('MGLNDE_192.0.2.1', u16(0)) }],
})
test.run()
