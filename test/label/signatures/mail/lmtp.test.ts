import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/mail/lmtp.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/mail/lmtp')

testSignatures(test, signatures, {
  matches: [
    matched('lmtp', 'hello', bytes('LHLO me\r\n'), CLIENT),
    matched('lmtp', 'greeting', bytes('220 mail.example.org LMTP Postfix\r\n'), SERVER),
  ],
  misses: [missed('another greeting of 220', bytes('220 mail.example.org ESMTP Postfix\r\n'))],
})

test.run()
