import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/libp2p.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/peers/libp2p')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'libp2p',
      name: 'start',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(19, '/multistream/1.0.0\n', 7, '/noise\n'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'multistream 2', protocol: TCP, ports: [1, 4001], bytes: bytes(19, '/multistream/2.0.0\n') },
  ],
})
test.run()
