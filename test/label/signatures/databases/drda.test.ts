import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/drda.ts'
import { bytes, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/databases/drda')
const TCP = 6

const ddm = (code: number) => bytes(u16(20), 0xd0, 0x41, u16(1), u16(14), u16(code), noise(10))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'drda',
      name: 'exchange attributes',
      protocol: TCP,
      ports: [1, 60000],
      bytes: ddm(0x1041),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'drda',
      name: 'another command elsewhere',
      protocol: TCP,
      ports: [1, 60000],
      bytes: ddm(0x2001),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'DDM lengths',
      protocol: TCP,
      ports: [1, 50000],
      bytes: bytes(u16(20), 0xd0, 0x41, u16(1), u16(15), u16(0x1041), noise(10)),
    },
  ],
})
test.run()
