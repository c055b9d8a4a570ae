/** Delay-tolerant networking: bundles (RFC 9171) and the convergence layer that carries them over TCP (RFC 9174, 7242). */
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { bitsOf } from '../common/beginnings.ts'
import { TCP, UDP } from '../common/ports.ts'

const DTN_PORT = 4556
const CONTACT_SIZE = 6
/** RFC 9174 section 4.2: of the flags of version 4 one has a meaning, whether TLS can be used. */
const CAN_TLS = 1

/** Both sides begin with "dtn!", version and flags. RFC 7242 section 4.1: of version 3 an interval and a name follow. */
function contact({ bytes, start, end }: Payload): number {
  if (end - start < CONTACT_SIZE) return NO_MATCH
  const version = bytes[start + 4]
  return version === 3 || (version === 4 && bytes[start + 5] <= CAN_TLS) ? STRONG : NO_MATCH
}

/** CBOR (RFC 8949): an integer below 24 is its own byte, 24 to 27 announce 1 to 8 more. */
const ONE_MORE = 24
const EIGHT_MORE = 27
const CRC_32C = 2
const PAIR = 0x82
const DTN_SCHEME = 1
const IPN_SCHEME = 2

/**
 * RFC 9171 section 4.3.1: an open array; in it one of 8 to 11 elements: version 7, flags, type of CRC, destination as
 * scheme and name. The count is odd exactly where there is a CRC.
 */
function bundle({ bytes, start, end }: Payload): number {
  const flags = start + 3
  if (flags >= end || bytes[flags] > EIGHT_MORE) return NO_MATCH
  const at = flags + 1 + (bytes[flags] < ONE_MORE ? 0 : 1 << (bytes[flags] - ONE_MORE))
  if (at + 3 > end || bytes[at] > CRC_32C || bytes[at + 1] !== PAIR) return NO_MATCH
  const checked = (bytes[start + 1] & 1) === 1
  const scheme = bytes[at + 2]
  return checked === bytes[at] > 0 && (scheme === DTN_SCHEME || scheme === IPN_SCHEME) ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'dtn-bundle',
    says: 'starts with "dtn!" and version 3 or 4, the contact header of bundles over TCP',
    protocols: TCP,
    ports: [DTN_PORT],
    bits: bitsOf('dtn!'),
    match: contact,
  },
  {
    label: 'dtn-bundle',
    says: 'is a bundle of version 7: an open CBOR array whose first block has version, CRC type and destination',
    protocols: UDP,
    ports: [DTN_PORT],
    bits: { offset: 0, mask: 0xfffcff00 | 0, value: 0x9f880700 | 0 },
    match: bundle,
  },
]
