/** Whois (RFC 3912), which tells whose a name or an address is. */
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  WEAK,
} from '../../inspect/payload.ts'
import { onPort, TCP } from '../common/ports.ts'
import { lineStop, printableRun } from '../common/text-scan.ts'

/** RFC 3912: one line of text to port 43, text back. Both are weak alone. */
function whois(payload: Payload): number {
  const { bytes, start, end } = payload
  if (!onPort(payload, 43) || payload.ordinal > 0) return NO_MATCH
  const client = payload.dstPort === 43
  const line = lineStop(bytes, start, Math.min(end, start + 512))
  if (line === start || line >= end || printableRun(bytes, start, line) !== line) return NO_MATCH
  if (client) return bytes[line] === 0x0d && line + 2 === end ? WEAK | FROM_CLIENT : NO_MATCH
  return payload.peerLength > 2 && bytes[start] >= 0x20 ? WEAK | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'whois',
    says: 'is one line of text to or from port 43',
    protocols: TCP,
    ports: [43],
    portsOnly: true,
    match: whois,
  },
]
