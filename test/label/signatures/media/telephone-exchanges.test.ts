import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/media/telephone-exchanges.ts'
import { bytes, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/media/telephone-exchanges')

testSignatures(test, signatures, {
  matches: [
    matched('asterisk-ami', 'greeting', bytes('Asterisk Call Manager/5.0.2\r\n'), SERVER),
    matched('freeswitch', 'question', bytes('Content-Type: auth/request\n\n'), SERVER),
  ],
  misses: [missed('head of MIME', bytes('Content-Type: text/plain\n\n'))],
})

test.run()
