import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/rcon.ts'
import { bytes, le32, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/games/rcon')
const TCP = 6

const rcon = (type: number, text: string, more = 0) =>
  bytes(le32(10 + text.length + more), le32(41), le32(type), text, 0, 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'rcon',
      name: 'login',
      protocol: TCP,
      ports: [1, 2],
      bytes: rcon(3, 'hunter2'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'rcon',
      name: 'answer to a login',
      protocol: TCP,
      ports: [27015, 1],
      bytes: rcon(2, ''),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'rcon',
      name: 'text of an answer',
      protocol: TCP,
      ports: [25575, 1],
      bytes: rcon(0, 'There are 0 of 20 players online\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'rcon',
      name: 'empty answer',
      protocol: TCP,
      ports: [25575, 1],
      bytes: rcon(0, ''),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'RCON of type 5', protocol: TCP, ports: [1, 27015], bytes: rcon(5, 'x') },
    { name: 'RCON, other size', protocol: TCP, ports: [1, 27015], bytes: rcon(3, 'x', 1) },
    { name: 'RCON, binary', protocol: TCP, ports: [1, 27015], bytes: rcon(2, '\x01\x02') },
    {
      name: 'RCON without end',
      protocol: TCP,
      ports: [1, 27015],
      bytes: bytes(rcon(2, 'x').subarray(0, -1), 1),
    },
    { name: 'zeros', protocol: TCP, ports: [1, 2], bytes: bytes(u16(0), zeros(40)) },
  ],
})
test.run()
