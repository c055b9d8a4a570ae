import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/sandbox-games.ts'
import { bytes, hex, le16, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/games/sandbox-games')
const TCP = 6
const UDP = 17

const connect = (name: string) => bytes(le16(4 + name.length), 1, name.length, name)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'terraria',
      name: 'connect',
      protocol: TCP,
      ports: [1, 2],
      bytes: connect('Terraria279'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'minetest',
      name: 'client',
      protocol: UDP,
      ports: [1, 30000],
      bytes: hex('4f457403 0000 00 03 ffdc 01'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'minetest',
      name: 'server',
      protocol: UDP,
      ports: [30000, 1],
      bytes: hex('4f457403 0001 00 00 00 ffdc'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'Terraria without a number', protocol: TCP, ports: [1, 7777], bytes: connect('TerrariaX') },
    {
      name: 'Terraria, other length',
      protocol: TCP,
      ports: [1, 7777],
      bytes: bytes(99, connect('Terraria279').subarray(1)),
    },
    { name: 'Minetest, channel 9', protocol: UDP, ports: [1, 30000], bytes: hex('4f457403 0000 09 03 ffdc') },
    { name: 'zeros', protocol: TCP, ports: [1, 2], bytes: bytes(u16(0), zeros(40)) },
  ],
})
test.run()
