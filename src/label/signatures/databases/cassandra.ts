/** Cassandra: the CQL binary protocol of its clients, and the traffic between its nodes. */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { bitsOfWords } from '../common/beginnings.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP } from '../common/ports.ts'
import { findText } from '../common/text-scan.ts'

const CQL_PORT = 9042
/** Before version 3 a stream is one byte. */
const CQL_OLD_HEADER = 8
const CQL_HEADER = 9
const CQL_ERROR = 0
const CQL_PROTOCOL_ERROR = 0x0a
const CQL_STARTUP = 1
const CQL_OPTIONS = 5
const CQL_LAST_OPCODE = 0x10
/** Node to node, since version 4. */
const CASSANDRA_MAGIC = 0xca552dfa | 0

/** CQL binary protocol: version and direction, flags, stream, opcode, length. */
function cassandra(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === 0xca)
    return end - start >= 8 && readI32(bytes, start) === CASSANDRA_MAGIC ? STRONG : NO_MATCH
  const version = bytes[start] & 0x7f
  if (version < 1 || version > 5) return NO_MATCH
  const header = version < 3 ? CQL_OLD_HEADER : CQL_HEADER
  if (end - start < header || bytes[start + 1] > 0x1f) return NO_MATCH
  const body = start + header
  const opcode = bytes[body - 5]
  const length = readU32(bytes, body - 4)
  if (opcode > CQL_LAST_OPCODE || length + header !== payload.length) return NO_MATCH
  const startup = opcode === CQL_STARTUP && findText(bytes, body, end, 'CQL_VERSION') >= 0
  const known = startup || (opcode === CQL_OPTIONS && length === 0) || isOtherVersion(payload, body)
  if (!known && !onPort(payload, CQL_PORT)) return NO_MATCH
  setExtra(payload, 'cassandra', 'version', version)
  return STRONG | (bytes[start] & 0x80 ? FROM_SERVER : FROM_CLIENT)
}

/** An answer of opcode error, "protocol error", and the text to who speaks another version or another protocol. */
function isOtherVersion({ bytes, start, end }: Payload, body: number): boolean {
  if (bytes[start] < 0x80 || bytes[body - 5] !== CQL_ERROR || end - body < 4) return false
  const refused = readU32(bytes, body) === CQL_PROTOCOL_ERROR
  return refused && findText(bytes, body, end, 'nsupported protocol version') >= 0
}

export const signatures: Signature[] = [
  {
    label: 'cassandra',
    says: 'holds a CQL frame header with agreeing length, or the magic of node traffic',
    protocols: TCP,
    ports: [CQL_PORT, 7000],
    firstBytes: [1, 2, 3, 4, 5, 0x81, 0x82, 0x83, 0x84, 0x85, 0xca],
    bits: [{ offset: 0, mask: 0x00e00000, value: 0 }, ...bitsOfWords([CASSANDRA_MAGIC])],
    match: cassandra,
  },
]
