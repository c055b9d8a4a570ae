import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/tds.ts'
import { bytes, hex, le16, le32, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/databases/tds')
const TCP = 6
const UDP = 17

const packet = (type: number, body: Uint8Array, length = body.length + 8) =>
  bytes(type, 1, u16(length), u16(0), 1, 0, body)
const options = hex(
  '00 001a 0006  01 0020 0001  02 0021 0001  03 0022 0004  04 0026 0001  ff 090000000000 00 00 00000000 00',
)
const login = bytes(le32(94), le32(0x74000004), le32(4096), zeros(82))
/** Host, user, password, process: each 30 bytes, then how many of them are used. */
const fields = (text: string) => bytes(text, zeros(30 - text.length), text.length)
const oldLogin = bytes(
  hex('0200 0200 0000 0000'),
  ...['vm', 'sa', 'password', '37876'].map(fields),
  noise(380),
)
const batch = bytes('s', 0, 'e', 0, 'l', 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'tds',
      name: 'prelogin on any port',
      protocol: TCP,
      ports: [1, 50123],
      bytes: packet(18, options),
      strength: 'strong',
    },
    {
      label: 'tds',
      name: 'login',
      protocol: TCP,
      ports: [1, 50123],
      bytes: packet(16, login),
      strength: 'strong',
      role: 'client',
      extras: { tds: { version: '74000004' } },
    },
    {
      label: 'tds',
      name: 'login of version 5, which tells nothing of itself',
      protocol: TCP,
      ports: [1, 50123],
      bytes: oldLogin,
      strength: 'strong',
      role: 'client',
      extras: {},
    },
    {
      label: 'tds',
      name: 'batch',
      protocol: TCP,
      ports: [1, 1433],
      bytes: packet(1, batch),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'tds',
      name: 'response',
      protocol: TCP,
      ports: [1433, 1],
      bytes: packet(4, hex('fd 0000 ba00 00000000')),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ms-sql-m',
      name: 'instances asked',
      protocol: UDP,
      ports: [1, 1434],
      bytes: bytes(3),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'ms-sql-m',
      name: 'instances',
      protocol: UDP,
      ports: [1434, 1],
      bytes: bytes(5, le16(27), 'ServerName;DB1;InstanceName'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'login of version 5 whose host name is longer than said',
      protocol: TCP,
      ports: [1, 50123],
      bytes: bytes(oldLogin.subarray(0, 38), 1, oldLogin.subarray(39)),
    },
    { name: 'length', protocol: TCP, ports: [1, 1433], bytes: packet(1, batch, 99) },
    { name: 'window 1', protocol: TCP, ports: [1, 1433], bytes: bytes(1, 1, u16(14), u16(0), 1, 1, batch) },
    { name: 'batch elsewhere', protocol: TCP, ports: [1, 1435], bytes: packet(1, batch) },
    {
      name: 'prelogin that starts with another option',
      protocol: TCP,
      ports: [1, 9],
      bytes: packet(18, noise(30)),
    },
    {
      name: 'login of an unknown version',
      protocol: TCP,
      ports: [1, 9],
      bytes: packet(16, bytes(le32(94), le32(0x01000000), zeros(86))),
    },
    { name: 'browser elsewhere', protocol: UDP, ports: [1, 1435], bytes: bytes(3) },
    {
      name: 'browser answer, length',
      protocol: UDP,
      ports: [1434, 1],
      bytes: bytes(5, le16(9), 'ServerName;DB1;'),
    },
  ],
})
test.run()
