import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/remote-calls.ts'
import { bytes, hex, noise, testSignatures, u32 } from '../probe.ts'

const test = suite('label/signatures/operations/remote-calls')
const TCP = 6
const thrift = (type: number) => bytes(hex('8001 00'), type, u32(4), 'ping', u32(0), 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'giop',
      name: 'request',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('GIOP', 1, 2, 0, 0, u32(20), noise(20)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'thrift',
      name: 'call',
      protocol: TCP,
      ports: [1, 2],
      bytes: thrift(1),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'thrift',
      name: 'framed reply',
      protocol: TCP,
      ports: [2, 1],
      bytes: bytes(u32(17), thrift(2)),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'GIOP version 9', protocol: TCP, ports: [1, 2], bytes: bytes('GIOP', 9, 2, 0, 0, u32(20)) },
    { name: 'Thrift type 9', protocol: TCP, ports: [1, 2], bytes: thrift(9) },
  ],
})

test.run()
