import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/pgm.ts'
import { bytes, hex, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/network/pgm')
const PGM = 113
const UDP = 17

/** With the internet checksum in its place. */
function summed(packet: Uint8Array): Uint8Array {
  let sum = 0
  for (let at = 0; at < packet.length; at += 2) sum += (packet[at] << 8) | (packet[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return bytes(packet.subarray(0, 6), u16(~sum & 0xffff), packet.subarray(8))
}

const path = hex('994415bb 0000 63b4 47e3fdad9a9c 0000 000001d7 00000000 00000119 0001 0000 0a00002d')
const data = summed(bytes(u16(5000), u16(5001), [4, 0], u16(0), noise(6), u16(10), zeros(8), noise(10)))
const poll = hex('16 2e 04 d2 02 00 0000 83f2d6491cb3 0000 00000000')

testSignatures(test, signatures, {
  matches: [
    { label: 'pgm', name: 'path message', protocol: PGM, bytes: path, strength: 'strong' },
    { label: 'pgm', name: 'poll response without checksum', protocol: PGM, bytes: poll, strength: 'strong' },
    {
      label: 'pgm',
      name: 'wrong checksum',
      protocol: PGM,
      bytes: bytes(data.subarray(0, 33), 0),
      strength: 'weak',
    },
    {
      label: 'pgm',
      name: 'path message in UDP',
      protocol: UDP,
      ports: [33280, 5563],
      bytes: path,
      strength: 'strong',
    },
    {
      label: 'pgm',
      name: 'data in UDP',
      protocol: UDP,
      ports: [33280, 5563],
      bytes: data,
      strength: 'strong',
    },
    {
      label: 'pgm',
      name: 'data in UDP with an extension',
      protocol: UDP,
      ports: [33280, 5563],
      bytes: summed(
        bytes(u16(5000), u16(5001), [5, 1], u16(0), noise(6), u16(10), zeros(8), [0, 4, 0, 4], noise(10)),
      ),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'checksum of data in UDP',
      protocol: UDP,
      ports: [33280, 5563],
      bytes: bytes(data.subarray(0, 33), 0),
    },
    {
      name: 'length of data in UDP',
      protocol: UDP,
      ports: [33280, 5563],
      bytes: summed(bytes(u16(5000), u16(5001), [4, 0], u16(0), noise(6), u16(11), zeros(8), noise(10))),
    },
    { name: 'poll in UDP', protocol: UDP, ports: [33280, 5563], bytes: poll },
    { name: 'zeros', protocol: UDP, ports: [33280, 5563], bytes: zeros(40) },
  ],
})

test.run()
