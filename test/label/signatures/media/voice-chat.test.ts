import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/voice-chat.ts'
import { bytes, hex, noise, testSignatures, u16, u32, zeros } from '../probe.ts'

const test = suite('label/signatures/media/voice-chat')
const TCP = 6
const UDP = 17

const asked = bytes(hex('00010046'), noise(4), zeros(66))
const address = (text: string) => bytes(hex('00020046'), noise(4), text, zeros(64 - text.length), u16(50123))
const mumblePing = bytes(u32(0), noise(8))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'teamspeak',
      name: 'version 3',
      protocol: UDP,
      ports: [1, 9987],
      bytes: bytes('TS3INIT1', noise(20)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'teamspeak',
      name: 'version 2',
      protocol: UDP,
      ports: [1, 8767],
      bytes: bytes(hex('f4be0300'), zeros(20)),
      strength: 'strong',
    },
    {
      label: 'teamspeak',
      name: 'query console',
      protocol: TCP,
      ports: [10011, 1],
      bytes: bytes('TS3\n\rWelcome'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'teamspeak',
      name: 'client console',
      protocol: TCP,
      ports: [25639, 1],
      bytes: bytes('TS3 Client\n\r'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'teamspeak',
      name: 'version 2 console',
      protocol: TCP,
      ports: [51234, 1],
      bytes: bytes('[TS]\r\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'teamspeak',
      name: 'version 2 ping',
      protocol: UDP,
      ports: [1, 8767],
      bytes: bytes(hex('f4be0100'), noise(16)),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'teamspeak',
      name: 'version 2 answer to a ping',
      protocol: UDP,
      ports: [8767, 1],
      bytes: bytes(hex('f4be0200'), noise(20)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'teamspeak',
      name: 'version 2 acknowledgement',
      protocol: UDP,
      ports: [8767, 1],
      bytes: bytes(hex('f1be0000'), noise(12)),
      strength: 'strong',
    },
    {
      label: 'teamspeak',
      name: 'version 2 list',
      protocol: UDP,
      ports: [8767, 1],
      bytes: bytes(hex('f0be0600'), noise(60)),
      strength: 'weak',
    },
    {
      label: 'teamspeak',
      name: 'version 2 voice',
      protocol: UDP,
      ports: [1, 8767],
      bytes: bytes(hex('f2be000c'), noise(60)),
      strength: 'weak',
    },
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
    { name: 'TS4', protocol: UDP, ports: [1, 9987], bytes: bytes('TS4INIT1', noise(20)) },
    {
      name: 'long TeamSpeak acknowledgement',
      protocol: UDP,
      ports: [8767, 1],
      bytes: bytes(hex('f1be0000'), noise(13)),
    },
    { name: 'TeamSpeak class 5b', protocol: UDP, ports: [8767, 1], bytes: bytes(hex('5bbe0000'), noise(60)) },
    { name: 'TeamSpeak codec 13', protocol: UDP, ports: [8767, 1], bytes: bytes(hex('f2be000d'), noise(60)) },
    { name: 'TeamSpeak type 9', protocol: UDP, ports: [8767, 1], bytes: bytes(hex('f4be0900'), noise(60)) },
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
