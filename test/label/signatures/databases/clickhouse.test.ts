import { suite } from 'uvu'
import { signatures } from '../../../../src/label/signatures/databases/clickhouse.ts'
import { bytes, le32, noise, testSignatures } from '../probe.ts'
import { CLIENT, matched, missed, SERVER } from '../rows.ts'

const test = suite('label/signatures/databases/clickhouse')

testSignatures(test, signatures, {
  matches: [
    matched('clickhouse', 'client', bytes(0, 17, 'ClickHouse client', 18, 16, noise(9)), CLIENT),
    matched(
      'clickhouse',
      'client of another program',
      bytes(0, 21, 'clickhouse-go/2.17.1 ', 2, 17, noise(9)),
      CLIENT,
    ),
    matched('clickhouse', 'server', bytes(0, 10, 'ClickHouse', 18, 16, noise(9)), SERVER),
    matched('clickhouse', 'exception', bytes(2, le32(194), 13, 'DB::Exception', noise(9)), SERVER),
  ],
  misses: [missed('another database of the same beginning', bytes(0, 17, 'HouseClick client', noise(9)))],
})
test.run()
