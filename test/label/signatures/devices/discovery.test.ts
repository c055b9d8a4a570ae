import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/discovery.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'

const test = suite('label/signatures/devices/discovery')
const TCP = 6
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
const xdmcp = (length: number) => bytes(u16(1), u16(2), u16(length), 0)
const natRequest = hex('00 02 0000 c8d5 c8d5 00000e10')
const natAnswer = hex('00 82 0000 00002b3a c8d5 c8d5 00000e10')
const pcp = bytes(2, 1, 0, 0, u32(3600), noise(16))
const ardRequest = hex('00 14 00 01 03')

testSignatures(test, signatures, {
  matches: [
    {
      label: 'xdmcp',
      name: 'alive',
      protocol: UDP,
      ports: [177, 1],
      bytes: bytes(u16(1), u16(14), u16(5), 1, noise(4)),
      strength: 'strong',
    },
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
    {
      label: 'xdmcp',
      name: 'query',
      protocol: UDP,
      ports: [50000, 177],
      bytes: xdmcp(1),
      strength: 'strong',
      extras: { xdmcp: { opcode: 2 } },
    },
    {
      label: 'nat-pmp',
      name: 'address request',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: bytes(0, 0),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'nat-pmp',
      name: 'mapping request',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: natRequest,
      strength: 'weak',
    },
    {
      label: 'nat-pmp',
      name: 'its answer',
      protocol: UDP,
      ports: [5351, 50000],
      bytes: natAnswer,
      peer: natRequest,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'pcp',
      name: 'map',
      protocol: UDP,
      ports: [50000, 5351],
      bytes: pcp,
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'spotify',
      name: 'announcement',
      protocol: UDP,
      ports: [57621, 57621],
      bytes: bytes('SpotUdp0', noise(32)),
      strength: 'strong',
    },
    {
      label: 'spotify',
      name: 'hello',
      protocol: TCP,
      ports: [50000, 4070],
      bytes: bytes(0, 4, u32(20), 0x52, 0x0e, noise(12)),
      strength: 'strong',
    },
    {
      label: 'dropbox',
      name: 'announcement',
      protocol: UDP,
      ports: [17500, 17500],
      bytes: bytes('{"host_int": 4711, "version": [2, 0]}'),
      strength: 'strong',
    },
    {
      label: 'dropbox',
      name: 'bus command',
      protocol: UDP,
      ports: [50311, 17500],
      bytes: bytes(hex('43033501'), '/r/Bus17Cmd'),
      strength: 'strong',
    },
    {
      label: 'enpc',
      name: 'probe',
      protocol: UDP,
      ports: [50000, 3289],
      bytes: bytes('EPSONP', hex('00ff000000000000')),
      strength: 'strong',
    },
    {
      label: 'apple-remote-desktop',
      name: 'request',
      protocol: UDP,
      ports: [50000, 3283],
      bytes: ardRequest,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'apple-remote-desktop',
      name: 'answer',
      protocol: UDP,
      ports: [3283, 50000],
      bytes: bytes(0, 1, u16(20), noise(20)),
      peer: ardRequest,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'apple-remote-desktop',
      name: 'another command',
      protocol: UDP,
      ports: [3283, 50000],
      bytes: bytes(0, 9, u16(3), 1, 2, 3),
      strength: 'weak',
    },
  ],
  misses: [
    {
      name: 'XDMCP opcode 15',
      protocol: UDP,
      ports: [1, 177],
      bytes: bytes(u16(1), u16(15), u16(5), 1, noise(4)),
    },
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
    { name: 'XDMCP length', protocol: UDP, ports: [1, 177], bytes: xdmcp(2) },
    { name: 'NAT-PMP length', protocol: UDP, ports: [1, 5351], bytes: bytes(0, 1, 0) },
    { name: 'NAT-PMP elsewhere', protocol: UDP, ports: [1, 5353], bytes: natRequest },
    { name: 'PCP operation 9', protocol: UDP, ports: [1, 5351], bytes: bytes(2, 9, 0, 0, noise(20)) },
    {
      name: 'Spotify hello, length',
      protocol: TCP,
      ports: [1, 4070],
      bytes: bytes(0, 4, u32(21), 0x52, 0x0e, noise(12)),
    },
    { name: 'other JSON', protocol: UDP, ports: [1, 17500], bytes: bytes('{"host": 1, "version": 2}') },
    {
      name: 'Bus17Cmd elsewhere',
      protocol: UDP,
      ports: [1, 5683],
      bytes: bytes(hex('43033501'), '/r/Bus17Cmd'),
    },
    { name: 'EPSON elsewhere', protocol: UDP, ports: [1, 9], bytes: bytes('EPSON printers') },
    { name: 'remote desktop elsewhere', protocol: UDP, ports: [1, 3284], bytes: ardRequest },
    { name: 'remote desktop, length', protocol: UDP, ports: [1, 3283], bytes: hex('00 14 00 02 03') },
  ],
})
test.run()
