import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/name-service/whois.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/name-service/whois')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'whois',
      name: 'question',
      protocol: TCP,
      ports: [1, 43],
      bytes: bytes('example.org\r\n'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'whois',
      name: 'answer',
      protocol: TCP,
      ports: [43, 1],
      bytes: bytes('% Registry of Example\r\n'),
      peer: bytes('example.org\r\n'),
      strength: 'weak',
      role: 'server',
    },
  ],
  misses: [{ name: 'two lines to whois', protocol: TCP, ports: [1, 43], bytes: bytes('a\r\nb\r\n') }],
})

test.run()
