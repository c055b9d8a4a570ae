import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/name-service/dnscrypt.ts'
import { bytes, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/name-service/dnscrypt')
const TCP = 6
const UDP = 17

const question = (flags: number, first: string) =>
  bytes(
    u16(0x7f47),
    u16(flags),
    u16(1),
    zeros(6),
    1,
    first,
    13,
    'dnscrypt-cert',
    4,
    'ns-2',
    7,
    'example',
    0,
    u16(16),
    u16(1),
  )

testSignatures(test, signatures, {
  matches: [
    {
      label: 'dnscrypt',
      name: 'certificate asked',
      protocol: UDP,
      ports: [40000, 443],
      bytes: question(0x0100, '2'),
      strength: 'strong',
      role: 'client',
      extras: { dnscrypt: { provider: 'ns-2.example' } },
    },
    {
      label: 'dnscrypt',
      name: 'certificate',
      protocol: UDP,
      ports: [443, 40000],
      bytes: question(0x8180, '2'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'dnscrypt',
      name: 'encrypted answer',
      protocol: UDP,
      ports: [443, 40000],
      bytes: bytes('r6fnvWj8', noise(60)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'dnscrypt',
      name: 'over TCP',
      protocol: TCP,
      ports: [443, 40000],
      bytes: bytes(u16(68), 'r6fnvWj8', noise(60)),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'version 1 name with another first label',
      protocol: UDP,
      ports: [1, 443],
      bytes: question(0x0100, '3'),
    },
    {
      name: 'two questions',
      protocol: UDP,
      ports: [1, 53],
      bytes: bytes(u16(1), u16(0x100), u16(2), question(0, '2').subarray(6)),
    },
    { name: 'magic with a typo', protocol: UDP, ports: [443, 1], bytes: bytes('r6fnvWj9', noise(60)) },
  ],
})
test.run()
