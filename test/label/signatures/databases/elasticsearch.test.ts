import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/elasticsearch.ts'
import { bytes, noise, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/elasticsearch')
const TCP = 6

const elastic = bytes('ES', u32(60), zeros(7), 9, 0, u32(6080099), noise(41))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'elasticsearch',
      name: 'request',
      protocol: TCP,
      ports: [1, 9300],
      bytes: elastic,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'elasticsearch',
      name: 'ping',
      protocol: TCP,
      ports: [1, 9300],
      bytes: bytes('ES', u32(0xffffffff)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'ES without a version', protocol: TCP, ports: [1, 9300], bytes: bytes('ES', u32(60), zeros(54)) },
  ],
})
test.run()
