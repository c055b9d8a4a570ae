import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/mysql.ts'
import { bytes, le16, le32, noise, testSignatures, zeros } from '../probe.ts'
import { BROWSER_HELLO, handshake, record } from '../tls/hellos.ts'

const test = suite('label/signatures/databases/mysql')
const TCP = 6
const TLS_HELLO = record(22, handshake(1, BROWSER_HELLO))

const packet = (sequence: number, ...content: (string | number | readonly number[] | Uint8Array)[]) => {
  const body = bytes(...content)
  return bytes(le16(body.length), 0, sequence, body)
}
const greeting = (version: string) =>
  packet(0, 10, version, 0, le32(42), noise(8, 1), 0, le16(0xf7ff), noise(20))
const login = packet(1, le32(0x00a6a285), le32(0x1000000), 45, zeros(23), 'root', 0, noise(8))
const refused = packet(0, 0xff, le16(1040), 'Too many connections')

/** "select 3, now()" as MariaDB 10.11 answers it: one column first, then its definition. */
const column = packet(2, 3, 'def', 0, 0, 0, 1, '3', 0, 12, le16(63), le32(1), 3, le16(0x81), 0, zeros(2))
const result = bytes(packet(1, 2), column)
const noTable = packet(1, 0xff, le16(1146), "#42S02Table 'mysql.nosuch' doesn't exist")

testSignatures(test, signatures, {
  matches: [
    {
      label: 'mysql',
      name: 'TLS behind what asked for it',
      protocol: TCP,
      ports: [1, 9],
      labelSoFar: 'mysql',
      bytes: TLS_HELLO,
      strength: 'strong',
      role: 'client',
      extras: { tls: { sni: 'www.example.org' } },
    },
    {
      label: 'mysql',
      name: 'result on any port',
      protocol: TCP,
      ports: [13306, 1],
      bytes: result,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mysql',
      name: 'error with its state on any port',
      protocol: TCP,
      ports: [13306, 1],
      bytes: noTable,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mysql',
      name: 'greeting on any port',
      protocol: TCP,
      ports: [3307, 1],
      bytes: greeting('8.0.33-log'),
      strength: 'strong',
      role: 'server',
      extras: { mysql: { server_version: '8.0.33-log' } },
    },
    {
      label: 'mysql',
      name: 'login',
      protocol: TCP,
      ports: [1, 3306],
      bytes: login,
      strength: 'strong',
      role: 'client',
      extras: { mysql: { user: 'root' } },
    },
    { label: 'mysql', name: 'refusal', protocol: TCP, ports: [3306, 1], bytes: refused, strength: 'strong' },
    {
      label: 'mysql',
      name: 'query',
      protocol: TCP,
      ports: [1, 3306],
      bytes: packet(0, 3, 'select 1'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'mysql',
      name: 'ping',
      protocol: TCP,
      ports: [1, 3306],
      bytes: packet(0, 0x0e),
      strength: 'weak',
      role: 'client',
      extras: { mysql: { command: 14 } },
    },
    {
      label: 'mysql',
      name: 'prepared statement runs',
      protocol: TCP,
      ports: [1, 3306],
      bytes: packet(0, 0x17, le32(1), 0, le32(1)),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'mysql',
      name: 'OK',
      protocol: TCP,
      ports: [3306, 1],
      bytes: packet(1, 0, 1, 0, le16(2), le16(0)),
      strength: 'weak',
      role: 'server',
      peer: packet(0, 0x0e),
    },
    {
      label: 'mysql',
      name: 'greeting whose version is cut',
      protocol: TCP,
      ports: [3306, 1],
      bytes: greeting('5.7.40-log'),
      strength: 'weak',
      role: 'server',
      captured: 12,
    },
    {
      label: 'mysql',
      name: 'refusal that names it on any port',
      protocol: TCP,
      ports: [45000, 1],
      bytes: packet(0, 0xff, le16(1130), "Host 'h' is not allowed to connect to this MySQL server"),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mysql',
      name: 'refusal by MariaDB',
      protocol: TCP,
      ports: [45000, 1],
      bytes: packet(0, 0xff, le16(1130), "Host 'h' is not allowed to connect to this MariaDB server"),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mysql',
      name: 'refusal in Latin-1 on the port',
      protocol: TCP,
      ports: [3306, 1],
      bytes: packet(0, 0xff, le16(1129), 'H\xf4te bloqu\xe9'),
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'refusal with a code out of range',
      protocol: TCP,
      ports: [45000, 1],
      bytes: packet(0, 0xff, le16(999), 'MySQL'),
    },
    {
      name: 'refusal that holds a zero',
      protocol: TCP,
      ports: [45000, 1],
      bytes: packet(0, 0xff, le16(1130), 'MySQL', 0),
    },
    {
      name: 'refusal with a byte behind',
      protocol: TCP,
      ports: [45000, 1],
      bytes: bytes(packet(0, 0xff, le16(1130), 'MySQL'), 0x41),
    },
    { name: 'refusal without a code', protocol: TCP, ports: [3306, 1], bytes: packet(0, 0xff) },
    {
      name: 'error with a state of small letters',
      protocol: TCP,
      ports: [13306, 1],
      bytes: packet(1, 0xff, le16(1146), '#42s02Table'),
    },
    {
      name: 'result of another catalogue',
      protocol: TCP,
      ports: [13306, 1],
      bytes: bytes(packet(1, 2), packet(2, 3, 'abc', zeros(20))),
    },
    { name: 'version without a dot', protocol: TCP, ports: [3306, 1], bytes: greeting('8x0y33') },
    { name: 'version that starts with a letter', protocol: TCP, ports: [3306, 1], bytes: greeting('v8.0') },
    { name: 'length', protocol: TCP, ports: [3306, 1], bytes: bytes(greeting('8.0.33'), 0) },
    {
      name: 'login with a dirty filler',
      protocol: TCP,
      ports: [1, 3306],
      bytes: packet(1, le32(0x00a6a285), le32(0x1000000), 45, noise(23), 'root', 0),
    },
    { name: 'refusal elsewhere', protocol: TCP, ports: [9999, 1], bytes: refused },
    { name: 'query elsewhere', protocol: TCP, ports: [1, 9999], bytes: packet(0, 3, 'select 1') },
    {
      name: 'OK nobody asked for',
      protocol: TCP,
      ports: [3306, 1],
      bytes: packet(1, 0, 1, 0, le16(2), le16(0)),
      peer: packet(2, 0x0e),
    },
    { name: 'ping elsewhere', protocol: TCP, ports: [1, 3307], bytes: packet(0, 0x0e) },
    {
      name: 'statement that runs twice',
      protocol: TCP,
      ports: [1, 3306],
      bytes: packet(0, 0x17, le32(1), 0, le32(2)),
    },
    {
      name: 'cut version without a dot',
      protocol: TCP,
      ports: [3306, 1],
      bytes: greeting('5704000000'),
      captured: 12,
    },
  ],
})
test.run()
