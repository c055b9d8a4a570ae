/** RTPS, which DDS publishes and subscribes by (OMG DDSI-RTPS). */
import { startsWith } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { UDP } from '../common/ports.ts'

/** OMG DDSI-RTPS section 9.4: "RTPS" or "RTPX", version 1 or 2. */
function rtps(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!startsWith(bytes, start, end, 'RTP') || end - start < 20 || bytes[start + 4] > 2) return NO_MATCH
  return bytes[start + 3] === 0x53 || bytes[start + 3] === 0x58 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'rtps',
    says: 'starts with "RTPS" and a version',
    protocols: UDP,
    firstBytes: [0x52],
    match: rtps,
  },
]
