import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/devices/wake-on-lan.ts'
import { bytes, hex, noise, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed } from '../rows.ts'

const test = suite('label/signatures/devices/wake-on-lan')
const UDP = { protocol: 17 } as const

const address = hex('001122334455')
const wake = bytes(new Uint8Array(6).fill(0xff), ...Array.from({ length: 16 }, () => address))

testSignatures(test, signatures, {
  matches: [
    matched('wol', 'magic packet', wake, { ...UDP, ...CLIENT }),
    matched('wol', 'with a password', bytes(wake, noise(6)), { ...UDP, ...CLIENT }),
  ],
  misses: [
    missed('one address differs', bytes(wake.subarray(0, 96), 9, wake.subarray(97)), UDP),
    missed('all bits set', new Uint8Array(102).fill(0xff), UDP),
    missed('magic packet and more', bytes(wake, noise(9)), UDP),
  ],
})
test.run()
