import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/printer-discovery.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/devices/./printer-discovery')
const TCP = 6
const UDP = 17

const bjnp = (kind: number, rest: Uint8Array, size = rest.length) =>
  bytes('BJNP', kind, 1, zeros(4), u16(0), u32(size), rest)
const init = bytes(u32(0), hex('01000003'), u32(5), 'anna', 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'bjnp',
      name: 'looking for printers',
      protocol: UDP,
      ports: [1, 8611],
      bytes: bjnp(1, new Uint8Array()),
      strength: 'strong',
      role: 'client',
    },
    ...['BJNB', 'BNJB'].map((name) => ({
      label: 'bjnp',
      name: `looking for printers by ${name}`,
      protocol: UDP,
      ports: [1, 8612] as const,
      bytes: bytes(name, 2, 2, zeros(10)),
      strength: 'strong' as const,
      role: 'client' as const,
    })),
    ...['BNNB', 'PNJB'].map((name) => ({
      label: 'bjnp',
      name: `looking for devices by ${name}`,
      protocol: UDP,
      ports: [1, 8612] as const,
      bytes: bytes(name, 1, 1, zeros(10)),
      strength: 'strong' as const,
      role: 'client' as const,
    })),
    {
      label: 'bjnp',
      name: 'a scanner answers',
      protocol: UDP,
      ports: [8612, 1],
      bytes: bjnp(0x82, noise(16)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'sane',
      name: 'init',
      protocol: TCP,
      ports: [1, 6566],
      bytes: init,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'sane',
      name: 'answer',
      protocol: TCP,
      ports: [2, 1],
      bytes: hex('00000000 01010003'),
      peer: init,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'enpc',
      name: 'probe',
      protocol: UDP,
      ports: [50000, 3289],
      bytes: bytes('EPSONP', hex('00ff000000000000')),
      strength: 'strong',
    },
    {
      label: 'ipp',
      name: 'a printer that CUPS announces',
      protocol: UDP,
      ports: [631, 631],
      bytes: bytes('b0de 3 ipp://print.example:631/printers/beryl "Room 5" "Laser"\n'),
      strength: 'strong',
    },
    {
      label: 'ipp',
      name: 'a stopped printer, on another port',
      protocol: UDP,
      ports: [1631, 1632],
      bytes: bytes('6 5 ipp://192.0.2.7/printers/a'),
      strength: 'strong',
    },
  ],
  misses: [
    ...['b0de 6 ipp://a', 'b0de 3 http://', 'b0dg 3 ipp://a', ' 3 ipp://a', '123456789 3 ipp://a'].map(
      (text) => ({
        name: `CUPS, but ${text}`,
        protocol: UDP,
        ports: [631, 631] as const,
        bytes: bytes(text),
      }),
    ),
    { name: 'BJNP of kind 9', protocol: UDP, ports: [1, 8611], bytes: bjnp(9, noise(4)) },
    { name: 'BNNB elsewhere', protocol: UDP, ports: [1, 8600], bytes: bytes('BNNB', 1, 1, zeros(10)) },
    { name: 'BJNX', protocol: UDP, ports: [1, 8611], bytes: bytes('BJNX', 1, 1, zeros(10)) },
    { name: 'BJNP with more', protocol: UDP, ports: [1, 8611], bytes: bjnp(1, noise(9), 4) },
    {
      name: 'SANE 2',
      protocol: TCP,
      ports: [1, 6566],
      bytes: bytes(u32(0), hex('02000003'), u32(5), 'anna', 0),
    },
    {
      name: 'SANE without NUL',
      protocol: TCP,
      ports: [1, 6566],
      bytes: bytes(u32(0), hex('01000003'), u32(4), 'anna'),
    },
    { name: 'SANE answer to nothing', protocol: TCP, ports: [6566, 1], bytes: hex('00000000 01000003') },
    {
      name: 'SANE answer of protocol 9',
      protocol: TCP,
      ports: [6566, 1],
      bytes: hex('00000000 01000009'),
      peer: init,
    },
    { name: 'EPSON elsewhere', protocol: UDP, ports: [1, 9], bytes: bytes('EPSON printers') },
  ],
})
test.run()
