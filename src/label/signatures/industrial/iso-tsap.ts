/**
 * ISO transport over TCP (RFC 1006, TPKT and COTP): its data, which S7comm and MMS use, and connection requests of
 * which nothing tells yet what will use them.
 */
import { readU16 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  MORE,
  NO_MATCH,
  type Payload,
  type Signature,
  WEAK,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'

const TPKT = 0x0300
const COTP_DATA = 0xf0

/** TPKT (RFC 1006), COTP data (02 f0 80), then the protocol identifier. */
export function isoPayload(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 10 || readU16(bytes, start) !== TPKT || readU16(bytes, start + 2) > payload.length)
    return 0
  if (bytes[start + 4] !== 2 || bytes[start + 5] !== COTP_DATA || (bytes[start + 6] & 0x7f) !== 0) return 0
  return bytes[start + 7]
}

const COTP_REQUEST = 0xe0
const COTP_CONFIRM = 0xd0
const COTP_LEAST = 7
/** Selectors of both ends, of which RDP has none. */
const COTP_CALLING = 0xc1
const COTP_CALLED = 0xc2

/** RFC 905 section 13.3: connection request or confirmation whose parameters fill it; what uses it comes later. */
function cotpConnects({ bytes, start, end, length }: Payload): number {
  const size = bytes[start + 4]
  const kind = bytes[start + 5] & 0xf0
  if (end - start < length || length < COTP_LEAST + 4 || readU16(bytes, start + 2) !== length) return NO_MATCH
  if (size + 5 !== length || (kind !== COTP_REQUEST && kind !== COTP_CONFIRM)) return NO_MATCH
  let selectors = 0
  let at = start + 4 + COTP_LEAST
  for (; at + 2 <= end; at += 2 + bytes[at + 1])
    if (bytes[at] === COTP_CALLING || bytes[at] === COTP_CALLED) selectors++
  if (at !== end || selectors === 0) return NO_MATCH
  return WEAK | MORE | (kind === COTP_REQUEST ? FROM_CLIENT : FROM_SERVER)
}

export const signatures: Signature[] = [
  {
    label: 'iso-tsap',
    says: 'is a TPKT with a COTP connection request or its confirmation, with selectors',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    // Less than anything that uses it.
    weight: 20,
    match: cotpConnects,
  },
]
