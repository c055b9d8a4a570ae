/** RMCP, which carries IPMI and ASF to the management controllers of servers. */
import { readU16 } from '../../../bytes.ts'
import { NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { onPort, UDP } from '../common/ports.ts'

/** IPMI 2.0 section 13.1.3: version 6, reserved 0, sequence, class ASF (6) or IPMI (7). */
function rmcp(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < 8 || readU16(bytes, start) !== 0x0600 || !onPort(payload, 623)) return NO_MATCH
  const kind = bytes[start + 3] & 0x1f
  return kind === 6 || kind === 7 ? STRONG : NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'rmcp',
    says: 'holds an RMCP header of class ASF or IPMI, on port 623',
    protocols: UDP,
    ports: [623],
    firstBytes: [6],
    portsOnly: true,
    match: rmcp,
  },
]
