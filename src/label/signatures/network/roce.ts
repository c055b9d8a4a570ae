/** RoCE version 2: InfiniBand in UDP. */
import { readI32, readU16, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

const ROCE_PORT = 4791
const ROCE_HEADER = 12
const ROCE_CHECK = 4
/** Operations of reliable and unreliable connections and datagrams, of what tells of congestion, of extended ones. */
const ROCE_OPERATIONS = 0xc0
const ROCE_MAX_STEP = 0x400

/** InfiniBand base transport header: operation, flags with version 0, key, queue, sequence; a checksum at the end. */
function roce({ bytes, start, end, length, previous, previousLength }: Payload): number {
  if (end - start < ROCE_HEADER || length < ROCE_HEADER + ROCE_CHECK || (length & 3) !== 0) return NO_MATCH
  const known = bytes[start] < ROCE_OPERATIONS
  const key = readU16(bytes, start + 2)
  const reserved = (bytes[start + 1] & 0x0f) | (bytes[start + 4] & 0x3f) | (bytes[start + 8] & 0x7f)
  if (!known || reserved !== 0 || (key & 0x7fff) === 0) return NO_MATCH
  const queue = readI32(bytes, start + 4) & 0xffffff
  if (queue === 0) return NO_MATCH
  const step = (readU32(bytes, start + 8) - readU32(previous, 8)) & 0xffffff
  const goesOn = previousLength > ROCE_HEADER && (readI32(previous, 4) & 0xffffff) === queue
  return goesOn && readU16(previous, 2) === key && step < ROCE_MAX_STEP ? STRONG : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'roce',
    says: 'holds an InfiniBand transport header, on port 4791',
    protocols: UDP,
    ports: [ROCE_PORT],
    portsOnly: true,
    match: roce,
  },
]
