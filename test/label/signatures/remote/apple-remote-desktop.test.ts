import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/remote/apple-remote-desktop.ts'
import { bytes, hex, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/remote/apple-remote-desktop')
const UDP = 17

const ardRequest = hex('00 14 00 01 03')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'apple-remote-desktop',
      name: 'request',
      protocol: UDP,
      ports: [50000, 3283],
      bytes: ardRequest,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'apple-remote-desktop',
      name: 'answer',
      protocol: UDP,
      ports: [3283, 50000],
      bytes: bytes(0, 1, u16(20), noise(20)),
      peer: ardRequest,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'apple-remote-desktop',
      name: 'another command',
      protocol: UDP,
      ports: [3283, 50000],
      bytes: bytes(0, 9, u16(3), 1, 2, 3),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'remote desktop elsewhere', protocol: UDP, ports: [1, 3284], bytes: ardRequest },
    { name: 'remote desktop, length', protocol: UDP, ports: [1, 3283], bytes: hex('00 14 00 02 03') },
  ],
})
test.run()
