import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/pro-audio.ts'
import { bytes, hex, noise, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/pro-audio')
const TCP = 6
const UDP = 17

const fader = bytes('/mixer/1/fader', 0, 0, ',fi', 0, u32(0x3f000000), u32(7))
const everyTag = bytes(
  '/a',
  zeros(2),
  ',TsbhdNi',
  zeros(4),
  'hello',
  zeros(3),
  u32(3),
  noise(3),
  0,
  noise(16),
  u32(1),
)
const invitation = bytes(hex('ffff'), 'IN', u32(2), noise(8), 'Studio', 0)
const clock = bytes(hex('ffff'), 'CK', noise(4), 1, zeros(3), noise(24))

testSignatures(test, signatures, {
  matches: [
    { label: 'osc', name: 'message', protocol: UDP, ports: [1, 57120], bytes: fader, strength: 'strong' },
    {
      label: 'osc',
      name: 'arguments of every size',
      protocol: UDP,
      ports: [1, 2],
      bytes: everyTag,
      strength: 'strong',
    },
    {
      label: 'osc',
      name: 'bundle',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes('#bundle', 0, noise(8), u32(fader.length), fader),
      strength: 'strong',
    },
    {
      label: 'osc',
      name: 'message behind its size',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(fader.length), fader),
      strength: 'strong',
    },
    {
      label: 'vban',
      name: 'sound',
      protocol: UDP,
      ports: [1, 6980],
      bytes: bytes('VBAN', hex('10ff0101'), 'Stream1', zeros(9), u32(1), noise(512)),
      strength: 'strong',
    },
    {
      label: 'applemidi',
      name: 'invitation',
      protocol: UDP,
      ports: [1, 5004],
      bytes: invitation,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'applemidi',
      name: 'accepted',
      protocol: UDP,
      ports: [5004, 1],
      bytes: bytes(hex('ffff'), 'OK', u32(2), noise(8), 'Piano', 0),
      strength: 'strong',
      role: 'server',
    },
    { label: 'applemidi', name: 'clock', protocol: UDP, ports: [1, 2], bytes: clock, strength: 'strong' },
    {
      label: 'applemidi',
      name: 'end',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('ffff'), 'BY', u32(2), noise(8)),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'applemidi',
      name: 'feedback',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('ffff'), 'RS', noise(8)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'short VBAN', protocol: UDP, ports: [1, 6980], bytes: bytes('VBAN', zeros(20)) },
    { name: 'path', protocol: UDP, ports: [1, 2], bytes: bytes('/index.html') },
    { name: 'message cut by four bytes', protocol: UDP, ports: [1, 2], bytes: fader.subarray(0, -4) },
    { name: 'message with more behind', protocol: UDP, ports: [1, 2], bytes: bytes(fader, zeros(4)) },
    {
      name: 'unknown tag',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes('/a', zeros(2), ',x', zeros(2), u32(1)),
    },
    {
      name: 'blob longer than the packet',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes('/a', zeros(2), ',b', zeros(2), u32(0xfffffff0), noise(4)),
    },
    {
      name: 'message behind another size',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(fader.length + 4), fader),
    },
    {
      name: 'invitation of version 3',
      protocol: UDP,
      ports: [1, 5004],
      bytes: bytes(hex('ffff'), 'IN', u32(3), noise(8), 'Studio', 0),
    },
    { name: 'clock of 40 bytes', protocol: UDP, ports: [1, 5004], bytes: bytes(clock, zeros(4)) },
    {
      name: 'other letters',
      protocol: UDP,
      ports: [1, 5004],
      bytes: bytes(hex('ffff'), 'XX', u32(2), noise(8)),
    },
  ],
})
test.run()
