import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/remote/synergy.ts'
import { bytes, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/remote/synergy')
const TCP = 6

const greeting = (name: string, rest: Uint8Array = new Uint8Array()) =>
  bytes(u32(11 + rest.length), name, u16(1), u16(6), rest)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'synergy',
      name: 'server greets',
      protocol: TCP,
      ports: [24800, 1],
      bytes: greeting('Barrier'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'synergy',
      name: 'client answers, on another port',
      protocol: TCP,
      ports: [1, 2],
      bytes: greeting('Synergy', bytes(u32(4), 'desk')),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'synergy',
      name: 'in the middle',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(8), 'DMMV', u16(100), u16(200), u32(4), 'CALV'),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'synergy',
      name: 'command behind its length',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('CALV'),
      previous: bytes(u32(4)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'command behind nothing', protocol: TCP, ports: [1, 24800], bytes: bytes('CALV') },
    {
      name: 'command behind another length',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes('CALV'),
      previous: bytes(u32(5)),
    },
    {
      name: 'version 2 of Synergy',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes(u32(11), 'Synergy', u16(2), u16(6)),
    },
    {
      name: 'greeting with another length',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes(u32(10), 'Synergy', u16(1), u16(6)),
    },
    { name: 'command with another length', protocol: TCP, ports: [1, 24800], bytes: bytes(u32(3), 'CALV') },
    { name: 'other command', protocol: TCP, ports: [1, 24800], bytes: bytes(u32(4), 'CALX') },
  ],
})
test.run()
