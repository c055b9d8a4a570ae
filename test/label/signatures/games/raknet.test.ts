import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/raknet.ts'
import { bytes, hex, noise, testSignatures, u16, zeros } from '../probe.ts'

const test = suite('label/signatures/games/raknet')
const UDP = 17

const magic = hex('00ffff00 fefefefe fdfdfdfd 12345678')
const frame = bytes(0x84, hex('070000'), noise(20))
/** A reliable, ordered message of four bytes and an unreliable one of two. */
const data = (sequence: string) =>
  bytes(0x84, hex(sequence), 0x60, u16(32), zeros(7), noise(4), 0, u16(16), noise(2))
const ack = (sequence: string) => bytes(0xc0, u16(1), 1, hex(sequence))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'raknet',
      name: 'unconnected ping',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(1, noise(8), magic, noise(8)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'raknet',
      name: 'open connection',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(5, magic, 11, zeros(30)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'raknet',
      name: 'acknowledgement',
      protocol: UDP,
      ports: [1, 2],
      bytes: ack('070000'),
      peer: frame,
      strength: 'strong',
    },
    {
      label: 'raknet',
      name: 'data after data',
      protocol: UDP,
      ports: [1, 2],
      bytes: data('080000'),
      previous: data('070000'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'RakNet data alone', protocol: UDP, ports: [1, 2], bytes: data('080000') },
    {
      name: 'RakNet data out of any order',
      protocol: UDP,
      ports: [1, 2],
      bytes: data('080000'),
      previous: data('080100'),
    },
    {
      name: 'RakNet messages that do not fill their frame',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(data('080000'), 0),
      previous: data('070000'),
    },
    {
      name: 'identifier at another place',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(1, noise(3), magic),
    },
    {
      name: 'acknowledgement of another frame',
      protocol: UDP,
      ports: [1, 19132],
      bytes: ack('080000'),
      peer: frame,
    },
    {
      name: 'acknowledgement that does not add up',
      protocol: UDP,
      ports: [1, 19132],
      bytes: bytes(ack('070000'), 0),
      peer: frame,
    },
  ],
})
test.run()
