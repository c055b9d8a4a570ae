import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/call-apps.ts'
import { bytes, hex, le16, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/call-apps')
const UDP = 17

const asked = bytes(hex('00010046'), noise(4), zeros(66))
const address = (text: string) => bytes(hex('00020046'), noise(4), text, zeros(64 - text.length), u16(50123))
const hello = bytes(hex('010002'), noise(16), zeros(80))
const probe = bytes(3, u32(1), noise(8))
const tag = (name: string, value: Uint8Array) => bytes(name, le16(value.length), value)
const agora = (server: string) =>
  bytes(0, noise(3), hex('000021 00000000 0004'), tag('SNI\0', bytes(server)), noise(120))
const mumblePing = bytes(u32(0), noise(8))
const zoomAudio = (type: number, rtp: string) =>
  bytes(5, noise(2), zeros(4), 4, type, zeros(18), hex(rtp), noise(60))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'discord',
      name: 'address asked',
      protocol: UDP,
      ports: [1, 50001],
      bytes: asked,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'discord',
      name: 'address',
      protocol: UDP,
      ports: [50001, 1],
      bytes: address('192.0.2.17'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'discord',
      name: 'alive',
      protocol: UDP,
      ports: [1, 2],
      bytes: hex('1337cafe 07000000'),
      strength: 'strong',
      role: 'none',
    },
    {
      label: 'zoom',
      name: 'answer with the cookie',
      protocol: UDP,
      ports: [8801, 1],
      bytes: bytes(hex('020001'), noise(16), noise(16, 3)),
      peer: hello,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'zoom',
      name: 'probe repeated',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(4, probe.subarray(1)),
      peer: probe,
      strength: 'strong',
    },
    {
      label: 'zoom',
      name: 'audio',
      protocol: UDP,
      ports: [8801, 1],
      bytes: zoomAudio(15, '9070'),
      strength: 'weak',
    },
    {
      label: 'sd-rtn',
      name: 'client',
      protocol: UDP,
      ports: [1, 8130],
      bytes: agora('192-0-2-75.edge.agora.io'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'sd-rtn',
      name: 'server',
      protocol: UDP,
      ports: [8130, 1],
      bytes: bytes(0, noise(12), tag('PEID', noise(4)), tag('PROF', noise(60))),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'mumble',
      name: 'answer to a ping',
      protocol: UDP,
      ports: [64738, 1],
      bytes: bytes(hex('00010304'), mumblePing.subarray(4), u32(2), u32(100), u32(72000)),
      peer: mumblePing,
      strength: 'strong',
      role: 'server',
    },
  ],
  misses: [
    { name: 'address asked with 75 bytes', protocol: UDP, ports: [1, 50001], bytes: bytes(asked, 0) },
    {
      name: 'request with an address',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('0001'), address('192.0.2.1').subarray(2)),
    },
    {
      name: 'answer without one',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('0002'), asked.subarray(2)),
    },
    {
      name: 'address with bytes behind it',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('00020046'), noise(4), '192.0.2.1', 0, noise(54, 200), u16(1)),
    },
    { name: 'magic and five bytes', protocol: UDP, ports: [1, 2], bytes: hex('1337cafe 0700000000') },
    {
      name: 'another cookie',
      protocol: UDP,
      ports: [8801, 1],
      bytes: bytes(hex('020001'), noise(16, 99), noise(16)),
      peer: hello,
    },
    {
      name: 'the same cookie, as both ask',
      protocol: UDP,
      ports: [8801, 1],
      bytes: bytes(hex('020002'), noise(16), noise(16)),
      peer: hello,
    },
    {
      name: 'cookie of zeros',
      protocol: UDP,
      ports: [8801, 1],
      bytes: bytes(hex('020001'), zeros(41)),
      peer: bytes(hex('010002'), zeros(41)),
    },
    {
      name: 'probe of another',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(4, probe.subarray(1)),
      peer: hello,
    },
    {
      name: 'probe with another length',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(4, probe.subarray(1), 0),
      peer: probe,
    },
    { name: 'audio without RTP', protocol: UDP, ports: [8801, 1], bytes: zoomAudio(15, '5070') },
    { name: 'audio of another type', protocol: UDP, ports: [8801, 1], bytes: zoomAudio(15, '9000') },
    { name: 'unknown media', protocol: UDP, ports: [8801, 1], bytes: zoomAudio(21, '9070') },
    { name: 'tags of another server', protocol: UDP, ports: [1, 8130], bytes: agora('www.example.org') },
    {
      name: 'ping of another number',
      protocol: UDP,
      ports: [64738, 1],
      bytes: bytes(hex('00010304'), noise(8, 1), u32(2), u32(100), u32(72000)),
      peer: mumblePing,
    },
    {
      name: 'ping answered to nobody',
      protocol: UDP,
      ports: [64738, 1],
      bytes: bytes(hex('00010304'), noise(20)),
    },
  ],
})
test.run()
