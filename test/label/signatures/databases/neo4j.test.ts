import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/neo4j.ts'
import { bytes, hex, testSignatures, u16, u32 } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/neo4j')

const boltHello = bytes(u32(0x6060b017), u32(0x0004045), u32(0x00020404), u32(0x3), u32(0))
const chunk = (body: Uint8Array) => bytes(u16(body.length), body, u16(0))
const hello = chunk(bytes(0xb1, 1, 0xa2, 0x8a, 'user_agent', 0x8a, 'neo4j-js/5', 0x86, 'scheme'))
const success = chunk(bytes(0xb1, 0x70, 0xa1, 0x86, 'server', 0x8b, 'Neo4j/5.1.0'))
const failure = chunk(bytes(0xb1, 0x7f, 0xa1, 0x84, 'code', 0xd0, 10, 'Neo.Client'))

function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

testSignatures(test, signatures, {
  matches: [
    matched('bolt', 'handshake', boltHello, CLIENT),
    matched('bolt', 'version chosen', u8(0, 0, 4, 4), { peer: boltHello, ...SERVER }),
    matched('bolt', 'hello', hello, CLIENT),
    matched('bolt', 'success', success, SERVER),
    matched('bolt', 'failure', failure, SERVER),
  ],
  misses: [
    missed('magic without versions', hex('6060b017')),
    missed('four bytes without a handshake', u8(0, 0, 4, 4)),
    missed('a chunk that names nobody', chunk(bytes(0xb1, 0x70, 0xa1, 0x86, 'server', 0x8b, 'Neo9j/5.1.0'))),
  ],
})
test.run()
