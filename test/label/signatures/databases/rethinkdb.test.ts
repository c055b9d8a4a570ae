import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/rethinkdb.ts'
import { bytes, le32, noise, testSignatures, zeros } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/rethinkdb')

testSignatures(test, signatures, {
  matches: [
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
  ],
  misses: [missed('version in mid-flow', bytes(le32(0x34c2bdc3)), { ordinal: 4 })],
})
test.run()
