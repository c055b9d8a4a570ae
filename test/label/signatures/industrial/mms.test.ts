import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/mms.ts'
import { hex, noise, testSignatures } from '../probe.ts'
import { cotp } from './tpkt.ts'

const test = suite('label/signatures/industrial/mms')
const TCP = 6

const mmsConnect = cotp(0x0d, 30, noise(10), hex('06 04 28ca2202'), noise(10))

testSignatures(test, signatures, {
  matches: [
    {
      label: 'mms',
      name: 'session connect',
      protocol: TCP,
      ports: [1, 102],
      bytes: mmsConnect,
      strength: 'strong',
      role: 'client',
    },
    {
      label: 'mms',
      name: 'session data',
      protocol: TCP,
      ports: [1, 102],
      bytes: cotp(hex('01000100 61'), noise(12)),
      strength: 'strong',
    },
  ],
  misses: [
    { name: 'S7comm', protocol: TCP, ports: [1, 102], bytes: cotp(0x32, 1, noise(16)) },
    {
      name: 'session connect of something else',
      protocol: TCP,
      ports: [1, 102],
      bytes: cotp(0x0d, 30, noise(30)),
    },
  ],
})

test.run()
