import { suite } from 'uvu'
import { signatures } from '../../../src/label/signatures/p2p.ts'
import { bytes, le16, le32, noise, testSignatures, zeros } from './probe.ts'

const test = suite('signatures p2p')
const TCP = 6
const UDP = 17

/** Gnutella 0.6: id of 16 bytes (ff at 8, 00 at 15), type, TTL, hops, length. */
const descriptor = (type: number, length: number, ttl = 4) =>
  bytes(noise(8), 0xff, noise(6), 0, type, ttl, 1, le32(length), noise(14))
const hello = (length: number) => bytes(0xe3, le32(length), 1, 16, noise(16), noise(12))
const kadRequest = bytes(0xe4, 0x21, 2, noise(32))
const contacts = bytes(0xe4, 0x29, noise(32), 1, noise(25))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'gnutella',
      name: 'connect',
      protocol: TCP,
      ports: [1, 6346],
      bytes: bytes('GNUTELLA CONNECT/0.6\r\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'gnutella',
      name: 'accepted',
      protocol: TCP,
      ports: [6346, 1],
      bytes: bytes('GNUTELLA/0.6 200 OK\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gnutella',
      name: 'pong',
      protocol: UDP,
      ports: [1, 40000],
      bytes: descriptor(1, 14),
      strength: 'strong',
    },
    {
      label: 'gnutella',
      name: 'ping of one that can inflate',
      protocol: UDP,
      ports: [1, 40000],
      bytes: bytes(noise(8), 0xff, noise(6), 0, 0, 0x11, 0, le32(11), 0xc3, 0x83, 'SCP', noise(6)),
      strength: 'strong',
    },
    {
      label: 'gnutella',
      name: 'query with an id of another kind',
      protocol: UDP,
      ports: [1, 40000],
      bytes: bytes(noise(16), 0x80, 2, 0, le32(6), 0, 0, 'ogg', 0),
      strength: 'weak',
    },
    {
      label: 'gnutella',
      name: 'Kademlia of LimeWire',
      protocol: UDP,
      ports: [1, 40000],
      bytes: bytes(noise(16), 0x44, 0, 0, le32(38), 1, 'LIME', noise(33)),
      strength: 'strong',
    },
    {
      label: 'gnutella',
      name: 'Gnutella 2',
      protocol: UDP,
      ports: [1, 40000],
      bytes: bytes('GND', 2, 0, 7, 1, 1, noise(10)),
      strength: 'strong',
    },
    {
      label: 'edonkey',
      name: 'hello',
      protocol: TCP,
      ports: [1, 7551],
      bytes: hello(30),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'edonkey',
      name: 'two messages in a segment',
      protocol: TCP,
      ports: [1, 7551],
      bytes: bytes(0xe3, le32(17), 0x4c, noise(16), 0xc5, le32(20), 1, noise(4)),
      strength: 'strong',
    },
    {
      label: 'edonkey',
      name: 'message that goes on in the next segment',
      protocol: TCP,
      ports: [1, 7551],
      bytes: bytes(0xe3, le32(5000), 0x46, noise(900)),
      strength: 'weak',
    },
    {
      label: 'edonkey',
      name: 'hello answered',
      protocol: TCP,
      ports: [7551, 1],
      bytes: bytes(0xe3, le32(17), 0x4c, noise(16)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'edonkey',
      name: 'Kademlia request',
      protocol: UDP,
      ports: [1, 2],
      bytes: kadRequest,
      strength: 'weak',
    },
    {
      label: 'edonkey',
      name: 'Kademlia, second',
      protocol: UDP,
      ports: [1, 2],
      bytes: kadRequest,
      previous: kadRequest,
      strength: 'strong',
    },
    {
      label: 'edonkey',
      name: 'Kademlia contacts',
      protocol: UDP,
      ports: [1, 2],
      bytes: contacts,
      strength: 'strong',
    },
    {
      label: 'edonkey',
      name: 'Kademlia bootstrap',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(0xe4, 0x09, noise(19), le16(1), noise(25)),
      strength: 'strong',
    },
    {
      label: 'edonkey',
      name: 'server status',
      protocol: UDP,
      ports: [1, 4665],
      bytes: bytes(0xe3, 0x96, noise(4)),
      strength: 'weak',
    },
    {
      label: 'direct-connect',
      name: 'lock',
      protocol: TCP,
      ports: [411, 1],
      bytes: bytes('$Lock EXTENDEDPROTOCOLABC Pk=Hub|'),
      strength: 'strong',
    },
    {
      label: 'direct-connect',
      name: 'between clients',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('$MyNick bob|$Lock ABC Pk=X|'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'HTTP', protocol: TCP, ports: [1, 6346], bytes: bytes('GET / HTTP/1.1\r\n') },
    { name: 'descriptor length', protocol: UDP, ports: [1, 6346], bytes: descriptor(1, 15) },
    { name: 'descriptor type 7', protocol: UDP, ports: [1, 6346], bytes: descriptor(7, 14) },
    {
      name: 'Kademlia without a vendor',
      protocol: UDP,
      ports: [1, 6346],
      bytes: bytes(noise(16), 0x44, 0, 0, le32(38), noise(38)),
    },
    { name: 'padding of zeros', protocol: UDP, ports: [1, 6346], bytes: zeros(23) },
    {
      name: 'descriptor without an id',
      protocol: UDP,
      ports: [1, 6346],
      bytes: bytes(zeros(16), 1, 4, 1, le32(2), 1, 2),
    },
    { name: 'TTL 200', protocol: UDP, ports: [1, 6346], bytes: descriptor(1, 14, 200) },
    {
      name: 'Gnutella 2 part 3 of 2',
      protocol: UDP,
      ports: [1, 9],
      bytes: bytes('GND', 2, 0, 7, 3, 2, zeros(4)),
    },
    { name: 'eDonkey length', protocol: TCP, ports: [1, 4662], bytes: hello(31) },
    {
      name: 'eDonkey opcode f0',
      protocol: TCP,
      ports: [1, 4662],
      bytes: bytes(0xe3, le32(5), 0xf0, noise(4)),
    },
    {
      name: 'Kademlia request of 34 bytes',
      protocol: UDP,
      ports: [1, 4672],
      bytes: kadRequest.subarray(0, 34),
    },
    { name: 'contacts that do not add up', protocol: UDP, ports: [1, 2], bytes: bytes(contacts, 0) },
    { name: 'server status elsewhere', protocol: UDP, ports: [1, 4000], bytes: bytes(0xe3, 0x96, noise(4)) },
    { name: 'lock without key', protocol: TCP, ports: [411, 1], bytes: bytes('$Lock ABC|') },
  ],
})
test.run()
