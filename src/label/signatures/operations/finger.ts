/** Finger (RFC 1288): who is logged in. */
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { TCP } from '../common/ports.ts'
import { findAnyCase, findText, lineStop } from '../common/text-scan.ts'

/** What the usual server says of a user, on the port. */
function finger({ bytes, start, end, srcPort }: Payload): number {
  if (srcPort !== 79) return NO_MATCH
  const line = lineStop(bytes, start, Math.min(end, start + 120))
  const named = findText(bytes, start, line, 'Name') > 0
  return named && findAnyCase(bytes, start, line, 'login') >= 0 ? STRONG | FROM_SERVER : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'finger',
    says: "starts with a user's login and name, from port 79",
    protocols: TCP,
    ports: [79],
    portsOnly: true,
    match: finger,
  },
]
