import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/peers/gnutella.ts'
import { bytes, le32, noise, testSignatures, zeros } from '../probe.ts'

const test = suite('label/signatures/peers/gnutella')
const TCP = 6
const UDP = 17

/** Gnutella 0.6: id of 16 bytes (ff at 8, 00 at 15), type, TTL, hops, length. */
const descriptor = (type: number, length: number, ttl = 4) =>
  bytes(noise(8), 0xff, noise(6), 0, type, ttl, 1, le32(length), noise(14))

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
  ],
})
test.run()
