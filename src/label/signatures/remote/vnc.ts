/** VNC: the version message of RFB both sides send first (RFC 6143 section 7.1.1), the server before the client. */
import { PROTOCOL_TCP, startsWith } from '../../../bytes.ts'
import { packetString } from '../../../text.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../../inspect/payload.ts'
import { extraGroup } from '../common/extras.ts'

/** "RFB xxx.yyy\n" */
const LENGTH = 12
const DOT_AT = 7

function isDigits(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 3; i++) if (bytes[i] < 0x30 || bytes[i] > 0x39) return false
  return true
}

function matchVnc(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < LENGTH || !startsWith(bytes, start, end, 'RFB ') || bytes[start + DOT_AT] !== 0x2e)
    return NO_MATCH
  if (!isDigits(bytes, start + 4) || !isDigits(bytes, start + 8) || bytes[start + 11] !== 0x0a)
    return NO_MATCH
  extraGroup(payload, 'vnc').version = packetString(bytes, start + 4, start + 11)
  // The client waits for the server's version.
  return payload.ordinal === 0 && payload.peerOrdinal === 0 ? STRONG | FROM_SERVER : STRONG
}

export const signatures: Signature[] = [
  {
    label: 'vnc',
    says: 'starts with the RFB version message',
    protocols: [PROTOCOL_TCP],
    ports: Array.from({ length: 16 }, (_, display) => 5900 + display),
    firstBytes: [0x52],
    match: matchVnc,
  },
]
