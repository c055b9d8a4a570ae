/** Apple Remote Desktop: its commands on port 3283. */
import { readU16 } from '../../../bytes.ts'
import { FROM_SERVER, NO_MATCH, type Payload, type Signature, STRONG, WEAK } from '../../inspect/payload.ts'
import { onPort, roleByPort, UDP } from '../common/ports.ts'

const APPLE_REMOTE_DESKTOP_PORT = 3283

const ARD_REQUEST = 0x14
const ARD_ANSWER = 0x01

/** Command and length of the rest as words: the request is 00 14 00 01 xx (or 00 14 00 00), its answer 00 01 … */
function appleRemoteDesktop(payload: Payload): number {
  const { bytes, start, end, peer } = payload
  if (!onPort(payload, APPLE_REMOTE_DESKTOP_PORT) || end - start < 4 || bytes[start] !== 0) return NO_MATCH
  if (readU16(bytes, start + 2) !== payload.length - 4) return NO_MATCH
  const command = bytes[start + 1]
  if (command === ARD_REQUEST) return STRONG | roleByPort(payload, APPLE_REMOTE_DESKTOP_PORT)
  const asked = payload.peerLength >= 4 && peer[0] === 0 && peer[1] === ARD_REQUEST
  return asked && command === ARD_ANSWER ? STRONG | FROM_SERVER : WEAK
}

export const signatures: Signature[] = [
  {
    label: 'apple-remote-desktop',
    says: 'holds an Apple Remote Desktop command with agreeing length, on port 3283',
    protocols: UDP,
    ports: [APPLE_REMOTE_DESKTOP_PORT],
    firstBytes: [0],
    portsOnly: true,
    match: appleRemoteDesktop,
  },
]
