/** MMS (ISO 9506), which IEC 61850 uses in substations, on ISO transport over TCP. */
import { readI32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'
import { isoPayload } from './iso-tsap.ts'

/** MMS (ISO 9506) over session and presentation: the ACSE or presentation identifiers stand near the start. */
function mms(payload: Payload): number {
  const first = isoPayload(payload)
  const { bytes, start, end } = payload
  // Session CONNECT (0d), ACCEPT (0e) with MMS's object identifier 1.0.9506.2, or DATA (01 00 01 00) with presentation 61.
  if (first === 0x0d || first === 0x0e) {
    for (let at = start + 9; at + 5 <= end && at < start + 200; at++) {
      if (readI32(bytes, at) === 0x28ca2202) return STRONG | (first === 0x0d ? FROM_CLIENT : FROM_SERVER)
    }
    return NO_MATCH
  }
  return first === 1 &&
    end - start > 12 &&
    readI32(bytes, start + 7) === 0x01000100 &&
    bytes[start + 11] === 0x61
    ? STRONG
    : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'mms',
    says: 'is a TPKT with a session of MMS (ISO 9506)',
    protocols: TCP,
    ports: [102],
    firstBytes: [3],
    match: mms,
  },
]
