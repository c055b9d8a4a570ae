import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/stores.ts'
import { bytes, hex, le32, noise, testSignatures, u16, u32, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/stores')

const boltHello = bytes(u32(0x6060b017), u32(0x0004045), u32(0x00020404), u32(0x3), u32(0))
const chunk = (body: Uint8Array) => bytes(u16(body.length), body, u16(0))
const hello = chunk(bytes(0xb1, 1, 0xa2, 0x8a, 'user_agent', 0x8a, 'neo4j-js/5', 0x86, 'scheme'))
const success = chunk(bytes(0xb1, 0x70, 0xa1, 0x86, 'server', 0x8b, 'Neo4j/5.1.0'))
const failure = chunk(bytes(0xb1, 0x7f, 0xa1, 0x84, 'code', 0xd0, 10, 'Neo.Client'))
const attach = (word: number) =>
  bytes(u32(1), u32(19), u32(word), u32(1), u32(11), '/tmp/db.fdb', 0, u32(1), u32(0), noise(20))
const accept = (code: number, version: number) => bytes(u32(code), u32(version), u32(1), u32(3), noise(4))
const greeting = bytes('Tarantool 2.6.0 (Binary) ', '8b0b9a1c-0000-4000-8000-000000000000'.padEnd(102), '\n')
const tarantool = (body: Uint8Array) => bytes(0xce, u32(body.length), body)
const request = tarantool(bytes(0x82, 0, 0x40, 1, 0xcf, zeros(7), 2, 0x80, zeros(7)))
const rest = bytes(1, 0xcf, zeros(7), 2, 5, 0xce, u32(80), 0x80)
const answer = tarantool(bytes(0x83, 0, 0xce, u32(0), rest))
const aerospike = (type: number, body: Uint8Array) => bytes(2, type, u16(0), u32(body.length), body)
/** What a client of Aerospike says first to a server with users: command 20 (login), two fields. */
const login = bytes(
  hex('0202000000000057 0000140200000000 0000000000000000 00000002 0075 0000003d 03'),
  '$2a$10$'.padEnd(60, 'x'),
)

testSignatures(test, signatures, {
  matches: [
    matched('bolt', 'handshake', boltHello, CLIENT),
    matched('bolt', 'version chosen', u8(0, 0, 4, 4), { peer: boltHello, ...SERVER }),
    matched('bolt', 'hello', hello, CLIENT),
    matched('bolt', 'success', success, SERVER),
    matched('bolt', 'failure', failure, SERVER),
    matched('clickhouse', 'client', bytes(0, 17, 'ClickHouse client', 18, 16, noise(9)), CLIENT),
    matched(
      'clickhouse',
      'client of another program',
      bytes(0, 21, 'clickhouse-go/2.17.1 ', 2, 17, noise(9)),
      CLIENT,
    ),
    matched('clickhouse', 'server', bytes(0, 10, 'ClickHouse', 18, 16, noise(9)), SERVER),
    matched('clickhouse', 'exception', bytes(2, le32(194), 13, 'DB::Exception', noise(9)), SERVER),
    matched('firebird', 'connect', attach(3), {
      ...CLIENT,
      extras: { firebird: { database: '/tmp/db.fdb' } },
    }),
    matched('firebird', 'accept', accept(3, 0xffff800b), SERVER),
    matched('firebird', 'accept with data', accept(94, 0xffff800f), SERVER),
    matched('rethinkdb', 'version 1.0', bytes(le32(0x34c2bdc3)), CLIENT),
    matched('rethinkdb', 'version 0.4', bytes(le32(0x400c2d20), zeros(4), le32(0x7e6970c7)), CLIENT),
    matched(
      'rethinkdb',
      'versions of the server',
      bytes('{"max_protocol_version":0,"min_protocol_version":0}\0'),
      SERVER,
    ),
    matched(
      'rethinkdb',
      'authentication',
      bytes('{"protocol_version":0,"authentication_method":"SCRAM-SHA-256"}\0'),
      CLIENT,
    ),
    matched('rethinkdb', 'cluster', bytes('RethinkDB cluster\n', noise(9))),
    matched('tarantool', 'greeting', greeting, { ...SERVER, extras: { tarantool: { version: '2.6.0' } } }),
    matched('tarantool', 'ping', request, CLIENT),
    matched('tarantool', 'its answer', answer, SERVER),
    matched('aerospike', 'names asked for', aerospike(1, bytes('build\nnode\n')), CLIENT),
    matched('aerospike', 'values told', aerospike(1, bytes('build\t6.0\n')), SERVER),
    matched('aerospike', 'login', login),
    matched('aerospike', 'message', aerospike(3, bytes(22, noise(40)))),
    matched('hadoop-rpc', 'version 9', bytes('hrpc', 9, 0, 0xdf), CLIENT),
    matched('hbase', 'preamble', bytes('HBas', 0, 0x50), CLIENT),
  ],
  misses: [
    missed('magic without versions', hex('6060b017')),
    missed('four bytes without a handshake', u8(0, 0, 4, 4)),
    missed('a chunk that names nobody', chunk(bytes(0xb1, 0x70, 0xa1, 0x86, 'server', 0x8b, 'Neo9j/5.1.0'))),
    missed('another database of the same beginning', bytes(0, 17, 'HouseClick client', noise(9))),
    missed('connect of no such version', attach(9)),
    missed('accept without the bit of versions', accept(3, 11)),
    missed('version in mid-flow', bytes(le32(0x34c2bdc3)), { ordinal: 4 }),
    missed('greeting of another length', greeting.subarray(0, 120)),
    missed('MessagePack of another length', bytes(request, 0)),
    missed('Aerospike of another version', bytes(3, aerospike(1, bytes('build\n')).subarray(1))),
    missed('login whose reserved bytes are set', bytes(login.subarray(0, 23), 1, login.subarray(24))),
    missed('no text', aerospike(1, noise(8, 3))),
    missed('no such version of Hadoop', bytes('hrpc', 77, 0, 0)),
  ],
})

function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}
test.run()
