import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/media-players.ts'
import { bytes, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/media-players')
const TCP = 6
const UDP = 17

testSignatures(test, signatures, {
  matches: [
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
      label: 'lsdp',
      name: 'announcement',
      protocol: UDP,
      ports: [11430, 11430],
      bytes: bytes(6, 'LSDP', 1, 0x20, 'A', noise(30)),
      strength: 'strong',
    },
    {
      label: 'kodi',
      name: 'hello',
      protocol: UDP,
      ports: [1, 9777],
      bytes: bytes('XBMC', 2, 0, u16(1), u32(1), u32(1), u16(10), u32(7), zeros(10), 'kodi-send', 0),
      strength: 'strong',
      role: 'client',
    },
  ],
  misses: [
    {
      name: 'Spotify hello, length',
      protocol: TCP,
      ports: [1, 4070],
      bytes: bytes(0, 4, u32(21), 0x52, 0x0e, noise(12)),
    },
    { name: 'LSDP 2', protocol: UDP, ports: [1, 11430], bytes: bytes(6, 'LSDP', 2, noise(30)) },
    { name: 'XBMC of version 1', protocol: UDP, ports: [1, 9777], bytes: bytes('XBMC', 1, 0, zeros(26)) },
  ],
})
test.run()
