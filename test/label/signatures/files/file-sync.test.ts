import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/file-sync.ts'
import { bytes, hex, noise, testSignatures, u32 } from '../probe.ts'

const test = suite('label/signatures/files/file-sync')
const UDP = 17
const TCP = 6

testSignatures(test, signatures, {
  matches: [
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
      label: 'syncthing',
      name: 'announcement',
      protocol: UDP,
      ports: [1, 21027],
      bytes: bytes(hex('2ea7d90b 0a20'), noise(32), hex('1217'), 'tcp://0.0.0.0:22000'),
      strength: 'strong',
    },
    {
      label: 'syncthing',
      name: 'joins a relay',
      protocol: TCP,
      ports: [1, 22067],
      bytes: bytes(hex('9e79bc40'), u32(3), u32(4), u32(0)),
      strength: 'strong',
    },
    {
      label: 'resilio',
      name: 'announcement',
      protocol: UDP,
      ports: [1, 3838],
      bytes: bytes('BSYNC', 0, 'd1:m4:ping4:peer20:', noise(20), 'e'),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'other JSON', protocol: UDP, ports: [1, 17500], bytes: bytes('{"host": 1, "version": 2}') },
    {
      name: 'Bus17Cmd elsewhere',
      protocol: UDP,
      ports: [1, 5683],
      bytes: bytes(hex('43033501'), '/r/Bus17Cmd'),
    },
    {
      name: 'Syncthing, other magic',
      protocol: UDP,
      ports: [1, 21027],
      bytes: bytes(hex('2ea7d90c0a20'), noise(32)),
    },
    {
      name: 'relay message 99',
      protocol: TCP,
      ports: [1, 22067],
      bytes: bytes(hex('9e79bc40'), u32(99), u32(4), u32(0)),
    },
    {
      name: 'relay message of another length',
      protocol: TCP,
      ports: [1, 22067],
      bytes: bytes(hex('9e79bc40'), u32(3), u32(5), u32(0)),
    },
    { name: 'BSYNC alone', protocol: UDP, ports: [1, 3838], bytes: bytes('BSYNC', 1, 'd1:m') },
  ],
})
test.run()
