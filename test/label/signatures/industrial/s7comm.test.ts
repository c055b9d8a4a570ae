import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/s7comm.ts'
import { noise, testSignatures, zeros } from '../probe.ts'
import { cotp } from './tpkt.ts'

const test = suite('label/signatures/industrial/s7comm')
const TCP = 6

const s7 = cotp(0x32, 1, zeros(2), noise(14))

testSignatures(test, signatures, {
  matches: [
    {
      label: 's7comm',
      name: 'job',
      protocol: TCP,
      ports: [1, 102],
      bytes: s7,
      strength: 'strong',
      role: 'client',
      extras: { s7comm: { message_type: 1 } },
    },
    {
      label: 's7comm-plus',
      name: 'version 1',
      protocol: TCP,
      ports: [1, 102],
      bytes: cotp(0x72, 1, noise(12)),
      strength: 'strong',
    },
  ],
  misses: [{ name: 'S7 type 5', protocol: TCP, ports: [1, 102], bytes: cotp(0x32, 5, noise(14)) }],
})

test.run()
