import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/industrial/iso-tsap.ts'
import { hex, testSignatures, zeros } from '../probe.ts'
import { tpkt } from './tpkt.ts'

const test = suite('label/signatures/industrial/iso-tsap')
const TCP = 6

testSignatures(test, signatures, {
  matches: [
    {
      label: 'iso-tsap',
      name: 'connection request',
      protocol: TCP,
      ports: [1, 102],
      bytes: hex('03000016 11e00000077800c1020001c2020001c0010d'),
      strength: 'weak',
      role: 'client',
    },
    {
      label: 'iso-tsap',
      name: 'confirmation elsewhere',
      protocol: TCP,
      ports: [1102, 1],
      bytes: hex('03000016 11d00778340000c1020001c2020001c0010a'),
      strength: 'weak',
      role: 'server',
    },
  ],
  misses: [
    {
      name: 'connection request of RDP',
      protocol: TCP,
      ports: [1, 3389],
      bytes: hex('03000013 0ee00000000000 0100080003000000'),
    },
    {
      name: 'COTP whose parameters do not fill it',
      protocol: TCP,
      ports: [1, 102],
      bytes: hex('03000016 11e00000077800c1020001c2020001c0020d'),
    },
    { name: 'COTP connection request', protocol: TCP, ports: [1, 102], bytes: tpkt(17, 0xe0, zeros(16)) },
  ],
})

test.run()
