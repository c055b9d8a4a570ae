import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/hep.ts'
import { bytes, testSignatures, u16 } from '../probe.ts'
import { CLIENT, matched, missed } from '../rows.ts'

const test = suite('label/signatures/media/hep')

const chunk = (type: number, ...value: number[]) => bytes(u16(0), u16(type), u16(6 + value.length), value)
const hep = (size: number) => bytes('HEP3', u16(size), chunk(1, 2), chunk(2, 17))

testSignatures(test, signatures, {
  matches: [matched('hep', 'copy', hep(20), CLIENT)],
  misses: [missed('HEP shorter than its chunk', hep(10))],
})

test.run()
