/** BMP (RFC 7854), by which a router tells a station what it hears of BGP. */
import { readI32, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { elementsFill } from '../common/chain.ts'
import { TCP } from '../common/ports.ts'

const BMP_HEADER = 6
const BMP_INITIATION = 4
const BMP_MONITORING = 0
/** RFC 7854 section 4.2: what stands before the message of BGP, which begins with sixteen ff. */
const BMP_PEER = 48

/** Sections 4.1 and 4.3: version 3, length of the whole, type; an initiation consists of elements. */
function bmp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (end - start < BMP_HEADER + 4) return NO_MATCH
  const size = readU32(bytes, start + 1)
  const type = bytes[start + 5]
  if (type === BMP_INITIATION)
    return size <= length && elementsFill(payload, start + BMP_HEADER, start + size) ? STRONG : NO_MATCH
  if (type !== BMP_MONITORING || size > 0xffff || start + BMP_PEER + 8 > end) return NO_MATCH
  return readI32(bytes, start + BMP_PEER) === -1 && readI32(bytes, start + BMP_PEER + 4) === -1
    ? STRONG
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'bmp',
    says: 'is an initiation of BMP version 3 whose elements fill it, or a message of BGP in BMP',
    protocols: TCP,
    ports: [11019],
    firstBytes: [3],
    bits: { offset: 0, mask: 0xffff0000 | 0, value: 0x03000000 },
    match: bmp,
  },
]
