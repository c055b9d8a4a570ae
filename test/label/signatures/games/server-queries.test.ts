import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/server-queries.ts'
import { bytes, hex, le16, noise, testSignatures, u32 } from '../probe.ts'

const test = suite('label/signatures/games/server-queries')
const UDP = 17

const challenge = bytes(hex('fefd09'), u32(0x10203040))
const status = bytes('\\status\\')
const samp = (opcode: string) => bytes('SAMP', hex('c0000211'), le16(7777), opcode)

testSignatures(test, signatures, {
  matches: [
    {
      label: 'gamespy',
      name: 'challenge asked',
      protocol: UDP,
      ports: [1, 29900],
      bytes: challenge,
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'gamespy',
      name: 'challenge',
      protocol: UDP,
      ports: [29900, 1],
      bytes: bytes(9, u32(0x10203040), '-1234567', 0),
      peer: challenge,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gamespy',
      name: 'status asked in text',
      protocol: UDP,
      ports: [1, 7778],
      bytes: status,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'gamespy',
      name: 'status in text',
      protocol: UDP,
      ports: [7778, 1],
      bytes: bytes('\\gamename\\ut\\gamever\\451\\final\\\\queryid\\7.1'),
      peer: status,
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'gamespy',
      name: 'heartbeat',
      protocol: UDP,
      ports: [1, 27900],
      bytes: bytes('\\heartbeat\\7778\\gamename\\ut'),
      strength: 'strong',
    },
    {
      label: 'all-seeing-eye',
      name: 'answer',
      protocol: UDP,
      ports: [22126, 1],
      bytes: bytes('EYE1', 4, 'mta', 6, '22003', noise(40)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'samp',
      name: 'information asked',
      protocol: UDP,
      ports: [1, 7777],
      bytes: samp('i'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'samp',
      name: 'information',
      protocol: UDP,
      ports: [7777, 1],
      bytes: bytes(samp('i'), noise(40)),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'samp',
      name: 'information asked through another port',
      protocol: UDP,
      ports: [1, 2],
      bytes: samp('r'),
      strength: 'weak',
      role: 'none',
    },
  ],
  misses: [
    { name: 'GameSpy, kind 5', protocol: UDP, ports: [1, 29900], bytes: bytes(hex('fefd05'), u32(1)) },
    { name: 'GameSpy of eight bytes', protocol: UDP, ports: [1, 29900], bytes: bytes(challenge, 0) },
    {
      name: 'answer to another number',
      protocol: UDP,
      ports: [29900, 1],
      bytes: bytes(9, u32(1), '1', 0),
      peer: challenge,
    },
    { name: 'answer to nobody', protocol: UDP, ports: [29900, 1], bytes: bytes(9, u32(0x10203040), '1', 0) },
    { name: 'path of Windows', protocol: UDP, ports: [1, 7778], bytes: bytes('\\\\host\\share') },
    { name: 'words without a query', protocol: UDP, ports: [1, 7778], bytes: bytes('\\a\\b'), peer: status },
    { name: 'EYE2', protocol: UDP, ports: [1, 2], bytes: bytes('EYE2', 4, 'mta', 6, '22003') },
    { name: 'EYE1 and noise', protocol: UDP, ports: [1, 2], bytes: bytes('EYE1', 4, hex('0102ff'), 6) },
    { name: 'SAMP z', protocol: UDP, ports: [1, 7777], bytes: samp('z') },
    { name: 'SAMPLE', protocol: UDP, ports: [1, 7777], bytes: bytes('SAMPLE of a text') },
  ],
})
test.run()
