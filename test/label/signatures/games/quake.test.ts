import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/quake.ts'
import { bytes, hex, testSignatures } from '../probe.ts'

const test = suite('label/signatures/games/quake')
const UDP = 17

const out = hex('ffffffff')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'quake',
      name: 'list of servers, which begins like its query',
      protocol: UDP,
      ports: [27950, 1],
      bytes: bytes(out, 'getserversResponse\\', hex('7f000001 6d38'), '\\EOT'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'quake',
      name: 'status asked',
      protocol: UDP,
      ports: [1, 27960],
      bytes: bytes(out, 'getstatus\n'),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    { name: 'connectionless noise', protocol: UDP, ports: [1, 27015], bytes: bytes(out, 'zzzzzzzzzz') },
  ],
})
test.run()
