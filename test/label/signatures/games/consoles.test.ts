import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/games/consoles.ts'
import { bytes, hex, noise, testSignatures, zeros } from '../probe.ts'

const test = suite('label/signatures/games/consoles')
const UDP = 17

testSignatures(test, signatures, {
  matches: [
    {
      label: 'playstation',
      name: 'search',
      protocol: UDP,
      ports: [1, 9302],
      bytes: bytes('SRCH * HTTP/1.1\ndevice-discovery-protocol-version:00030010\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'playstation',
      name: 'wake up',
      protocol: UDP,
      ports: [1, 987],
      bytes: bytes('WAKEUP * HTTP/1.1\nclient-type:a\n'),
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'playstation',
      name: 'asleep',
      protocol: UDP,
      ports: [987, 1],
      bytes: bytes('HTTP/1.1 620 Server Standby\nhost-id:1234567890AB\nhost-type:PS4\n'),
      strength: 'strong',
      role: 'server',
    },
    {
      label: 'nintendo',
      name: 'between consoles',
      protocol: UDP,
      ports: [1, 2],
      bytes: bytes(hex('32ab9864 02000000'), noise(68)),
      strength: 'strong',
    },
  ],
  misses: [
    {
      name: 'search of SSDP',
      protocol: UDP,
      ports: [1, 1900],
      bytes: bytes('M-SEARCH * HTTP/1.1\r\nST: a\r\n'),
    },
    {
      name: 'answer of SSDP',
      protocol: UDP,
      ports: [1900, 1],
      bytes: bytes('HTTP/1.1 200 OK\r\nST: a\r\n\r\n'),
    },
    { name: 'Pia, short', protocol: UDP, ports: [1, 2], bytes: bytes(hex('32ab9864'), zeros(8)) },
  ],
})
test.run()
