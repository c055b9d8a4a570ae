import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/network/pcep.ts'
import { hex, testSignatures } from '../probe.ts'
import { matched, missed } from '../rows.ts'

const test = suite('label/signatures/network/pcep')

const open = hex('20010014 01100010 201e7801 0010000400000005')

testSignatures(test, signatures, {
  matches: [matched('pcep', 'open', open)],
  misses: [
    missed('open of another version', hex('20010014 01100010 401e7801 0010000400000005')),
    missed('another object first', hex('20010014 02100010 201e7801 0010000400000005')),
  ],
})

test.run()
