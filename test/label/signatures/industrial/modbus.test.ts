import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/modbus.ts'
import { bytes, hex, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/industrial/modbus')
const TCP = 6
const UDP = 17

/** Transaction, protocol 0, length, unit 1, function, data. */
const modbus = (...body: number[]) => bytes(u16(0x00d1), u16(0), u16(body.length + 1), 1, body)
const read = modbus(3, 0, 1, 0, 1)
const answer = modbus(3, 2, 0, 42)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'modbus',
      name: 'read over UDP, answered',
      protocol: UDP,
      ports: [502, 1],
      bytes: answer,
      peer: read,
      strength: 'strong',
      role: 'server',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'read over UDP',
      protocol: UDP,
      ports: [1, 502],
      bytes: read,
      strength: 'weak',
      role: 'client',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'read',
      protocol: TCP,
      ports: [1, 502],
      bytes: read,
      strength: 'strong',
      role: 'client',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'report server id, a function code alone',
      protocol: TCP,
      ports: [1, 502],
      bytes: modbus(17),
      strength: 'strong',
      role: 'client',
      extras: { modbus: { unit: 1, function: 17 } },
    },
    {
      label: 'modbus',
      name: 'exception',
      protocol: TCP,
      ports: [502, 1],
      bytes: modbus(0x83, 2),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'modbus',
      name: 'answer elsewhere',
      protocol: TCP,
      ports: [1502, 1],
      bytes: answer,
      peer: read,
      strength: 'strong',
    },
    {
      label: 'modbus',
      name: 'serial frame',
      protocol: TCP,
      ports: [1, 4001],
      bytes: hex('01 03 0000 000a c5cd'),
      strength: 'weak',
    },
    {
      label: 'modbus',
      name: 'answer in a serial frame',
      protocol: TCP,
      ports: [4001, 1],
      bytes: hex('01 03 02 002a 399b'),
      peer: hex('01 03 0000 000a c5cd'),
      strength: 'weak',
      extras: { modbus: { unit: 1, function: 3 } },
    },
    {
      label: 'modbus',
      name: 'function of a vendor',
      protocol: TCP,
      ports: [1, 502],
      bytes: modbus(90, 0, 1, 2, 3),
      strength: 'weak',
      role: 'client',
    },
  ],
  misses: [
    { name: 'Modbus over UDP elsewhere, answered', protocol: UDP, ports: [1, 1502], bytes: read },
    {
      name: 'Modbus serial frame with a wrong checksum',
      protocol: TCP,
      ports: [1, 502],
      bytes: hex('01 03 0000 000a c5ce'),
    },
    { name: 'Modbus read without an address', protocol: TCP, ports: [1, 502], bytes: modbus(3) },
    { name: 'Modbus function alone, elsewhere', protocol: TCP, ports: [1, 2], bytes: modbus(17) },
    {
      name: 'Modbus protocol 1',
      protocol: TCP,
      ports: [1, 502],
      bytes: bytes(u16(1), u16(1), u16(6), 1, 3, 0, 1, 0, 1),
    },
    { name: 'Modbus elsewhere, no answer', protocol: TCP, ports: [1, 1502], bytes: read },
    { name: 'Modbus function 50', protocol: TCP, ports: [1, 502], bytes: modbus(50, 0, 1, 0, 1) },
    { name: 'Modbus byte count', protocol: TCP, ports: [502, 1], bytes: modbus(3, 9, 0, 42) },
  ],
})

test.run()
