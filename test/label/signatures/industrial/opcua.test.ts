import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/opcua.ts'
import { bytes, le32, noise, testSignatures } from '../probe.ts'

const test = suite('label/signatures/industrial/opcua')
const TCP = 6

const hello = bytes(
  'HELF',
  le32(57),
  le32(0),
  le32(65536),
  le32(65536),
  le32(0),
  le32(0),
  le32(25),
  'opc.tcp://plc.example:4840',
)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'opcua',
      name: 'hello',
      protocol: TCP,
      ports: [1, 9],
      bytes: hello,
      strength: 'strong',
      role: 'client',
      extras: { opcua: { endpoint: 'opc.tcp://plc.example:4840' } },
    },
  ],
  misses: [
    { name: 'OPC UA chunk X', protocol: TCP, ports: [1, 4840], bytes: bytes('MSGX', le32(20), noise(12)) },
    {
      name: 'OPC UA of 4 GB',
      protocol: TCP,
      ports: [1, 4840],
      bytes: bytes('MSGF', le32(0xffffffff), noise(12)),
    },
  ],
})

test.run()
