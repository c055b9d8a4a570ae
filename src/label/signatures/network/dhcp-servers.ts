/** What ISC's DHCP server speaks beside DHCP: failover (draft-ietf-dhc-failover) and OMAPI. */
import { readU16, readU32 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { elementsFill } from '../common/chain.ts'
import { TCP } from '../common/ports.ts'

const FAILOVER_HEADER = 12
const FAILOVER_LAST_TYPE = 12

/** Section 7.1: length of the message, type, where options begin, time, number; options fill it. */
function failover(payload: Payload): number {
  const { bytes, start, end, length } = payload
  const size = readU16(bytes, start)
  const type = bytes[start + 2]
  if (end - start < FAILOVER_HEADER || size < FAILOVER_HEADER || size > length) return NO_MATCH
  if (type < 1 || type > FAILOVER_LAST_TYPE || bytes[start + 3] !== FAILOVER_HEADER) return NO_MATCH
  // The next message of the segment begins like this one.
  const next = start + size
  const follows =
    next + 4 <= end && bytes[next + 3] === FAILOVER_HEADER && bytes[next + 2] <= FAILOVER_LAST_TYPE
  if (size !== length && !follows) return NO_MATCH
  if (size === FAILOVER_HEADER) return follows ? STRONG : WEAK
  return elementsFill(payload, start + FAILOVER_HEADER, next) ? STRONG : NO_MATCH
}

const OMAPI_VERSION = 100
const OMAPI_HEADER = 24
const OMAPI_LAST_OPERATION = 6

/** Both sides begin with version 100 and the size of a header, 24. */
function omapi({ bytes, start, end, length, ordinal }: Payload): number {
  if (ordinal > 0 || end - start < 8 || readU32(bytes, start) !== OMAPI_VERSION) return NO_MATCH
  if (readU32(bytes, start + 4) !== OMAPI_HEADER) return NO_MATCH
  if (length === 8) return STRONG
  // A message may follow at once.
  return end - start >= 20 && readU32(bytes, start + 16) <= OMAPI_LAST_OPERATION ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dhcp-failover',
    says: 'is a message of DHCP failover with agreeing length, whose options fill it',
    protocols: TCP,
    ports: [647, 847],
    firstBytes: [0, 1, 2, 3, 4],
    bits: { offset: 0, mask: 0x0000f0ff, value: FAILOVER_HEADER },
    match: failover,
  },
  {
    label: 'omapi',
    says: 'starts with version 100 and header size 24 of OMAPI',
    protocols: TCP,
    ports: [7911],
    firstBytes: [0],
    bits: { offset: 4, mask: -1, value: OMAPI_HEADER },
    match: omapi,
  },
]
