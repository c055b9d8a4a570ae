import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/roce.ts'
import { bytes, noise, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/network/roce')
const UDP = 17
const roce = (operation: number, queue: number, sequence: number, rest: number) =>
  bytes(operation, 0x40, 0xff, 0xff, u32(queue), u32(sequence), noise(rest))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'roce',
      name: 'alone',
      protocol: UDP,
      ports: [49152, 4791],
      bytes: roce(4, 0x000011, 0x80000100 | 0, 32),
      strength: 'weak',
    },
    {
      label: 'roce',
      name: 'the next of its queue',
      protocol: UDP,
      ports: [49152, 4791],
      bytes: roce(4, 0x000011, 0x80000101 | 0, 32),
      previous: roce(4, 0x000011, 0x80000100 | 0, 32),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'RoCE with reserved bits', protocol: UDP, ports: [1, 4791], bytes: roce(4, 0x01000011, 1, 32) },
    { name: 'RoCE of odd length', protocol: UDP, ports: [1, 4791], bytes: roce(4, 17, 1, 33) },
    { name: 'RoCE to queue 0', protocol: UDP, ports: [1, 4791], bytes: roce(4, 0, 1, 32) },
    { name: 'zeros on the port of RoCE', protocol: UDP, ports: [1, 4791], bytes: zeros(64) },
  ],
})

test.run()
