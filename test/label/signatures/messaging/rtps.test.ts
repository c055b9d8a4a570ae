import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/rtps.ts'
import { bytes, noise, testSignatures } from '../probe.ts'

const test = suite('label/signatures/messaging/rtps')
const UDP = 17

testSignatures(test, signatures, {
  matches: [
    {
      label: 'rtps',
      name: 'header',
      protocol: UDP,
      ports: [1, 7400],
      bytes: bytes('RTPS', 2, 1, 1, 1, noise(16)),
      strength: 'strong',
    },
  ],
  misses: [{ name: 'RTP is not RTPS', protocol: UDP, ports: [1, 2], bytes: bytes('RTPA', 2, 1, noise(18)) }],
})

test.run()
