/** ClickHouse: the native protocol of its clients and servers. */
import { startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { answerTo, type Beginnings } from '../common/beginnings.ts'
import { TCP } from '../common/ports.ts'
import { findText, printableRun } from '../common/text-scan.ts'

/** Packet 0 of client and server: a name with its length. */
const CLICKHOUSE: Beginnings = [
  ['\x00\x11ClickHouse client', STRONG | FROM_CLIENT],
  ['\x00\x0aClickHouse', STRONG | FROM_SERVER],
]
const CLICKHOUSE_EXCEPTION = 2

/** Other programs call themselves otherwise, in either case; an exception names itself "DB::". */
function clickhouse(payload: Payload): number {
  const known = answerTo(payload, CLICKHOUSE)
  if (known !== NO_MATCH) return known
  const { bytes, start, end, ordinal } = payload
  if (bytes[start] === CLICKHOUSE_EXCEPTION)
    return startsWith(bytes, start + 5, end, '\x0dDB::Exception') ? STRONG | FROM_SERVER : NO_MATCH
  const stop = start + 2 + bytes[start + 1]
  if (ordinal > 0 || stop + 4 > end || bytes[start + 1] < 10 || bytes[start + 1] > 100) return NO_MATCH
  if (printableRun(bytes, start + 2, stop) !== stop) return NO_MATCH
  return findText(bytes, start + 2, stop, 'lickHouse') > 0 ||
    findText(bytes, start + 2, stop, 'lickhouse') > 0
    ? STRONG | FROM_CLIENT
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'clickhouse',
    says: 'holds the hello of a ClickHouse client or server with its name, or its exception',
    protocols: TCP,
    ports: [9000],
    // Both names begin with a letter; an exception has a number of four bytes.
    bits: [
      { offset: 0, mask: 0xff804000 | 0, value: 0x4000 },
      { offset: 4, mask: 0xffffff, value: 0x0d4442 },
    ],
    firstBytes: [0, CLICKHOUSE_EXCEPTION],
    match: clickhouse,
  },
]
