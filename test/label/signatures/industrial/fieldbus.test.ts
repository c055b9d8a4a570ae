import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/fieldbus.ts'
import { bytes, hex, le16, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/industrial/fieldbus')
const UDP = 17

const hart = bytes(1, 0, 0, 0, u16(2), u16(13), 1, hex('00007530'))
const etherCat = (size: number) =>
  bytes(le16(0x1000 | (12 + size)), [4, 1], u32(0x00100001), le16(size), u16(0), noise(size), le16(1))
const hse = (kind: number) => bytes(1, 0, (3 << 2) | kind, 0x82, u32(0), u32(20), noise(8))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'hart-ip',
      name: 'session elsewhere',
      protocol: UDP,
      ports: [1, 5095],
      bytes: hart,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'hart-ip',
      name: 'answer in a frame of the serial line, from another port',
      protocol: UDP,
      ports: [5095, 49905],
      bytes: hex('0101 0300 0004 0018 86264e0000d2010700d0fb0000000011'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'hart-ip',
      name: 'session initiate',
      protocol: UDP,
      ports: [1, 5094],
      bytes: hart,
      strength: 'strong',
      role: 'client',
    },
    matched('ethercat', 'one datagram', etherCat(20), { protocol: UDP, role: 'none' }),
    matched('ethercat', 'padded', bytes(etherCat(4), zeros(16)), { protocol: UDP, role: 'none' }),
    matched('ff-hse', 'request', hse(0), { protocol: UDP, ...CLIENT }),
    matched('ff-hse', 'answer', hse(1), SERVER),
  ],
  misses: [
    { name: 'HART-IP length', protocol: UDP, ports: [1, 5094], bytes: bytes(hart, 0) },
    {
      name: 'HART-IP keep-alive elsewhere',
      protocol: UDP,
      ports: [1, 5095],
      bytes: bytes(1, 0, 2, 0, u16(2), u16(8)),
    },
    {
      name: 'HART frame elsewhere that does not cancel out',
      protocol: UDP,
      ports: [1, 5095],
      bytes: hex('0100 0300 0003 0011 82264e0000d2000039'),
    },
    missed('EtherCAT whose datagram is too long', bytes(etherCat(20).subarray(0, 8), le16(21), noise(24)), {
      protocol: UDP,
    }),
    missed('HSE of no kind', hse(3)),
    missed('HSE whose length disagrees', bytes(hse(0), 0)),
  ],
})

test.run()
