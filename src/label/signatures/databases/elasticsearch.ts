/** Elasticsearch: the transport between its nodes. Its HTTP interface stays http. */
import { readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

const ELASTIC_HEADER = 19

/** Transport: "ES", length of the rest, request id, status, version (6.8.0 is 6080099). */
function elasticsearch(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 6 || bytes[start] !== 0x45 || bytes[start + 1] !== 0x53) return NO_MATCH
  const length = readI32(bytes, start + 2)
  if (length === -1) return payload.length === 6 ? STRONG : NO_MATCH
  if (length < 13 || length > 0x7000000 || end - start < ELASTIC_HEADER) return NO_MATCH
  const version = readU32(bytes, start + 15)
  if (bytes[start + 14] > 15 || version < 100000 || version > 20000000) return NO_MATCH
  // Later packets of one message start anywhere; this one starts with a header, so the rest may be longer.
  return STRONG | (bytes[start + 14] & 1 ? FROM_SERVER : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'elasticsearch',
    says: 'starts with "ES", a length, a request id and a version number of Elasticsearch',
    protocols: TCP,
    ports: [9300],
    firstBytes: [0x45],
    match: elasticsearch,
  },
]
