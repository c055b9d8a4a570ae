/** HEP: copies of signalling, as Homer collects them. */
import { readU16, startsWith } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { TCP_UDP } from '../common/ports.ts'

const HEP_HEADER = 6

/** Copies of signalling for Homer: "HEP3", length of the whole, chunks of vendor, type and a length with these. */
function hep({ bytes, start, end, length }: Payload): number {
  if (end - start < 2 * HEP_HEADER || !startsWith(bytes, start, end, 'HEP3')) return NO_MATCH
  const size = readU16(bytes, start + 4)
  const chunk = readU16(bytes, start + HEP_HEADER + 4)
  const fits = chunk >= HEP_HEADER && chunk + HEP_HEADER <= size && size <= length
  return fits ? STRONG | FROM_CLIENT : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'hep',
    says: 'starts with "HEP3", its length and a chunk that fits',
    protocols: TCP_UDP,
    ports: [9060],
    bits: { offset: 0, mask: -1, value: 0x48455033 },
    match: hep,
  },
]
