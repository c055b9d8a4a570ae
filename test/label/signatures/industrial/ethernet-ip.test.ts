import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/ethernet-ip.ts'
import { bytes, le16, le32, noise, testSignatures } from '../probe.ts'

const test = suite('label/signatures/industrial/ethernet-ip')
const TCP = 6
const UDP = 17

const enip = (command: number, length: number, body: number) =>
  bytes(le16(command), le16(length), le32(7), le32(0), noise(8), le32(0), noise(body))
const implicit = bytes(le16(2), le16(0x8002), le16(8), noise(8), le16(0xb1), le16(2), noise(2))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ethernet-ip',
      name: 'register session',
      protocol: TCP,
      ports: [1, 44818],
      bytes: enip(0x65, 4, 4),
      strength: 'strong',
      role: 'client',
      extras: { ethernet_ip: { command: 0x65 } },
    },
    {
      label: 'ethernet-ip',
      name: 'implicit message',
      protocol: UDP,
      ports: [2222, 2222],
      bytes: implicit,
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'EtherNet/IP command 9', protocol: TCP, ports: [1, 44818], bytes: enip(9, 4, 4) },
    { name: 'EtherNet/IP length', protocol: TCP, ports: [1, 9], bytes: enip(0x65, 5, 4) },
    { name: 'implicit elsewhere', protocol: UDP, ports: [1, 2], bytes: implicit },
  ],
})

test.run()
