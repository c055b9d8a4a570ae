import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/aerospike.ts'
import { bytes, hex, noise, testSignatures, u16, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/aerospike')

const aerospike = (type: number, body: Uint8Array) => bytes(2, type, u16(0), u32(body.length), body)
/** What a client of Aerospike says first to a server with users: command 20 (login), two fields. */
const login = bytes(
  hex('0202000000000057 0000140200000000 0000000000000000 00000002 0075 0000003d 03'),
  '$2a$10$'.padEnd(60, 'x'),
)

testSignatures(test, signatures, {
  matches: [
    matched('aerospike', 'names asked for', aerospike(1, bytes('build\nnode\n')), CLIENT),
    matched('aerospike', 'values told', aerospike(1, bytes('build\t6.0\n')), SERVER),
    matched('aerospike', 'login', login),
    matched('aerospike', 'message', aerospike(3, bytes(22, noise(40)))),
  ],
  misses: [
    missed('Aerospike of another version', bytes(3, aerospike(1, bytes('build\n')).subarray(1))),
    missed('login whose reserved bytes are set', bytes(login.subarray(0, 23), 1, login.subarray(24))),
    missed('no text', aerospike(1, noise(8, 3))),
  ],
})
test.run()
