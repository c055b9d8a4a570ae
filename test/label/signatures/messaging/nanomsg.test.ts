import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/messaging/nanomsg.ts'
import { hex, testSignatures } from '../probe.ts'
import { matched, missed } from '../rows.ts'

const test = suite('label/signatures/messaging/nanomsg')

testSignatures(test, signatures, {
  matches: [matched('nanomsg', 'request', hex('0053500000300000'))],
  misses: [missed('nanomsg with something reserved', hex('0053500000300001'))],
})

test.run()
