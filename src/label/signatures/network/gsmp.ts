/** GSMP version 3 over TCP (RFC 3292, RFC 3293), and ANCP, its profile for access nodes (RFC 6320). */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

/** RFC 3293 section 4.1: the EtherType of GSMP and the length of the message behind both. */
const ETHERTYPE_GSMP = 0x880c
const PREFIX = 4
/** RFC 3292 section 3.1.1: version and type to transaction identifier and length of the message. */
const HEADER = 12
const VERSION = 3

/** The message ends with the segment, or another one begins behind it. */
function gsmp({ bytes, start, end, length }: Payload): number {
  if (end - start < PREFIX + 2 || readU16(bytes, start) !== ETHERTYPE_GSMP) return NO_MATCH
  const size = readU16(bytes, start + 2)
  const next = start + PREFIX + size
  if (size < HEADER || bytes[start + PREFIX] >>> 4 !== VERSION || next - start > length) return NO_MATCH
  const another = next + 2 <= end && readU16(bytes, next) === ETHERTYPE_GSMP
  return next === start + length || another ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'gsmp-ancp',
    says: 'holds messages of GSMP version 3 (ANCP) behind its EtherType and agreeing lengths',
    protocols: TCP,
    ports: [6068],
    firstBytes: [ETHERTYPE_GSMP >>> 8],
    match: gsmp,
  },
]
