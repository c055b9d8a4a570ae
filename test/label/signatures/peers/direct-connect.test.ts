import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/direct-connect.ts'
import { bytes, testSignatures } from '../probe.ts'

const test = suite('label/signatures/peers/direct-connect')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'direct-connect',
      name: 'lock',
      protocol: TCP,
      ports: [411, 1],
      bytes: bytes('$Lock EXTENDEDPROTOCOLABC Pk=Hub|'),
      strength: 'strong',
    },
    {
      label: 'direct-connect',
      name: 'between clients',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('$MyNick bob|$Lock ABC Pk=X|'),
      strength: 'strong',
    },
    {
      label: 'direct-connect',
      name: 'nick alone',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('$MyNick bob|'),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'nick without a bar', protocol: TCP, ports: [1, 2], bytes: bytes('$MyNick bob\r\n') },
    { name: 'no nick', protocol: TCP, ports: [1, 2], bytes: bytes('$MyNick |$Lock ABC Pk=X|') },
    { name: 'nick of two words', protocol: TCP, ports: [1, 2], bytes: bytes('$MyNick are you|$Lock A|') },
    { name: 'nick before something else', protocol: TCP, ports: [1, 2], bytes: bytes('$MyNick bob|hello') },
    { name: 'lock without key', protocol: TCP, ports: [411, 1], bytes: bytes('$Lock ABC|') },
  ],
})
test.run()
