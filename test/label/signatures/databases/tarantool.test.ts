import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/tarantool.ts'
import { bytes, testSignatures, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/tarantool')

const greeting = bytes('Tarantool 2.6.0 (Binary) ', '8b0b9a1c-0000-4000-8000-000000000000'.padEnd(102), '\n')
const tarantool = (body: Uint8Array) => bytes(0xce, u32(body.length), body)
const request = tarantool(bytes(0x82, 0, 0x40, 1, 0xcf, zeros(7), 2, 0x80, zeros(7)))
const rest = bytes(1, 0xcf, zeros(7), 2, 5, 0xce, u32(80), 0x80)
const answer = tarantool(bytes(0x83, 0, 0xce, u32(0), rest))

testSignatures(test, signatures, {
  matches: [
    matched('tarantool', 'greeting', greeting, { ...SERVER, extras: { tarantool: { version: '2.6.0' } } }),
    matched('tarantool', 'ping', request, CLIENT),
    matched('tarantool', 'its answer', answer, SERVER),
  ],
  misses: [
    missed('greeting of another length', greeting.subarray(0, 120)),
    missed('MessagePack of another length', bytes(request, 0)),
  ],
})
test.run()
