import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/nearby.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/devices/nearby')
const TCP = 6
const UDP = 17

const item = (type: number, value: Uint8Array) => bytes(type, u16(value.length), value)
function ubiquiti(version: number, command: number, items: Uint8Array, less = 0): Uint8Array {
  return bytes(version, command, u16(items.length - less), items)
}
const camera = bytes(item(2, noise(10)), item(1, noise(6)), item(0x0b, bytes('yard')))
const wide = (type: number, value: Uint8Array) => bytes(u16(type), u16(value.length), value)
const router = bytes(zeros(2), u16(7), wide(1, noise(6)), wide(5, bytes('MikroTik')), wide(7, bytes('6.49')))
const telnet = (type: number, session: string, rest: Uint8Array = new Uint8Array()) =>
  bytes(1, type, noise(12), hex(session), u32(9), rest)
const control = bytes(hex('563412ff'), 0, u32(0))
const bjnp = (kind: number, rest: Uint8Array, size = rest.length) =>
  bytes('BJNP', kind, 1, zeros(4), u16(0), u32(size), rest)
const init = bytes(u32(0), hex('01000003'), u32(5), 'anna', 0)
const greeting = (name: string, rest: Uint8Array = new Uint8Array()) =>
  bytes(u32(11 + rest.length), name, u16(1), u16(6), rest)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'ubdp',
      name: 'answer',
      protocol: UDP,
      ports: [10001, 1],
      bytes: ubiquiti(1, 0, camera),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'ubdp',
      name: 'announcement of version 2',
      protocol: UDP,
      ports: [40000, 10001],
      bytes: ubiquiti(2, 6, camera),
      strength: 'strong',
    },
    {
      label: 'ubdp',
      name: 'question',
      protocol: UDP,
      ports: [1, 10001],
      bytes: hex('01000000'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'mndp',
      name: 'announcement',
      protocol: UDP,
      ports: [5678, 5678],
      bytes: router,
      strength: 'strong',
    },
    {
      label: 'mactelnet',
      name: 'data, on another port',
      protocol: UDP,
      ports: [1, 2],
      bytes: telnet(1, '1234 0015', control),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mactelnet',
      name: 'acknowledged',
      protocol: UDP,
      ports: [20561, 1],
      bytes: telnet(2, '0015 1234'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'bjnp',
      name: 'looking for printers',
      protocol: UDP,
      ports: [1, 8611],
      bytes: bjnp(1, new Uint8Array()),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'bjnp',
      name: 'a scanner answers',
      protocol: UDP,
      ports: [8612, 1],
      bytes: bjnp(0x82, noise(16)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'sane',
      name: 'init',
      protocol: TCP,
      ports: [1, 6566],
      bytes: init,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'sane',
      name: 'answer',
      protocol: TCP,
      ports: [2, 1],
      bytes: hex('00000000 01010003'),
      peer: init,
      strength: 'strong',
      role: 'server',
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
    {
      label: 'synergy',
      name: 'server greets',
      protocol: TCP,
      ports: [24800, 1],
      bytes: greeting('Barrier'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'synergy',
      name: 'client answers, on another port',
      protocol: TCP,
      ports: [1, 2],
      bytes: greeting('Synergy', bytes(u32(4), 'desk')),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'synergy',
      name: 'in the middle',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes(u32(8), 'DMMV', u16(100), u16(200), u32(4), 'CALV'),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'synergy',
      name: 'command behind its length',
      protocol: TCP,
      ports: [1, 2],
      bytes: bytes('CALV'),
      previous: bytes(u32(4)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'command behind nothing', protocol: TCP, ports: [1, 24800], bytes: bytes('CALV') },
    {
      name: 'command behind another length',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes('CALV'),
      previous: bytes(u32(5)),
    },
    { name: 'question elsewhere', protocol: UDP, ports: [1, 2], bytes: hex('01000000') },
    {
      name: 'items that end early',
      protocol: UDP,
      ports: [1, 10001],
      bytes: bytes(ubiquiti(1, 0, camera, 1)),
    },
    {
      name: 'items that end late',
      protocol: UDP,
      ports: [1, 10001],
      bytes: ubiquiti(1, 0, bytes(item(2, noise(10)), hex('0b0009'), 'yard')),
    },
    {
      name: 'items without an address',
      protocol: UDP,
      ports: [1, 10001],
      bytes: ubiquiti(1, 0, bytes(item(0x0b, noise(10)), item(0x0c, noise(6)))),
    },
    { name: 'MikroTik cut', protocol: UDP, ports: [5678, 5678], bytes: router.subarray(0, -1) },
    {
      name: 'MAC-Telnet version 2',
      protocol: UDP,
      ports: [1, 20561],
      bytes: bytes(2, telnet(2, '00151234').subarray(1)),
    },
    { name: 'MAC-Telnet elsewhere', protocol: UDP, ports: [1, 2], bytes: telnet(2, '00151234') },
    { name: 'other client type', protocol: UDP, ports: [1, 20561], bytes: telnet(2, '00161234') },
    { name: 'BJNP of kind 9', protocol: UDP, ports: [1, 8611], bytes: bjnp(9, noise(4)) },
    { name: 'BJNP with more', protocol: UDP, ports: [1, 8611], bytes: bjnp(1, noise(9), 4) },
    {
      name: 'SANE 2',
      protocol: TCP,
      ports: [1, 6566],
      bytes: bytes(u32(0), hex('02000003'), u32(5), 'anna', 0),
    },
    {
      name: 'SANE without NUL',
      protocol: TCP,
      ports: [1, 6566],
      bytes: bytes(u32(0), hex('01000003'), u32(4), 'anna'),
    },
    { name: 'SANE answer to nothing', protocol: TCP, ports: [6566, 1], bytes: hex('00000000 01000003') },
    {
      name: 'SANE answer of protocol 9',
      protocol: TCP,
      ports: [6566, 1],
      bytes: hex('00000000 01000009'),
      peer: init,
    },
    { name: 'LSDP 2', protocol: UDP, ports: [1, 11430], bytes: bytes(6, 'LSDP', 2, noise(30)) },
    { name: 'XBMC of version 1', protocol: UDP, ports: [1, 9777], bytes: bytes('XBMC', 1, 0, zeros(26)) },
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
    {
      name: 'version 2 of Synergy',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes(u32(11), 'Synergy', u16(2), u16(6)),
    },
    {
      name: 'greeting with another length',
      protocol: TCP,
      ports: [1, 24800],
      bytes: bytes(u32(10), 'Synergy', u16(1), u16(6)),
    },
    { name: 'command with another length', protocol: TCP, ports: [1, 24800], bytes: bytes(u32(3), 'CALV') },
    { name: 'other command', protocol: TCP, ports: [1, 24800], bytes: bytes(u32(4), 'CALX') },
  ],
})
test.run()
