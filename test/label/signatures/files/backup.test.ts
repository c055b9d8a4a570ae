import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/files/backup.ts'
import { bytes, testSignatures, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/files/backup')

const bacula = (text: string) => bytes(u32(text.length), text)

testSignatures(test, signatures, {
  matches: [
    matched('amanda', 'request', bytes('Amanda 3.5 REQ HANDLE 000-00000000 SEQ 1\n')),
    matched('amanda', 'refusal', bytes('Amanda 3.5 NAK HANDLE 000-00000000 SEQ 1234567890\nERROR no bsd\n')),
    matched('amanda', 'index server', bytes('220 backup AMANDA index server (3.5.1) ready.\r\n'), SERVER),
    matched('bacula', 'hello', bacula('Hello d calling\n'), CLIENT),
    matched('bacula', 'challenge', bacula('auth cram-md5 <1.2@d> ssl=0\n'), SERVER),
  ],
  misses: [
    missed('another greeting of 220', bytes('220 mail.example.org ESMTP Postfix\r\n')),
    missed('hello to somebody', bacula('Hello everybody\n')),
    missed('hello of another length', bytes(bacula('Hello d calling\n'), 9, 9)),
  ],
})

test.run()
