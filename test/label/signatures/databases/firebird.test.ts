import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/firebird.ts'
import { bytes, noise, testSignatures, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/firebird')

const attach = (word: number) =>
  bytes(u32(1), u32(19), u32(word), u32(1), u32(11), '/tmp/db.fdb', 0, u32(1), u32(0), noise(20))
const accept = (code: number, version: number) => bytes(u32(code), u32(version), u32(1), u32(3), noise(4))

testSignatures(test, signatures, {
  matches: [
    matched('firebird', 'connect', attach(3), {
      ...CLIENT,
      extras: { firebird: { database: '/tmp/db.fdb' } },
    }),
    matched('firebird', 'accept', accept(3, 0xffff800b), SERVER),
    matched('firebird', 'accept with data', accept(94, 0xffff800f), SERVER),
  ],
  misses: [
    missed('connect of no such version', attach(9)),
    missed('accept without the bit of versions', accept(3, 11)),
  ],
})
test.run()
