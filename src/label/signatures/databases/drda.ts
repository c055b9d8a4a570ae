/** DRDA, the Distributed Relational Database Architecture, which Db2 and Derby speak. */
import { readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { firstBytesWhere } from '../common/byte-scan.ts'
import { onPort, TCP } from '../common/ports.ts'

const DDM_MAGIC = 0xd0
const EXCHANGE_ATTRIBUTES = 0x1041
const EXCHANGE_REPLY = 0x1443

/** DDM: length, d0, format, correlation, length again (six less), code point. */
function drda(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || bytes[start + 2] !== DDM_MAGIC) return NO_MATCH
  const length = readU16(bytes, start)
  if (length < 10 || length > payload.length || readU16(bytes, start + 6) !== length - 6) return NO_MATCH
  const format = bytes[start + 3] & 15
  if (format < 1 || format > 5) return NO_MATCH
  const code = readU16(bytes, start + 8)
  if (code === EXCHANGE_ATTRIBUTES) return STRONG | FROM_CLIENT
  if (code === EXCHANGE_REPLY) return STRONG | FROM_SERVER
  return onPort(payload, 50000) || onPort(payload, 1527) || onPort(payload, 446) ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'drda',
    says: 'holds a DDM header of DRDA: d0 and two lengths that agree',
    protocols: TCP,
    ports: [50000, 1527, 446],
    firstBytes: firstBytesWhere((byte) => byte < 0x80),
    bits: { offset: 0, mask: 0xff00, value: 0xd000 },
    match: drda,
  },
]
