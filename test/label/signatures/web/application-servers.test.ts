import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/web/application-servers.ts'
import { bytes, hex, le16, noise, testSignatures, u16, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/web/application-servers')
const TCP = 6

const record = (type: number, body: Uint8Array, request = 1) =>
  bytes(1, type, u16(request), u16(body.length), 0, 0, body)
const begin = record(1, bytes(u16(1), 0, zeros(5)))
const variable = (name: string, value: string) => bytes(le16(name.length), name, le16(value.length), value)
const variables = bytes(
  variable('REQUEST_METHOD', 'GET'),
  variable('REQUEST_URI', '/'),
  variable('HTTP_HOST', 'a'),
)
const uwsgi = (size: number) => bytes(0, le16(size), 0, variables)
const ajp = (magic: string, length: number, type: number) =>
  bytes(hex(magic), u16(length), type, noise(length - 1))

testSignatures(test, signatures, {
  matches: [
    matched('fastcgi', 'begin', bytes(begin, record(4, noise(20))), CLIENT),
    matched('fastcgi', 'answer to its end', bytes(record(6, noise(9)), record(3, zeros(8))), SERVER),
    matched('fastcgi', 'output', record(6, noise(90)), { peer: begin, ...SERVER }),
    matched('scgi', 'headers', bytes('70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00'), CLIENT),
    matched('uwsgi', 'variables', uwsgi(variables.length), CLIENT),
    {
      label: 'ajp',
      name: 'request',
      protocol: TCP,
      ports: [1, 8009],
      bytes: ajp('1234', 20, 2),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'ajp',
      name: 'answer elsewhere',
      protocol: TCP,
      ports: [9, 1],
      bytes: ajp('4142', 20, 4),
      strength: 'weak',
      role: 'server',
    },
  ],
  misses: [
    missed('no such role', bytes(record(1, bytes(u16(9), 0, zeros(5))), zeros(8))),
    missed('output of another request', record(6, noise(90), 2), { peer: begin }),
    missed('another netstring', bytes('70:CONTENT_TYPE\x0027\x00SCGI\x001\x00')),
    missed('variables of another length', uwsgi(variables.length - 1)),
    missed('names in small letters', bytes(0, le16(9), 0, variable('abc', 'de'))),
    { name: 'AJP type 99', protocol: TCP, ports: [1, 8009], bytes: ajp('1234', 20, 99) },
    { name: 'AJP length', protocol: TCP, ports: [1, 9], bytes: bytes(ajp('1234', 20, 2), 0) },
  ],
})

test.run()
