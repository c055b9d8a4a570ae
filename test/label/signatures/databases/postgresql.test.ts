import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/postgresql.ts'
import { bytes, noise, testSignatures, u32 } from '../probe.ts'
import { BROWSER_HELLO, handshake, record } from '../tls/hellos.ts'

const test = suite('label/signatures/databases/postgresql')
const TCP = 6
const TLS_HELLO = record(22, handshake(1, BROWSER_HELLO))

function startup(parameters: string): Uint8Array {
  return bytes(u32(9 + parameters.length), u32(0x30000), parameters, 0)
}
const alice = startup('user\0alice\0database\0shop\0application_name\0psql\0')
const message = (type: string, ...content: (string | number | Uint8Array)[]) => {
  const body = bytes(...content)
  return bytes(type, u32(body.length + 4), body)
}
const ready = message('Z', 'I')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'postgresql',
      name: 'startup of protocol 2',
      protocol: TCP,
      ports: [1, 9],
      bytes: bytes(u32(296), u32(0x20000), noise(288)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'postgresql',
      name: 'TLS behind what asked for it',
      protocol: TCP,
      ports: [1, 9],
      labelSoFar: 'postgresql',
      bytes: TLS_HELLO,
      strength: 'strong',
      role: 'client',
      extras: { tls: { sni: 'www.example.org' } },
    },
    {
      label: 'postgresql',
      name: 'startup',
      protocol: TCP,
      ports: [40000, 5432],
      bytes: alice,
      strength: 'strong',
      role: 'client',
      extras: { postgresql: { user: 'alice', database: 'shop', application: 'psql' } },
    },
    {
      label: 'postgresql',
      name: 'TLS request',
      protocol: TCP,
      ports: [1, 6432],
      bytes: bytes(u32(8), u32(80877103)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'postgresql',
      name: 'cancel',
      protocol: TCP,
      ports: [1, 5432],
      bytes: bytes(u32(16), u32(80877102), noise(8)),
      strength: 'strong',
    },
    {
      label: 'postgresql',
      name: 'startup that begins with another parameter',
      protocol: TCP,
      ports: [1, 15432],
      bytes: bytes(u32(8 + 32), u32(0x30000), 'client_encoding\0utf-8\0user\0bob\0', 0),
      strength: 'strong',
      role: 'client',
      extras: { postgresql: { user: 'bob' } },
    },
    {
      label: 'postgresql',
      name: 'cancel of protocol 3.2',
      protocol: TCP,
      ports: [1, 5432],
      bytes: bytes(u32(44), u32(80877102), noise(36)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'postgresql',
      name: 'authentication',
      protocol: TCP,
      ports: [5432, 1],
      bytes: message('R', bytes(u32(5)), noise(4)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'postgresql',
      name: 'result',
      protocol: TCP,
      ports: [7777, 1],
      bytes: bytes(message('C', 'SELECT 1', 0), ready),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'postgresql',
      name: 'refusal on any port',
      protocol: TCP,
      ports: [7303, 1],
      bytes: message('E', 'SFATAL\0VFATAL\0C28000\0', 'Mno pg_hba.conf entry\0', 0),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'postgresql',
      name: 'query on the port',
      protocol: TCP,
      ports: [1, 5432],
      bytes: message('Q', 'select 1', 0),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'protocol 2, length',
      protocol: TCP,
      ports: [1, 5432],
      bytes: bytes(u32(292), u32(0x20000), noise(284)),
    },
    { name: 'refusal without severity', protocol: TCP, ports: [7303, 1], bytes: message('E', 'C28000\0', 0) },
    { name: 'startup without names', protocol: TCP, ports: [1, 5432], bytes: startup('\x07\x13\0') },
    { name: 'startup length', protocol: TCP, ports: [1, 5432], bytes: bytes(alice, 0) },
    {
      name: 'list that ends before its end',
      protocol: TCP,
      ports: [1, 5432],
      bytes: bytes(u32(10), u32(0x30000), 0, 0),
    },
    { name: 'protocol 4.7', protocol: TCP, ports: [1, 5432], bytes: bytes(u32(9), u32(0x40007), 0) },
    { name: 'query elsewhere', protocol: TCP, ports: [1, 7777], bytes: message('Q', 'select 1', 0) },
    {
      name: 'chain that does not add up',
      protocol: TCP,
      ports: [5432, 1],
      bytes: bytes('C', u32(99), noise(8), ready),
    },
    {
      name: 'authentication method 99',
      protocol: TCP,
      ports: [5432, 1],
      bytes: message('R', bytes(u32(99)), noise(4)),
    },
  ],
})
test.run()
