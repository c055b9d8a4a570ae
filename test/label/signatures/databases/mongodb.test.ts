import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/mongodb.ts'
import { bytes, le32, noise, testSignatures, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/mongodb')
const TCP = 6

const mongo = (request: number, answers: number, operation: number, body = 10) =>
  bytes(le32(16 + body), le32(request), le32(answers), le32(operation), noise(body))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'mongodb',
      name: 'query',
      protocol: TCP,
      ports: [1, 30000],
      bytes: mongo(1, 0, 2004),
      strength: 'strong',
      role: 'client',
      extras: { mongodb: { operation: 2004 } },
    },
    {
      label: 'mongodb',
      name: 'reply whose request was not captured',
      protocol: TCP,
      ports: [27017, 1],
      bytes: bytes(le32(40), le32(9), le32(1), le32(1), le32(8), zeros(12), le32(1), noise(4)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mongodb',
      name: 'reply',
      protocol: TCP,
      ports: [27017, 1],
      bytes: mongo(9, 1, 1),
      peer: mongo(1, 0, 2004),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'MongoDB operation 3000', protocol: TCP, ports: [1, 27017], bytes: mongo(1, 0, 3000) },
    {
      name: 'MongoDB reply whose request was not captured, elsewhere',
      protocol: TCP,
      ports: [30000, 1],
      bytes: bytes(le32(40), le32(9), le32(1), le32(1), le32(8), zeros(12), le32(1), noise(4)),
    },
    { name: 'MongoDB length', protocol: TCP, ports: [1, 30000], bytes: bytes(mongo(1, 0, 2004), 0) },
    { name: 'MongoDB reply to nothing', protocol: TCP, ports: [27017, 1], bytes: mongo(9, 1, 1) },
  ],
})
test.run()
