/** How a host asks its router to map a port: NAT-PMP and PCP. */
import { readU16 } from '../../../bytes.ts'
import { FROM_CLIENT, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { announcer, onPort, UDP } from '../common/ports.ts'

const NAT_PMP_PORT = 5351
const RESPONSE = 0x80

/** RFC 6886 section 3: version 0, operation 0-2, answers with bit 7; PCP (RFC 6887 section 7) is version 2. */
function natPmp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, NAT_PMP_PORT) && payload.srcPort !== 5350 && payload.dstPort !== 5350) return NO_MATCH
  if (end - start < 2 || bytes[start] !== 0) return NO_MATCH
  const operation = bytes[start + 1]
  if (operation < RESPONSE) {
    const fits = operation === 0 ? length === 2 : operation <= 2 && length === 12
    return fits ? WEAK | FROM_CLIENT : NO_MATCH
  }
  const expected = operation === RESPONSE ? 12 : operation <= RESPONSE + 2 ? 16 : 0
  if (length !== expected || end - start < 8 || readU16(bytes, start + 2) > 5) return NO_MATCH
  return (
    (payload.peerLength > 1 && payload.peer[1] === (operation & 0x7f) ? STRONG : WEAK) | announcer(payload)
  )
}

function pcp(payload: Payload): number {
  const { bytes, start, end, length } = payload
  if (!onPort(payload, NAT_PMP_PORT) || end - start < 24 || length % 4 !== 0) return NO_MATCH
  if (bytes[start] !== 2) return NO_MATCH
  const operation = bytes[start + 1] & 0x7f
  if (operation > 3 || length > 1100 || bytes[start + 2] !== 0) return NO_MATCH
  return WEAK | (bytes[start + 1] & RESPONSE ? announcer(payload) : FROM_CLIENT)
}

export const signatures: Signature[] = [
  {
    label: 'nat-pmp',
    says: 'is a NAT-PMP request or answer of the right length, on port 5351',
    protocols: UDP,
    ports: [NAT_PMP_PORT],
    firstBytes: [0],
    match: natPmp,
  },
  {
    label: 'pcp',
    says: 'holds a PCP version 2 header, on port 5351',
    protocols: UDP,
    ports: [NAT_PMP_PORT],
    firstBytes: [2],
    portsOnly: true,
    match: pcp,
  },
]
