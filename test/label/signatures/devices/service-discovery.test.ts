import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/service-discovery.ts'
import { bytes, noise, testSignatures, u16 } from '../probe.ts'

const test = suite('label/signatures/devices/service-discovery')
const UDP = 17

const search = bytes(
  'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nST: ssdp:all\r\n\r\n',
)
const envelope = (namespace: string) =>
  bytes(
    `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="${namespace}">`,
  )
const WS_DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery'
/** RFC 2608: version, function, length, flags, extension, XID, language tag. */
const slp2 = (length: number) =>
  bytes(2, 1, 0, u16(length), u16(0x2000), 0, 0, 0, u16(7), u16(2), 'en', noise(6))
/** RFC 2165: version, function, length, flags, dialect, language, encoding, XID. */
const slp1 = bytes(1, 1, u16(14), 0, 0, 'en', u16(3), u16(1), 0, 0)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ssdp',
      name: 'search',
      protocol: UDP,
      ports: [50000, 1900],
      toGroup: true,
      bytes: search,
      strength: 'strong',
      role: 'client',
      extras: { ssdp: { search_target: 'ssdp:all' } },
    },
    {
      label: 'ssdp',
      name: 'answer cut before its headers',
      protocol: UDP,
      ports: [38616, 50000],
      bytes: bytes('HTTP/1.1 200 OK\r\nEXT:\r\nUSN:uuid:1\r\n'),
      captured: 20,
      strength: 'weak',
      role: 'server',
    },
    {
      label: 'ssdp',
      name: 'notify',
      protocol: UDP,
      ports: [1900, 1900],
      bytes: bytes('NOTIFY * HTTP/1.1\r\n'),
      strength: 'strong',
    },
    {
      label: 'ssdp',
      name: 'notify to the group, which is no client',
      protocol: UDP,
      ports: [49152, 1900],
      toGroup: true,
      bytes: bytes('NOTIFY * HTTP/1.1\r\n'),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'ssdp',
      name: 'answer from any port',
      protocol: UDP,
      ports: [38616, 50000],
      bytes: bytes('HTTP/1.1 200 OK\r\nEXT:\r\nUSN:uuid:1\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ws-discovery',
      name: 'probe',
      protocol: UDP,
      ports: [50000, 3702],
      bytes: envelope(WS_DISCOVERY),
      strength: 'strong',
    },
    {
      label: 'slp',
      name: 'version 2 service request',
      protocol: UDP,
      ports: [50000, 427],
      bytes: slp2(22),
      strength: 'strong',
      role: 'client',
      extras: { slp: { version: 2, function: 1 } },
    },
    {
      label: 'slp',
      name: 'length that lies, on the port',
      protocol: UDP,
      ports: [50000, 427],
      bytes: slp2(999),
      strength: 'weak',
    },
    { label: 'slp', name: 'version 1', protocol: UDP, ports: [50000, 427], bytes: slp1, strength: 'strong' },
  ],
  misses: [
    {
      name: 'HTTP answer without SSDP headers',
      protocol: UDP,
      ports: [80, 50000],
      bytes: bytes('HTTP/1.1 200 OK\r\nX: y\r\n'),
    },
    { name: 'SOAP of another service', protocol: UDP, ports: [50000, 9999], bytes: envelope('urn:other') },
    {
      name: 'text that is no envelope',
      protocol: UDP,
      ports: [50000, 3702],
      bytes: bytes('<html><body>hello</body></html>'),
    },
    {
      name: 'SLP reserved flags',
      protocol: UDP,
      ports: [1, 427],
      bytes: bytes(2, 1, 0, u16(22), u16(0x1fff), 0, 0, 0, u16(7), u16(2), 'en', noise(6)),
    },
    {
      name: 'SLP without language',
      protocol: UDP,
      ports: [1, 427],
      bytes: bytes(2, 1, 0, u16(20), u16(0), 0, 0, 0, u16(7), u16(0), 0, 0, noise(4)),
    },
    { name: 'SLP length that lies, elsewhere', protocol: UDP, ports: [50000, 428], bytes: slp2(999) },
  ],
})
test.run()
