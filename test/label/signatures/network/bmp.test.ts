import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/bmp.ts'
import { bytes, hex, testSignatures, u16, u32, zeros } from '../probe.ts'
import { matched, missed } from '../rows.ts'

const test = suite('label/signatures/network/bmp')

const initiation = hex('0300000019 04 00020005476f424750 00010006332e31302e30')
const monitoring = bytes(3, u32(80), 0, zeros(42), new Uint8Array(16).fill(0xff), u16(32), 2, zeros(9))

testSignatures(test, signatures, {
  matches: [matched('bmp', 'initiation', initiation), matched('bmp', 'route', monitoring)],
  misses: [
    missed('initiation whose elements end before it', bytes(3, u32(27), initiation.subarray(5), 0, 0)),
    missed('route without the marker', bytes(monitoring.subarray(0, 48), zeros(32))),
  ],
})

test.run()
