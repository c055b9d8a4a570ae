import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/rmcp.ts'
import { hex, testSignatures } from '../probe.ts'

const test = suite('label/signatures/operations/rmcp')
const UDP = 17

testSignatures(test, signatures, {
  matches: [
    {
      label: 'rmcp',
      name: 'presence ping',
      protocol: UDP,
      ports: [1, 623],
      bytes: hex('06 00 ff 06 000011be 80000000'),
      strength: 'strong',
    },
  ],
  misses: [{ name: 'RMCP class 3', protocol: UDP, ports: [1, 623], bytes: hex('06 00 ff 03 000011be') }],
})

test.run()
