import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/lighting.ts'
import { bytes, hex, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/media/lighting')
const UDP = 17

const artNet = (operation: string, rest = noise(12)) => bytes('Art-Net', 0, hex(operation), u16(14), rest)
const group = [40000, 6454] as const

testSignatures(test, signatures, {
  matches: [
    {
      label: 'artnet',
      name: 'poll',
      protocol: UDP,
      ports: group,
      bytes: artNet('0020', hex('0000')),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'artnet',
      name: 'answer to a poll',
      protocol: UDP,
      ports: [6454, 6454],
      bytes: artNet('0021', noise(200)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'artnet',
      name: 'light, on another port',
      protocol: UDP,
      ports: [1, 2],
      bytes: artNet('0050', noise(512)),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'acn',
      name: 'sACN data',
      protocol: UDP,
      ports: [40000, 5568],
      bytes: bytes(hex('00100000'), 'ASC-E1.17', zeros(3), hex('726e00000004'), noise(60)),
      strength: 'strong',
    },
    {
      label: 'kinet',
      name: 'light',
      protocol: UDP,
      ports: [1, 6038],
      bytes: hex('0401dc4a 0100 0101 00000000 000000ff'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'art of another kind', protocol: UDP, ports: group, bytes: bytes('Art-Web', 0, noise(20)) },
    {
      name: 'ASC-E1.18',
      protocol: UDP,
      ports: [1, 5568],
      bytes: bytes(hex('00100000'), 'ASC-E1.18', zeros(30)),
    },
    { name: 'KiNET 9', protocol: UDP, ports: [1, 6038], bytes: hex('0401dc4a 0900 0101 00000000') },
  ],
})
test.run()
