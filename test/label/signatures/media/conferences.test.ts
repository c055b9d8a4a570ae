import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/conferences.ts'
import { bytes, hex, le16, noise, testSignatures, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/conferences')
const UDP = 17

const hello = bytes(hex('010002'), noise(16), zeros(80))
const probe = bytes(3, u32(1), noise(8))
const tag = (name: string, value: Uint8Array) => bytes(name, le16(value.length), value)
const agora = (server: string) =>
  bytes(0, noise(3), hex('000021 00000000 0004'), tag('SNI\0', bytes(server)), noise(120))
const zoomAudio = (type: number, rtp: string) =>
  bytes(5, noise(2), zeros(4), 4, type, zeros(18), hex(rtp), noise(60))

testSignatures(test, signatures, {
  matches: [
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
  ],
  misses: [
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
  ],
})
test.run()
