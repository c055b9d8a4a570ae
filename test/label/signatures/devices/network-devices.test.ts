import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/network-devices.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/devices/network-devices')
const UDP = 17
const DATAGRAM = { protocol: UDP } as const

const item = (type: number, value: Uint8Array) => bytes(type, u16(value.length), value)
function ubiquiti(version: number, command: number, items: Uint8Array, less = 0): Uint8Array {
  return bytes(version, command, u16(items.length - less), items)
}
const camera = bytes(item(2, noise(10)), item(1, noise(6)), item(0x0b, bytes('yard')))
const wide = (type: number, value: Uint8Array) => bytes(u16(type), u16(value.length), value)
const router = bytes(zeros(2), u16(7), wide(1, noise(6)), wide(5, bytes('MikroTik')), wide(7, bytes('6.49')))
const telnet = (type: number, session: string, rest: Uint8Array = new Uint8Array()) =>
  bytes(1, type, noise(12), hex(session), u32(9), rest)
const control = bytes(hex('563412ff'), 0, u32(0))
const address = hex('001122334455')
const nsdp = (operation: number, name = 'NSDP') =>
  bytes(1, operation, zeros(6), address, address, zeros(4), name, zeros(4), hex('00010000 ffff0000'))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ubdp',
      name: 'answer',
      protocol: UDP,
      ports: [10001, 1],
      bytes: ubiquiti(1, 0, camera),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ubdp',
      name: 'announcement of version 2',
      protocol: UDP,
      ports: [40000, 10001],
      bytes: ubiquiti(2, 6, camera),
      strength: 'strong',
    },
    {
      label: 'ubdp',
      name: 'question',
      protocol: UDP,
      ports: [1, 10001],
      bytes: hex('01000000'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'mndp',
      name: 'announcement',
      protocol: UDP,
      ports: [5678, 5678],
      bytes: router,
      strength: 'strong',
    },
    {
      label: 'mactelnet',
      name: 'data, on another port',
      protocol: UDP,
      ports: [1, 2],
      bytes: telnet(1, '1234 0015', control),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mactelnet',
      name: 'acknowledged',
      protocol: UDP,
      ports: [20561, 1],
      bytes: telnet(2, '0015 1234'),
      strength: 'strong',
      role: 'server',
    },
    matched('nsdp', 'read', nsdp(1), { ...DATAGRAM, ...CLIENT }),
    matched('nsdp', 'answer', nsdp(2), { ...DATAGRAM, ...SERVER }),
    matched('addp', 'search', hex('4449474900010006ffffffffffff'), { ...DATAGRAM, ...CLIENT }),
  ],
  misses: [
    { name: 'question elsewhere', protocol: UDP, ports: [1, 2], bytes: hex('01000000') },
    {
      name: 'items that end early',
      protocol: UDP,
      ports: [1, 10001],
      bytes: bytes(ubiquiti(1, 0, camera, 1)),
    },
    {
      name: 'items that end late',
      protocol: UDP,
      ports: [1, 10001],
      bytes: ubiquiti(1, 0, bytes(item(2, noise(10)), hex('0b0009'), 'yard')),
    },
    {
      name: 'items without an address',
      protocol: UDP,
      ports: [1, 10001],
      bytes: ubiquiti(1, 0, bytes(item(0x0b, noise(10)), item(0x0c, noise(6)))),
    },
    { name: 'MikroTik cut', protocol: UDP, ports: [5678, 5678], bytes: router.subarray(0, -1) },
    {
      name: 'MAC-Telnet version 2',
      protocol: UDP,
      ports: [1, 20561],
      bytes: bytes(2, telnet(2, '00151234').subarray(1)),
    },
    { name: 'MAC-Telnet elsewhere', protocol: UDP, ports: [1, 2], bytes: telnet(2, '00151234') },
    { name: 'other client type', protocol: UDP, ports: [1, 20561], bytes: telnet(2, '00161234') },
    missed('another name', nsdp(1, 'NSDQ'), DATAGRAM),
    missed('DIGI of another length', hex('4449474900010007ffffffffffff'), DATAGRAM),
  ],
})
test.run()
