import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/remote/xdmcp.ts'
import { bytes, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/remote/xdmcp')
const UDP = 17

const xdmcp = (length: number) => bytes(u16(1), u16(2), u16(length), 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'xdmcp',
      name: 'alive',
      protocol: UDP,
      ports: [177, 1],
      bytes: bytes(u16(1), u16(14), u16(5), 1, noise(4)),
      strength: 'strong',
    },
    {
      label: 'xdmcp',
      name: 'query',
      protocol: UDP,
      ports: [50000, 177],
      bytes: xdmcp(1),
      strength: 'strong',
      extras: { xdmcp: { opcode: 2 } },
    },
  ],
  misses: [
    {
      name: 'XDMCP opcode 15',
      protocol: UDP,
      ports: [1, 177],
      bytes: bytes(u16(1), u16(15), u16(5), 1, noise(4)),
    },
    { name: 'XDMCP length', protocol: UDP, ports: [1, 177], bytes: xdmcp(2) },
  ],
})
test.run()
