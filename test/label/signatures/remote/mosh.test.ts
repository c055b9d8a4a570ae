import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/remote/mosh.ts'
import { bytes, noise, testSignatures, u32 } from '../probe.ts'

const test = suite('label/signatures/remote/mosh')
const UDP = 17

const client = (sequence: number, size = 60) => bytes(u32(0), u32(sequence), noise(size))
const server = (sequence: number) => bytes(u32(0x80000000), u32(sequence), noise(60))
const pcoip = (sequence: number) => bytes(u32(0xabcd1234), u32(sequence), noise(60))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'mosh',
      name: 'first packet to a slot',
      protocol: UDP,
      ports: [40000, 60001],
      bytes: client(0),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'mosh',
      name: 'first answer',
      protocol: UDP,
      ports: [60001, 40000],
      bytes: server(0),
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'mosh',
      name: 'counts on, unanswered',
      protocol: UDP,
      ports: [40000, 60001],
      bytes: client(8),
      previous: client(7),
      strength: 'weak',
    },
    {
      label: 'mosh',
      name: 'counts on, answered, on any port',
      protocol: UDP,
      ports: [40000, 7777],
      bytes: client(8),
      previous: client(7),
      peer: server(9),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mosh',
      name: 'server counts on',
      protocol: UDP,
      ports: [60001, 40000],
      bytes: server(2),
      previous: server(1),
      peer: client(1),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'pcoip',
      name: 'counts on',
      protocol: UDP,
      ports: [50000, 4172],
      bytes: pcoip(8),
      previous: pcoip(7),
      strength: 'weak',
    },
  ],
  misses: [
    { name: 'first packet to another port', protocol: UDP, ports: [40000, 7777], bytes: client(0) },
    {
      name: 'first packet from a slot with the client bit',
      protocol: UDP,
      ports: [60001, 40000],
      bytes: client(0),
    },
    { name: 'sequence far from its start', protocol: UDP, ports: [40000, 60001], bytes: client(5000) },
    {
      name: 'sequence that goes back',
      protocol: UDP,
      ports: [40000, 60001],
      bytes: client(7),
      previous: client(8),
      peer: server(1),
    },
    {
      name: 'sequence that leaps',
      protocol: UDP,
      ports: [40000, 60001],
      bytes: client(900),
      previous: client(8),
      peer: server(1),
    },
    {
      name: 'answer with the same bit',
      protocol: UDP,
      ports: [40000, 7777],
      bytes: client(8),
      previous: client(7),
      peer: client(7),
    },
    { name: 'too short', protocol: UDP, ports: [40000, 60001], bytes: client(0, 12) },
    { name: 'to a group', protocol: UDP, ports: [5353, 60001], toGroup: true, bytes: client(0) },
    {
      name: 'mDNS shaped',
      protocol: UDP,
      ports: [5353, 60001],
      bytes: bytes(u32(0), u32(0x00030000), noise(60)),
    },
    { name: 'PCoIP elsewhere', protocol: UDP, ports: [50000, 4173], bytes: pcoip(8), previous: pcoip(7) },
    {
      name: 'PCoIP of another SPI',
      protocol: UDP,
      ports: [50000, 4172],
      bytes: pcoip(8),
      previous: client(7),
    },
  ],
})
test.run()
