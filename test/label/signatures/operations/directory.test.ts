import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/directory.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/operations/directory')
const TCP = 6
const UDP = 17

const tlv = (tag: number, ...content: Uint8Array[]) => {
  const body = bytes(...content)
  return body.length < 128 ? bytes(tag, body.length, body) : bytes(tag, 0x81, body.length, body)
}
const text = (tag: number, value: string) => tlv(tag, bytes(value))

const bind = tlv(0x30, hex('02 01 01'), tlv(0x60, hex('02 01 03'), text(4, 'cn=admin'), text(0x80, 'secret')))
const searchDone = tlv(0x30, hex('02 01 02'), tlv(0x65, hex('0a0100 0400 0400')))
const search = tlv(
  0x30,
  hex('02 01 07'),
  tlv(0x63, text(4, ''), hex('0a0100 0a0100'), noise(30)),
  tlv(0xa0, noise(8)),
)

/** RFC 4120 section 5.4.1: [10] { sequence { pvno [1] 5, type [2] 10, body [4] … realm [2] } } */
const asRequest = tlv(
  0x6a,
  tlv(
    0x30,
    hex('a103020105 a20302010a'),
    tlv(0xa4, tlv(0x30, hex('a007030500 50000010'), tlv(0xa2, text(0x1b, 'EXAMPLE.ORG')))),
  ),
)
const krbError = tlv(0x7e, tlv(0x30, hex('a003020105 a10302011e'), noise(40)))

/** RFC 3244: length, version, length of the AP message, that message, then KRB-PRIV. */
function changePassword(version: number, tag: number, excess = 0): Uint8Array {
  const ticket = tlv(tag, noise(20))
  const secret = tlv(0x75, noise(9))
  return bytes(
    u16(6 + ticket.length + secret.length),
    u16(version),
    u16(ticket.length + excess),
    ticket,
    secret,
  )
}
const passwordRequest = changePassword(1, 0x6e)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'kerberos',
      name: 'change of a password',
      protocol: UDP,
      ports: [40000, 10464],
      bytes: passwordRequest,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'kerberos',
      name: 'setting of a password over TCP',
      protocol: TCP,
      ports: [40000, 464],
      bytes: bytes(u32(passwordRequest.length), changePassword(0xff80, 0x6e)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'kerberos',
      name: 'password changed',
      protocol: UDP,
      ports: [464, 40000],
      bytes: changePassword(1, 0x6f),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ldap',
      name: 'bind',
      protocol: TCP,
      ports: [40000, 389],
      bytes: bind,
      strength: 'strong',
      role: 'client',
      extras: { ldap: { operation: 0, version: 3, bind_name: 'cn=admin' } },
    },
    {
      label: 'ldap',
      name: 'result',
      protocol: TCP,
      ports: [389, 40000],
      bytes: searchDone,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ldap',
      name: 'search with controls over UDP',
      protocol: UDP,
      ports: [1, 389],
      bytes: search,
      strength: 'strong',
    },
    {
      label: 'kerberos',
      name: 'AS request over UDP',
      protocol: UDP,
      ports: [40000, 88],
      bytes: asRequest,
      strength: 'strong',
      role: 'client',
      extras: { kerberos: { message_type: 10, realm: 'EXAMPLE.ORG' } },
    },
    {
      label: 'kerberos',
      name: 'error over TCP',
      protocol: TCP,
      ports: [88, 40000],
      bytes: bytes(u32(krbError.length), krbError),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'kerberos',
      name: 'length in a segment of its own',
      protocol: TCP,
      ports: [88, 40000],
      bytes: krbError,
      previous: bytes(u32(krbError.length)),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'change of a password, version 2',
      protocol: UDP,
      ports: [1, 464],
      bytes: changePassword(2, 0x6e),
    },
    {
      name: 'change of a password, ticket too long',
      protocol: UDP,
      ports: [1, 464],
      bytes: changePassword(1, 0x6e, 1),
    },
    {
      name: 'Kerberos behind another length',
      protocol: TCP,
      ports: [88, 1],
      bytes: krbError,
      previous: bytes(u32(9)),
    },
    { name: 'LDAP tag 44', protocol: TCP, ports: [1, 389], bytes: tlv(0x30, hex('02 01 01 44 00 00 00')) },
    {
      name: 'message longer than the packet',
      protocol: TCP,
      ports: [1, 389],
      bytes: bind.subarray(0, bind.length - 1),
    },
    {
      name: 'message id of nine bytes',
      protocol: TCP,
      ports: [1, 389],
      bytes: tlv(0x30, hex('02 09'), noise(9), hex('4200')),
    },
    {
      name: 'SNMP',
      protocol: UDP,
      ports: [1, 389],
      bytes: tlv(0x30, hex('02 01 00'), text(4, 'public'), hex('a000')),
    },
    {
      name: 'Kerberos version 4',
      protocol: UDP,
      ports: [1, 88],
      bytes: tlv(0x6a, tlv(0x30, hex('a103020104 a20302010a'))),
    },
    { name: 'Kerberos inner length', protocol: UDP, ports: [1, 88], bytes: bytes(asRequest, 0) },
    { name: 'Kerberos record length', protocol: TCP, ports: [88, 1], bytes: bytes(u32(9), krbError) },
  ],
})
test.run()
