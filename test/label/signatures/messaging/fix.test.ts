import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/fix.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/messaging/fix')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'fix',
      name: 'logon',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('8=FIX.4.4\x019=63\x0135=A\x01'),
      strength: 'strong',
    },
  ],
  misses: [{ name: '8=FOO', protocol: TCP, ports: [1, 2], bytes: bytes('8=FOO\x019=63\x01') }],
})

test.run()
