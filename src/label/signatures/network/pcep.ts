/** PCEP (RFC 5440), by which a router has paths computed. */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

const PCEP_OPEN = 0x2001
const PCEP_OBJECT = 0x0110

/** RFC 5440 sections 6.1, 7.2 and 7.3: version 1, Open, length; an object of class 1 and type 1 with version 1 again. */
function pcep({ bytes, start, end, length }: Payload): number {
  if (end - start < 12 || readU16(bytes, start) !== PCEP_OPEN || readU16(bytes, start + 2) > length)
    return NO_MATCH
  const fits = readU16(bytes, start + 6) + 4 === readU16(bytes, start + 2)
  const object = (readU16(bytes, start + 4) & 0xfff0) === PCEP_OBJECT
  return object && fits && bytes[start + 8] >>> 5 === 1 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'pcep',
    says: 'is an Open of PCEP version 1 with agreeing lengths',
    protocols: TCP,
    ports: [4189],
    firstBytes: [0x20],
    bits: { offset: 4, mask: 0xfff00000 | 0, value: PCEP_OBJECT << 16 },
    match: pcep,
  },
]
