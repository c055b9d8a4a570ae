import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/snmp.ts'
import { bytes, hex, testSignatures } from '../probe.ts'

const test = suite('label/signatures/operations/snmp')
const UDP = 17

/** RFC 1157: sequence { version, community, PDU { request id, status, index, bindings } } */
function message(version: number, tag: number, name = 'public'): Uint8Array {
  const pdu = hex('02 01 2a 02 01 00 02 01 00 30 00')
  const inside = bytes(2, 1, version, 4, name.length, name, tag, pdu.length, pdu)
  return bytes(0x30, inside.length, inside)
}
const discovery = hex(
  `30 3e 02 01 03
   30 11 02 04 30f6f3d8 02 03 00ffe3 04 01 04 02 01 03   # id, size, flags, model
   04 10 30 0e 04 00 02 01 00 02 01 00 04 00 04 00 04 00 # security parameters
   30 14 04 00 04 00 a0 0e 02 04 37f0b2a2 02 01 00 02 01 00 30 00`,
)
const longForm = bytes(
  0x30,
  0x81,
  31,
  message(1, 0xa2, 'private').subarray(2),
  hex('0500 0500 0500').subarray(0, 3),
)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'snmp',
      name: 'version 1 get',
      protocol: UDP,
      ports: [40000, 161],
      bytes: message(0, 0xa0),
      strength: 'strong',
      role: 'client',
      extras: { snmp: { version: '1', pdu_type: 0 } },
    },
    {
      label: 'snmp',
      name: 'version 2c response on any port',
      protocol: UDP,
      ports: [1161, 40000],
      bytes: message(1, 0xa2),
      strength: 'strong',
      role: 'server',
      extras: { snmp: { version: '2c' } },
    },
    {
      label: 'snmp',
      name: 'version 3 discovery',
      protocol: UDP,
      ports: [40000, 161],
      bytes: discovery,
      strength: 'strong',
      role: 'client',
      extras: { snmp: { version: '3' } },
    },
    {
      label: 'snmp',
      name: 'over TCP (RFC 3430)',
      protocol: 6,
      ports: [40000, 161],
      bytes: message(1, 0xa0),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    { name: 'outer length wrong', protocol: UDP, ports: [1, 161], bytes: bytes(message(0, 0xa0), 0) },
    { name: 'version 9', protocol: UDP, ports: [1, 161], bytes: message(9, 0xa0) },
    { name: 'PDU tag b0', protocol: UDP, ports: [1, 161], bytes: message(0, 0xb0) },
    { name: 'inner length wrong', protocol: UDP, ports: [1, 161], bytes: longForm },
    {
      name: 'not a sequence',
      protocol: UDP,
      ports: [1, 161],
      bytes: bytes(0x31, message(0, 0xa0).subarray(1)),
    },
    {
      name: 'indefinite length',
      protocol: UDP,
      ports: [1, 161],
      bytes: bytes(0x30, 0x80, message(0, 0xa0).subarray(2)),
    },
  ],
})
test.run()
