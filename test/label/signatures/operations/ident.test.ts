import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/operations/ident.ts'
import { bytes, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/operations/ident')

testSignatures(test, signatures, {
  matches: [
    matched('ident', 'ports', bytes('6191, 23\r\n'), { strength: 'weak', ...CLIENT }),
    matched('ident', 'user', bytes('6191, 23 : USERID : UNIX : stjohns\r\n'), SERVER),
    matched('ident', 'no user', bytes('6191,23:ERROR:NO-USER\r\n'), SERVER),
  ],
  misses: [
    missed('numbers and more', bytes('6191, 23, 42\r\n')),
    missed('numbers in mid-flow', bytes('6191, 23\r\n'), { ordinal: 3 }),
  ],
})

test.run()
