/** SSH: the identification string both sides send first (RFC 4253 section 4.2). */
import { PROTOCOL_TCP, startsWith } from '../../bytes.ts'
import { FROM_CLIENT, FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG } from '../payload.ts'
import { extraGroup, lineText } from './reader.ts'

const PORT_SSH = 22
const SOFTWARE_AT = 8
const MAX_LINE = 255

function matchSsh(payload: Payload): number {
  const { bytes, start, end, srcPort, dstPort } = payload
  if (!startsWith(bytes, start, end, 'SSH-1.') && !startsWith(bytes, start, end, 'SSH-2.')) return NO_MATCH
  const text = lineText(bytes, start, Math.min(end, start + MAX_LINE))
  const software = text.slice(SOFTWARE_AT)
  const extra = extraGroup(payload, 'ssh')
  extra.version = text.slice(4, 7)
  // The banner does not say which side sends it; the lower port listens.
  const fromServer = srcPort === PORT_SSH || (dstPort !== PORT_SSH && srcPort < dstPort)
  if (software !== '') extra[fromServer ? 'server' : 'client'] = software
  if (srcPort !== PORT_SSH && dstPort !== PORT_SSH) return STRONG
  return fromServer ? STRONG | FROM_SERVER : STRONG | FROM_CLIENT
}

export const signatures: Signature[] = [
  {
    label: 'ssh',
    says: 'starts with an SSH identification string',
    protocols: [PROTOCOL_TCP],
    ports: [PORT_SSH],
    firstBytes: [0x53],
    match: matchSsh,
  },
]
