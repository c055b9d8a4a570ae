import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/media-players.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/media-players')
const TCP = 6
const UDP = 17

/** As snapclient 0.26 sent them. */
const SNAPCAST_ASKS = hex('0400 0400 0000 2b050000 76a70000 2b050000 70a70000 08000000 2b050000 70a70000')
const SNAPCAST_HELLO = hex('0500 0200 0000 2b050000 25790000 2a050000 9db80e00 10000000')

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
    matched('snapcast', 'time asked', SNAPCAST_ASKS, CLIENT),
    matched(
      'snapcast',
      'time told',
      hex('0400 0400 0400 2b050000 a2a70000 2b050000 9ea70000 08000000 00000000 28000000'),
      SERVER,
    ),
    matched('snapcast', 'hello', bytes(SNAPCAST_HELLO, u16(0x0e00), zeros(2), '{"Arch":"x"}'), CLIENT),
    matched(
      'snapcast',
      'settings',
      bytes(hex('0300 0000 0200 2b050000 0e7a0000 2b050000 0c7a0000 10000000 0c000000'), '{"latency":0'),
      SERVER,
    ),
  ],
  misses: [
    missed('Snapcast of another length', bytes(SNAPCAST_ASKS, 0)),
    missed(
      'Snapcast with a million microseconds',
      hex('0400 0400 0000 2b050000 40420f00 2b050000 70a70000 08000000 2b050000 70a70000'),
    ),
    missed('Snapcast of no such type', bytes(9, SNAPCAST_ASKS.subarray(1))),
    missed(
      'Snapcast time of another length',
      bytes(hex('0400 0400 0000 2b050000 76a70000 2b050000 70a70000 04000000 2b050000')),
    ),
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
