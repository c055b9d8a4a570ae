import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/dict.ts'
import { bytes, testSignatures } from '../probe.ts'
import { matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/dict')

testSignatures(test, signatures, {
  matches: [
    matched('dict', 'greeting', bytes('220 a dictd 1.13.0/rf on Linux <auth.mime> <1.2.3@a>\r\n'), SERVER),
  ],
  misses: [
    missed('another greeting of 220', bytes('220 mail.example.org ESMTP Postfix\r\n')),
    missed('greeting with one pair of brackets', bytes('220 hello <1.2.3@a>\r\n')),
  ],
})

test.run()
